//! Dates and times as people and spreadsheets write them.

use super::Hint;
use crate::domain::{format, transform};

/// What a text seems to be that is no moment.
pub(super) fn hint(text: &str) -> Option<Hint> {
    let bytes = text.as_bytes();
    if format::is_date(bytes) {
        return Some(Hint::BareDate);
    }
    if let Some(hint) = epoch(text) {
        return Some(hint);
    }
    if bytes.get(10) == Some(&b' ') && format::is_date_time(&text.replacen(' ', "T", 1)) {
        return Some(Hint::SpaceForT);
    }
    if let (Some(start), Some(rest)) = (text.get(..16), text.get(16..))
        && format::is_date_time(&format!("{start}:00{rest}"))
    {
        return Some(Hint::NoSeconds);
    }
    let looks_iso =
        bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit);
    if looks_iso {
        let written = transform::respelled(text)?;
        return Some(if format::is_date_time(&written) {
            Hint::OtherTimeForm
        } else {
            Hint::ImpossibleDate
        });
    }
    let parts: Vec<&str> = text.split([' ', 'T']).next()?.split(['/', '.', '-']).collect();
    let numeric = parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    numeric.then_some(Hint::OtherDateOrder)
}

/// Seconds or milliseconds since 1970, recognised by their number of digits (years 2001 to 2286).
pub(super) fn epoch(text: &str) -> Option<Hint> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        10 => Some(Hint::EpochSeconds),
        13 => Some(Hint::EpochMillis),
        _ => None,
    }
}

pub(super) fn of_epoch(seconds: i64, millis: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    let text = moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Some(if millis == 0 {
        format!("{text}Z")
    } else {
        format!("{text}.{millis:03}Z")
    })
}
