//! Text that something on the way has changed: HTML that should have been rendered, values that a spreadsheet mangled.

use super::{
    CellTest, Family, FieldContext, Hint, RuleDef,
    cell_test::Concern,
    definition::{HintDef, Repair},
};
use crate::domain::cell::Cell;

/// The title holds HTML.
pub(super) const MARKUP: RuleDef = RuleDef {
    name: "markup",
    title: "HTML in a title",
    says: "holds HTML",
    text: "Titles are shown and searched as they are: tags and entities (<b>, &amp;) stand in front of visitors, and \
           searching for what they stand for finds nothing. Text with markup belongs into html.",
    advice: "write it as plain text",
    ..RuleDef::of(Family::Text)
};

pub(super) const TITLE_WITH_MARKUP: HintDef =
    HintDef::new("titles with HTML", "write plain text").repaired(Repair::Text("Remove the HTML", without_markup));

/// Looks at titles.
#[derive(Debug)]
pub(super) struct Markup;

impl CellTest for Markup {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        (field.is_field() && field.name() == "title").then_some(Self)
    }

    fn find(&self, cell: Cell<'_>, _: Option<&str>) -> Option<Hint> {
        markup(cell)
    }
}

const TAGS: [&str; 55] = [
    "a",
    "abbr",
    "article",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "iframe",
    "img",
    "label",
    "li",
    "main",
    "meta",
    "ol",
    "p",
    "picture",
    "pre",
    "s",
    "script",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

const ENTITIES: [(&str, &str); 24] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("hellip", "…"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("deg", "°"),
    ("euro", "€"),
    ("eacute", "é"),
    ("egrave", "è"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("szlig", "ß"),
];

/// Whether a title holds tags or entities.
fn markup(cell: Cell<'_>) -> Option<Hint> {
    let (Cell::Text(text) | Cell::Json(text)) = cell else {
        return None;
    };
    memchr::memchr2(b'<', b'&', text.as_bytes())?;
    without_markup(&cell.shown()).map(|_| Hint::Markup)
}

/// The text without its tags and with its entities as what they stand for; `None` when there are none.
/// What merely looks like them (`a < b`, `R&D; more`, `<Untitled>`) stays.
pub(crate) fn without_markup(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, here) = rest.split_at(at);
        plain.push_str(before);
        if let Some((name, after)) = tag(here) {
            // A line break is a space between words.
            if matches!(
                name,
                "br" | "p" | "div" | "li" | "tr" | "td" | "h1" | "h2" | "h3" | "h4"
            ) && !plain.ends_with(' ')
                && !plain.is_empty()
            {
                plain.push(' ');
            }
            (rest, found) = (after, true);
        } else if let Some((c, after)) = entity(here) {
            plain.push_str(&c);
            (rest, found) = (after, true);
        } else {
            plain.push_str(&here[..1]);
            rest = &here[1..];
        }
    }
    plain.push_str(rest);
    found.then(|| plain.trim().to_owned())
}

/// The name of the tag at the start, and what follows it.
fn tag(text: &str) -> Option<(&'static str, &str)> {
    let inside = text.strip_prefix('<')?;
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let length = inside.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, rest) = inside.split_at(length);
    let name = TAGS.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
    if !rest.starts_with(['>', '/', ' ', '\t', '\n']) {
        return None;
    }
    let (attributes, after) = rest.split_once('>')?;
    (!attributes.contains('<')).then_some((name, after))
}

/// What the entity at the start stands for, and what follows it.
fn entity(text: &str) -> Option<(String, &str)> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some((char::from_u32(code)?.to_string(), after));
    }
    let (_, plain) = ENTITIES.into_iter().find(|(known, _)| *known == name)?;
    Some((plain.to_owned(), after))
}

/// A spreadsheet has changed the value.
pub(super) const MANGLED: RuleDef = RuleDef {
    name: "mangled",
    title: "Value that a spreadsheet has changed",
    says: "was changed by a spreadsheet",
    text: "A file that was opened and saved in a spreadsheet comes back with long numbers rounded (9.78044E+12), sizes \
           and codes turned into dates (3-4 into Mar-04), formulas that found nothing (#N/A, #REF!) and formulas that \
           nobody calculated (=B2*2). What stood there cannot be got back from the file.",
    advice: "export the data again and do not save it in a spreadsheet, or set the column to text there",
    ..RuleDef::of(Family::Text)
};

pub(super) const ROUNDED: HintDef = HintDef::new(
    "long numbers, rounded",
    "take the number from where it came from; its last digits are lost here",
);

pub(super) const MADE_DATE: HintDef = HintDef::new(
    "values that a spreadsheet took for dates",
    "take the value from where it came from, such as 3-4 for 4-Mar",
);

pub(super) const SHEET_ERROR: HintDef = HintDef::new(
    "error values of a spreadsheet",
    "correct the formula, or leave the cell empty",
)
.repaired(Repair::Empty);

pub(super) const FORMULA: HintDef = HintDef::new(
    "formulas without a result",
    "open the file in the program it was made with, save it there, and take that file",
)
.says("is a formula without a result");

/// Looks at texts, at codes more closely.
#[derive(Debug)]
pub(super) struct Mangled {
    is_code: bool,
    is_id: bool,
}

impl CellTest for Mangled {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let name = field.name();
        let is_text = matches!(name, "title" | "size" | "color" | "material" | "brand" | "name");
        let (is_own, is_id) = (field.is_own(), field.is_id());
        let is_looked_at = is_own || is_id || (field.is_field() && (is_text || field.takes_any_text()));
        is_looked_at.then_some(Self {
            is_code: is_own || is_id || name == "size",
            is_id,
        })
    }

    fn find(&self, _: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        // An error in the place of an id is another rule's.
        mangled(text?, self.is_code).filter(|hint| !self.is_id || *hint != Hint::SheetError)
    }

    fn concern(&self) -> Concern {
        Concern::OddText
    }

    fn is_about_ids(&self) -> bool {
        self.is_id
    }
}

