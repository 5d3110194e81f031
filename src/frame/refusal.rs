//! Why a text is no table.

/// Why a text is no table; what completes `… cannot be opened: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotATable {
    /// Nothing is in it.
    #[error("it is empty; choose a file with records")]
    Empty,
    /// It is JSON, but no object and no list.
    #[error("it holds a single JSON value, not a list of records")]
    SingleValue,
    /// Its first bytes are those of something else: what, and what to do.
    #[error("{0}")]
    SomethingElse(&'static str),
    /// Its bytes are no text.
    #[error(
        "it is neither text (CSV, JSON) nor a workbook, Parquet, Arrow, gzip, zstd or ZIP; choose another file, or export \
         the table as CSV"
    )]
    Binary,
    /// No line is a record.
    #[error("it holds no records")]
    NoRecords,
    /// Such a delimiter or quote would make records unreadable.
    #[error("what stands between or around cells must be one plain character; choose another")]
    OddCharacter,
    /// Delimiter and quote are the same.
    #[error("the same character cannot stand between and around cells; choose another")]
    SameCharacter,
    /// It has only so many lines where more are to be skipped.
    #[error("it has no more than {0} lines at its beginning; skip fewer")]
    FewLines(u64),
    /// There is no list of that name, but these.
    #[error("it has no list under {name}{}", others(there))]
    NoList {
        /// What was asked for.
        name: String,
        /// What is there.
        there: Vec<String>,
    },
    /// It is UTF-32.
    #[error("it is UTF-32 text; save it as UTF-8")]
    Utf32,
    /// Its encoding has states.
    #[error("its encoding switches within the text, which cannot be read; save it as UTF-8")]
    Switching,
}

fn others(there: &[String]) -> String {
    match there {
        [] => ", nor under another name".to_owned(),
        _ => format!("; there are {}", there.join(", ")),
    }
}
