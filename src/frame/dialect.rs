//! How a file is written, as recognised or as a person chose it.

use super::TextEncoding;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The format of the records.
    pub format: Format,
    /// The text's encoding in the file.
    pub encoding: TextEncoding,
    /// Whether the file begins with a byte order mark.
    pub has_bom: bool,
}

/// The format of a file's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv(Csv),
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// A list of objects within an object: an API body, `{"data":[…]}`, or the like.
    JsonData,
    /// JSON objects one after another, each over several lines, or several on one.
    JsonObjects,
    /// JSON arrays of values, one a record.
    JsonRows {
        /// Whether the first one names the columns.
        header: bool,
    },
}

impl Format {
    /// Whether values have a JSON type of their own.
    pub const fn is_json(self) -> bool {
        !matches!(self, Self::Csv(_))
    }

    /// Whether the columns are known from the first record on, and every record has a value for each.
    pub(super) const fn is_rectangular(self) -> bool {
        matches!(self, Self::Csv(_) | Self::JsonRows { .. })
    }
}

/// How delimited text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Csv {
    /// The byte between cells.
    pub delimiter: u8,
    /// Whether that byte stands there twice: `1::2`.
    pub doubled: bool,
    /// Whether spaces beside delimiters belong to them, and not to the cells: `1, "a, b"`.
    pub spaced: bool,
    /// The byte around cells that hold delimiters; `None`: there is none.
    pub quote: Option<u8>,
    /// What ends a record.
    pub line_break: LineBreak,
    /// Whether the first record names the columns.
    pub header: bool,
    /// How many lines stand before the header, or before the first record where there is none.
    pub skip: u32,
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

impl LineBreak {
    const ALL: [Self; 3] = [Self::Lf, Self::CrLf, Self::Cr];

    /// Its name in recipes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lf => "lf",
            Self::CrLf => "crlf",
            Self::Cr => "cr",
        }
    }

    /// The line break of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}
