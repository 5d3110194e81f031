//! What is kept of the open files for the next start: their changes with all that can be taken back and made again, and
//! what was shown of them.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    domain::{ids::DocumentId, mapping::Mapping, rows::RowSet},
    frame::{Edits, Frame, OpenOptions},
    upload::Retention,
};

/// One change, as what restores the state before it; of a change that was taken back, the state after it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Cells as they were.
    Cells(Cells),
    /// The mapping as it was.
    Mapping(Box<Mapping>),
    /// Both, changed together.
    Both(Cells, Box<Mapping>),
}

/// The changes of a table before a step that changed cells; what it has in common with those after it is shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    pub edits: Arc<Edits>,
    /// The rows with changed cells.
    pub rows: RowSet,
    /// Row and column of the cell that the cursor goes to when the step is taken back, and when it is made again.
    pub cursors: [(u32, u32); 2],
}

/// A step that keeps its number when it is taken back and made again.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberedStep {
    pub number: u64,
    pub step: Step,
}

/// The steps before now and after it, each with the one that is next last.
pub type StepList = Vec<Arc<NumberedStep>>;

/// What is kept in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeptId(pub u64);

/// What shall be kept, all of it: what is not named is forgotten.
#[derive(Debug)]
pub enum Kept {
    /// An open file.
    Document(Box<KeptDocument>),
    /// An open file that is as it was kept last.
    Same(DocumentId),
    /// What was found at the start, and is not laid over a file yet, or cannot be.
    Found(KeptId),
}

/// An open file.
#[derive(Debug)]
pub struct KeptDocument {
    pub doc: DocumentId,
    /// What it was found as at the start, and goes on with.
    pub found: Option<KeptId>,
    pub path: PathBuf,
    pub options: OpenOptions,
    pub frame: Arc<Frame>,
    pub edits: Arc<Edits>,
    pub mapping: Mapping,
    pub undo: StepList,
    pub redo: StepList,
    pub view: KeptView,
}

/// What was shown of a file, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptView {
    /// Its place among the open files.
    pub place: usize,
    /// Whether it filled the window.
    pub shown: bool,
    /// The name of the data set, when a person chose it.
    pub dataset: Option<String>,
    pub cursor: (u32, u32),
    #[serde(deserialize_with = "or_all")]
    pub filter: KeptFilter,
    /// The column it was sorted by, and whether largest first.
    pub sort: Option<(u32, bool)>,
    /// The columns that it was sorted by after that one.
    pub then: Vec<(u32, bool)>,
}

/// Which rows were shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFilter {
    #[default]
    All,
    /// Those with a problem.
    Problems,
    /// Those with this problem.
    Cause {
        /// The rule's name.
        rule: String,
        column: Option<u32>,
        /// The name of what the values look like instead.
        hint: Option<String>,
    },
}

/// A filter of a kind that only a later version has is none.
fn or_all<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeptFilter, D::Error> {
    let written = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(written).unwrap_or_default())
}

/// What was found at the start, and fits its file as it is.
#[derive(Debug)]
pub struct FoundDocument {
    pub id: KeptId,
    pub path: PathBuf,
    pub options: OpenOptions,
    /// The file's size in bytes, and when it was changed, in nanoseconds since 1970, when it was looked at; `None`: it is
    /// another one.
    pub stamp: Option<(u64, Option<i64>)>,
    /// How many rows, and which columns, the file had.
    pub rows: u32,
    pub columns: Vec<String>,
    /// What was laid over the file when it was opened.
    pub base: Arc<Edits>,
    pub edits: Arc<Edits>,
    pub mapping: Mapping,
    pub undo: StepList,
    pub redo: StepList,
    pub view: KeptView,
}

impl FoundDocument {
    /// How many cells a person had changed.
    pub fn changed_cells(&self) -> u64 {
        if self.edits == self.base {
            0
        } else {
            self.edits.len() as u64
        }
    }
}

/// Why changes are not laid over their file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is another by now.
    Changed,
    /// It is read in another way.
    ReadOtherwise,
    /// It is not there.
    Missing,
    /// The program ended while it was being opened.
    Fatal,
}

/// Changes that are kept although they cannot be laid over their file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    pub id: KeptId,
    pub path: PathBuf,
    pub cells: u64,
    pub why: Unfit,
}

/// What was found at the start.
#[derive(Debug, Default)]
pub struct FoundSession {
    /// In the order in which they are shown.
    pub documents: Vec<FoundDocument>,
    /// Files without changes that are opened as they are now.
    pub changed: Vec<(PathBuf, OpenOptions)>,
    pub left_over: Vec<LeftOver>,
    /// How long those are kept.
    pub retention: Retention,
    /// Files without changes that are not there any more.
    pub missing: Vec<PathBuf>,
    /// What went wrong, for people.
    pub problems: Vec<String>,
}
