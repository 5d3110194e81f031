//! Record batches written as JSON lines, values with their types.

use std::fmt::{Display, Write as _};

use arrow_array::{
    Array, ArrowPrimitiveType, OffsetSizeTrait, RecordBatch,
    cast::AsArray as _,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DurationMicrosecondType,
        DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type,
        Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
        IntervalYearMonthType, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
        UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use rayon::prelude::*;

use super::{
    bytes::{ByteColumns, ITEM},
    time,
};
use crate::frame::{FrameError, source::Source, spool::Spool};

/// Rows written at a time by one thread.
const PIECE: usize = 2048;

/// Writes the value that one array has in a row.
type JsonWriter<'a> = Box<dyn Fn(&mut String, usize) + Send + Sync + 'a>;

/// Writes every row as one JSON object.
pub(super) fn write(
    batch: &RecordBatch,
    bytes: &ByteColumns,
    source: &Source,
    spool: &mut Spool,
) -> Result<(), FrameError> {
    let schema = batch.schema();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let write = writer(array, field.name(), bytes).map_err(|kind| {
            let name = field.name();
            source.refused(format!(
                "its column {name} holds {kind}, which no JSON value can; leave the column out"
            ))
        })?;
        columns.push((key(field.name()), write));
    }
    let starts: Vec<usize> = (0..batch.num_rows()).step_by(PIECE).collect();
    // As many pieces at once as keep the cores busy: their text is in memory until it is spooled.
    for starts in starts.chunks(4 * rayon::current_num_threads()) {
        let written: Vec<String> = starts
            .par_iter()
            .map(|&start| {
                let mut out = String::new();
                for row in start..(start + PIECE).min(batch.num_rows()) {
                    write_object(&mut out, &columns, row);
                    out.push('\n');
                }
                out
            })
            .collect();
        for text in written {
            spool.write(text.as_bytes())?;
        }
        if spool.is_full() {
            break;
        }
    }
    Ok(())
}

/// A name with the colon behind it.
fn key(name: &str) -> String {
    let mut key = String::new();
    write_text(&mut key, name);
    key.push(':');
    key
}

fn write_object(out: &mut String, members: &[(String, JsonWriter<'_>)], row: usize) {
    out.push('{');
    for (at, (key, write)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(key);
        write(out, row);
    }
    out.push('}');
}

/// The writer for the values of an array, missing ones as `null`; `path` is the column's dotted path.
///
/// # Errors The type whose values cannot be written.
fn writer<'a>(array: &'a dyn Array, path: &str, bytes: &ByteColumns) -> Result<JsonWriter<'a>, DataType> {
    let write = value_writer(array, path, bytes)?;
    Ok(match array.logical_nulls().filter(|nulls| nulls.null_count() > 0) {
        None => write,
        Some(nulls) => Box::new(move |out, row| {
            if nulls.is_null(row) {
                out.push_str("null");
            } else {
                write(out, row);
            }
        }),
    })
}

fn value_writer<'a>(array: &'a dyn Array, path: &str, bytes: &ByteColumns) -> Result<JsonWriter<'a>, DataType> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|out, _| out.push_str("null")),
        DataType::Boolean => {
            let array = array.as_boolean();
            Box::new(|out, row| out.push_str(if array.value(row) { "true" } else { "false" }))
        }
        DataType::Int8 => shown::<Int8Type>(array),
        DataType::Int16 => shown::<Int16Type>(array),
        DataType::Int32 => shown::<Int32Type>(array),
        DataType::Int64 => shown::<Int64Type>(array),
        DataType::UInt8 => shown::<UInt8Type>(array),
        DataType::UInt16 => shown::<UInt16Type>(array),
        DataType::UInt32 => shown::<UInt32Type>(array),
        DataType::UInt64 => shown::<UInt64Type>(array),
        DataType::Float16 => each::<Float16Type>(array, |out, number| {
            let number = f32::from(number);
            write_float(out, f64::from(number), &number);
        }),
        DataType::Float32 => each::<Float32Type>(array, |out, number| write_float(out, f64::from(number), &number)),
        DataType::Float64 => each::<Float64Type>(array, |out, number| write_float(out, number, &number)),
        DataType::Decimal32(_, scale) => decimal::<Decimal32Type>(array, *scale),
        DataType::Decimal64(_, scale) => decimal::<Decimal64Type>(array, *scale),
        DataType::Decimal128(_, scale) => decimal::<Decimal128Type>(array, *scale),
        DataType::Decimal256(_, scale) => decimal::<Decimal256Type>(array, *scale),
        DataType::Utf8 => text(array.as_string::<i32>(), |array, row| array.value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>(), |array, row| array.value(row)),
        DataType::Utf8View => text(array.as_string_view(), |array, row| array.value(row)),
        DataType::Binary => binary(array.as_binary::<i32>(), path, bytes, |array, row| array.value(row)),
        DataType::LargeBinary => binary(array.as_binary::<i64>(), path, bytes, |array, row| array.value(row)),
        DataType::BinaryView => binary(array.as_binary_view(), path, bytes, |array, row| array.value(row)),
        DataType::FixedSizeBinary(_) => {
            binary(array.as_fixed_size_binary(), path, bytes, |array, row| array.value(row))
        }
        DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Interval(_) => time_writer(array)?,
        _ => nested_writer(array, path, bytes)?,
    })
}

