//! Text that had to be unpacked or converted before it can be read by position: it stands in a file of the cache
//! folder, which has no name and so goes when the last reader does, also after a crash.

use std::{
    fs::File,
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{FrameError, allowance::Allowance};
use crate::settings::create_private_folder;

/// What stays free on the disk, in bytes: a full disk stops more than us.
const RESERVE: u64 = 64 << 20;

/// How often it is looked how much is free, in bytes written.
const LOOK_EVERY: u64 = 64 << 20;

/// Takes the converted text.
#[derive(Debug)]
pub(super) struct Spool {
    sink: Sink,
    written: u64,
}

#[derive(Debug)]
enum Sink {
    File {
        folder: PathBuf,
        file: BufWriter<File>,
        look_at: u64,
        /// What it may take; `None` for what is no larger than what a person has opened, such as a sort's runs.
        allowance: Option<Arc<Allowance>>,
    },
    /// The first part of the text, which is all that is wanted.
    Head { bytes: Vec<u8>, most: usize },
    /// Another process takes it.
    Output {
        /// By blocks: standard output alone writes every line by itself.
        out: BufWriter<Stdout>,
        /// How much of it is of use, in bytes.
        most: u64,
        /// Is told how many bytes will come at least.
        expect: fn(u64),
        /// How many bytes were written, for whoever looks on.
        written: Arc<AtomicU64>,
    },
}

/// What was taken.
#[derive(Debug)]
pub(super) enum Finished {
    /// A file to read from, and its size in bytes.
    File(File, u64),
    /// The first part of the text.
    Head(Vec<u8>),
    /// Nothing: another process has it.
    Output,
}

impl Spool {
    /// Starts a spool in a folder; `expected` is how many bytes will come at least, as far as that is known.
    ///
    /// # Errors
    /// When the folder cannot be written to, or has too little space.
    pub(super) fn create(folder: &Path, expected: u64) -> Result<Self, FrameError> {
        let failed = |source| failed(folder, source);
        create_private_folder(folder).map_err(failed)?;
        ensure_free(folder, expected)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        let sink = Sink::File {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(1 << 20, file),
            look_at: LOOK_EVERY,
            allowance: None,
        };
        Ok(Self { sink, written: 0 })
    }

    /// Starts a spool for what a file unpacks to, of what it is allowed.
    ///
    /// # Errors
    /// When the folder cannot be written to, or has too little space.
    pub(super) fn within(allowed: &Arc<Allowance>) -> Result<Self, FrameError> {
        let mut spool = Self::create(allowed.folder(), 0)?;
        if let Sink::File { allowance, .. } = &mut spool.sink {
            *allowance = Some(Arc::clone(allowed));
        }
        Ok(spool)
    }

    /// Starts one that wants the first `most` bytes only, and keeps them in memory.
    pub(super) const fn head(most: usize) -> Self {
        let bytes = Vec::new();
        Self {
            sink: Sink::Head { bytes, most },
            written: 0,
        }
    }

    /// Hands the first `most` bytes to standard output. `expect` is told how much will come at least, `written` how much came.
    pub(super) fn output(most: u64, expect: fn(u64), written: Arc<AtomicU64>) -> Self {
        let sink = Sink::Output {
            out: BufWriter::with_capacity(1 << 18, io::stdout()),
            most,
            expect,
            written,
        };
        Self { sink, written: 0 }
    }

    /// Says that `more` bytes will come at least.
    ///
    /// # Errors
    /// When they are more than is allowed, or the disk has too little space for them.
    pub(super) fn expect(&self, more: u64) -> Result<(), FrameError> {
        match &self.sink {
            Sink::File { folder, allowance, .. } => {
                if let Some(allowance) = allowance {
                    allowance.ensure(allowance.taken().saturating_add(more))?;
                }
                ensure_free(folder, more)
            }
            Sink::Head { .. } => Ok(()),
            Sink::Output { expect, .. } => {
                expect(more);
                Ok(())
            }
        }
    }

    /// Adds text.
    ///
    /// # Errors
    /// When it is more than is allowed, or the disk is full or nearly so.
    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), FrameError> {
        self.written += text.len() as u64;
        match &mut self.sink {
            Sink::Head { bytes, most } => {
                let room = most.saturating_sub(bytes.len()).min(text.len());
                bytes.extend_from_slice(text.get(..room).unwrap_or_default());
                Ok(())
            }
            Sink::Output { out, most, written, .. } => {
                let before = self.written - text.len() as u64;
                let room = usize::try_from(most.saturating_sub(before)).unwrap_or(usize::MAX);
                let wanted = text.get(..room.min(text.len())).unwrap_or_default();
                out.write_all(wanted).map_err(to_output)?;
                written.store(self.written, Ordering::Relaxed);
                Ok(())
            }
            Sink::File {
                folder,
                file,
                look_at,
                allowance,
            } => {
                if let Some(allowance) = allowance {
                    allowance.take(text.len() as u64)?;
                }
                if self.written >= *look_at {
                    ensure_free(folder, 0)?;
                    *look_at = self.written + LOOK_EVERY;
                }
                file.write_all(text).map_err(|source| failed(folder, source))
            }
        }
    }

    /// How many bytes were written.
    pub(super) const fn len(&self) -> u64 {
        self.written
    }

    /// Whether more text is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.wanted().is_some_and(|most| self.written >= most)
    }

    /// How much text is of use, in bytes; `None`: all.
    pub(super) fn wanted(&self) -> Option<u64> {
        match &self.sink {
            Sink::File { .. } => None,
            Sink::Head { most, .. } => Some(*most as u64),
            Sink::Output { most, .. } => Some(*most),
        }
    }

    /// Where the text is.
    pub(super) fn finish(self) -> Result<Finished, FrameError> {
        match self.sink {
            Sink::Head { bytes, .. } => Ok(Finished::Head(bytes)),
            Sink::Output { mut out, .. } => out.flush().map(|()| Finished::Output).map_err(to_output),
            Sink::File { folder, file, .. } => match file.into_inner() {
                Ok(file) => Ok(Finished::File(file, self.written)),
                Err(error) => Err(failed(&folder, error.into_error())),
            },
        }
    }
}