/// What a spreadsheet has made of a value. `is_code`: of an id, a size or another code, which can also have been
/// taken for a number or a date.
fn mangled(text: &str, is_code: bool) -> Option<Hint> {
    match text.as_bytes() {
        [b'#', b'A'..=b'Z' | b'#', ..] if is_sheet_error(text) => Some(Hint::SheetError),
        [b'=', ..] if is_formula(text) => Some(Hint::Formula),
        [b'0'..=b'9' | b'-', ..] if is_code && text.len() <= 24 && is_rounded(text) => Some(Hint::Rounded),
        [first, ..]
            if is_code && (5..=6).contains(&text.len()) && first.is_ascii_alphanumeric() && is_made_date(text) =>
        {
            Some(Hint::MadeDate)
        }
        _ => None,
    }
}

/// Whether a text is a formula that nobody has calculated: `=B2*1.19`, `="00123"`.
pub(super) fn is_formula(text: &str) -> bool {
    let formula = text.strip_prefix('=').unwrap_or_default();
    let is_begun = formula.starts_with(|first: char| first.is_ascii_alphanumeric() || "\"('+-$[".contains(first));
    // Two equal signs compare, and a word behind one is no formula.
    is_begun && formula.contains(|c: char| c.is_ascii_digit() || "\"(&[".contains(c))
}

/// What stands in a cell whose formula failed.
pub(super) fn is_sheet_error(text: &str) -> bool {
    const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"];
    ERRORS.contains(&text) || (text.len() >= 4 && text.bytes().all(|byte| byte == b'#'))
}

/// `9.78044E+12`, `9.78043902348e+12`: one digit, at most a fraction, and an exponent as long codes have.
fn is_rounded(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once('+') else {
        return false;
    };
    let Some(number) = number.strip_suffix(['E', 'e']) else {
        return false;
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && exponent.parse().is_ok_and(|size: u8| (8..=20).contains(&size))
}

/// `Mar-24`, `4-Mar`, `04-Mar`: capital letter, small letters, as no code is written.
fn is_made_date(text: &str) -> bool {
    const MONTHS: [&str; 16] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mrz", "Mai", "Okt", "Dez",
    ];
    let Some((left, right)) = text.split_once('-') else {
        return false;
    };
    let month = |text: &str| MONTHS.contains(&text);
    let number = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    (month(left) && number(right)) || (number(left) && month(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_found_and_removed() {
        for (text, expect) in [
            ("<b>Red</b> lamp", Some("Red lamp")),
            ("Lamp<br/>with shade", Some("Lamp with shade")),
            ("<p>Lamp</p>", Some("Lamp")),
            ("Salt &amp; Pepper&nbsp;mill", Some("Salt & Pepper mill")),
            ("Caf&eacute; &#38; Bar &#x2122;", Some("Café & Bar ™")),
            ("H<sub>2</sub>O", Some("H2O")),
            ("<a href=\"x\">Lamp</a>", Some("Lamp")),
            ("Salt & Pepper", None),
            ("I <3 lamps", None),
            ("a < b and c > d", None),
            ("Map<String>", None),
            ("<Untitled>", None),
            ("<b", None),
            ("R&D; more", None),
            ("&#99999999999;", None),
        ] {
            assert_eq!(without_markup(text).as_deref(), expect, "{text}");
            assert_eq!(markup(Cell::Text(text)).is_some(), expect.is_some(), "{text}");
            let json = serde_json::Value::from(text).to_string();
            assert_eq!(markup(Cell::Json(&json)).is_some(), expect.is_some(), "{json}");
        }
    }

    #[test]
    fn what_spreadsheets_make_of_values_is_found() {
        for (text, in_code, in_text) in [
            ("9.78044E+12", Some(Hint::Rounded), None),
            ("9E+12", Some(Hint::Rounded), None),
            ("4,00638E+12", Some(Hint::Rounded), None),
            ("1e5", None, None),
            ("9.78043902348e+12", Some(Hint::Rounded), None),
            ("12E+10", None, None),
            ("1.5E+03", None, None),
            ("B.78E+12", None, None),
            ("9780439023481", None, None),
            ("Mar-24", Some(Hint::MadeDate), None),
            ("4-Mar", Some(Hint::MadeDate), None),
            ("04-Mar", Some(Hint::MadeDate), None),
            ("4-Mai", Some(Hint::MadeDate), None),
            ("MAR-24", None, None),
            ("Mar-x", None, None),
            ("3-4", None, None),
            ("Marc-1", None, None),
            ("#N/A", Some(Hint::SheetError), Some(Hint::SheetError)),
            ("#REF!", Some(Hint::SheetError), Some(Hint::SheetError)),
            ("########", Some(Hint::SheetError), Some(Hint::SheetError)),
            ("=B2*1.19", Some(Hint::Formula), Some(Hint::Formula)),
            ("=\"00123\"", Some(Hint::Formula), Some(Hint::Formula)),
            ("=CONCATENATE(\"a\",B1)", Some(Hint::Formula), Some(Hint::Formula)),
            (
                "=[formula of the cells above]",
                Some(Hint::Formula),
                Some(Hint::Formula),
            ),
            ("=)", None, None),
            ("=> new", None, None),
            ("== 3", None, None),
            ("=so", None, None),
            ("#1 lamp", None, None),
            ("#LAMP", None, None),
            ("###", None, None),
            ("", None, None),
        ] {
            assert_eq!(mangled(text, true), in_code, "{text}");
            assert_eq!(mangled(text, false), in_text, "{text}");
        }
    }
}
