//! How files are written, as far as it is said rather than recognised.

use crate::frame::{OpenOptions, TextEncoding};

/// What a command is told about how its files are written.
#[derive(Debug, Default, clap::Args)]
pub(super) struct DialectArgs {
    /// What stands between the cells of a CSV file: one character, also twice (::), or tab [default: recognised]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<Delimiter>,
    /// What stands around the cells of a CSV file that hold delimiters: one character, or none [default: recognised]
    #[arg(long, value_name = "CHARACTER", value_parser = quote)]
    quote: Option<Quote>,
    /// The first line of a CSV file is a record; its columns are called column 1, column 2 and so on
    #[arg(long)]
    no_header: bool,
    /// How many lines stand before the header of a CSV file, or before its first record [default: recognised]
    #[arg(long, value_name = "LINES")]
    skip: Option<u32>,
    /// Spaces beside the delimiters of a CSV file are a part of the cells [default: recognised]
    #[arg(long)]
    keep_spaces: bool,
    /// Take every line of a CSV file below the header for a row, also dashes, units, sums and lines without a value
    #[arg(long)]
    every_line: bool,
    /// The list of a JSON document that holds the records, as response.items; "" for none: the document is a record
    /// [default: recognised]
    #[arg(long, value_name = "PATH")]
    records: Option<String>,
    /// The encoding of the text, such as utf-16le, windows-1252, sjis, gbk, cp850 or mac-roman;
    /// utf-8+windows-1252: UTF-8, with bytes of the other one here and there [default: recognised]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<TextEncoding>,
    /// How much a file may unpack to, or its conversion take of the memory, as 20GB or 500MB [default: what is honest: a
    /// hundred times the file, a quarter of the free disk, half of the free memory]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    allow_unpacked: Option<u64>,
}

impl DialectArgs {
    /// The options for opening a file; what is not said is recognised.
    pub(super) fn options(&self) -> OpenOptions {
        OpenOptions {
            delimiter: self.delimiter.map(|delimiter| delimiter.byte),
            doubled: self.delimiter.is_some_and(|delimiter| delimiter.doubled),
            spaced: self.keep_spaces.then_some(false),
            every_line: self.every_line,
            records: self.records.clone(),
            quote: self.quote.map(|quote| quote.0),
            header: self.no_header.then_some(false),
            skip: self.skip,
            encoding: self.encoding,
            allow_unpacked: self.allow_unpacked,
            ..OpenOptions::default()
        }
    }
}

/// What stands between cells, perhaps twice.
#[derive(Clone, Copy, Debug)]
struct Delimiter {
    byte: u8,
    doubled: bool,
}

/// What stands around cells, or that nothing does.
#[derive(Clone, Copy, Debug)]
struct Quote(Option<u8>);

/// Why an argument says nothing of how a file is written.
#[derive(Debug, thiserror::Error)]
enum DialectError {
    #[error("give one character, such as ; or | or , one twice, such as ::, or the word tab")]
    Delimiter,
    #[error("give one character, such as \" or ', or the word none")]
    Quote,
    #[error(
        "give a name as web pages do, such as utf-8, utf-16le, windows-1252, sjis or gbk, or cp437, cp850, mac-roman"
    )]
    Encoding,
    #[error("give a size, such as 20GB, 500MB or a number of bytes")]
    Size,
}

/// A number of bytes, perhaps with a unit: `20GB`.
fn size(text: &str) -> Result<u64, DialectError> {
    const UNITS: [(&str, u64); 5] = [
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("kB", 1_000),
        ("B", 1),
    ];
    let ends = |unit: &str| {
        let at = text.len().checked_sub(unit.len())?;
        let (number, end) = (text.get(..at)?, text.get(at..)?);
        end.eq_ignore_ascii_case(unit).then_some(number)
    };
    let found = UNITS.iter().find_map(|(unit, of)| Some((ends(unit)?, *of)));
    let (number, of) = found.unwrap_or((text, 1));
    let number = number.trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 3 {
        return Err(DialectError::Size);
    }
    let thousandths: u64 = format!("{whole}{part:0<3}").parse().map_err(|_| DialectError::Size)?;
    Ok(if of == 1 {
        thousandths / 1000
    } else {
        (of / 1000).saturating_mul(thousandths)
    })
}

fn delimiter(text: &str) -> Result<Delimiter, DialectError> {
    let (byte, doubled) = match text.as_bytes() {
        b"tab" | b"\\t" => (b'\t', false),
        [byte] => (*byte, false),
        [byte, again] if byte == again => (*byte, true),
        _ => (0, false),
    };
    if matches!(byte, 0 | b'"' | b'\r' | b'\n') || !byte.is_ascii() {
        return Err(DialectError::Delimiter);
    }
    Ok(Delimiter { byte, doubled })
}

fn quote(text: &str) -> Result<Quote, DialectError> {
    match text.as_bytes() {
        b"none" => Ok(Quote(None)),
        [byte] if byte.is_ascii_punctuation() => Ok(Quote(Some(*byte))),
        _ => Err(DialectError::Quote),
    }
}

fn encoding(name: &str) -> Result<TextEncoding, DialectError> {
    TextEncoding::named(name).ok_or(DialectError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let all = [
            ("20GB", Some(20_000_000_000)),
            ("1.5 MB", Some(1_500_000)),
            ("7kb", Some(7_000)),
            ("12", Some(12)),
            ("3B", Some(3)),
            ("99999999TB", Some(u64::MAX)),
            ("GB", None),
            ("-1GB", None),
            ("1.2345GB", None),
            ("ein GB", None),
            ("", None),
        ];
        for (text, expect) in all {
            assert_eq!(size(text).ok(), expect, "{text}");
        }
    }
}
