//! How a file is written: what was found out about it, or what a person said.

use encoding_rs::{Encoding, UTF_8};

/// How a file turned out to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What the records are written in.
    pub format: Format,
    /// The text's encoding in the file.
    pub encoding: &'static Encoding,
    /// Whether the file begins with a byte order mark.
    pub has_bom: bool,
}

impl Dialect {
    /// Text in UTF-8 without a byte order mark.
    pub(super) const fn plain(format: Format) -> Self {
        Self {
            format,
            encoding: UTF_8,
            has_bom: false,
        }
    }
}

/// What a file's records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv(Csv),
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// An API body, `{"data":[…]}`.
    JsonData,
}

impl Format {
    /// Whether values have a JSON type of their own, so that columns are paths in records.
    pub const fn is_json(self) -> bool {
        !matches!(self, Self::Csv(_))
    }
}

/// How delimited text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Csv {
    /// The byte between cells.
    pub delimiter: u8,
    /// The byte around cells that hold delimiters; `None`: there is none.
    pub quote: Option<u8>,
    /// What ends a record.
    pub line_break: LineBreak,
    /// Whether the first record names the columns.
    pub header: bool,
    /// How many lines stand before the header, or before the first record where there is none.
    pub skip: u32,
}

impl Csv {
    /// The usual: quoted with `"`, a header in the first line.
    pub(super) const fn usual(delimiter: u8) -> Self {
        Self {
            delimiter,
            quote: Some(b'"'),
            line_break: LineBreak::Lf,
            header: true,
            skip: 0,
        }
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineBreak {
    /// A line feed; where a carriage return stands before it, that belongs to it. Lone carriage returns are text.
    Lf,
    /// The same, for files in which most lines end with both.
    CrLf,
    /// A carriage return, a line feed, or both.
    Cr,
}
