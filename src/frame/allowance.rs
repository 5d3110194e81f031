//! How much a file may unpack to, and how much memory its conversion may take, before a person is asked: honest files go
//! through, and what would fill the disk or the memory does not do so unasked.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::{FrameError, OpenOptions, intake, source::Source};
use crate::domain::number::bytes;

/// Text that is so many times as large as its file is not taken for honest unasked: logs of events compress thirtyfold.
const HONEST: u64 = 100;
/// So much text is never worth a question, in bytes.
const SMALL: u64 = 1 << 30;
/// One part in so many of what is free on the disk, and of the memory that is free, is taken unasked.
const PART_OF_DISK: u64 = 4;
const PART_OF_MEMORY: u64 = 2;
/// The libraries that convert need so much memory for any file, in bytes.
const LEAST_MEMORY: u64 = 256 << 20;

/// What opening a file would take that nobody has allowed yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// Its text is too large for that.
    #[error("it unpacks to {}{}, {bound}", if *is_all { "" } else { "more than " }, bytes(*text))]
    Text {
        /// The text's size in bytes.
        text: u64,
        /// Whether it has no more.
        is_all: bool,
        /// What was exceeded.
        bound: OpenBound,
    },
    /// Its conversion takes more memory.
    #[error("its conversion takes more than {} of memory, {bound}", bytes(*most))]
    Memory {
        /// How many bytes it was given.
        most: u64,
        /// What was exceeded.
        bound: OpenBound,
    },
}

/// What bounds the text or the memory; completes `it unpacks to 2.1 GB, …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenBound {
    /// The file's own size, in bytes.
    #[error("over a hundred times its own {}", bytes(*.0))]
    File(u64),
    /// What is free in the folder for spooled text.
    #[error("over a quarter of what is free in {}", .0.display())]
    Disk(PathBuf),
    /// What memory is free.
    #[error("half of what is free")]
    Memory,
    /// What a person allowed.
    #[error("and no more is allowed")]
    Allowed,
}

/// How much may be spooled of what one file unpacks to, at all steps together.
#[derive(Debug)]
pub(super) struct Allowance {
    /// The file, for people.
    path: PathBuf,
    folder: PathBuf,
    /// Bytes of text.
    most: u64,
    bound: OpenBound,
    /// Bytes of memory for its conversion; `None` where nobody can say what is free, or all is allowed.
    memory: Option<(u64, OpenBound)>,
    taken: AtomicU64,
}

impl Allowance {
    /// What a source is allowed.
    pub(super) fn of(source: &Source, options: &OpenOptions) -> Self {
        let folder = intake::folder(options);
        let (most, bound) = match options.allow_unpacked {
            Some(most) => (most, OpenBound::Allowed),
            None => [
                (
                    HONEST.saturating_mul(source.file_size()).max(SMALL),
                    OpenBound::File(source.file_size()),
                ),
                (free(&folder) / PART_OF_DISK, OpenBound::Disk(folder.clone())),
            ]
            .into_iter()
            .min_by_key(|(most, _)| *most)
            .unwrap_or((u64::MAX, OpenBound::Allowed)),
        };
        let memory = match options.allow_unpacked {
            Some(u64::MAX) => None,
            Some(most) => Some((most.max(LEAST_MEMORY), OpenBound::Allowed)),
            None => free_memory().map(|free| ((free / PART_OF_MEMORY).max(LEAST_MEMORY), OpenBound::Memory)),
        };
        Self {
            path: source.path().to_owned(),
            folder,
            most,
            bound,
            memory,
            taken: AtomicU64::new(0),
        }
    }

    /// What comes out of a pipe is as large as it is: only the disk bounds it.
    pub(super) fn of_pipe(name: &str, options: &OpenOptions) -> Self {
        let folder = intake::folder(options);
        let (most, bound) = match options.allow_unpacked {
            Some(most) => (most, OpenBound::Allowed),
            None => (free(&folder) / PART_OF_DISK, OpenBound::Disk(folder.clone())),
        };
        Self {
            path: name.into(),
            folder,
            most,
            bound,
            memory: None,
            taken: AtomicU64::new(0),
        }
    }

    /// Where text is spooled.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes of memory for the conversion; `None`: as much as there is.
    pub(super) fn memory(&self) -> Option<u64> {
        self.memory.as_ref().map(|(most, _)| *most)
    }

    /// Takes so many bytes of text, that are written next.
    ///
    /// # Errors
    /// When they are more than is allowed.
    pub(super) fn take(&self, more: u64) -> Result<(), FrameError> {
        let taken = self.taken.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        if taken > self.most {
            return Err(self.exceeded(self.most, false));
        }
        Ok(())
    }

    /// How many bytes of text were taken.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Fails when so many bytes of text, as many as the file says that it has, are more than is allowed.
    pub(super) fn ensure(&self, text: u64) -> Result<(), FrameError> {
        if text > self.most {
            return Err(self.exceeded(text, true));
        }
        Ok(())
    }

    fn exceeded(&self, text: u64, is_all: bool) -> FrameError {
        FrameError::TooLarge {
            path: self.path.clone(),
            excess: Excess::Text {
                text,
                is_all,
                bound: self.bound.clone(),
            },
        }
    }

    /// The conversion had too little memory. Where it had all there is, nobody can allow it more.
    pub(super) fn out_of_memory(&self) -> FrameError {
        let path = self.path.clone();
        match &self.memory {
            Some((most, bound)) => FrameError::TooLarge {
                path,
                excess: Excess::Memory {
                    most: *most,
                    bound: bound.clone(),
                },
            },
            None => FrameError::Unsupported {
                path,
                reason: "there is not enough memory to convert it; close other programs, or export it as CSV"
                    .to_owned(),
            },
        }
    }
}

/// The bytes that are free for a folder, which need not exist yet.
fn free(folder: &Path) -> u64 {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    // Where nobody can say how much is free, writing will tell.
    fs4::available_space(there).unwrap_or(u64::MAX)
}

/// The bytes of memory that are free, where the system tells.
fn free_memory() -> Option<u64> {
    free_of(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn free_of(told: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}
