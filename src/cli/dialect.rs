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
