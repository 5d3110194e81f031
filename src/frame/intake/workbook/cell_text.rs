//! The value of a sheet's cell as the text that would be typed into it.

use std::fmt::Write as _;

use calamine::{Data, DataRef, ExcelDateTime};

use super::digits::Digits;
use crate::frame::intake::time;

/// A cell's value, however the workbook was read.
#[derive(Clone, Copy, Debug)]
pub(super) enum SheetValue<'a> {
    Empty,
    Text(&'a str),
    Whole(i64),
    Number(f64),
    Truth(bool),
    /// A number whose format shows a date or a time.
    Moment(ExcelDateTime),
    /// A duration in ISO 8601.
    Duration(&'a str),
    /// A formula's error, such as `#N/A`.
    Failure(&'a calamine::CellErrorType),
}

impl<'a> From<&'a Data> for SheetValue<'a> {
    fn from(data: &'a Data) -> Self {
        match data {
            Data::Empty => Self::Empty,
            Data::String(text) | Data::DateTimeIso(text) => Self::Text(text),
            Data::Int(number) => Self::Whole(*number),
            Data::Float(number) => Self::Number(*number),
            Data::Bool(truth) => Self::Truth(*truth),
            Data::DateTime(moment) => Self::Moment(*moment),
            Data::DurationIso(text) => Self::Duration(text),
            Data::Error(error) => Self::Failure(error),
        }
    }
}

impl<'a> From<&'a DataRef<'_>> for SheetValue<'a> {
    fn from(data: &'a DataRef<'_>) -> Self {
        match data {
            DataRef::Empty => Self::Empty,
            DataRef::String(text) | DataRef::DateTimeIso(text) => Self::Text(text),
            DataRef::SharedString(text) => Self::Text(text),
            DataRef::Int(number) => Self::Whole(*number),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::Bool(truth) => Self::Truth(*truth),
            DataRef::DateTime(moment) => Self::Moment(*moment),
            DataRef::DurationIso(text) => Self::Duration(text),
            DataRef::Error(error) => Self::Failure(error),
        }
    }
}

/// How a cell's number format shows its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As a plain number, or in a format that is not known.
    Unknown,
    /// A moment as its date.
    Date,
    /// A moment as its time.
    Time,
    /// A moment as date and time.
    Both,
    /// A whole number as a code with leading zeros.
    Digits(Digits),
}

impl Shape {
    /// The shape of a number format such as `dd/mm/yyyy hh:mm` or `00000`.
    pub(super) fn of(format: &str) -> Self {
        Digits::of(format).map_or_else(|| Self::of_moment(format), Self::Digits)
    }

    fn of_moment(format: &str) -> Self {
        let (mut is_date, mut is_time, mut has_m) = (false, false, false);
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            match letter.to_ascii_lowercase() {
                '"' => while letters.next().is_some_and(|letter| letter != '"') {},
                '[' => while letters.next().is_some_and(|letter| letter != ']') {},
                '\\' | '_' | '*' => drop(letters.next()),
                ';' => break,
                'y' | 'd' => is_date = true,
                'h' | 's' => is_time = true,
                'm' => has_m = true,
                _ => {}
            }
        }
        // An m means minutes beside hours or seconds, and months elsewhere.
        match (is_date || (has_m && !is_time), is_time) {
            (true, true) => Self::Both,
            (true, false) => Self::Date,
            (false, true) => Self::Time,
            (false, false) => Self::Unknown,
        }
    }
}

/// Appends a value; an empty one adds nothing.
pub(super) fn write(out: &mut String, value: SheetValue<'_>, shape: &Shape) {
    match value {
        SheetValue::Empty => {}
        SheetValue::Text(text) => out.push_str(text),
        // Writing to a text cannot fail.
        SheetValue::Whole(number) => {
            write!(out, "{number}").ok();
        }
        SheetValue::Number(number) => match shape {
            Shape::Digits(digits) => match digits.shown(number) {
                Some(shown) => out.push_str(&shown),
                None => write_number(out, number),
            },
            Shape::Unknown | Shape::Date | Shape::Time | Shape::Both => write_number(out, number),
        },
        SheetValue::Truth(truth) => out.push_str(if truth { "true" } else { "false" }),
        SheetValue::Moment(moment) => write_moment(out, moment, shape),
        SheetValue::Duration(text) => write_duration(out, text),
        SheetValue::Failure(error) => {
            write!(out, "{error}").ok();
        }
    }
}

/// Writes the shortest digits that read back the same, with an exponent only for very large and very small numbers.
pub(super) fn write_number(out: &mut String, number: f64) {
    let size = number.abs();
    if size != 0.0 && !(1e-7..1e21).contains(&size) {
        write!(out, "{number:e}").ok();
    } else if number == 0.0 {
        // Sheets know no negative zero.
        out.push('0');
    } else {
        write!(out, "{number}").ok();
    }
}

