//! How a file is to be read.

use std::path::PathBuf;

use encoding_rs::Encoding;

use super::{LineBreak, Preset};

/// How a file is to be read; what is `None` is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The byte between the cells of a CSV file.
    pub delimiter: Option<u8>,
    /// The byte around cells of a CSV file that hold delimiters; `Some(None)`: there is none.
    pub quote: Option<Option<u8>>,
    /// What ends the lines of a CSV file.
    pub line_break: Option<LineBreak>,
    /// Whether the first row of a CSV file or sheet names the columns.
    pub header: Option<bool>,
    /// How many lines stand before the header (or the first record) of a CSV file or sheet.
    pub skip: Option<u32>,
    /// The text's encoding.
    pub encoding: Option<&'static Encoding>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The file in an archive.
    pub member: Option<String>,
    /// The export of a known system that it is to be read as; `Some(None)`: as it stands.
    pub preset: Option<Option<Preset>>,
    /// Where converted text is spooled; `None`: the system's folder for temporary files.
    pub spool: Option<PathBuf>,
}
