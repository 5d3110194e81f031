//! What a table is read from. It can be read more than once: its first records first, then all of it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Frame, FrameError, Judged, OpenOptions, Visit, build::Extent, intake, samples, source::Source};
use crate::{domain::progress::Progress, settings::NamedFile};

/// A file, the files of a folder or pattern as one, or what came out of a pipe.
#[derive(Debug)]
pub struct DataSource {
    kind: Kind,
    /// What the first records told of how it is written, read with these options; it is not found out again.
    judged: Mutex<Option<(OpenOptions, Judged)>>,
}

#[derive(Debug)]
enum Kind {
    Path(PathBuf),
    /// Spooled, as a pipe can be read only once.
    Pipe(Source),
}

impl DataSource {
    /// What is at a path. A pipe that has one is taken in now, as it can be read only once.
    ///
    /// # Errors
    /// When it is a pipe that cannot be read to its end.
    pub fn at(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Self, FrameError> {
        match NamedFile::open(path, progress) {
            Ok(NamedFile::Pipe(pipe)) => Self::pipe(&path.display().to_string(), pipe, options, progress),
            // It is a folder or a pattern, or fails when it is opened.
            Ok(NamedFile::File(_)) | Err(_) => Ok(Self::of(Kind::Path(path.to_owned()))),
        }
    }

    /// Takes in what comes out of a pipe, such as standard input; `name` stands for the path.
    pub fn pipe(
        name: &str,
        pipe: impl io::Read,
        options: &OpenOptions,
        progress: &Progress,
    ) -> Result<Self, FrameError> {
        intake::collect(name, pipe, options, progress).map(|source| Self::of(Kind::Pipe(source)))
    }

    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            judged: Mutex::new(None),
        }
    }

    /// Opens only the first records (at most a thousand, and those that start in the first MiB), to show something at
    /// once while [`DataSource::open`] works.
    pub fn open_head(&self, options: &OpenOptions) -> Result<Frame, FrameError> {
        let head = Extent {
            bytes: samples::HEAD as u64,
            records: 1000,
        };
        let progress = Progress::default();
        let taken = self.take(options, true, &progress)?;
        // Of what is unpacked or converted the samples are of the head only.
        let is_plain = taken.origin.is_plain();
        let mut judged = None;
        let (frame, ()) = Frame::build(taken, Some(head), &mut judged, &(), &progress)?;
        let judged = judged.filter(|_| is_plain).map(|judged| (options.clone(), judged));
        *self.judged() = judged;
        Ok(frame)
    }

    /// Opens all of it like [`Frame::open`], and lets `visit` look at every row on the way. Returns what it gathered.
    pub fn open<V: Visit>(
        &self,
        options: &OpenOptions,
        visit: &V,
        progress: &Progress,
    ) -> Result<(Frame, V::Gathered), FrameError> {
        let judged = self.judged().clone();
        let judged = judged.filter(|(as_read, _)| as_read == options);
        let mut judged = judged.map(|(_, judged)| judged);
        let taken = self.take(options, false, progress)?;
        Frame::build(taken, None, &mut judged, visit, progress)
    }

    fn judged(&self) -> MutexGuard<'_, Option<(OpenOptions, Judged)>> {
        self.judged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, options: &OpenOptions, is_head: bool, progress: &Progress) -> Result<intake::Taken, FrameError> {
        match &self.kind {
            Kind::Path(path) => intake::open_path(path, options, is_head, progress),
            Kind::Pipe(source) => intake::open_source(source.again()?, options, is_head, progress),
        }
    }
}
