//! Columns in memory written as JSON lines, values with their types.

use std::fmt::Write as _;

use polars::prelude::{AnyValue, DataFrame, Series, TimeUnit};
use rayon::prelude::*;

use super::time;
use crate::frame::{FrameError, source::Source, spool::Spool};

/// Rows written at a time by one thread.
const PIECE: usize = 2048;

/// Writes every row as one JSON object.
pub(super) fn write(frame: &DataFrame, source: &Source, spool: &mut Spool) -> Result<(), FrameError> {
    let columns: Vec<(String, Series)> = frame
        .columns()
        .iter()
        .map(|column| {
            let mut key = String::new();
            write_text(&mut key, column.name());
            key.push(':');
            (key, column.as_materialized_series().rechunk())
        })
        .collect();
    let starts: Vec<usize> = (0..frame.height()).step_by(PIECE).collect();
    // As many pieces at once as keep the cores busy: their text is in memory until it is spooled.
    for starts in starts.chunks(4 * rayon::current_num_threads()) {
        let written: Vec<Result<String, String>> = starts
            .par_iter()
            .map(|&start| {
                let mut out = String::new();
                for row in start..(start + PIECE).min(frame.height()) {
                    write_row(&mut out, &columns, row)?;
                }
                Ok(out)
            })
            .collect();
        for text in written {
            spool.write(text.map_err(|reason| source.refused(reason))?.as_bytes())?;
        }
        if spool.is_full() {
            break;
        }
    }
    Ok(())
}

fn write_row(out: &mut String, columns: &[(String, Series)], row: usize) -> Result<(), String> {
    for (at, (key, series)) in columns.iter().enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        out.push_str(key);
        let value = series.get(row).map_err(|error| format!("it is damaged ({error})"))?;
        write_value(out, &value).map_err(|what| {
            format!(
                "its column {} holds {what}, which no JSON value can; leave the column out",
                series.name()
            )
        })?;
    }
    out.push_str("}\n");
    Ok(())
}

/// Writes a value; fails with the name of what cannot be written.
fn write_value(out: &mut String, value: &AnyValue<'_>) -> Result<(), &'static str> {
    match value {
        AnyValue::Null => out.push_str("null"),
        AnyValue::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        AnyValue::String(text) => write_text(out, text),
        AnyValue::StringOwned(text) => write_text(out, text),
        AnyValue::UInt8(number) => write_shown(out, number),
        AnyValue::UInt16(number) => write_shown(out, number),
        AnyValue::UInt32(number) => write_shown(out, number),
        AnyValue::UInt64(number) => write_shown(out, number),
        AnyValue::UInt128(number) => write_shown(out, number),
        AnyValue::Int8(number) => write_shown(out, number),
        AnyValue::Int16(number) => write_shown(out, number),
        AnyValue::Int32(number) => write_shown(out, number),
        AnyValue::Int64(number) => write_shown(out, number),
        AnyValue::Int128(number) => write_shown(out, number),
        AnyValue::Float16(number) => write_float(out, f64::from(f32::from(*number)), &f32::from(*number)),
        AnyValue::Float32(number) => write_float(out, f64::from(*number), number),
        AnyValue::Float64(number) => write_float(out, *number, number),
        AnyValue::Decimal(digits, _, scale) => write_decimal(out, *digits, *scale),
        AnyValue::Date(days) => quoted(out, |out| time::write_date(out, i64::from(*days))),
        AnyValue::Datetime(at, unit, zone) => write_moment(out, *at, *unit, zone.is_some()),
        AnyValue::DatetimeOwned(at, unit, zone) => write_moment(out, *at, *unit, zone.is_some()),
        AnyValue::Time(at) => quoted(out, |out| time::write_time(out, *at, NANOSECONDS)),
        AnyValue::Duration(length, unit) => quoted(out, |out| write_duration(out, *length, *unit)),
        AnyValue::List(list) | AnyValue::Array(list, _) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, &item)?;
            }
            out.push(']');
        }
        AnyValue::Struct(..) | AnyValue::StructOwned(_) => write_struct(out, value)?,
        AnyValue::Binary(bytes) => write_bytes(out, bytes),
        AnyValue::BinaryOwned(bytes) => write_bytes(out, bytes),
        // What is left are names out of a list.
        other => match other.get_str() {
            Some(text) => write_text(out, text),
            None => return Err("values of an unknown type"),
        },
    }
    Ok(())
}

