//! A file that a command writes: beside its place first, and put there whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use super::failure::Failure;

/// A file under way. Until [`OutFile::finish`] nothing that stood in its place is touched.
pub(super) struct OutFile {
    path: PathBuf,
    out: BufWriter<File>,
    /// What is written, and where it goes; `None` for what cannot be replaced, such as a pipe.
    temporary: Option<(TempPath, PathBuf)>,
}

impl OutFile {
    /// Begins a file. Fails when nothing can be written in its folder.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Self::begin(path).map_err(|error| cannot(path, &error))
    }

    fn begin(path: &Path) -> io::Result<Self> {
        // Through links, so that a link stays one.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&place).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            return Ok(Self {
                path: path.to_owned(),
                out: BufWriter::new(File::create(&place)?),
                temporary: None,
            });
        }
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any new file: readable as far as the user's mask lets it.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let (file, temporary) = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?.into_parts();
        if let Some(there) = there {
            file.set_permissions(there.permissions())?;
        }
        Ok(Self {
            path: path.to_owned(),
            out: BufWriter::new(file),
            temporary: Some((temporary, place)),
        })
    }

    /// Puts the file in its place, over what was there.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self {
            path,
            mut out,
            temporary,
        } = self;
        let finished = out.flush().and_then(|()| match temporary {
            Some((temporary, place)) => temporary.persist(place).map_err(io::Error::from),
            None => Ok(()),
        });
        finished.map_err(|error| cannot(&path, &error))
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::said(format!("{} cannot be written: {error}", path.display()))
}