/// The first day after those that sheets can show, which end with the year 9999.
const END: f64 = 2_958_466.0;

fn write_moment(out: &mut String, moment: ExcelDateTime, shape: &Shape) {
    let number = moment.as_f64();
    if !(0.0..END).contains(&number) {
        return write_number(out, number);
    }
    if moment.is_duration() {
        return write_length(out, number);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let is_whole = (hour, minute, second, milli) == (0, 0, 0, 0);
    // A part that the format hides is shown unless it is zero.
    let (date, time) = match shape {
        Shape::Date => (true, !is_whole),
        Shape::Time => (number >= 1.0, true),
        Shape::Both => (true, true),
        Shape::Unknown | Shape::Digits(_) => (number >= 1.0, !is_whole),
    };
    if date {
        write!(out, "{year:04}-{month:02}-{day:02}").ok();
    }
    if date && time {
        out.push('T');
    }
    if time || !date {
        write!(out, "{hour:02}:{minute:02}:{second:02}").ok();
        time::write_fraction(out, i64::from(milli), 1000);
    }
}

/// Days as hours, minutes and seconds: `26:30:00`.
fn write_length(out: &mut String, days: f64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sheets' days are few, and they know no more than milliseconds"
    )]
    let milliseconds = (days * 86_400_000.0).round() as i64;
    time::write_time(out, milliseconds, 1000);
}

/// `PT26H30M00S` as `26:30:00`; what is written in another way stays.
pub(super) fn write_duration(out: &mut String, text: &str) {
    let parts = || {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?;
        let whole = seconds.split(['.', ',']).next()?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        [hours, minutes, whole]
            .into_iter()
            .all(is_number)
            .then(|| format!("{hours:0>2}:{minutes:0>2}:{seconds:0>2}"))
    };
    let written = parts();
    let shown = written.as_deref().unwrap_or(text);
    out.push_str(shown);
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_are_written_as_they_would_be_typed() {
        let written = [
            2008.0,
            -0.0,
            0.1,
            12.5,
            1e15 + 0.5,
            123_456_789_012_345_680.0,
            1e21,
            1e-7,
            1e-8,
            -1.5e300,
            f64::MAX,
        ]
        .map(|number| {
            let mut out = String::new();
            write(&mut out, SheetValue::Number(number), &Shape::Unknown);
            assert_eq!(
                out.parse::<f64>().map(f64::to_bits),
                Ok((number + 0.0).to_bits()),
                "{out}"
            );
            out
        });
        insta::assert_snapshot!(written.join("\n"), @r"
        2008
        0
        0.1
        12.5
        1000000000000000.5
        123456789012345680
        1e21
        0.0000001
        1e-8
        -1.5e300
        1.7976931348623157e308
        ");
    }

    #[test]
    fn moments_are_written_as_their_format_shows_them() {
        let cases = [
            (45_292.0, "yyyy-mm-dd"),
            (45_292.0, "d/m/yy h:mm"),
            (45_292.5, "[$-409]mmm-yy"),
            (45_292.604_166_666_7, "dd.mm.yyyy hh:mm:ss"),
            (0.4375, "h:mm AM/PM"),
            (1.4375, "mm:ss"),
            (45_292.0, "\"day\" @"),
            (0.5, ""),
            (60.0, "d"),
            (-1.0, "d"),
            (3e6, "d"),
        ];
        let written = cases.map(|(number, format)| {
            let mut out = String::new();
            let moment = ExcelDateTime::new(number, ExcelDateTimeType::DateTime, false);
            write(&mut out, SheetValue::Moment(moment), &Shape::of(format));
            format!("{number} as {format}: {out}")
        });
        let mut long = String::new();
        let length = ExcelDateTime::new(1.104_166_666_666_666_7, ExcelDateTimeType::TimeDelta, false);
        write(&mut long, SheetValue::Moment(length), &Shape::Unknown);
        write(&mut long, SheetValue::Duration(", PT26H30M00S"), &Shape::Unknown);
        write(&mut long, SheetValue::Duration("PT6H3M00.5S"), &Shape::Unknown);
        insta::assert_snapshot!(format!("{}\n{long}", written.join("\n")), @r#"
        45292 as yyyy-mm-dd: 2024-01-01
        45292 as d/m/yy h:mm: 2024-01-01T00:00:00
        45292.5 as [$-409]mmm-yy: 2024-01-01T12:00:00
        45292.6041666667 as dd.mm.yyyy hh:mm:ss: 2024-01-01T14:30:00
        0.4375 as h:mm AM/PM: 10:30:00
        1.4375 as mm:ss: 1900-01-01T10:30:00
        45292 as "day" @: 2024-01-01
        0.5 as : 12:00:00
        60 as d: 1900-02-29
        -1 as d: -1
        3000000 as d: 3000000
        26:30:00, PT26H30M00S06:03:00.5
        "#);
    }
}
