//! Files as tables: an index over the file, cells read on demand where they stand, edits laid over them.
//! The only module that reads and writes data files, and the only one that names polars.

mod edits;

pub use edits::Edits;

use std::{
    io,
    ops::{ControlFlow, Range},
    path::{Path, PathBuf},
};

use crate::domain::{
    cell::{Cell, OwnedCell},
    progress::Progress,
};

/// How a file is to be read; `None` means: find out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The byte between the cells of a CSV file.
    pub delimiter: Option<u8>,
}

/// How a file turned out to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header row.
    Csv {
        /// The byte between cells.
        delimiter: u8,
    },
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects.
    JsonArray,
    /// An API body, `{"data":[…]}`.
    JsonData,
}

/// Why a file cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The content is nothing we know.
    #[error("{path} cannot be opened: {reason}")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is instead, and what to do.
        reason: String,
    },
    /// The file is not the one that was opened.
    #[error("{path} has changed since it was opened; open it again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Someone asked to stop.
    #[error("stopped")]
    Cancelled,
}

/// A record that could not be read as the others were. It is still a row, so that it is seen and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The row it is shown in.
    pub row: u32,
    /// File line, from 1.
    pub line: u64,
    /// Byte offset of the record's start in the file.
    pub offset: u64,
    /// What is wrong, for people: `5 cells where the header has 4`.
    pub reason: String,
}

/// An opened file: where every record starts, and what its columns are.
#[derive(Debug)]
pub struct Frame {
    path: PathBuf,
}

impl Frame {
    /// Opens a file: recognises format and dialect, and finds every record.
    /// Progress counts bytes.
    pub fn open(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Self, FrameError> {
        let _ = (path, options, progress);
        Err(FrameError::Cancelled)
    }

    /// Opens only the first records of a file, to show something at once while [`Frame::open`] works.
    pub fn open_head(path: &Path, options: &OpenOptions) -> Result<Self, FrameError> {
        let _ = (path, options);
        Err(FrameError::Cancelled)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        unimplemented!()
    }

    /// How the file is written.
    pub fn format(&self) -> Format {
        unimplemented!()
    }

    /// The columns' names, in file order; of JSON files: the keys, with nested ones dotted.
    pub fn columns(&self) -> &[String] {
        unimplemented!()
    }

    /// How many records there are.
    pub fn len(&self) -> u32 {
        unimplemented!()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file line a row starts on, from 1.
    pub fn line(&self, row: u32) -> u64 {
        let _ = row;
        unimplemented!()
    }

    /// The records that could not be read, in row order.
    pub fn defects(&self) -> &[Defect] {
        unimplemented!()
    }

    /// Reads rows, edits included. Fails when the file has changed or gone.
    pub fn read(&self, rows: Range<u32>, edits: &Edits) -> Result<Vec<Vec<OwnedCell>>, FrameError> {
        let mut read = Vec::with_capacity(rows.len());
        self.scan(rows, edits, &mut |_, cells| {
            read.push(cells.iter().map(|cell| cell.to_owned_cell()).collect());
            ControlFlow::Continue(())
        })?;
        Ok(read)
    }

    /// Hands rows one after another to `visit`, edits included, without copying cells that need no unescaping.
    pub fn scan(
        &self,
        rows: Range<u32>,
        edits: &Edits,
        visit: &mut dyn FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        let _ = (rows, edits, visit);
        unimplemented!()
    }
}
