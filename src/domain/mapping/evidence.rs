//! What the values of a column look like, and which fields that speaks for.

use super::Reason;
use crate::domain::{
    cell::Cell,
    format::{self, StringFormat},
    proposal,
    record::Part,
    sampled::Sampled,
    schema::Node,
    transform::{self, DateOrder, Decimal, Offset, Transform},
    value::{self, Form},
};

/// A form that most values of a column have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueLook {
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
    /// Values that are different in every row.
    Ids,
    /// Whole numbers that count something.
    Counts,
}

impl ValueLook {
    /// The form in words, after a count.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Urls => "URLs",
            Self::ImageUrls => "URLs of images",
            Self::Html => "HTML",
            Self::Prices => "prices",
            Self::CategoryPaths => "category paths",
            Self::Dates => "dates",
            Self::Names => "names that it takes",
            Self::Ids => "different ids",
            Self::Counts => "counts",
        }
    }
}

/// Whether a column's values support a field that its name suggests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::domain) enum ColumnVerdict {
    /// They look like values of the field.
    For,
    /// They say nothing: there are too few, or any field could hold them.
    Neither,
    /// The field can hardly hold them.
    Against,
}

/// Fewer values than these prove nothing.
const FEW: u64 = 5;

/// The evidence of a column's values; without values it neither supports nor refutes a field.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::domain) struct ColumnEvidence<'a> {
    sample: Option<&'a Sampled>,
    filled: u64,
}

impl<'a> ColumnEvidence<'a> {
    pub(in crate::domain) fn of(sample: &'a Sampled) -> Self {
        Self {
            sample: Some(sample),
            filled: sample.filled(),
        }
    }

    /// Whether the column was looked at, and has no value.
    pub(in crate::domain) const fn is_empty(&self) -> bool {
        self.sample.is_some() && self.filled == 0
    }

    /// Whether nothing is known of the values.
    pub(super) const fn is_unknown(&self) -> bool {
        self.sample.is_none()
    }

