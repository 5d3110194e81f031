//! What a table is read from. It can be read more than once: its first records first, then all of it.

use std::{io, path::PathBuf};

use super::{Frame, FrameError, OpenOptions, Visit, build::Extent, intake, samples, source::Source};
use crate::domain::progress::Progress;

/// A file, the files of a folder or pattern as one, or what came out of a pipe.
#[derive(Debug)]
pub struct DataSource(Kind);

#[derive(Debug)]
enum Kind {
    Path(PathBuf),
    /// Spooled, as a pipe can be read only once.
    Pipe(Source),
}

impl DataSource {
    /// What is at a path.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Path(path.into()))
    }

    /// Takes in what comes out of a pipe, such as standard input; `name` stands for the path.
    pub fn pipe(
        name: &str,
        pipe: impl io::Read,
        options: &OpenOptions,
        progress: &Progress,
    ) -> Result<Self, FrameError> {
        intake::collect(name, pipe, options, progress).map(|source| Self(Kind::Pipe(source)))
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
        Frame::build(taken, Some(head), &(), &progress).map(|(frame, ())| frame)
    }

    /// Opens all of it like [`Frame::open`], and lets `visit` look at every row on the way. Returns what it gathered.
    pub fn open<V: Visit>(
        &self,
        options: &OpenOptions,
        visit: &V,
        progress: &Progress,
    ) -> Result<(Frame, V::Gathered), FrameError> {
        Frame::build(self.take(options, false, progress)?, None, visit, progress)
    }

    fn take(&self, options: &OpenOptions, is_head: bool, progress: &Progress) -> Result<intake::Taken, FrameError> {
        match &self.0 {
            Kind::Path(path) => intake::open_path(path, options, is_head, progress),
            Kind::Pipe(source) => intake::open_source(source.again()?, options, is_head, progress),
        }
    }
}
