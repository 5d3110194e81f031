//! Interactions: the events of the visits as records.

use super::{
    amount, date,
    line::RecordLine,
    mistake::Mistake,
    product, user,
    visit::{VisitEvent, Visitor},
};

/// The columns of the CSV file.
pub(super) const COLUMNS: &[&str] = &[
    "type",
    "user_id",
    "anonymous_id",
    "timestamp",
    "product_ids",
    "quantities",
    "revenue",
    "duration",
    "rating",
    "search.keywords",
    "category",
    "custom_action_name",
    "context.page.url",
    "context.campaign.source",
    "context.campaign.medium",
    "context.campaign.name",
];

/// Writes an interaction. A mistake about a field that the event lacks turns it into an event that has it.
pub(super) fn write(line: &mut RecordLine, seed: u64, event: &VisitEvent, mistake: Option<Mistake>) {
    let event = &suited(event, mistake);
    let kind = match mistake {
        Some(Mistake::UnknownType) if event.revenue.is_some() => "purchase",
        Some(Mistake::UnknownType) => "view",
        _ => event.kind,
    };
    line.text("type", kind);
    visitor(line, seed, event.visitor, mistake);
    date::write(line, "timestamp", event.at, mistake);
    product_ids(line, seed, event, mistake);
    if event.quantities.is_empty() {
        line.missing("quantities");
    } else {
        line.numbers("quantities", &event.quantities);
    }
    match event.revenue {
        Some(cents) => amount::write(line, "revenue", cents, mistake),
        None => line.missing("revenue"),
    }
    match event.duration {
        Some(tenths) => line.bare("duration", &format!("{}.{}", tenths / 10, tenths % 10)),
        None => line.missing("duration"),
    }
    match event.rating {
        Some(rating) => line.bare("rating", &rating.to_string()),
        None => line.missing("rating"),
    }
    search(line, event);
    match event.category {
        Some(path) => line.texts("category", path),
        None => line.missing("category"),
    }
    match event.action {
        Some(action) => line.text("custom_action_name", action),
        None => line.missing("custom_action_name"),
    }
    if mistake == Some(Mistake::MisoIdText) {
        line.text("miso_id", "none");
    }
    if mistake == Some(Mistake::UnknownField) {
        line.text("event_source", "pos");
    }
    context(line, event);
}

/// The event with what the mistake needs.
fn suited(event: &VisitEvent, mistake: Option<Mistake>) -> VisitEvent {
    let mut event = event.clone();
    let Some(mistake) = mistake else { return event };
    let product = event.products.first().copied().unwrap_or(0);
    let kind = match mistake {
        Mistake::DecimalComma
        | Mistake::CurrencySign
        | Mistake::ThousandsSeparator
        | Mistake::NotAvailable
        | Mistake::NumberAsText => "checkout",
        Mistake::RatingOutOfRange => "rate",
        Mistake::NegativeQuantity => "refund",
        Mistake::IdsAsText => "product_detail_page_view",
        Mistake::OtherTypesField => "click",
        _ => return event,
    };
    event.kind = kind;
    event.products = vec![product];
    event.quantities = Vec::new();
    event.revenue = None;
    event.duration = None;
    event.rating = None;
    event.keywords = None;
    event.category = None;
    event.action = None;
    match mistake {
        Mistake::RatingOutOfRange => event.rating = Some(9),
        Mistake::NegativeQuantity => {
            event.kind = "add_to_cart";
            event.quantities = vec![-1];
        }
        Mistake::IdsAsText => {}
        Mistake::OtherTypesField => event.revenue = Some(12_990),
        _ => {
            event.quantities = vec![1];
            event.revenue = Some(12_990);
            "/checkout/thank-you".clone_into(&mut event.page);
        }
    }
    event
}

fn visitor(line: &mut RecordLine, seed: u64, visitor: Visitor, mistake: Option<Mistake>) {
    let known = mistake != Some(Mistake::NoVisitor);
    match visitor.user.filter(|_| known) {
        Some(user) => line.text("user_id", &user::id(seed, user)),
        None => line.missing("user_id"),
    }
    match visitor.browser.filter(|_| known) {
        Some(browser) => line.text("anonymous_id", &user::anonymous_id(seed, browser)),
        None => line.missing("anonymous_id"),
    }
}

fn product_ids(line: &mut RecordLine, seed: u64, event: &VisitEvent, mistake: Option<Mistake>) {
    let ids: Vec<_> = event
        .products
        .iter()
        .map(|&product| product::sku(seed, product))
        .collect();
    match ids.as_slice() {
        [] => line.missing("product_ids"),
        [first, ..] if mistake == Some(Mistake::IdsAsText) => line.text("product_ids", first),
        _ => line.texts("product_ids", ids.iter().map(String::as_str)),
    }
}

fn search(line: &mut RecordLine, event: &VisitEvent) {
    if let Some(keywords) = &event.keywords {
        line.open("search");
        line.text("search.keywords", keywords);
        line.close();
    } else {
        line.missing("search.keywords");
    }
}

fn context(line: &mut RecordLine, event: &VisitEvent) {
    line.open("context");
    line.open("page");
    line.text("context.page.url", &format!("https://www.kumoya.example{}", event.page));
    line.close();
    if let Some([source, medium, name]) = event.campaign {
        line.open("campaign");
        line.text("context.campaign.source", source);
        line.text("context.campaign.medium", medium);
        line.text("context.campaign.name", name);
        line.close();
    } else {
        line.missing("context.campaign.source");
        line.missing("context.campaign.medium");
        line.missing("context.campaign.name");
    }
    line.close();
}
