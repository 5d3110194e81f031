//! How a recipe's files are read.

use serde::{Deserialize, Serialize};

/// How a recipe's files are read; `None` means recognised from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadOptions {
    /// The character between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether the delimiter is doubled, as in `a::b`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubled: bool,
    /// The character around cells; empty: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// What ends lines: `lf`, `crlf` or `cr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_break: Option<String>,
    /// Whether the first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Lines before the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<u32>,
    /// Whether spaces beside delimiters belong to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spaced: Option<bool>,
    /// Whether every line below the header is a row.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub every_line: bool,
    /// The list of a JSON document that holds the records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// The encoding's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The file in an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The export of a known system that it is read as; `none`: as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

impl ReadOptions {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
