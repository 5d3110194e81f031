//! Durations as people and ISO 8601 write them.

use std::borrow::Cow;

use crate::domain::json;

/// The seconds; a number is taken for some already.
pub(super) fn seconds(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if json::is_number(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = if let Some(iso) = text.strip_prefix("PT") {
        iso_seconds(iso)?
    } else {
        clock_seconds(text)?
    };
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Some(Cow::Owned(format!("{whole}{fraction}")))
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// Whole seconds and the digits of a fraction.
fn split_fraction(text: &str) -> Option<(u64, Option<&str>)> {
    match text.split_once('.') {
        Some((whole, fraction)) => number(fraction).and(Some((number(whole)?, Some(fraction)))),
        None => Some((number(text)?, None)),
    }
}

/// `1:42:30`, `42:30`
fn clock_seconds(text: &str) -> Option<(u64, Option<&str>)> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes, seconds] => (number(hours)?, number(minutes)?, *seconds),
        [minutes, seconds] => (0, number(minutes)?, *seconds),
        _ => return None,
    };
    let (seconds, fraction) = split_fraction(seconds)?;
    let is_clock = seconds < 60 && (hours == 0 || minutes < 60);
    is_clock.then(|| (hours * 3600 + minutes * 60 + seconds, fraction))
}

/// `1H30M5.5S`, behind the `PT`.
fn iso_seconds(mut rest: &str) -> Option<(u64, Option<&str>)> {
    let (mut whole, mut fraction) = (0, None);
    if rest.is_empty() {
        return None;
    }
    for (unit, seconds) in [('H', 3600), ('M', 60)] {
        if let Some((digits, after)) = rest.split_once(unit) {
            whole += number(digits)? * seconds;
            rest = after;
        }
    }
    if !rest.is_empty() {
        let (seconds, digits) = split_fraction(rest.strip_suffix('S')?)?;
        whole += seconds;
        fraction = digits;
    }
    Some((whole, fraction))
}
