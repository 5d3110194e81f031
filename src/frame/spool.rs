//! Text that had to be unpacked or converted before it can be read by position: it stands in a file of the cache
//! folder, which has no name and so goes when the last reader does, also after a crash.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::FrameError;

/// What stays free on the disk, in bytes: a full disk stops more than us.
const RESERVE: u64 = 64 << 20;

/// How often it is looked how much is free, in bytes written.
const LOOK_EVERY: u64 = 64 << 20;

/// Takes the converted text.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    file: BufWriter<File>,
    written: u64,
    look_at: u64,
}

impl Spool {
    /// Starts a spool in a folder; `expected` is how many bytes will come, as far as that is known.
    ///
    /// # Errors
    /// When the folder cannot be written to, or has too little space.
    pub(super) fn create(folder: &Path, expected: u64) -> Result<Self, FrameError> {
        let failed = |source| FrameError::Io {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        ensure_free(folder, expected)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(1 << 20, file),
            written: 0,
            look_at: LOOK_EVERY,
        })
    }

    /// Adds text.
    ///
    /// # Errors
    /// When the disk is full or nearly so.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.written += bytes.len() as u64;
        if self.written >= self.look_at {
            ensure_free(&self.folder, 0)?;
            self.look_at = self.written + LOOK_EVERY;
        }
        let written = self.file.write_all(bytes);
        written.map_err(|source| self.failed(source))
    }

    /// How many bytes were written.
    pub(super) const fn len(&self) -> u64 {
        self.written
    }

    /// The file to read from, and its size.
    pub(super) fn finish(self) -> Result<(File, u64), FrameError> {
        let Self {
            folder, file, written, ..
        } = self;
        let file = file.into_inner().map_err(|error| FrameError::Io {
            path: folder,
            source: error.into_error(),
        })?;
        Ok((file, written))
    }

    fn failed(&self, source: io::Error) -> FrameError {
        FrameError::Io {
            path: self.folder.clone(),
            source,
        }
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
