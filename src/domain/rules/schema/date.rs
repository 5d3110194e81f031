//! Dates and times as people and spreadsheets write them.

use super::Hint;
use crate::domain::{
    format,
    rules::definition::{HintDef, Repair},
    transform,
};

pub(in crate::domain::rules) const BARE_DATE: HintDef =
    HintDef::new("dates without a time", "add a time: 2023-11-07T00:00:00Z")
        .repaired(Repair::Text("Add midnight UTC", |text| {
            Some(format!("{text}T00:00:00Z"))
        }));

pub(in crate::domain::rules) const SPACE_FOR_T: HintDef =
    HintDef::new("dates with a space instead of T", "write T between date and time")
        .repaired(Repair::Text("Write T", |text| Some(text.replacen(' ', "T", 1))));

pub(in crate::domain::rules) const NO_SECONDS: HintDef =
    HintDef::new("dates without seconds", "add the seconds: 2023-11-07T05:31:00Z")
        .repaired(Repair::Text("Add :00 seconds", |text| {
            Some(format!("{}:00{}", text.get(..16)?, text.get(16..)?))
        }));

pub(in crate::domain::rules) const OTHER_DATE_ORDER: HintDef =
    HintDef::new("dates in another order", "write year, month, day: 2023-11-07T00:00:00Z");

/// What to do about moments that are written another way.
const ADVICE: &str = "write date and time: 2023-11-07T05:31:56Z";

pub(in crate::domain::rules) const EPOCH_SECONDS: HintDef = HintDef::new("times as seconds since 1970", ADVICE)
    .repaired(Repair::Text("Convert to date and time", |text| {
        of_epoch(text.parse().ok()?, 0)
    }));

pub(in crate::domain::rules) const EPOCH_MILLIS: HintDef = HintDef::new("times as milliseconds since 1970", ADVICE)
    .repaired(Repair::Text("Convert to date and time", |text| {
        let millis: i64 = text.parse().ok()?;
        of_epoch(millis.div_euclid(1000), millis.rem_euclid(1000))
    }));

pub(in crate::domain::rules) const OTHER_TIME_FORM: HintDef = HintDef::new("times written another way", ADVICE)
    .repaired(Repair::Text("Write them as the API does", transform::respelled));

pub(in crate::domain::rules) const IMPOSSIBLE_DATE: HintDef = HintDef {
    // What does not exist cannot be read otherwise.
    may_be_read_otherwise: false,
    ..HintDef::new(
        "dates that do not exist",
        "correct the date; that day or time does not exist",
    )
};

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

fn of_epoch(seconds: i64, millis: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    let text = moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Some(if millis == 0 {
        format!("{text}Z")
    } else {
        format!("{text}.{millis:03}Z")
    })
}
