//! Text that had to be unpacked or converted before it can be read by position: it stands in a file of the cache
//! folder, which has no name and so goes when the last reader does, also after a crash.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Stdout, Write},
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
    sink: Sink,
    written: u64,
}

#[derive(Debug)]
enum Sink {
    File {
        folder: PathBuf,
        file: BufWriter<File>,
        look_at: u64,
    },
    /// The first part of the text, which is all that is wanted.
    Head { bytes: Vec<u8>, most: usize },
    /// Another process takes it.
    Output(Stdout),
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
        let failed = |source| FrameError::Io {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        ensure_free(folder, expected)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        let sink = Sink::File {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(1 << 20, file),
            look_at: LOOK_EVERY,
        };
        Ok(Self { sink, written: 0 })
    }

    /// Starts one that wants the first `most` bytes only, and keeps them in memory.
    pub(super) const fn head(most: usize) -> Self {
        let bytes = Vec::new();
        Self {
            sink: Sink::Head { bytes, most },
            written: 0,
        }
    }

    /// Hands the text to standard output.
    pub(super) fn output() -> Self {
        Self {
            sink: Sink::Output(io::stdout()),
            written: 0,
        }
    }

    /// Says that `more` bytes will come at least.
    ///
    /// # Errors
    /// When the disk has too little space for them.
    pub(super) fn expect(&self, more: u64) -> Result<(), FrameError> {
        match &self.sink {
            Sink::File { folder, .. } => ensure_free(folder, more),
            Sink::Head { .. } | Sink::Output(_) => Ok(()),
        }
    }

    /// Adds text.
    ///
    /// # Errors
    /// When the disk is full or nearly so.
    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), FrameError> {
        self.written += text.len() as u64;
        match &mut self.sink {
            Sink::Head { bytes, most } => {
                let room = most.saturating_sub(bytes.len()).min(text.len());
                bytes.extend_from_slice(text.get(..room).unwrap_or_default());
                Ok(())
            }
            Sink::Output(out) => out.write_all(text).map_err(to_output),
            Sink::File { folder, file, look_at } => {
                if self.written >= *look_at {
                    ensure_free(folder, 0)?;
                    *look_at = self.written + LOOK_EVERY;
                }
                let written = file.write_all(text);
                written.map_err(|source| FrameError::Io {
                    path: folder.clone(),
                    source,
                })
            }
        }
    }

    /// How many bytes were written.
    pub(super) const fn len(&self) -> u64 {
        self.written
    }

    /// Whether more text is of no use.
    pub(super) fn is_full(&self) -> bool {
        matches!(&self.sink, Sink::Head { bytes, most } if bytes.len() >= *most)
    }

    /// Where the text is.
    pub(super) fn finish(self) -> Result<Finished, FrameError> {
        match self.sink {
            Sink::Head { bytes, .. } => Ok(Finished::Head(bytes)),
            Sink::Output(mut out) => out.flush().map(|()| Finished::Output).map_err(to_output),
            Sink::File { folder, file, .. } => match file.into_inner() {
                Ok(file) => Ok(Finished::File(file, self.written)),
                Err(error) => Err(FrameError::Io {
                    path: folder,
                    source: error.into_error(),
                }),
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
