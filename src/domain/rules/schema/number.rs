//! Numbers as people and spreadsheets write them.

use super::Hint;
use crate::domain::{
    rules::definition::{HintDef, Repair},
    transform, value,
};

pub(in crate::domain::rules) const DECIMAL_COMMA: HintDef = HintDef::new(
    "numbers with a decimal comma",
    "write a point instead of the comma: 12.50",
)
.repaired(Repair::Text("Use decimal points", |text| Some(text.replace(',', "."))));

pub(in crate::domain::rules) const THOUSANDS: HintDef = HintDef::new(
    "numbers with thousands separators",
    "write the number without thousands separators: 1299.00",
)
.repaired(Repair::Text("Remove thousands separators", without_thousands));

pub(in crate::domain::rules) const CURRENCY: HintDef =
    HintDef::new("numbers with a currency sign", "leave out the currency sign")
        .repaired(Repair::Text("Remove currency signs", without_currency));

pub(in crate::domain::rules) const PERCENT: HintDef =
    HintDef::new("percentages", "leave out the percent sign, or convert to a fraction");

/// What a text seems to be that is no number.
pub(super) fn hint(text: &str) -> Option<Hint> {
    if without_currency(text).is_some() {
        Some(Hint::Currency)
    } else if text.ends_with('%') {
        Some(Hint::Percent)
    } else if is_decimal_comma(text) {
        Some(Hint::DecimalComma)
    } else if without_thousands(text).is_some() {
        Some(Hint::Thousands)
    } else {
        None
    }
}

/// One comma with digits on both sides, and not the three digits that would make it a thousands separator.
fn is_decimal_comma(text: &str) -> bool {
    let Some((whole, fraction)) = text.trim_start_matches('-').split_once(',') else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && (fraction.len() != 3 || whole == "0" || whole.len() > 3)
}

/// One point with three digits behind it, as thousands are written where the comma is the decimal sign.
fn is_thousands_or_fraction(number: &str) -> bool {
    let parts = number.trim_start_matches('-').split_once('.');
    parts.is_some_and(|(whole, fraction)| fraction.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0")
}

fn without_thousands(text: &str) -> Option<String> {
    let separators = [',', '.', ' ', '\'', '\u{a0}', '\u{202f}'];
    let last = text.rfind([',', '.']);
    for separator in separators.into_iter().filter(|separator| text.contains(*separator)) {
        let decimal = last.filter(|&at| !text[at..].starts_with(separator));
        let (whole, fraction) = decimal.map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
        let mut groups = whole.trim_start_matches('-').split(separator);
        let first = groups.next()?;
        let rest: Vec<&str> = groups.collect();
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=3).contains(&first.len())
            || !digits(first)
            || rest.is_empty()
            || rest.iter().any(|group| group.len() != 3 || !digits(group))
            || fraction.is_some_and(|fraction| fraction.is_empty() || !digits(fraction))
        {
            continue;
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        let point = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
        return Some(format!("{sign}{first}{}{point}", rest.concat()));
    }
    None
}

fn without_currency(text: &str) -> Option<String> {
    let bare = transform::bare_of_currency(text);
    if bare == text {
        None
    } else if value::number(bare).is_some() {
        // 1.299 € may be a thousand or a little more than one: nobody guesses at prices.
        (!is_thousands_or_fraction(bare)).then(|| bare.to_owned())
    } else if is_decimal_comma(bare) {
        Some(bare.replace(',', "."))
    } else {
        without_thousands(bare)
    }
}
