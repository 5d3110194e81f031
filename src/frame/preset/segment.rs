//! Segment's calls as JSON lines: tracked events of its specification for shops become interactions.

use super::{
    Rewrite,
    events::{EventProducts, EventRow, Odd, truncated},
    object::ObjectWriter,
    table::TableRewriter,
};
use crate::{domain::cell::Cell, frame::FrameError};

/// The interaction type of a tracked event (docs.miso.ai, integrations, Segment; Segment's specification V2).
fn kind(event: &str) -> Option<&'static str> {
    Some(match event.to_lowercase().as_str() {
        "products searched" | "product searched" | "site searched" | "search" => "search",
        "product list viewed" | "product list filtered" | "viewed product category" | "product category viewed" => {
            "category_page_view"
        }
        "product viewed" | "viewed product" => "product_detail_page_view",
        "product clicked" => "click",
        "product added" | "added product" | "wishlist product added to cart" => "add_to_cart",
        "product removed" | "removed product" => "remove_from_cart",
        "order completed" | "completed order" | "checkout completed" => "checkout",
        "order refunded" => "refund",
        "product added to wishlist" => "add_to_collection",
        "product removed from wishlist" => "remove_from_collection",
        "product shared" => "share",
        "product reviewed" => "rate",
        _ => return None,
    })
}

pub(super) struct Segment {
    columns: Vec<String>,
    odd: Odd,
}

impl Segment {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            columns: columns.to_vec(),
            odd: Odd::default(),
        }
    }
}

impl Rewrite for Segment {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let call = EventRow::new(&self.columns, cells);
        let event = call.first(&["event", "name", "properties.name"]);
        let (kind, action) = match call.get("type").as_str() {
            "track" => match kind(&event) {
                Some(kind) => (kind, None),
                None => (
                    "custom",
                    Some(if event.is_empty() { "track".to_owned() } else { event }),
                ),
            },
            "page" | "screen" if event.eq_ignore_ascii_case("home") => ("home_page_view", None),
            word @ ("page" | "screen") => ("custom", Some(format!("{word}_view"))),
            word => {
                self.odd
                    .left_out
                    .add(if word.is_empty() { "without a type" } else { word });
                return Ok(());
            }
        };
        if let Some(action) = &action {
            self.odd.custom.add(action);
        }
        out.record(row, interaction(&call, kind, action.as_deref()))
    }

    fn rest(&self) -> Option<String> {
        self.odd.rest()
    }

    fn notes(&self) -> Vec<String> {
        self.odd.notes("as nothing happens in them", "products")
    }
}

fn interaction(call: &EventRow<'_>, kind: &str, action: Option<&str>) -> ObjectWriter {
    let mut record = ObjectWriter::default();
    record.text("type", kind);
    record.text("custom_action_name", action.unwrap_or_default());
    record.text("user_id", &call.get("userId"));
    record.text("anonymous_id", &call.get("anonymousId"));
    record.text(
        "timestamp",
        &call.first(&["timestamp", "originalTimestamp", "sentAt", "receivedAt"]),
    );
    let mut products = EventProducts::of(
        &call.objects("properties.products"),
        &["product_id", "productId", "sku", "id"],
    );
    if products.ids.is_empty() {
        let id = call.first(&[
            "properties.product_id",
            "properties.productId",
            "properties.sku",
            "properties.id",
        ]);
        products.ids.extend(Some(id).filter(|id| !id.is_empty()));
        let quantity = call.get("properties.quantity");
        products
            .quantities
            .extend(Some(quantity).filter(|text| !text.is_empty()));
    }
    let mut others = ObjectWriter::default();
    products.write(kind, &mut record, &mut others);
    let mut is_used = vec![
        "products",
        "product_id",
        "productId",
        "sku",
        "id",
        "url",
        "referrer",
        "title",
    ];
    match kind {
        "checkout" => {
            record.number(
                "revenue",
                &call.first(&["properties.revenue", "properties.total", "properties.value"]),
            );
            is_used.extend(["revenue", "quantity"]);
        }
        "rate" => {
            record.number("rating", &call.get("properties.rating"));
            is_used.push("rating");
        }
        "search" => {
            let mut search = ObjectWriter::default();
            search.text("keywords", &call.first(&["properties.query", "properties.search_term"]));
            record.object("search", search);
            is_used.extend(["query", "search_term"]);
        }
        "category_page_view" => {
            let category = call.get("properties.category");
            record.list("category", category.split(['>', '/']));
            is_used.push("category");
        }
        "add_to_cart" | "remove_from_cart" => is_used.push("quantity"),
        _ => {}
    }
    for (name, cell) in call.members("properties") {
        if !is_used.contains(&name) {
            others.cell(name, cell);
        }
    }
    others.cell("properties", call.plain("properties"));
    record.object("context", context(call, others));
    record
}

fn context(call: &EventRow<'_>, others: ObjectWriter) -> ObjectWriter {
    let mut context = ObjectWriter::default();
    let mut campaign = ObjectWriter::default();
    for name in ["name", "source", "medium", "term", "content"] {
        campaign.text(name, &call.get(&format!("context.campaign.{name}")));
    }
    context.object("campaign", campaign);
    context.text("truncated_ip", &truncated(&call.get("context.ip")));
    context.text("locale", &call.get("context.locale"));
    context.text("user_agent", &call.get("context.userAgent"));
    let mut page = ObjectWriter::default();
    for name in ["url", "referrer", "title"] {
        let at = [format!("context.page.{name}"), format!("properties.{name}")];
        page.text(name, &call.first(&at.each_ref().map(String::as_str)));
    }
    context.object("page", page);
    context.object("custom_context", others);
    context
}
