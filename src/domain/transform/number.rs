//! Numbers as people write them: decimal comma or point, thousands separators, currency, percent.

use std::borrow::Cow;

/// The sign between a number's whole and its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decimal {
    /// `1,299.00`
    Point,
    /// `1.299,00`
    Comma,
}

impl Decimal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Point, Self::Comma];

    /// Its name: `point`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// What may stand between groups of digits.
    const fn separators(self) -> [char; 6] {
        let other = match self {
            Self::Point => ',',
            Self::Comma => '.',
        };
        [other, ' ', '\u{a0}', '\u{202f}', '\'', '\u{2019}']
    }
}

/// The number without thousands separators and currency, with a decimal point; its digits stay.
pub(super) fn plain(text: &str, decimal: Decimal) -> Option<Cow<'_, str>> {
    let trimmed = text.trim();
    let is_plain = trimmed.bytes().all(|byte| byte.is_ascii_digit()) && !trimmed.is_empty();
    if is_plain {
        return Some(Cow::Borrowed(trimmed));
    }
    let (is_negative, rest) = signed(trimmed);
    let (inner_negative, rest) = signed(bare_of_currency(rest));
    if is_negative && inner_negative {
        return None;
    }
    let number = digits(rest, decimal)?;
    let is_negative = is_negative || inner_negative;
    if !is_negative && number == trimmed {
        return Some(Cow::Borrowed(trimmed));
    }
    Some(Cow::Owned(format!("{}{number}", if is_negative { "-" } else { "" })))
}

/// The number in front of a percent sign, or without one.
pub(super) fn percent(text: &str, decimal: Decimal) -> Option<Cow<'_, str>> {
    plain(without_sign(text).unwrap_or(text), decimal)
}

/// The hundredth of the number at a percent sign, exactly.
pub(super) fn fraction(text: &str, decimal: Decimal) -> Option<Cow<'_, str>> {
    let number = plain(without_sign(text)?, decimal)?;
    if number.contains(['e', 'E']) {
        return None;
    }
    let (sign, number) = number.strip_prefix('-').map_or(("", &*number), |rest| ("-", rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let shifted = format!("{whole:0>3}");
    let (whole, hundredths) = shifted.split_at(shifted.len() - 2);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = format!("{hundredths}{fraction}");
    let fraction = fraction.trim_end_matches('0');
    Some(Cow::Owned(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }))
}

fn without_sign(text: &str) -> Option<&str> {
    const SIGNS: [char; 3] = ['%', '\u{ff05}', '\u{66a}'];
    let text = text.trim();
    text.strip_suffix(SIGNS)
        .or_else(|| text.strip_prefix(SIGNS))
        .map(str::trim)
}

/// Takes the sign off: `-5`, `−5`, `5-`, `(5)`, `+5`.
fn signed(text: &str) -> (bool, &str) {
    const MINUS: [char; 2] = ['-', '\u{2212}'];
    let after_comma = text.ends_with(",-") || text.ends_with(".-") || text.ends_with("--");
    if let Some(rest) = text.strip_prefix(MINUS) {
        (true, rest.trim_start())
    } else if let Some(rest) = text.strip_suffix(MINUS).filter(|_| !after_comma) {
        (true, rest.trim_end())
    } else if let Some(rest) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (true, rest.trim())
    } else {
        (false, text.strip_prefix('+').unwrap_or(text))
    }
}

/// The digits of an unsigned number, with a decimal point.
fn digits(text: &str, decimal: Decimal) -> Option<String> {
    let (text, exponent) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let exponent_digits = exponent.trim_start_matches(['e', 'E']).trim_start_matches(['+', '-']);
    if !exponent.is_empty() && !is_digits(exponent_digits) {
        return None;
    }
    let (whole, fraction) = match text.split_once(decimal.sign()) {
        // `12,-` and `12,–` are whole amounts.
        Some((whole, "-" | "--" | "\u{2013}" | "\u{2014}")) => (whole, None),
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return None;
    }
    let whole = match whole {
        "" if fraction.is_some() => String::new(),
        _ => ungrouped(whole, decimal)?,
    };
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Some(format!("{whole}{fraction}{exponent}"))
}

/// Digits without the separators of thousands: groups of three, or as in India the last of three and others of two.
fn ungrouped(text: &str, decimal: Decimal) -> Option<String> {
    if is_digits(text) {
        return Some(text.to_owned());
    }
    let separator = text.chars().find(|c| decimal.separators().contains(c))?;
    let groups: Vec<&str> = text.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let thousands = middle.iter().all(|group| group.len() == 3) && first.len() <= 3;
    let lakhs =
        separator == ',' && !middle.is_empty() && middle.iter().all(|group| group.len() == 2) && first.len() <= 2;
    let is_grouped = groups.iter().all(|group| is_digits(group)) && last.len() == 3 && (thousands || lakhs);
    is_grouped.then(|| groups.concat())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An amount without the currency's sign or code at either end.
pub(in crate::domain) fn bare_of_currency(text: &str) -> &str {
    const CODES: [&str; 20] = [
        "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "TWD", "CNY", "SEK", "NOK", "DKK", "PLN", "INR", "NT$", "US$",
        "R$", "Kč", "zł", "kr",
    ];
    let is_sign = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₩' | '₹' | '円' | '元');
    let bare = CODES.iter().fold(text.trim(), |bare, code| {
        bare.strip_prefix(code)
            .or_else(|| bare.strip_suffix(code))
            .unwrap_or(bare)
            .trim()
    });
    bare.trim_matches(is_sign).trim()
}
