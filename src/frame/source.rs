//! Where a frame's bytes come from: positional reads that notice a changed file.

use std::{
    fmt::Display,
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    FrameError,
    spool::{Finished, Spool},
};
use crate::{
    domain::progress::Progress,
    settings::{NamedFile, are_one_file},
};

/// What tells whether a file is still the one that was opened: its size in bytes and when it was changed.
type Stamp = (u64, Option<SystemTime>);

/// What tells whether two sources are the same, as long as they come from the same place: the text's size, and the stamp.
pub(super) type Identity = (u64, Option<Stamp>);

/// A file, what it was unpacked or converted to, or text that was pasted. Reads are positional, so several threads may read at once.
///
/// Not a memory map: a file truncated under a map kills the process.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    size: u64,
    /// The size of the file at the path, which may have been unpacked or converted.
    file_size: u64,
    /// What the file at the path was when it was opened; `None` when there is none.
    stamp: Option<Stamp>,
    data: Data,
}

#[derive(Debug)]
enum Data {
    File(File),
    /// Spooled text, in a file that nobody else has.
    Spooled(File),
    Bytes(Vec<u8>),
    /// Several sources, one after another.
    Several(Vec<SourcePiece>),
}

/// A source among several, or what follows its beginning.
#[derive(Debug)]
pub(super) struct SourcePiece {
    source: Source,
    /// How much of its beginning is left out.
    skip: u64,
    /// Where the rest stands among all.
    start: u64,
    /// The rest's length, with the line break that may be missing at its end.
    len: u64,
}

impl SourcePiece {
    /// Leaves out `skip` bytes of a source; the rest stands at `start`.
    pub(super) fn new(source: Source, skip: u64, start: u64) -> Result<Self, FrameError> {
        let mut last = Vec::new();
        let rest = source.size.saturating_sub(skip);
        if rest > 0 {
            source.read(source.size - 1, 1, &mut last)?;
        }
        let is_ended = rest == 0 || last == b"\n";
        Ok(Self {
            source,
            skip,
            start,
            len: rest + u64::from(!is_ended),
        })
    }

    fn again(&self) -> Result<Self, FrameError> {
        Ok(Self {
            source: self.source.again()?,
            ..*self
        })
    }

    /// Where the next one begins.
    pub(super) const fn end(&self) -> u64 {
        self.start + self.len
    }

