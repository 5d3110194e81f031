//! Where a frame's bytes come from: positional reads that notice a changed file.

use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{FrameError, spool::Spool};

/// A file, what it was unpacked or converted to, or text that was pasted. Reads are positional, so several threads may read at once.
///
/// Not a memory map: a file truncated under a map kills the process.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    size: u64,
    data: Data,
}

#[derive(Debug)]
enum Data {
    File(File, Option<SystemTime>),
    /// The spooled text, and the stamp of the file it was made from.
    Spooled(File, (u64, Option<SystemTime>)),
    Bytes(Vec<u8>),
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, FrameError> {
        let failed = |source| FrameError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(FrameError::Unsupported {
                path: path.to_owned(),
                reason: "it is a folder; open the files in it".to_owned(),
            });
        }
        let (size, modified) = stamp(&metadata);
        Ok(Self {
            path: path.to_owned(),
            size,
            data: Data::File(file, modified),
        })
    }

    pub(super) fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            path: name.into(),
            size: bytes.len() as u64,
            data: Data::Bytes(bytes),
        }
    }

    #[expect(dead_code, reason = "the conversions to come end in it")]
    /// The text that a file was converted to, which is removed with the last reader. `stamp` is the file's from before
    /// it was read.
    pub(super) fn spooled(path: &Path, stamp: (u64, Option<SystemTime>), spool: Spool) -> Result<Self, FrameError> {
        let (file, size) = spool.finish()?;
        Ok(Self {
            path: path.to_owned(),
            size,
            data: Data::Spooled(file, stamp),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Fails when what stands at the path is not what was opened.
    pub(super) fn check(&self) -> Result<(), FrameError> {
        let opened = match &self.data {
            Data::File(_, modified) => (self.size, *modified),
            Data::Spooled(_, stamp) => *stamp,
            Data::Bytes(_) => return Ok(()),
        };
        let metadata = fs::metadata(&self.path).map_err(|source| self.failed(source))?;
        if stamp(&metadata) == opened {
            Ok(())
        } else {
            Err(self.changed())
        }
    }

    /// Reads `len` bytes at `offset` to the end of `buffer`.
    pub(super) fn append(&self, offset: u64, len: usize, buffer: &mut Vec<u8>) -> Result<(), FrameError> {
        let from = buffer.len();
        buffer.resize(from + len, 0);
        self.fill(offset, buffer.get_mut(from..).unwrap_or_default())
    }

    /// Reads `len` bytes at `offset` into `buffer`, replacing what was there.
    pub(super) fn read(&self, offset: u64, len: usize, buffer: &mut Vec<u8>) -> Result<(), FrameError> {
        buffer.resize(len, 0);
        self.fill(offset, buffer)
    }

    fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FrameError> {
        match &self.data {
            Data::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let end = start.saturating_add(buffer.len());
                buffer.copy_from_slice(bytes.get(start..end).ok_or_else(|| self.changed())?);
                Ok(())
            }
            Data::Spooled(file, _) => read_exact_at(file, buffer, offset).map_err(|source| self.failed(source)),
            Data::File(file, modified) => {
                read_exact_at(file, buffer, offset).map_err(|source| match source.kind() {
                    io::ErrorKind::UnexpectedEof => self.changed(),
                    _ => self.failed(source),
                })?;
                // After the read, so that what was read is known to be what was opened.
                let metadata = file.metadata().map_err(|source| self.failed(source))?;
                if stamp(&metadata) == (self.size, *modified) {
                    Ok(())
                } else {
                    Err(self.changed())
                }
            }
        }
    }

    fn changed(&self) -> FrameError {
        FrameError::Changed {
            path: self.path.clone(),
        }
    }

    fn failed(&self, source: io::Error) -> FrameError {
        FrameError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// What tells whether a file is still the one that was opened: its size and when it was changed.
pub(super) fn stamp(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::{
        io::{Read, Seek, SeekFrom},
        sync::Mutex,
    };
    // Seek and read are two calls on one shared position: one reader at a time.
    static ONE_READER: Mutex<()> = Mutex::new(());
    let _guard = ONE_READER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}
