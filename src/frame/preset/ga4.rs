//! Google Analytics 4 as `BigQuery` exports it, as JSON lines: the events of shops become interactions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Rewrite,
    events::{EventProducts, EventRow, Odd},
    object::ObjectWriter,
    table::TableRewriter,
};
use crate::{domain::cell::Cell, frame::FrameError};

/// Events that Analytics records by itself, without an action of a person.
const AUTOMATIC: [&str; 6] = [
    "session_start",
    "first_visit",
    "first_open",
    "user_engagement",
    "scroll",
    "app_remove",
];

/// The interaction type of an event (Google's recommended events for shops).
fn kind(event: &str) -> Option<&'static str> {
    Some(match event {
        "view_item" => "product_detail_page_view",
        "view_item_list" => "impression",
        "select_item" => "click",
        "add_to_cart" => "add_to_cart",
        "remove_from_cart" => "remove_from_cart",
        "purchase" | "ecommerce_purchase" | "in_app_purchase" => "checkout",
        "refund" => "refund",
        "add_to_wishlist" => "add_to_collection",
        "view_search_results" | "search" => "search",
        "share" => "share",
        _ => return None,
    })
}

pub(super) struct Ga4 {
    columns: Vec<String>,
    odd: Odd,
}

impl Ga4 {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            columns: columns.to_vec(),
            odd: Odd::default(),
        }
    }
}

impl Rewrite for Ga4 {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let event = EventRow::new(&self.columns, cells);
        let name = event.get("event_name");
        if AUTOMATIC.contains(&name.as_str()) || name.is_empty() {
            self.odd
                .left_out
                .add(if name.is_empty() { "without a name" } else { &name });
            return Ok(());
        }
        let mut params = params(&event.objects("event_params"));
        // Some tools write the parameters as one object.
        params.extend(event.members("event_params").filter_map(|(key, cell)| match cell {
            Cell::Json(json) if !json.starts_with('{') => Some((key.to_owned(), json.to_owned())),
            _ => None,
        }));
        let is_home = name == "page_view" && params.get("page_location").is_some_and(|url| is_home(url));
        let kind = if is_home { Some("home_page_view") } else { kind(&name) };
        if kind.is_none() {
            self.odd.custom.add(&name);
        }
        out.record(row, interaction(&event, &name, kind, &params))
    }

    fn rest(&self) -> Option<String> {
        self.odd.rest()
    }

    fn notes(&self) -> Vec<String> {
        self.odd.notes("as Analytics notes them of itself", "items")
    }
}

/// The parameters as JSON, by key. Each holds its value under the name of the value's type.
fn params(list: &[Value]) -> BTreeMap<String, String> {
    let pair = |param: &Value| {
        let value = param.get("value")?;
        let known = ["string_value", "int_value", "double_value", "float_value"];
        let found = known.iter().filter_map(|name| Some((*name, value.get(name)?)));
        let (name, value) = found.into_iter().find(|(_, value)| !value.is_null())?;
        // BigQuery writes whole numbers as texts.
        let json = match value.as_str() {
            Some(digits) if name != "string_value" && digits.parse::<f64>().is_ok() => digits.to_owned(),
            _ => value.to_string(),
        };
        Some((param.get("key")?.as_str()?.to_owned(), json))
    };
    list.iter().filter_map(pair).collect()
}

/// Whether an address, as JSON, is a shop's first page.
fn is_home(url: &str) -> bool {
    let url = url.trim_matches('"');
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split_once('/').is_none_or(|(_, path)| path.is_empty())
}

fn interaction(
    event: &EventRow<'_>,
    name: &str,
    kind: Option<&str>,
    params: &BTreeMap<String, String>,
) -> ObjectWriter {
    let param = |key: &str| -> String {
        let json = params.get(key).map(String::as_str).unwrap_or_default();
        serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
    };
    let mut record = ObjectWriter::default();
    record.text("type", kind.unwrap_or("custom"));
    if kind.is_none() {
        record.text("custom_action_name", name);
    }
    record.text("user_id", &event.get("user_id"));
    record.text("anonymous_id", &event.get("user_pseudo_id"));
    let micros = event.get("event_timestamp");
    record.text("timestamp", &moment(&micros).unwrap_or(micros));
    let kind = kind.unwrap_or("custom");
    let products = EventProducts::of(&event.objects("items"), &["item_id", "item_name"]);
    let mut others = ObjectWriter::default();
    products.write(kind, &mut record, &mut others);
    let mut is_used = vec![
        "page_location",
        "page_title",
        "page_referrer",
        "campaign",
        "source",
        "medium",
        "term",
        "content",
    ];
    match kind {
        "checkout" => {
            let revenue = event.first(&["ecommerce.purchase_revenue", "event_value_in_usd"]);
            let revenue = if revenue.is_empty() { param("value") } else { revenue };
            record.number("revenue", &revenue);
            is_used.push("value");
        }
        "search" => {
            let mut search = ObjectWriter::default();
            search.text("keywords", &param("search_term"));
            record.object("search", search);
            is_used.push("search_term");
        }
        _ => {}
    }
    let mut context = ObjectWriter::default();
    let mut campaign = ObjectWriter::default();
    for (field, key) in [
        ("name", "campaign"),
        ("source", "source"),
        ("medium", "medium"),
        ("term", "term"),
        ("content", "content"),
    ] {
        campaign.text(field, &param(key));
    }
    context.object("campaign", campaign);
    context.text("locale", &event.get("device.language"));
    context.text("region", &event.get("geo.country"));
    let mut page = ObjectWriter::default();
    for (field, key) in [
        ("url", "page_location"),
        ("referrer", "page_referrer"),
        ("title", "page_title"),
    ] {
        page.text(field, &param(key));
    }
    context.object("page", page);
    others.text("transaction_id", &event.get("ecommerce.transaction_id"));
    for (key, json) in params {
        if !is_used.contains(&key.as_str()) && key != "transaction_id" {
            others.json(key, json);
        }
    }
    context.object("custom_context", others);
    record.object("context", context);
    record
}

/// Microseconds since 1970 as a date and time.
fn moment(micros: &str) -> Option<String> {
    let micros: i64 = micros.parse().ok()?;
    let moment = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_become_dates() {
        assert_eq!(
            moment("1699334400123456").as_deref(),
            Some("2023-11-07T05:20:00.123456Z")
        );
        assert_eq!(moment("1699334400000000").as_deref(), Some("2023-11-07T05:20:00Z"));
        assert_eq!(moment("yesterday"), None);
        for (url, expect) in [
            ("https://shop.example/", true),
            ("https://shop.example", true),
            ("https://shop.example/?gclid=x", true),
            ("https://shop.example/p/1", false),
        ] {
            assert_eq!(is_home(url), expect, "{url}");
        }
    }
}