fn write_struct(out: &mut String, value: &AnyValue<'_>) -> Result<(), &'static str> {
    let mut members: Vec<(String, AnyValue<'_>)> = Vec::new();
    match value {
        AnyValue::StructOwned(owned) => {
            let (values, fields) = owned.as_ref();
            let named = fields.iter().zip(values);
            members.extend(named.map(|(field, value)| (field.name().to_string(), value.clone())));
        }
        AnyValue::Struct(_, _, fields) => {
            let names = fields.iter().map(|field| field.name().to_string());
            members.extend(names.zip(value._iter_struct_av()));
        }
        _ => {}
    }
    out.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_text(out, name);
        out.push(':');
        write_value(out, value)?;
    }
    out.push('}');
    Ok(())
}

const NANOSECONDS: i64 = 1_000_000_000;

/// How many of a unit make a second.
const fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => NANOSECONDS,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    }
}

/// What has a zone is a moment, stored in UTC.
fn write_moment(out: &mut String, at: i64, unit: TimeUnit, has_zone: bool) {
    quoted(out, |out| {
        time::write_moment(out, at, per_second(unit));
        if has_zone {
            out.push('Z');
        }
    });
}

/// As ISO 8601 has it, in seconds: `PT5400.5S`.
fn write_duration(out: &mut String, length: i64, unit: TimeUnit) {
    let units = per_second(unit);
    let sign = if length < 0 { "-" } else { "" };
    let length = length.unsigned_abs();
    let seconds = length / units.unsigned_abs();
    write!(out, "{sign}PT{seconds}").ok();
    let fraction = length % units.unsigned_abs();
    time::write_fraction(out, i64::try_from(fraction).unwrap_or_default(), units);
    out.push('S');
}

fn write_shown(out: &mut String, number: &impl std::fmt::Display) {
    // Writing to a text cannot fail.
    write!(out, "{number}").ok();
}

/// The shortest digits that read back the same. What is no number is a text, so that it is seen, not a `null`.
fn write_float(out: &mut String, number: f64, shown: &impl std::fmt::Debug) {
    if number.is_finite() {
        write!(out, "{shown:?}").ok();
    } else if number.is_nan() {
        out.push_str("\"NaN\"");
    } else {
        out.push_str(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    }
}

/// All digits, also the zeros at the end.
fn write_decimal(out: &mut String, digits: i128, scale: usize) {
    if digits < 0 {
        out.push('-');
    }
    let digits = format!("{:0width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    out.push_str(whole);
    if scale > 0 {
        out.push('.');
        out.push_str(fraction);
    }
}

/// Bytes that are text are written as such; others as base64, which says so.
fn write_bytes(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if let Ok(text) = std::str::from_utf8(bytes) {
        return write_text(out, text);
    }
    out.push_str("\"base64:");
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * at) & 63) as usize).copied();
            out.push(if at > chunk.len() {
                '='
            } else {
                char::from(digit.unwrap_or(b'='))
            });
        }
    }
    out.push('"');
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

/// Writes a JSON text.
pub(super) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| character < ' ' || matches!(character, '"' | '\\')) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mut after = after.chars();
        match after.next() {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(character @ ('"' | '\\')) => {
                out.push('\\');
                out.push(character);
            }
            Some(character) => {
                write!(out, "\\u{:04x}", u32::from(character)).ok();
            }
            None => {}
        }
        rest = after.as_str();
    }
    out.push_str(rest);
    out.push('"');
}
