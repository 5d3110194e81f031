//! The records of a kept document's file, one after another as they were added: how the file is read and what its columns
//! become, then every step, and now and then what is shown. Each is JSON, compressed, with its length and a hash before
//! it: what a crash has cut off at the end is told from damage.

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq as _};
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    domain::{
        cell::OwnedCell,
        recipe::{ReadOptions, Recipe},
        rows::RowSet,
    },
    frame::Edits,
    message::kept::KeptView,
};

/// What every file begins with; a later form has another number.
pub(super) const MAGIC: &[u8] = b"tatami kept 1\n";
/// What files of all forms begin with.
pub(super) const ANY_MAGIC: &[u8] = b"tatami kept ";
/// Length and hash.
const HEAD: usize = 12;
/// Fast, and a fifth of the size.
const LEVEL: i32 = 1;

/// Which file it is, and how it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHead {
    pub(super) path: KeptPath,
    /// What tells whether the file is still the same; `None`: it was another already when this was written.
    pub(super) print: Option<KeptPrint>,
    pub(super) read: ReadOptions,
    /// Whether a person let it unpack to whatever size it has.
    pub(super) unpack_all: bool,
    pub(super) rows: u32,
}

/// A file's size, when it was changed, and a hash of a sample of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptPrint {
    pub(super) size: u64,
    pub(super) modified: Option<i64>,
    pub(super) sample: u64,
}

/// A path, as text where it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum KeptPath {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<PathBuf> for KeptPath {
    fn from(path: PathBuf) -> Self {
        match path.into_os_string().into_string() {
            Ok(text) => Self::Text(text),
            Err(other) => Self::Bytes(other.into_encoded_bytes()),
        }
    }
}

impl KeptPath {
    pub(super) fn to_path(&self) -> PathBuf {
        match self {
            Self::Text(text) => text.into(),
            #[cfg(unix)]
            Self::Bytes(bytes) => <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into(),
            #[cfg(not(unix))]
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        }
    }
}

/// A record as it is written.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NewRecord<'a> {
    Head(&'a FileHead),
    /// What the steps begin with.
    Base {
        cells: CellChanges<'a>,
        mapping: Recipe,
    },
    Step {
        #[serde(skip_serializing_if = "Option::is_none")]
        cells: Option<CellChanges<'a>>,
        cursors: [(u32, u32); 2],
        #[serde(skip_serializing_if = "Option::is_none")]
        mapping: Option<Recipe>,
    },
    /// Only so many steps are left of those before.
    Keep(usize),
    Now(&'a Now),
    /// The document is about to be opened.
    Tried,
}

/// A record as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OldRecord {
    Head(FileHead),
    Base {
        cells: Vec<OldCell>,
        mapping: Recipe,
    },
    Step {
        #[serde(default)]
        cells: Option<Vec<OldCell>>,
        cursors: [(u32, u32); 2],
        #[serde(default)]
        mapping: Option<Recipe>,
    },
    Keep(usize),
    Now(Now),
    Tried,
}

/// How many of the steps were made, the others being taken back; and what is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Now {
    pub(super) made: usize,
    pub(super) view: KeptView,
}

/// Row, column, and what the cell holds: its kind, and then its text.
pub(super) type OldCell = (u32, u32, String);

/// The cells that differ between two states, as they are after it.
pub(super) enum CellChanges<'a> {
    All(&'a Edits),
    Between(&'a Edits, &'a Edits, &'a RowSet),
}

impl Serialize for CellChanges<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut cells = serializer.serialize_seq(None)?;
        match self {
            Self::All(edits) => {
                for row in edits.rows() {
                    for (column, cell) in edits.of_row(row) {
                        cells.serialize_element(&(row, column, NewCell(Some(cell))))?;
                    }
                }
            }
            Self::Between(before, after, rows) => {
                for row in rows.iter() {
                    for (column, cell) in after.of_row(row) {
                        if before.get(row, column) != Some(cell) {
                            cells.serialize_element(&(row, column, NewCell(Some(cell))))?;
                        }
                    }
                    for (column, _) in before.of_row(row) {
                        if after.get(row, column).is_none() {
                            cells.serialize_element(&(row, column, NewCell(None)))?;
                        }
                    }
                }
            }
        }
        cells.end()
    }
}

/// A cell's content; `None`: as it stands in the file.
struct NewCell<'a>(Option<&'a OwnedCell>);

impl Serialize for NewCell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            None => serializer.serialize_str("f"),
            Some(OwnedCell::Missing) => serializer.serialize_str("m"),
            Some(OwnedCell::Text(text)) => serializer.collect_str(&format_args!("t{text}")),
            Some(OwnedCell::Json(json)) => serializer.collect_str(&format_args!("j{json}")),
        }
    }
}

/// What a cell holds that was written; `None`: as it stands in the file.
pub(super) fn content(written: &str) -> Result<Option<OwnedCell>, DamagedRecord> {
    match written.split_at_checked(1) {
        Some(("f", "")) => Ok(None),
        Some(("m", "")) => Ok(Some(OwnedCell::Missing)),
        Some(("t", text)) => Ok(Some(OwnedCell::Text(text.into()))),
        Some(("j", json)) => Ok(Some(OwnedCell::Json(json.into()))),
        Some(_) | None => Err(DamagedRecord),
    }
}

/// A record is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of it cannot be read")]
pub(super) struct DamagedRecord;

impl NewRecord<'_> {
    /// The record as it stands in the file.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut encoder = zstd::Encoder::new(vec![0; HEAD], LEVEL)?;
        serde_json::to_writer(&mut encoder, self)?;
        let mut bytes = encoder.finish()?;
        let (head, body) = bytes.split_at_mut(HEAD);
        let len = u32::try_from(body.len()).map_err(|_| io::Error::other("the changes are too large to be kept"))?;
        let (length, hash) = head.split_at_mut(4);
        length.copy_from_slice(&len.to_le_bytes());
        hash.copy_from_slice(&xxh3_64(body).to_le_bytes());
        Ok(bytes)
    }
}

/// Takes the first record off what follows the magic. `None`: there is no whole one any more.
pub(super) fn next(rest: &mut &[u8]) -> Result<Option<OldRecord>, DamagedRecord> {
    let Some((head, after)) = rest.split_at_checked(HEAD) else {
        return Ok(None);
    };
    let (length, hash) = head.split_at(4);
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    };
    let len = usize::try_from(number(length)).map_err(|_| DamagedRecord)?;
    let Some((body, after)) = after.split_at_checked(len) else {
        return Ok(None);
    };
    if xxh3_64(body) != number(hash) {
        // The disk may have got the length of the last one, and not all of it.
        return if after.is_empty() { Ok(None) } else { Err(DamagedRecord) };
    }
    let text = zstd::decode_all(body).map_err(|_| DamagedRecord)?;
    let record = serde_json::from_slice(&text).map_err(|_| DamagedRecord)?;
    *rest = after;
    Ok(Some(record))
}