fn time_writer(array: &dyn Array) -> Result<JsonWriter<'_>, DataType> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    Ok(match array.data_type() {
        DataType::Date32 => each::<Date32Type>(array, |out, days| {
            quoted(out, |out| time::write_date(out, i64::from(days)));
        }),
        DataType::Date64 => each::<Date64Type>(array, |out, at| match at.rem_euclid(86_400_000) {
            0 => quoted(out, |out| time::write_date(out, at.div_euclid(86_400_000))),
            _ => write_moment(out, at, 1_000, false),
        }),
        DataType::Time32(Second) => each::<Time32SecondType>(array, |out, at| write_time(out, at.into(), 1)),
        DataType::Time32(Millisecond) => {
            each::<Time32MillisecondType>(array, |out, at| write_time(out, at.into(), 1_000))
        }
        DataType::Time64(Microsecond) => each::<Time64MicrosecondType>(array, |out, at| write_time(out, at, 1_000_000)),
        DataType::Time64(Nanosecond) => each::<Time64NanosecondType>(array, |out, at| write_time(out, at, NANOSECONDS)),
        DataType::Timestamp(unit, zone) => {
            let has_zone = zone.is_some();
            match unit {
                Second => moment::<TimestampSecondType>(array, 1, has_zone),
                Millisecond => moment::<TimestampMillisecondType>(array, 1_000, has_zone),
                Microsecond => moment::<TimestampMicrosecondType>(array, 1_000_000, has_zone),
                Nanosecond => moment::<TimestampNanosecondType>(array, NANOSECONDS, has_zone),
            }
        }
        DataType::Duration(Second) => each::<DurationSecondType>(array, |out, length| write_duration(out, length, 1)),
        DataType::Duration(Millisecond) => {
            each::<DurationMillisecondType>(array, |out, length| write_duration(out, length, 1_000))
        }
        DataType::Duration(Microsecond) => {
            each::<DurationMicrosecondType>(array, |out, length| write_duration(out, length, 1_000_000))
        }
        DataType::Duration(Nanosecond) => {
            each::<DurationNanosecondType>(array, |out, length| write_duration(out, length, NANOSECONDS))
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            each::<IntervalYearMonthType>(array, |out, months| write_interval(out, months, 0, 0))
        }
        DataType::Interval(IntervalUnit::DayTime) => each::<IntervalDayTimeType>(array, |out, length| {
            write_interval(out, 0, length.days, i64::from(length.milliseconds) * 1_000_000);
        }),
        DataType::Interval(IntervalUnit::MonthDayNano) => each::<IntervalMonthDayNanoType>(array, |out, length| {
            write_interval(out, length.months, length.days, length.nanoseconds);
        }),
        other => return Err(other.clone()),
    })
}

