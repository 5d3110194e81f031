//! Shopify's product export: a row a variant, the product's own cells on its first row only, more rows for more images.

use super::{
    Rewrite,
    object::{Object, key, prose},
    table::Table,
};
use crate::{
    domain::{cell::Cell, number::grouped},
    frame::FrameError,
};

/// How it is recognised, and what becomes of it.
pub(super) const ABOUT: &str = "A CSV file with the columns Handle, Title and those of variants (Variant Price, \
    Option1 Name). Every variant becomes a product, and all of one Handle have it as their product_group_id. What \
    Shopify writes only in a product's first row (title, description, vendor, tags) is filled in for all its variants; \
    rows that only hold another image are joined to their product. The id is the Variant SKU, or the handle with the \
    values of the options where there is none. Sizes, colors and materials come from the options, availability from \
    the inventory, the description is the body without its HTML; all other columns become custom attributes. The \
    address of the product's page is not in the export.";

/// Whether the columns are those of a product export.
pub(super) fn fits(columns: &[String]) -> bool {
    let has = |name: &str| columns.iter().any(|column| column == name);
    has("Handle") && has("Title") && (has("Variant Price") || has("Variant SKU")) && has("Option1 Value")
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of the product: stands on its first row only.
    Product,
    /// Of the variant.
    Variant,
    /// Of an image.
    Image,
}

fn kind(column: &str) -> Kind {
    if column.starts_with("Image ") {
        Kind::Image
    } else if column.starts_with("Variant ")
        || column.starts_with("Cost per item")
        || column.contains(" / ") && !column.starts_with("Google Shopping")
        || column.starts_with("Option") && (column.ends_with(" Value") || column.ends_with(" Linked To"))
    {
        Kind::Variant
    } else {
        Kind::Product
    }
}

/// Columns that become fields, or say nothing without the others; the rest become custom attributes.
const FIELDS: [&str; 29] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Image",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Google Shopping / Google Product Category",
    "Google Shopping / Condition",
    "Variant Fulfillment Service",
    "Variant Weight Unit",
    "Cost per item",
];

/// Columns that are true or false.
const BOOLEANS: [&str; 4] = ["Published", "Gift Card", "Variant Requires Shipping", "Variant Taxable"];

/// A row that waits for the rest of its product.
struct Line {
    row: u32,
    cells: Vec<String>,
}

/// Rewrites the export.
pub(super) struct Shopify {
    columns: Vec<String>,
    kinds: Vec<Kind>,
    /// The rows of the product at hand.
    lines: Vec<Line>,
    images: u64,
    named: u64,
    variants: u64,
}