    /// Reads from `offset` on, at most to its end. Returns how many bytes that were.
    fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, FrameError> {
        let within = offset - self.start;
        let len = usize::try_from(self.len - within)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let own = usize::try_from((self.source.size - self.skip).saturating_sub(within)).unwrap_or(usize::MAX);
        let (text, added) = buffer.get_mut(..len).unwrap_or_default().split_at_mut(own.min(len));
        added.fill(b'\n');
        self.source.fill(self.skip + within, text)?;
        Ok(len)
    }
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, FrameError> {
        let failed = |source| FrameError::Io {
            path: path.to_owned(),
            source,
        };
        let file = NamedFile::regular(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            size: metadata.len(),
            file_size: metadata.len(),
            stamp: Some(stamp(&metadata)),
            data: Data::File(file),
        })
    }

    pub(super) fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            path: name.into(),
            size: bytes.len() as u64,
            file_size: bytes.len() as u64,
            stamp: None,
            data: Data::Bytes(bytes),
        }
    }

    /// The file that another process handed over as standard input.
    pub(super) fn input() -> Result<Self, FrameError> {
        let path = PathBuf::from("standard input");
        #[cfg(unix)]
        let handle = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
        #[cfg(windows)]
        let handle = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
        let opened = handle.map(File::from).and_then(|file| {
            let size = file.metadata()?.len();
            Ok((file, size))
        });
        match opened {
            Ok((file, size)) => Ok(Self {
                path,
                size,
                file_size: size,
                stamp: None,
                // Whether it changes meanwhile is for the other process to see.
                data: Data::Spooled(file),
            }),
            Err(source) => Err(FrameError::Io { path, source }),
        }
    }

    /// The file that the bytes are in, when they are in one.
    pub(super) fn file(&self) -> Result<Option<File>, FrameError> {
        match &self.data {
            Data::File(file) | Data::Spooled(file) => file.try_clone().map(Some).map_err(|source| self.failed(source)),
            Data::Bytes(_) | Data::Several(_) => Ok(None),
        }
    }

    /// Several sources as one; `path` stands for all.
    pub(super) fn several(path: &Path, pieces: Vec<SourcePiece>) -> Self {
        Self {
            path: path.to_owned(),
            size: pieces.last().map_or(0, SourcePiece::end),
            file_size: pieces.iter().map(|piece| piece.source.file_size).sum(),
            stamp: None,
            data: Data::Several(pieces),
        }
    }

    /// What came out of a pipe.
    pub(super) fn piped(name: &str, spool: Spool) -> Result<Self, FrameError> {
        let source = Self::bytes(name, Vec::new()).converted(spool)?;
        Ok(Self {
            file_size: source.size,
            ..source
        })
    }

    /// The text that this source was unpacked or converted to. It stands for the same file, whose changes are still
    /// noticed.
    pub(super) fn converted(&self, spool: Spool) -> Result<Self, FrameError> {
        let (data, size) = match spool.finish()? {
            Finished::File(file, size) => (Data::Spooled(file), size),
            Finished::Head(bytes) => {
                let size = bytes.len() as u64;
                (Data::Bytes(bytes), size)
            }
            Finished::Output => (Data::Bytes(Vec::new()), 0),
        };
        Ok(Self {
            path: self.path.clone(),
            size,
            file_size: self.file_size,
            stamp: self.stamp,
            data,
        })
    }

    /// The same source, to be read beside this one.
    pub(super) fn again(&self) -> Result<Self, FrameError> {
        let again = |file: &File| file.try_clone().map_err(|source| self.failed(source));
        let data = match &self.data {
            Data::File(file) => Data::File(again(file)?),
            Data::Spooled(file) => Data::Spooled(again(file)?),
            Data::Bytes(bytes) => Data::Bytes(bytes.clone()),
            Data::Several(pieces) => {
                let again = pieces.iter().map(SourcePiece::again);
                Data::Several(again.collect::<Result<_, _>>()?)
            }
        };
        Ok(Self {
            path: self.path.clone(),
            data,
            ..*self
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// See [`Identity`].
    pub(super) const fn identity(&self) -> Identity {
        (self.size, self.stamp)
    }

    /// How many bytes can be read.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// How many bytes the file has that they come from.
    pub(super) const fn file_size(&self) -> u64 {
        self.file_size
    }

    /// When the file was changed last, as it was opened.
    pub(super) fn modified(&self) -> Option<i64> {
        let (_, modified) = self.stamp?;
        nanoseconds(modified?)
    }

    /// Whether it comes from a file, alone or with others.
    pub(super) fn comes_from(&self, file: &Path) -> bool {
        if let Data::Several(pieces) = &self.data {
            return pieces.iter().any(|piece| piece.source.comes_from(file));
        }
        are_one_file(&self.path, file)
    }

    /// Fails when what stands at the path is not what was opened.
    pub(super) fn check(&self) -> Result<(), FrameError> {
        if let Data::Several(pieces) = &self.data {
            return pieces.iter().try_for_each(|piece| piece.source.check());
        }
        let Some(opened) = self.stamp else {
            return Ok(());
        };
        let metadata = fs::metadata(&self.path).map_err(|source| self.failed(source))?;
        if stamp(&metadata) == opened {
            Ok(())
        } else {
            Err(self.changed())
        }
    }

    /// Reads `len` bytes at `offset` into `buffer`, replacing what was there.
    pub(super) fn read(&self, offset: u64, len: usize, buffer: &mut Vec<u8>) -> Result<(), FrameError> {
        buffer.resize(len, 0);
        self.fill(offset, buffer)
    }

    /// Its first bytes, as many as `len` if there are so many.
    pub(super) fn head(&self, len: usize) -> Result<Vec<u8>, FrameError> {
        let mut head = Vec::new();
        let len = usize::try_from(self.size).unwrap_or(usize::MAX).min(len);
        self.read(0, len, &mut head)?;
        Ok(head)
    }

    /// Reads from the start to the end, or from elsewhere, counting the bytes; stops when it is asked to.
    pub(super) fn reader<'a>(&'a self, progress: &'a Progress) -> SourceReader<'a> {
        SourceReader {
            source: self,
            at: 0,
            progress,
        }
    }

    /// The refusal of this file, for a reason that completes `… cannot be opened: `.
    pub(super) fn refused(&self, reason: impl Display) -> FrameError {
        FrameError::Unsupported {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }

    /// Reads at `offset` as many bytes as `buffer` has.
    pub(super) fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FrameError> {
        match &self.data {
            Data::Bytes(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let end = start.saturating_add(buffer.len());
                buffer.copy_from_slice(bytes.get(start..end).ok_or_else(|| self.changed())?);
                Ok(())
            }
            Data::Several(pieces) => {
                let mut at = pieces.partition_point(|piece| piece.end() <= offset);
                let mut filled = 0;
                while filled < buffer.len() {
                    let piece = pieces.get(at).ok_or_else(|| self.changed())?;
                    let rest = buffer.get_mut(filled..).unwrap_or_default();
                    filled += piece.fill(offset + filled as u64, rest)?;
                    at += 1;
                }
                Ok(())
            }
            Data::Spooled(file) => read_exact_at(file, buffer, offset).map_err(|source| self.failed(source)),
            Data::File(file) => {
                read_exact_at(file, buffer, offset).map_err(|source| match source.kind() {
                    io::ErrorKind::UnexpectedEof => self.changed(),
                    _ => self.failed(source),
                })?;
                // After the read, so that what was read is known to be what was opened.
                let metadata = file.metadata().map_err(|source| self.failed(source))?;
                if Some(stamp(&metadata)) == self.stamp {
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

/// A source as a stream; see [`Source::reader`].
#[derive(Debug)]
pub(super) struct SourceReader<'a> {
    source: &'a Source,
    at: u64,
    progress: &'a Progress,
}

impl Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_cancelled() {
            return Err(io::Error::other(FrameError::Cancelled));
        }
        let left = self.source.size.saturating_sub(self.at);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let filled = buffer.get_mut(..len).unwrap_or_default();
        self.source.fill(self.at, filled).map_err(io::Error::other)?;
        self.at += len as u64;
        self.progress.add(len as u64);
        Ok(len)
    }
}

impl Seek for SourceReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A time in nanoseconds since 1970.
pub(crate) fn nanoseconds(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.len(), metadata.modified().ok())
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::sync::Mutex;
    // Seek and read are two calls on one shared position: one reader at a time.
    static ONE_READER: Mutex<()> = Mutex::new(());
    let _guard = ONE_READER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}