fn nested_writer<'a>(array: &'a dyn Array, path: &str, bytes: &ByteColumns) -> Result<JsonWriter<'a>, DataType> {
    let items = |values: &'a dyn Array| writer(values, &format!("{path}.{ITEM}"), bytes);
    Ok(match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            list_of(items(list.values())?, |row| between(list.value_offsets(), row))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            list_of(items(list.values())?, |row| between(list.value_offsets(), row))
        }
        DataType::ListView(_) => {
            let list = array.as_list_view::<i32>();
            list_of(items(list.values())?, |row| {
                from(list.value_offset(row), list.value_size(row))
            })
        }
        DataType::LargeListView(_) => {
            let list = array.as_list_view::<i64>();
            list_of(items(list.values())?, |row| {
                from(list.value_offset(row), list.value_size(row))
            })
        }
        DataType::FixedSizeList(..) => {
            let list = array.as_fixed_size_list();
            let width = usize::try_from(list.value_length()).unwrap_or_default();
            let span = move |row: usize| (list.value_offset_at(row), list.value_offset_at(row) + width);
            list_of(items(list.values())?, span)
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let members = fields.iter().zip(columns).map(|(field, column)| {
                let inner = format!("{path}.{}", field.name());
                Ok((key(field.name()), writer(column, &inner, bytes)?))
            });
            let members = members.collect::<Result<Vec<_>, DataType>>()?;
            Box::new(move |out, row| write_object(out, &members, row))
        }
        DataType::Map(..) => map_of(array, &format!("{path}.{ITEM}"), bytes)?,
        DataType::Dictionary(..) => {
            let names = array.as_any_dictionary();
            if names.values().is_empty() {
                return Ok(Box::new(|out, _| out.push_str("null")));
            }
            let places = names.normalized_keys();
            let write = writer(names.values(), path, bytes)?;
            Box::new(move |out, row| write(out, places.get(row).copied().unwrap_or_default()))
        }
        DataType::RunEndEncoded(ends, _) => {
            let write = writer(array.as_any_ree().values(), path, bytes)?;
            let place: Box<dyn Fn(usize) -> usize + Send + Sync> = match ends.data_type() {
                DataType::Int16 => Box::new(|row| array.as_run::<Int16Type>().get_physical_index(row)),
                DataType::Int32 => Box::new(|row| array.as_run::<Int32Type>().get_physical_index(row)),
                _ => Box::new(|row| array.as_run::<Int64Type>().get_physical_index(row)),
            };
            Box::new(move |out, row| write(out, place(row)))
        }
        DataType::Union(fields, _) => {
            let union = array.as_union();
            let children = fields.iter().map(|(id, field)| {
                let inner = format!("{path}.{}", field.name());
                Ok((id, writer(union.child(id), &inner, bytes)?))
            });
            let children = children.collect::<Result<Vec<_>, DataType>>()?;
            Box::new(move |out, row| {
                let child = children.iter().find(|(id, _)| *id == union.type_id(row));
                match child {
                    Some((_, write)) => write(out, union.value_offset(row)),
                    None => out.push_str("null"),
                }
            })
        }
        other => return Err(other.clone()),
    })
}

/// Where the items of a row begin and end, of lists that begin where the one before ends.
fn between<O: OffsetSizeTrait>(offsets: &[O], row: usize) -> (usize, usize) {
    match offsets.get(row..) {
        Some([start, end, ..]) => (start.as_usize(), end.as_usize()),
        _ => (0, 0),
    }
}

/// The range of `count` items from `start`.
fn from<O: OffsetSizeTrait>(start: O, count: O) -> (usize, usize) {
    (start.as_usize(), (start + count).as_usize())
}

/// Writes lists; `span` is the range of a row's items.
fn list_of<'a>(write: JsonWriter<'a>, span: impl Fn(usize) -> (usize, usize) + Send + Sync + 'a) -> JsonWriter<'a> {
    Box::new(move |out, row| {
        let (start, end) = span(row);
        out.push('[');
        for at in start..end {
            if at > start {
                out.push(',');
            }
            write(out, at);
        }
        out.push(']');
    })
}

/// A map as an object where its keys are texts or numbers, otherwise as a list of its entries.
fn map_of<'a>(array: &'a dyn Array, path: &str, bytes: &ByteColumns) -> Result<JsonWriter<'a>, DataType> {
    let map = array.as_map();
    let span = |row: usize| between(map.value_offsets(), row);
    let is_name = map.keys().data_type().is_integer()
        || matches!(
            map.keys().data_type(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
        );
    if !is_name {
        return Ok(list_of(writer(map.entries(), path, bytes)?, span));
    }
    let names = writer(map.keys(), &format!("{path}.key"), bytes)?;
    let values = writer(map.values(), &format!("{path}.value"), bytes)?;
    Ok(Box::new(move |out, row| {
        let (start, end) = span(row);
        out.push('{');
        for at in start..end {
            if at > start {
                out.push(',');
            }
            let before = out.len();
            names(out, at);
            if !out[before..].starts_with('"') {
                out.insert(before, '"');
                out.push('"');
            }
            out.push(':');
            values(out, at);
        }
        out.push('}');
    }))
}

/// Values of a primitive type, each handed to `write`.
fn each<T: ArrowPrimitiveType>(
    array: &dyn Array,
    write: impl Fn(&mut String, T::Native) + Send + Sync + 'static,
) -> JsonWriter<'_> {
    let array = array.as_primitive::<T>();
    Box::new(move |out, row| write(out, array.value(row)))
}