    /// The share of values that look so, in percent, and how many they are.
    pub(in crate::domain) fn share(&self, is_such: impl FnMut(Cell<'_>) -> bool) -> (u64, u64) {
        let count = self.sample.map_or(0, |sample| sample.count(is_such));
        (count * 100 / self.filled.max(1), count)
    }

    /// Whether nearly all values differ; `None`: there are too few to say.
    pub(in crate::domain) fn differ(&self) -> Option<bool> {
        let sample = self.sample.filter(|_| self.filled >= FEW)?;
        Some(sample.distinct() as u64 * 100 >= self.filled * 95)
    }

    fn distinct(&self) -> u64 {
        self.sample.map_or(0, |sample| sample.distinct() as u64)
    }

    /// Judges a field by the values.
    pub(in crate::domain) fn judge(&self, path: &str, node: &'static Node) -> ColumnVerdict {
        if self.filled < FEW {
            return ColumnVerdict::Neither;
        }
        if is_typed(node) {
            return self.judge_typed(path, node);
        }
        let mostly = |is_such: fn(&str) -> bool| self.share(|cell| is_such(cell.shown().trim())).0 >= 80;
        let repeats = self.distinct() * 2 <= self.filled;
        let is_for = match path {
            "type" => repeats && self.distinct() > 1 && mostly(is_label),
            "name" => mostly(is_full_name),
            "product_group_id" => self.differ() == Some(false) && mostly(is_short),
            "product_id" | "parent_id" | "user_id" | "anonymous_id" | "product_ids" => {
                return if mostly(is_short) && self.distinct() > 1 {
                    ColumnVerdict::For
                } else {
                    ColumnVerdict::Neither
                };
            }
            _ => false,
        };
        let is_against = match path {
            "size" | "material" | "group_id" | "related_ids" | "headers" | "paragraphs" | "url" | "miso_id" => false,
            _ if path.starts_with("context.") => false,
            "age" | "city" if self.share(|cell| cell.shown().contains('@')).0 >= 50 => true,
            _ => mostly(is_code),
        };
        match (is_for, is_against) {
            (_, true) => ColumnVerdict::Against,
            (true, false) => ColumnVerdict::For,
            (false, false) => ColumnVerdict::Neither,
        }
    }

    /// Of a field that takes only certain texts. One value, or two that only say yes and no, prove nothing.
    fn judge_typed(&self, path: &str, node: &'static Node) -> ColumnVerdict {
        if !node.allowed.is_empty() && self.are_counts() {
            return ColumnVerdict::Against;
        }
        let fits = self.fitting(path, node) * 100 / self.filled;
        // Any number could be an amount; one in the range of a field, a name of its list, a date or a URL says more.
        let is_plain_number = Form::of(node) == Form::Number && node.range.is_none();
        let is_truth = !node.allowed.is_empty() && self.share(is_truth).0 >= 50;
        let is_telling = self.distinct() > 1 && !is_plain_number && !is_truth;
        // Several addresses in a cell are too many for the field, but addresses they are.
        let are_addresses =
            || node.has_format(StringFormat::Uri) && self.share(|cell| cell.shown().contains("://")).0 >= 50;
        match fits {
            90.. if is_telling => ColumnVerdict::For,
            ..30 if !are_addresses() => ColumnVerdict::Against,
            _ => ColumnVerdict::Neither,
        }
    }

    /// Whether there are values, and the field takes none of them, however they are rewritten. Only asked of numbers
    /// and objects, which other things share a name with: `rating` of films, `location` in words.
    pub(super) fn refuses(&self, path: &str, node: &'static Node) -> bool {
        let is_asked = matches!(Form::of(node), Form::Number | Form::Json) && !node.types.is_empty();
        let has_none = Form::of(node) == Form::Json && self.is_empty();
        is_asked && (has_none || self.filled >= FEW && self.fitting(path, node) == 0)
    }

    /// Whether the values are whole numbers, and not only 0 and 1.
    pub(super) fn are_counts(&self) -> bool {
        let is_whole = |cell: Cell<'_>| cell.shown().trim().parse::<i64>().is_ok();
        self.filled >= FEW && self.distinct() > 2 && self.share(is_whole).0 >= 90
    }

    /// Whether nearly all values are numbers, dates or URLs, which a field for any text is hardly made for.
    pub(super) fn is_strange_to(&self, node: &'static Node) -> bool {
        let is_number = |cell: Cell<'_>| value::number(&cell.shown()).is_some();
        let mostly = |(share, _): (u64, u64)| share >= 90;
        self.filled > 0
            && !is_typed(node)
            && (mostly(self.share(is_number))
                || [ValueLook::Dates, ValueLook::Urls, ValueLook::Prices]
                    .into_iter()
                    .any(|look| mostly(self.share(|cell| looks(look, cell)))))
    }

    /// How many values fit a field, as they are or with the transform that helps most.
    fn fitting(&self, path: &str, node: &'static Node) -> u64 {
        let part = Part {
            path: path.to_owned(),
            ..Part::of_node(node)
        };
        let is_meant = |cell: Cell<'_>| {
            let number: Option<f64> = node.range.and_then(|_| value::number(&cell.shown())?.parse().ok());
            let range = node.range.zip(number);
            range.is_none_or(|(range, number)| range.contains(number))
        };
        let is_valid = |cell: Cell<'_>| proposal::is_valid(node, part.form, cell) && is_meant(cell);
        let plain = self.share(is_valid).1;
        if plain == self.filled {
            return plain;
        }
        let proposal = self.sample.and_then(|sample| proposal::propose(&part, sample));
        proposal.map_or(plain, |proposal| proposal.proof.fits.max(plain))
    }

    /// How sure the values alone make a field, and why; never as sure as a name does.
    pub(super) fn speaks_for(&self, path: &str, node: &'static Node, is_first: bool) -> Option<(u8, Reason)> {
        let sample = self.sample.filter(|_| self.filled >= FEW)?;
        let (look, least, confidence) = match path {
            "cover_image" | "profile_image" => (ValueLook::ImageUrls, 80, 60),
            "url" => (ValueLook::Urls, 80, 55),
            "html" => (ValueLook::Html, 60, 45),
            "categories" => (ValueLook::CategoryPaths, 50, 55),
            "sale_price" | "revenue" => (ValueLook::Prices, 80, 50),
            "timestamp" => (ValueLook::Dates, 90, 55),
            "product_id" | "user_id" if node.min_length.is_some() => {
                let is_id = self.filled >= 10 && sample.is_unique() && self.are_ids();
                let confidence = if is_first { 60 } else { 45 };
                return is_id.then(|| (confidence, self.reason(ValueLook::Ids, self.filled)));
            }
            _ if !node.allowed.is_empty() && sample.distinct() <= 60 => (ValueLook::Names, 80, 55),
            _ => return None,
        };
        let (share, count) = match look {
            ValueLook::Names if self.judge_typed(path, node) != ColumnVerdict::For => (0, 0),
            ValueLook::Names => {
                let count = self.fitting(path, node);
                (count * 100 / self.filled, count)
            }
            _ => self.share(|cell| looks(look, cell)),
        };
        // URLs of images are URLs, but not of the product's page.
        let is_other = look == ValueLook::Urls && self.share(|cell| looks(ValueLook::ImageUrls, cell)).0 >= 50;
        (share >= least && !is_other).then(|| (confidence, self.reason(look, count)))
    }

