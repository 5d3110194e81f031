//! Files that a person names, opened for reading: a pipe with a name (also the shell's `<(…)`) is read as a pipe, what is
//! neither file nor pipe is refused, and nothing is waited for in vain.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::domain::{number::bytes, progress::Progress};

/// What a name stands for.
#[derive(Debug)]
pub(crate) enum NamedFile<'p> {
    /// A file, which can be read by position.
    File(File),
    /// A pipe, which can be read once.
    Pipe(PipeReader<'p>),
}

/// Why what has a name cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NotReadable {
    #[error("it is a folder; give a file in it")]
    Folder,
    #[error("it is a device, and no file; give a file, or pipe its output to this command with - as the file")]
    Device,
    #[error("it is a socket, and no file; pipe its output to this command with - as the file")]
    Socket,
    #[error("it is a pipe; give it alone")]
    Pipe,
    #[error("it is a pipe that nobody writes to; start what writes to it first")]
    Abandoned,
    #[error("it is larger than {}, and no such file is", bytes(*.0))]
    TooLarge(u64),
}

impl From<NotReadable> for io::Error {
    fn from(reason: NotReadable) -> Self {
        Self::new(io::ErrorKind::InvalidInput, reason)
    }
}

impl<'p> NamedFile<'p> {
    /// Opens it. Reading from a pipe ends with an error when the progress is cancelled.
    ///
    /// # Errors
    /// When it cannot be opened, or is neither a file nor a pipe.
    pub(crate) fn open(path: &Path, progress: &'p Progress) -> io::Result<Self> {
        open(path, progress)
    }

    /// Opens a file that is to be read by position or more than once.
    ///
    /// # Errors
    /// When it cannot be opened, or is no file.
    pub(crate) fn regular(path: &Path) -> io::Result<File> {
        match NamedFile::open(path, &Progress::default())? {
            NamedFile::File(file) => Ok(file),
            NamedFile::Pipe(_) => Err(NotReadable::Pipe.into()),
        }
    }

    /// Reads a text of at most so many bytes.
    ///
    /// # Errors
    /// When it cannot be opened or read, is larger, or no text.
    pub(crate) fn text(path: &Path, most: u64) -> io::Result<String> {
        let mut text = String::new();
        let progress = Progress::default();
        match NamedFile::open(path, &progress)? {
            NamedFile::File(file) => file.take(most + 1).read_to_string(&mut text)?,
            NamedFile::Pipe(pipe) => pipe.take(most + 1).read_to_string(&mut text)?,
        };
        if text.len() as u64 > most {
            return Err(NotReadable::TooLarge(most).into());
        }
        Ok(text)
    }
}

#[cfg(unix)]
fn open<'p>(path: &Path, progress: &'p Progress) -> io::Result<NamedFile<'p>> {
    use std::{
        fs,
        os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    };

    // Otherwise opening a pipe waits until somebody writes to it. Of files it changes nothing.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let opened = fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
    let (file, kind) = match opened {
        Ok(file) => {
            let kind = file.metadata()?.file_type();
            (file, kind)
        }
        // Sockets cannot be opened.
        Err(_) if fs::metadata(path).is_ok_and(|there| there.file_type().is_socket()) => {
            return Err(NotReadable::Socket.into());
        }
        Err(error) => return Err(error),
    };
    if kind.is_file() {
        Ok(NamedFile::File(file))
    } else if kind.is_fifo() {
        Ok(NamedFile::Pipe(PipeReader {
            file,
            progress,
            is_written: false,
        }))
    } else if kind.is_dir() {
        Err(NotReadable::Folder.into())
    } else if kind.is_socket() {
        Err(NotReadable::Socket.into())
    } else {
        Err(NotReadable::Device.into())
    }
}

#[cfg(not(unix))]
fn open<'p>(path: &Path, _: &'p Progress) -> io::Result<NamedFile<'p>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(NotReadable::Folder.into());
    }
    Ok(NamedFile::File(file))
}

/// A pipe with a name, open without waiting.
#[derive(Debug)]
pub(crate) struct PipeReader<'p> {
    file: File,
    progress: &'p Progress,
    /// Whether somebody was seen to write to it, so that its end is the end.
    is_written: bool,
}

/// How often it is looked whether somebody writes, or wants no more of it: so many milliseconds apart.
#[cfg(unix)]
const LOOK_EVERY: i64 = 50;
/// So many looks without anybody who writes, five seconds, are enough.
#[cfg(unix)]
const PATIENCE: u32 = 100;

#[cfg(unix)]
impl Read for PipeReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let mut looks = 0;
        loop {
            match self.file.read(buffer) {
                // Without anybody who writes, a pipe seems to be at its end.
                Ok(0) if !self.is_written => {
                    looks += 1;
                    if looks > PATIENCE {
                        return Err(NotReadable::Abandoned.into());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_written = true,
                Ok(len) => {
                    self.is_written = true;
                    return Ok(len);
                }
                Err(error) => return Err(error),
            }
            if self.progress.is_cancelled() {
                return Err(io::Error::other(crate::frame::FrameError::Cancelled));
            }
            let timeout = Timespec {
                tv_sec: 0,
                tv_nsec: LOOK_EVERY * 1_000_000,
            };
            let mut seen = [PollFd::new(&self.file, PollFlags::IN)];
            poll(&mut seen, Some(&timeout))?;
            if seen.iter().any(|seen| seen.revents().contains(PollFlags::HUP)) {
                // Somebody wrote to it, and has ended.
                self.is_written = true;
            }
        }
    }
}

#[cfg(not(unix))]
impl Read for PipeReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}