impl Shopify {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            columns: columns.to_vec(),
            kinds: columns.iter().map(|column| kind(column)).collect(),
            lines: Vec::new(),
            images: 0,
            named: 0,
            variants: 0,
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    fn get<'a>(&self, cells: &'a [String], name: &str) -> &'a str {
        let cell = self.column(name).and_then(|column| cells.get(column));
        cell.map_or("", |cell| cell.trim())
    }

    fn is_image_only(&self, cells: &[String]) -> bool {
        let empty = |name| self.get(cells, name).is_empty();
        empty("Variant Price") && empty("Variant SKU") && empty("Option1 Value") && empty("Title")
    }

    /// Writes the variants of the product at hand.
    fn flush(&mut self, out: &mut Table<'_>) -> Result<(), FrameError> {
        let mut lines = std::mem::take(&mut self.lines);
        let images: Vec<String> = lines
            .iter()
            .map(|line| self.get(&line.cells, "Image Src").to_owned())
            .filter(|image| !image.is_empty())
            .collect();
        let first = lines.first().map(|line| line.cells.clone()).unwrap_or_default();
        for (nth, line) in lines.iter_mut().enumerate() {
            // The first row is the product's own, whatever it holds.
            if nth > 0 && self.is_image_only(&line.cells) {
                self.images += 1;
                continue;
            }
            for ((cell, kind), product) in line.cells.iter_mut().zip(&self.kinds).zip(&first) {
                if *kind == Kind::Product && cell.is_empty() {
                    cell.clone_from(product);
                }
            }
            let record = self.record(&line.cells, &images);
            self.variants += 1;
            out.record(line.row, record)?;
        }
        Ok(())
    }

    fn record(&mut self, cells: &[String], images: &[String]) -> Object {
        let get = |name| self.get(cells, name);
        let options: Vec<(&str, &str)> = [
            ("Option1 Name", "Option1 Value"),
            ("Option2 Name", "Option2 Value"),
            ("Option3 Name", "Option3 Value"),
        ]
        .into_iter()
        .map(|(name, value)| (get(name), get(value)))
        .filter(|option| !option.1.is_empty() && *option != ("Title", "Default Title"))
        .collect();
        let (handle, sku) = (get("Handle"), get("Variant SKU").trim_start_matches('\''));
        let mut record = Object::default();
        let mut own = Object::default();
        if sku.is_empty() {
            let values = options.iter().map(|(_, value)| key(value).replace('_', "-"));
            let id: Vec<String> = std::iter::once(handle.to_owned()).chain(values).collect();
            record.text("product_id", &id.join("-"));
        } else {
            record.text("product_id", sku);
        }
        record.text("product_group_id", handle);
        record.text("title", get("Title"));
        record.text("description", &prose(get("Body (HTML)")));
        record.text("brand", get("Vendor"));
        record.text("type", get("Type"));
        let google = get("Google Shopping / Google Product Category");
        let paths = [get("Product Category"), google];
        record.paths(
            "categories",
            paths.into_iter().find(|path| !path.is_empty() && !is_number(path)),
        );
        record.list("tags", get("Tags").split(','));
        record.number("sale_price", get("Variant Price"));
        record.number("original_price", get("Variant Compare At Price"));
        record.text("availability", self.availability(cells));
        let condition = get("Google Shopping / Condition").to_uppercase();
        record.text("condition", &condition);
        let cover = [get("Variant Image"), images.first().map_or("", String::as_str)];
        record.text(
            "cover_image",
            cover.into_iter().find(|image| !image.is_empty()).unwrap_or_default(),
        );
        for (name, value) in &options {
            match name.to_lowercase().as_str() {
                "size" => record.text("size", value),
                "color" | "colour" => record.text("color", value),
                "material" => record.text("material", value),
                _ => own.text(&key(&format!("option {name}")), value),
            }
        }
        own.list("images", images.iter().map(String::as_str));
        if is_number(google) {
            own.text("google_product_category", google);
        }
        if get("Variant Grams").parse().is_ok_and(|grams: f64| grams > 0.0) {
            own.number("grams", get("Variant Grams"));
        }
        own.number("cost_per_item", get("Cost per item"));
        for (column, cell) in self.columns.iter().zip(cells) {
            if BOOLEANS.contains(&column.as_str()) {
                match cell.trim().to_lowercase().as_str() {
                    word @ ("true" | "false") => own.json(&key(column), word),
                    _ => own.text(&key(column), cell),
                }
            } else if !FIELDS.contains(&column.as_str()) {
                own.text(&key(column), cell);
            }
        }
        record.object("custom_attributes", own);
        if sku.is_empty() {
            self.named += 1;
        }
        record
    }

    /// What Shopify sells of a variant: anything, unless it counts the stock, there is none, and it does not sell
    /// without.
    fn availability(&self, cells: &[String]) -> &'static str {
        let counts = !self.get(cells, "Variant Inventory Tracker").is_empty();
        let stock: f64 = self.get(cells, "Variant Inventory Qty").parse().unwrap_or(1.0);
        let sells_without = self.get(cells, "Variant Inventory Policy") == "continue";
        if counts && stock <= 0.0 && !sells_without {
            "OUT_OF_STOCK"
        } else {
            "IN_STOCK"
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Rewrite for Shopify {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut Table<'_>) -> Result<(), FrameError> {
        let cells: Vec<String> = cells.iter().map(|cell| cell.shown().into_owned()).collect();
        let same = self
            .lines
            .first()
            .is_some_and(|line| self.get(&line.cells, "Handle") == self.get(&cells, "Handle"));
        if !same {
            self.flush(out)?;
        }
        self.lines.push(Line { row, cells });
        Ok(())
    }

    fn end(&mut self, out: &mut Table<'_>) -> Result<(), FrameError> {
        self.flush(out)
    }

    fn rest(&self) -> Option<String> {
        let rows = if self.images == 1 { "image row" } else { "image rows" };
        (self.images > 0).then(|| format!("{} {rows} joined", grouped(self.images)))
    }

    fn notes(&self) -> Vec<String> {
        let ids = if self.named == 0 {
            "The id is the Variant SKU".to_owned()
        } else if self.named == self.variants {
            "No variant has a SKU, so the id is the handle with the values of the options".to_owned()
        } else {
            format!(
                "The id is the Variant SKU; {} variants without one have the handle with the values of the options",
                grouped(self.named)
            )
        };
        vec![
            ids,
            "The handle is the product group, and all variants have what Shopify writes in the first row only"
                .to_owned(),
            "The address of a product's page is not in the export, so url stays empty".to_owned(),
        ]
    }
}