impl Write for Spool {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        Spool::write(self, text).map_err(io::Error::other)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed(folder: &Path, source: io::Error) -> FrameError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FrameError::NoSpace {
            folder: folder.to_owned(),
            needed: RESERVE,
            free: fs4::available_space(folder).unwrap_or(0),
        },
        _ => FrameError::Io {
            path: folder.to_owned(),
            source,
        },
    }
}

fn to_output(source: io::Error) -> FrameError {
    FrameError::Io {
        path: "standard output".into(),
        source,
    }
}

fn ensure_free(folder: &Path, needed: u64) -> Result<(), FrameError> {
    // Where nobody can say how much is free, writing will tell.
    let Ok(free) = fs4::available_space(folder) else {
        return Ok(());
    };
    if free < needed.saturating_add(RESERVE) {
        return Err(FrameError::NoSpace {
            folder: folder.to_owned(),
            needed: needed.saturating_add(RESERVE),
            free,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_said_with_its_folder_and_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let said = |error: FrameError| {
            let said = error.to_string().replace(&folder.path().display().to_string(), "…");
            let (before, after) = said.split_once(" are needed, ").unwrap();
            let (_, after) = after.split_once(" are free").unwrap();
            format!("{before} are needed{after}")
        };
        let much = Spool::create(folder.path(), 1 << 60).unwrap_err();
        insta::assert_snapshot!(said(much), @"there is not enough space in …, where Tatami keeps what it unpacks, converts and sorts until the file is closed: 1152921504.7 GB are needed; make room on that disk, close other files, or put a link to a folder on a larger disk in its place");
        // The system says so in the middle of a text, too.
        let of = |kind: io::ErrorKind| said(failed(folder.path(), kind.into()));
        let full = of(io::ErrorKind::StorageFull);
        assert_eq!(of(io::ErrorKind::QuotaExceeded), full);
        insta::assert_snapshot!(full, @"there is not enough space in …, where Tatami keeps what it unpacks, converts and sorts until the file is closed: 67.1 MB are needed; make room on that disk, close other files, or put a link to a folder on a larger disk in its place");
        assert!(matches!(
            failed(folder.path(), io::ErrorKind::NotFound.into()),
            FrameError::Io { .. }
        ));
    }
}
