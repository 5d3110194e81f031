//! What the values of a column look like, and which fields that speaks for.

use super::{Reason, names::words};
use crate::domain::{
    cell::Cell,
    format,
    record::Part,
    sampled::Sampled,
    schema::Node,
    transform::{self, Decimal, Offset, Order, Transform},
    value::Form,
};

/// What values can look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// `https://example.com/a`
    Urls,
    /// `https://example.com/a.jpg`
    ImageUrls,
    /// `<p>Text</p>`
    Html,
    /// `$12.50`
    Prices,
    /// `A > B`
    CategoryPaths,
    /// Dates, with or without time.
    Dates,
    /// Names that the field allows, or that stand for them.
    Names,
    /// Every row has another.
    Ids,
}

impl Look {
    /// In words, after a count.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Urls => "URLs",
            Self::ImageUrls => "URLs of images",
            Self::Html => "HTML",
            Self::Prices => "prices",
            Self::CategoryPaths => "category paths",
            Self::Dates => "dates",
            Self::Names => "names that it takes",
            Self::Ids => "different ids",
        }
    }
}

/// Fewer values than these speak against nothing.
const FEW: u64 = 5;

/// What the values of a column look like. Without values it speaks for nothing and against nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence<'a> {
    sample: Option<&'a Sampled>,
    filled: u64,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(sample: &'a Sampled) -> Self {
        Self {
            sample: Some(sample),
            filled: sample.filled(),
        }
    }

    /// The share of values that look so, in percent, and how many they are.
    fn share(&self, is_such: impl FnMut(Cell<'_>) -> bool) -> (u64, u64) {
        let count = self.sample.map_or(0, |sample| sample.count(is_such));
        (count * 100 / self.filled.max(1), count)
    }

    /// Whether the values do not speak against a field. They do when there are some, and hardly any fits it, as it is
    /// or transformed; that is only asked of fields that do not take any text.
    pub(super) fn allows(&self, node: &'static Node) -> bool {
        self.filled < FEW || !is_typed(node) || self.fitting(node) * 10 >= self.filled
    }

    /// Whether nearly all values fit a field that does not take any text.
    pub(super) fn fits_typed(&self, node: &'static Node) -> bool {
        self.filled > 0 && is_typed(node) && self.fitting(node) * 10 >= self.filled * 9
    }

    /// Whether nearly all values are numbers, dates or URLs, which a field for any text is hardly made for.
    pub(super) fn is_strange_to(&self, node: &'static Node) -> bool {
        let is_number = |cell: Cell<'_>| crate::domain::value::number(&cell.shown()).is_some();
        let mostly = |(share, _): (u64, u64)| share >= 90;
        self.filled > 0
            && !is_typed(node)
            && (mostly(self.share(is_number))
                || [Look::Dates, Look::Urls, Look::Prices]
                    .into_iter()
                    .any(|look| mostly(self.share(|cell| looks(look, cell)))))
    }

    /// How many values fit a field, as they are or with the transform that helps most.
    fn fitting(&self, node: &'static Node) -> u64 {
        let part = Part::of_node(node);
        let is_valid = |cell: Cell<'_>| transform::is_valid(node, part.form, cell);
        let plain = self.share(is_valid).1;
        if plain == self.filled {
            return plain;
        }
        let proposal = self.sample.and_then(|sample| transform::propose(&part, sample));
        proposal.map_or(plain, |proposal| proposal.proof.fits.max(plain))
    }

    /// How sure the values alone make a field, and why; never as sure as a name does.
    pub(super) fn speaks_for(&self, path: &str, node: &'static Node, column: &str) -> Option<(u8, Reason)> {
        let sample = self.sample.filter(|_| self.filled > 0)?;
        let (look, least, confidence) = match path {
            "cover_image" | "profile_image" => (Look::ImageUrls, 80, 60),
            "url" => (Look::Urls, 80, 55),
            "html" => (Look::Html, 60, 45),
            "categories" => (Look::CategoryPaths, 50, 55),
            "sale_price" | "revenue" => (Look::Prices, 80, 50),
            "timestamp" => (Look::Dates, 90, 55),
            "product_id" | "user_id" if node.min_length.is_some() => {
                let is_id = sample.is_unique() && sample.distinct() >= 10 && self.share(is_short).0 == 100;
                let says_id = words(column).iter().any(|word| is_id_word(word));
                let confidence = if says_id { 65 } else { 45 };
                return is_id.then(|| (confidence, self.reason(Look::Ids, self.filled)));
            }
            _ if !node.allowed.is_empty() && sample.distinct() <= 60 => (Look::Names, 80, 55),
            _ => return None,
        };
        let (share, count) = match look {
            Look::Names => {
                let count = self.fitting(node);
                (count * 100 / self.filled, count)
            }
            _ => self.share(|cell| looks(look, cell)),
        };
        // URLs of images are URLs, but not of the product's page.
        let is_other = look == Look::Urls && self.share(|cell| looks(Look::ImageUrls, cell)).0 >= 50;
        (share >= least && !is_other).then(|| (confidence, self.reason(look, count)))
    }

    const fn reason(&self, look: Look, count: u64) -> Reason {
        Reason::Values {
            look,
            count,
            of: self.filled,
        }
    }
}

/// Whether a field takes only certain texts.
fn is_typed(node: &Node) -> bool {
    matches!(Form::of(node), Form::Number | Form::Boolean | Form::Json)
        || !node.formats.is_empty()
        || !node.allowed.is_empty()
}

fn is_short(cell: Cell<'_>) -> bool {
    let text = cell.shown();
    text.len() <= 64 && !text.trim().contains(char::is_whitespace)
}

fn is_id_word(word: &str) -> bool {
    word.ends_with("nummer")
        || word.ends_with("number")
        || word.ends_with("code")
        || matches!(
            word,
            "id" | "ids"
                | "sku"
                | "code"
                | "nr"
                | "no"
                | "number"
                | "nummer"
                | "artikel"
                | "ref"
                | "key"
                | "ean"
                | "gtin"
                | "isbn"
        )
}

fn looks(look: Look, cell: Cell<'_>) -> bool {
    const IMAGES: [&str; 7] = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg"];
    let shown = cell.shown();
    let text = shown.trim();
    let is_url = || text.contains("://") && format::is_uri(text);
    match look {
        Look::Urls => is_url(),
        Look::ImageUrls => {
            let path = text.split(['?', '#']).next().unwrap_or(text).to_lowercase();
            is_url() && IMAGES.iter().any(|ending| path.ends_with(ending))
        }
        Look::Html => ["</", "<br", "<p>"].iter().any(|tag| text.contains(tag)),
        Look::Prices => {
            let has_sign = text.len() != crate::domain::hint::number::bare_of_currency(text).len();
            let is_number = |decimal| Transform::Number(decimal).apply(text, Form::Number).is_ok();
            has_sign && Decimal::ALL.into_iter().any(is_number)
        }
        Look::CategoryPaths => text.contains(" > "),
        Look::Dates => Order::ALL.into_iter().any(|order| {
            let date = Transform::Date {
                order,
                offset: Offset::default(),
            };
            date.apply(text, Form::Text).is_ok()
        }),
        Look::Names | Look::Ids => false,
    }
}
