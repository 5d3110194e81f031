//! Product feeds for Google Merchant Center, by their attributes' names: the same in delimited text and in XML.

use super::{
    Rewrite,
    object::{ObjectWriter, key, prose},
    table::TableRewriter,
};
use crate::{
    domain::{cell::Cell, value},
    frame::FrameError,
};

/// Attributes that become fields; the others become custom attributes.
const FIELDS: [&str; 20] = [
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "item_group_id",
    "price",
    "sale_price",
    "availability",
    "condition",
    "product_type",
    "google_product_category",
    "brand",
    "color",
    "size",
    "material",
    "additional_image_link",
    "adult",
    "identifier_exists",
    "is_bundle",
];

/// Whether the columns are those of a feed: what Google requires of every product.
pub(super) fn fits(columns: &[String]) -> bool {
    let names: Vec<String> = columns.iter().map(|column| attribute(column)).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    ["id", "title", "link", "image_link"].into_iter().all(has) && (has("price") || has("availability"))
}

/// An attribute's name as Google's documentation writes it: `image_link` for `Image link` and `g:image_link`.
pub(super) fn attribute(name: &str) -> String {
    let name = name.trim();
    key(name.strip_prefix("g:").unwrap_or(name))
}

/// Counts for the notes.
#[derive(Debug, Default)]
pub(super) struct SeenItems {
    backorders: bool,
    currencies: Vec<String>,
}

impl SeenItems {
    /// Notes on what was changed, in sentences.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.currencies.as_slice() {
            [] => {}
            [only] => notes.push(format!(
                "Prices are in {only}, which is kept as custom_attributes.currency"
            )),
            several => notes.push(format!(
                "Prices are in {}, which is kept as custom_attributes.currency",
                several.join(", ")
            )),
        }
        if self.backorders {
            notes.push("backorder has become PRE_ORDER, which is nearest to it".to_owned());
        }
        notes
    }
}

/// The product made from an item's attributes, which may repeat.
pub(super) fn product(item: &[(String, String)], seen: &mut SeenItems) -> ObjectWriter {
    let all = |name: &str| {
        let same = item
            .iter()
            .filter(move |(known, value)| known == name && !value.trim().is_empty());
        same.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let get = |name: &str| all(name).first().copied().unwrap_or_default();
    let mut record = ObjectWriter::default();
    let mut own = ObjectWriter::default();
    record.text("product_id", get("id"));
    record.text("product_group_id", get("item_group_id"));
    record.text("title", get("title"));
    record.text("description", &prose(get("description")));
    record.text("url", get("link"));
    record.text("cover_image", get("image_link"));
    let (price, sale) = (get("price"), get("sale_price"));
    let names = if sale.is_empty() {
        ["sale_price", ""]
    } else {
        ["original_price", "sale_price"]
    };
    for (name, written) in names
        .into_iter()
        .zip([price, sale])
        .filter(|(_, written)| !written.is_empty())
    {
        let (amount, currency) = amount(written);
        record.number(name, amount);
        if let Some(currency) = currency
            && !seen.currencies.iter().any(|known| known == currency)
            && seen.currencies.len() < 9
        {
            seen.currencies.push(currency.to_owned());
        }
    }
    own.text("currency", amount(price).1.unwrap_or_default());
    let availability = get("availability");
    seen.backorders |= key(availability) == "backorder";
    record.text("availability", available(availability));
    record.text("condition", &get("condition").to_uppercase());
    let category = get("google_product_category");
    let is_number = !category.is_empty() && category.bytes().all(|byte| byte.is_ascii_digit());
    let path = (!is_number).then_some(category);
    record.paths("categories", all("product_type").into_iter().chain(path));
    if is_number {
        own.text("google_product_category", category);
    }
    for name in ["brand", "color", "size", "material"] {
        record.text(name, get(name));
    }
    let images = all("additional_image_link");
    own.list("additional_images", images.iter().flat_map(|images| split_urls(images)));
    for name in ["adult", "identifier_exists", "is_bundle"] {
        match value::boolean(get(name)) {
            Some(truth) => own.json(name, if truth { "true" } else { "false" }),
            None => own.text(name, get(name)),
        }
    }
    for (nth, (name, _)) in item.iter().enumerate() {
        let is_new = !item.iter().take(nth).any(|(before, _)| before == name);
        if is_new && !FIELDS.contains(&name.as_str()) {
            own.text(name, &all(name).join(", "));
        }
    }
    record.object("custom_attributes", own);
    record
}

/// URLs with commas between them; a comma inside of one stays.
fn split_urls(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let next = [",http", ", http"]
            .into_iter()
            .filter_map(|start| rest.find(start))
            .min();
        let (url, after) = rest.split_at(next.unwrap_or(rest.len()));
        rest = after.trim_start_matches([',', ' ']);
        Some(url)
    })
}

/// The number and the currency of a price: `12.50 EUR`, `USD 12`. Any other text stays as it is.
fn amount(price: &str) -> (&str, Option<&str>) {
    let is_currency = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = |word: &str| value::number(word).is_some();
    let Some((left, right)) = price.split_once(' ') else {
        return (price, None);
    };
    let (left, right) = (left.trim(), right.trim());
    [(left, right), (right, left)]
        .into_iter()
        .find(|(number, currency)| is_currency(currency) && is_number(number))
        .map_or((price, None), |(number, currency)| (number, Some(currency)))
}

/// The API's name for an availability; an unknown one stays as it is.
fn available(text: &str) -> &str {
    match key(text).as_str() {
        "in_stock" | "instock" => "IN_STOCK",
        "out_of_stock" | "outofstock" => "OUT_OF_STOCK",
        "preorder" | "pre_order" | "backorder" | "back_order" => "PRE_ORDER",
        _ => text,
    }
}

/// Rewrites a feed of delimited text.
pub(super) struct Google {
    names: Vec<String>,
    seen: SeenItems,
}

impl Google {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            names: columns.iter().map(|column| attribute(column)).collect(),
            seen: SeenItems::default(),
        }
    }
}

impl Rewrite for Google {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let item: Vec<(String, String)> = self
            .names
            .iter()
            .zip(cells)
            .map(|(name, cell)| (name.clone(), cell.shown().into_owned()))
            .collect();
        let record = product(&item, &mut self.seen);
        out.record(row, record)
    }

    fn notes(&self) -> Vec<String> {
        self.seen.notes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_in_any_spelling() {
        for (name, expect) in [
            ("id", "id"),
            ("g:image_link", "image_link"),
            ("Image link", "image_link"),
            (" google product category ", "google_product_category"),
        ] {
            assert_eq!(attribute(name), expect);
        }
        for (price, expect) in [
            ("12.50 EUR", ("12.50", Some("EUR"))),
            ("USD 12", ("12", Some("USD"))),
            ("12.50", ("12.50", None)),
            ("12,50 EUR", ("12,50 EUR", None)),
            ("free", ("free", None)),
        ] {
            assert_eq!(amount(price), expect);
        }
        let urls: Vec<_> = split_urls("https://a/1,2.jpg,https://a/3.jpg, http://b").collect();
        assert_eq!(urls, ["https://a/1,2.jpg", "https://a/3.jpg", "http://b"]);
    }
}
