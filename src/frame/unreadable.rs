//! Why a record cannot be read.

use super::TextEncoding;
use crate::domain::number::grouped;

/// Why a record cannot be read as the others were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// Where the record ends could not be told, for a reason that was found on the way.
    #[error("{0}")]
    Broken(String),
    /// A quoted cell goes on behind its end.
    #[error("Text follows the closing quote of cell {0}; a quote within a quoted cell is written twice")]
    TextAfterQuote(usize),
    /// It has more or fewer cells than the header.
    #[error("{cells} {} where the header has {header}", if *cells == 1 { "cell" } else { "cells" })]
    Width {
        /// Its cells.
        cells: usize,
        /// The header's.
        header: usize,
    },
    /// It is no JSON that could be taken apart: why.
    #[error("{0}")]
    Json(String),
    /// A key is there twice.
    #[error("The key {0} occurs twice")]
    RepeatedKey(String),
    /// A byte of the file is no text.
    #[error("Byte {byte:#04x} at offset {} is not {} text", grouped(*offset), encoding.title())]
    NotText {
        /// The byte.
        byte: u8,
        /// Where it is in the file.
        offset: u64,
        /// What the file is read as.
        encoding: TextEncoding,
    },
}