fn shown<T: ArrowPrimitiveType>(array: &dyn Array) -> JsonWriter<'_>
where
    T::Native: Display,
{
    // Writing to a text cannot fail.
    each::<T>(array, |out, number| {
        write!(out, "{number}").ok();
    })
}

fn decimal<T: ArrowPrimitiveType>(array: &dyn Array, scale: i8) -> JsonWriter<'_>
where
    T::Native: Display,
{
    each::<T>(array, move |out, digits| write_decimal(out, &digits.to_string(), scale))
}

fn moment<T: ArrowPrimitiveType<Native = i64>>(array: &dyn Array, units: i64, has_zone: bool) -> JsonWriter<'_> {
    each::<T>(array, move |out, at| write_moment(out, at, units, has_zone))
}

fn text<A: Sync>(array: &A, value: impl Fn(&A, usize) -> &str + Send + Sync + 'static) -> JsonWriter<'_> {
    Box::new(move |out, row| write_text(out, value(array, row)))
}

fn binary<'a, A: Sync>(
    array: &'a A,
    path: &str,
    bytes: &ByteColumns,
    value: impl Fn(&A, usize) -> &[u8] + Send + Sync + 'static,
) -> JsonWriter<'a> {
    if bytes.are_uuids(path) {
        Box::new(move |out, row| write_uuid(out, value(array, row)))
    } else if bytes.are_text(path) {
        Box::new(move |out, row| write_text(out, &String::from_utf8_lossy(value(array, row))))
    } else {
        Box::new(move |out, row| write_base64(out, value(array, row)))
    }
}

const NANOSECONDS: i64 = 1_000_000_000;

fn write_time(out: &mut String, at: i64, units: i64) {
    quoted(out, |out| time::write_time(out, at, units));
}

/// A value with a zone is a moment, stored in UTC.
fn write_moment(out: &mut String, at: i64, units: i64, has_zone: bool) {
    quoted(out, |out| {
        time::write_moment(out, at, units);
        if has_zone {
            out.push('Z');
        }
    });
}

/// Writes ISO 8601 in seconds: `PT5400.5S`.
fn write_duration(out: &mut String, length: i64, units: i64) {
    quoted(out, |out| {
        out.push_str(if length < 0 { "-PT" } else { "PT" });
        write_seconds(out, length, units);
    });
}

fn write_seconds(out: &mut String, length: i64, units: i64) {
    let units_of_second = units.unsigned_abs();
    let seconds = length.unsigned_abs() / units_of_second;
    write!(out, "{seconds}").ok();
    let fraction = length.unsigned_abs() % units_of_second;
    time::write_fraction(out, i64::try_from(fraction).unwrap_or_default(), units);
    out.push('S');
}

/// Writes ISO 8601: `P14M3DT1.5S`. Days and months stay, as their length in seconds varies.
fn write_interval(out: &mut String, months: i32, days: i32, nanoseconds: i64) {
    quoted(out, |out| {
        out.push('P');
        if months != 0 {
            write!(out, "{months}M").ok();
        }
        if days != 0 {
            write!(out, "{days}D").ok();
        }
        if nanoseconds != 0 || (months == 0 && days == 0) {
            out.push_str(if nanoseconds < 0 { "T-" } else { "T" });
            write_seconds(out, nanoseconds, NANOSECONDS);
        }
    });
}

/// Writes the shortest digits that read back the same. NaN and infinity become texts, so that they are seen.
fn write_float(out: &mut String, number: f64, shown: &impl std::fmt::Debug) {
    if number.is_finite() {
        write!(out, "{shown:?}").ok();
    } else if number.is_nan() {
        out.push_str("\"NaN\"");
    } else {
        out.push_str(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    }
}

/// Writes all digits, zeros at the end included. `digits` is a whole number, `scale` how many of its digits are
/// decimals.
fn write_decimal(out: &mut String, digits: &str, scale: i8) {
    let digits = match digits.strip_prefix('-') {
        Some(digits) => {
            out.push('-');
            digits
        }
        None => digits,
    };
    let Ok(scale) = usize::try_from(scale) else {
        out.push_str(digits);
        if digits != "0" {
            out.extend(std::iter::repeat_n('0', usize::from(scale.unsigned_abs())));
        }
        return;
    };
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    out.push_str(whole);
    if scale > 0 {
        out.push('.');
        out.push_str(fraction);
    }
}

/// Writes bytes that are no text as base64, with a prefix that says so.
fn write_base64(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

/// `123e4567-e89b-12d3-a456-426614174000`
fn write_uuid(out: &mut String, bytes: &[u8]) {
    quoted(out, |out| {
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                out.push('-');
            }
            write!(out, "{byte:02x}").ok();
        }
    });
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