    pub(super) const fn reason(&self, look: ValueLook, count: u64) -> Reason {
        Reason::Values {
            look,
            count,
            of: self.filled,
        }
    }

    /// Whether all values look like ids, and differ.
    pub(super) fn are_ids(&self) -> bool {
        self.filled > 1 && self.distinct() == self.filled && self.share(is_id_like).0 == 100
    }

    /// How many values there are.
    pub(super) const fn filled(&self) -> u64 {
        self.filled
    }
}

/// Whether a field takes only certain texts.
fn is_typed(node: &Node) -> bool {
    matches!(
        Form::of(node),
        Form::Number | Form::NumberList | Form::Boolean | Form::Json
    ) || !node.formats.is_empty()
        || !node.allowed.is_empty()
}

/// A word that says yes or no, and nothing of what the question is.
fn is_truth(cell: Cell<'_>) -> bool {
    transform::truth(&cell.shown()).is_some()
}

fn is_short(text: &str) -> bool {
    text.len() <= 64 && !text.contains(char::is_whitespace)
}

/// An id has digits, or is written as no word is; a number with a fraction, a date and an address are none.
fn is_id_like(cell: Cell<'_>) -> bool {
    let shown = cell.shown();
    let text = shown.trim();
    let has_mark = text.contains(|c: char| c.is_ascii_digit());
    let is_number = text.contains('.') && value::number(text).is_some();
    is_short(text) && has_mark && !is_number && !text.contains(['@', '/', ',']) && !looks(ValueLook::Dates, cell)
}

/// A text that only a program reads: a number, a hash, an address, numbers in a list.
fn is_code(text: &str) -> bool {
    let is_hash = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_list = || {
        text.split([',', ';', '|'])
            .all(|item| value::number(item.trim()).is_some())
    };
    is_hash || text.contains("://") || is_list()
}

fn is_label(text: &str) -> bool {
    text.chars().count() <= 40 && !is_code(text)
}

fn is_full_name(text: &str) -> bool {
    text.trim().contains([' ', '\u{3000}']) && !text.contains(|c: char| c.is_ascii_digit() || c == '@')
}

fn looks(look: ValueLook, cell: Cell<'_>) -> bool {
    const IMAGES: [&str; 7] = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg"];
    let shown = cell.shown();
    let text = shown.trim();
    let is_url = || text.contains("://") && format::is_uri(text);
    match look {
        ValueLook::Urls => is_url(),
        ValueLook::ImageUrls => {
            let path = || text.split(['?', '#']).next().unwrap_or(text).to_lowercase();
            let is_image = |path: String| IMAGES.iter().any(|ending| path.ends_with(ending));
            is_url() && is_image(path())
        }
        ValueLook::Html => text.contains('<') && ["</", "<br", "<p>"].iter().any(|tag| text.contains(tag)),
        ValueLook::Prices => {
            // Most values are plain numbers, and those are told apart at once.
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let has_sign = !is_plain && text.len() != transform::bare_of_currency(text).len();
            let is_number = |decimal| Transform::Number(decimal).apply(text, Form::Number).is_ok();
            has_sign && Decimal::ALL.into_iter().any(is_number)
        }
        ValueLook::CategoryPaths => text.contains(" > "),
        ValueLook::Dates => DateOrder::ALL.into_iter().any(|order| {
            let date = Transform::Date {
                order,
                offset: Offset::default(),
            };
            date.apply(text, Form::Text).is_ok()
        }),
        ValueLook::Names | ValueLook::Ids | ValueLook::Counts => false,
    }
}
