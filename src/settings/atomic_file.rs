//! The one way a file is written: beside its place first, and put there whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::frame::FrameError;

/// What becomes of a file that is there already where a person wants one written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// The person has said that it may go.
    Replace,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The records to be written are read from it.
    #[error("{path} cannot be written: {}", OPENED)]
    Opened {
        /// The file.
        path: PathBuf,
    },
    /// A file is there already, and nobody said that it may go.
    #[error("{path} {}", EXISTS)]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

const OPENED: &str = "an opened file is never changed itself; choose another name";
const EXISTS: &str = "is there already and is kept";

impl WriteError {
    /// What the system said of a file.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

impl From<WriteError> for FrameError {
    fn from(error: WriteError) -> Self {
        let (path, reason) = match error {
            WriteError::Opened { path } => (path, OPENED.to_owned()),
            WriteError::Exists { path } => (path, format!("it {EXISTS}")),
            WriteError::Io { path, source } => (path, source.to_string()),
        };
        Self::Unwritable {
            what: path.display().to_string(),
            reason,
        }
    }
}

/// Who may read a file that is new. One that is there keeps its permissions.
#[derive(Clone, Copy)]
enum Access {
    /// Whom the person's umask lets.
    Umask,
    /// The person alone.
    Private,
}

/// A file under way. Until it is finished nothing that stood in its place is touched; dropped before, it is gone.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    out: BufWriter<File>,
    /// What is written, and where it goes; `None` for what is written to as it is, such as a pipe.
    temporary: Option<(TempPath, PathBuf)>,
}

impl AtomicFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When nothing can be written in its folder.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::begin(path, Access::Umask)
    }

    /// Begins a file that, when it is new, is readable by the person alone.
    ///
    /// # Errors
    /// When nothing can be written in its folder.
    pub(crate) fn create_private(path: &Path) -> io::Result<Self> {
        Self::begin(path, Access::Private)
    }

    /// Finds out early whether a file may be written. `is_opened` says whether records are read from a file, which nothing
    /// may replace then; nor what is read as standard input.
    ///
    /// # Errors
    /// When the file is an opened one, or there already and to be kept.
    pub(crate) fn check(
        path: &Path,
        existing: Existing,
        is_opened: impl FnOnce(&Path) -> bool,
    ) -> Result<(), WriteError> {
        if is_opened(path) || is_standard_input(path) {
            return Err(WriteError::Opened { path: path.to_owned() });
        }
        let is_there = || fs::metadata(path).is_ok_and(|there| there.is_file()) && !is_descriptor(path);
        if existing == Existing::Keep && is_there() {
            return Err(WriteError::Exists { path: path.to_owned() });
        }
        Ok(())
    }

    /// Has `write` write a file, and puts it in its place once it is whole. `is_opened` is as for [`Self::check`].
    ///
    /// # Errors
    /// When the file is an opened one, there already and to be kept, or cannot be written.
    pub(crate) fn write<T, E: From<WriteError>>(
        path: &Path,
        existing: Existing,
        is_opened: impl FnOnce(&Path) -> bool,
        write: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        Self::check(path, existing, is_opened)?;
        let mut file = Self::create(path).map_err(WriteError::at(path))?;
        let written = write(&mut file)?;
        file.finish_at(path, existing)?;
        Ok(written)
    }

    /// Puts the file in its place, which a person has named.
    ///
    /// # Errors
    /// When something has come there meanwhile and is to be kept, or the system refuses.
    pub(crate) fn finish_at(self, path: &Path, existing: Existing) -> Result<(), WriteError> {
        let is_put = match existing {
            Existing::Keep if self.temporary.is_some() => self.finish_new(),
            Existing::Keep | Existing::Replace => self.finish().map(|()| true),
        };
        if is_put.map_err(WriteError::at(path))? {
            Ok(())
        } else {
            Err(WriteError::Exists { path: path.to_owned() })
        }
    }

    /// Puts the file in its place, over what was there. Its content is on the disk before.
    ///
    /// # Errors
    /// When the system refuses; what was there is then still there.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.written()? {
            Some((temporary, place)) => Ok(temporary.persist(place)?),
            None => Ok(()),
        }
    }

    /// Puts the file in its place; `false` when something is there already, which stays.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn finish_new(self) -> io::Result<bool> {
        let Some((temporary, place)) = self.written()? else {
            return Ok(false);
        };
        match temporary.persist_noclobber(&place) {
            Ok(()) => Ok(true),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // Not every file system can do both in one step.
            Err(refused) if !place.exists() => Ok(refused.path.persist(place).map(|()| true)?),
            Err(refused) => Err(refused.error),
        }
    }

    fn written(mut self) -> io::Result<Option<(TempPath, PathBuf)>> {
        self.out.flush()?;
        if self.temporary.is_some() {
            self.out.get_ref().sync_all()?;
        }
        Ok(self.temporary)
    }

    fn begin(path: &Path, access: Access) -> io::Result<Self> {
        let (place, permissions) = match fs::metadata(path) {
            Ok(there) if !there.is_file() || is_descriptor(path) => {
                return Ok(Self {
                    out: BufWriter::new(open_in_place(path)?),
                    temporary: None,
                });
            }
            Ok(there) => (fs::canonicalize(path)?, Some(there.permissions())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (behind_links(path), None),
            Err(error) => return Err(error),
        };
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        match access {
            Access::Private => {}
            #[cfg(unix)]
            Access::Umask => {
                use std::os::unix::fs::PermissionsExt as _;
                builder.permissions(fs::Permissions::from_mode(0o666));
            }
            #[cfg(not(unix))]
            Access::Umask => {}
        }
        let (file, temporary) = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?.into_parts();
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        let out = match access {
            Access::Umask => BufWriter::new(file),
            // A buffer would keep a copy of a secret in memory.
            Access::Private => BufWriter::with_capacity(0, file),
        };
        Ok(Self {
            out,
            temporary: Some((temporary, place)),
        })
    }
}

/// Where a link leads whose file is not there yet, so that the link stays one.
fn behind_links(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    // The system has told that they do not go in a circle.
    while let Ok(target) = fs::read_link(&place) {
        place = place
            .parent()
            .map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    place
}

/// Whether a path names what is open in this process already, such as `/dev/stdout`: it is written to wherever it leads.
fn is_descriptor(path: &Path) -> bool {
    let mut place = path.to_owned();
    loop {
        let folder = place.parent().and_then(|folder| fs::canonicalize(folder).ok());
        if folder.is_some_and(|folder| ["/proc", "/dev/fd"].iter().any(|open| folder.starts_with(open))) {
            return true;
        }
        // It is asked only of what is there, so that links do not go in a circle.
        let Ok(target) = fs::read_link(&place) else {
            return false;
        };
        place = place
            .parent()
            .map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
}

/// Opens what is written to as it is. What is standard output writes where that has come to.
fn open_in_place(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    if is_descriptor(path) {
        use std::os::fd::AsFd as _;
        let place = inode(&fs::metadata(path)?);
        for opened in [io::stdout().as_fd(), io::stderr().as_fd()] {
            let opened = File::from(opened.try_clone_to_owned()?);
            if inode(&opened.metadata()?) == place {
                return Ok(opened);
            }
        }
    }
    File::options().append(true).open(path)
}

/// What tells files apart, whatever their names.
#[cfg(unix)]
fn inode(file: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino())
}

/// Whether two paths lead to the same file, over links of any kind.
#[cfg(unix)]
pub(crate) fn are_one_file(one: &Path, other: &Path) -> bool {
    let place = |path| fs::metadata(path).ok().map(|there| inode(&there));
    one == other || place(one).is_some_and(|own| place(other) == Some(own))
}

/// Whether two paths lead to the same file, over symbolic links.
#[cfg(not(unix))]
pub(crate) fn are_one_file(one: &Path, other: &Path) -> bool {
    let place = |path| fs::canonicalize(path).ok();
    one == other || place(one).is_some_and(|own| place(other) == Some(own))
}

/// Whether a file is what is read as standard input.
#[cfg(unix)]
pub(crate) fn is_standard_input(path: &Path) -> bool {
    use std::os::fd::AsFd as _;
    let Some(there) = fs::metadata(path).ok().filter(fs::Metadata::is_file) else {
        return false;
    };
    let input = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    let input = input.and_then(|file| file.metadata());
    input.is_ok_and(|input| inode(&input) == inode(&there))
}

/// Whether a file is what is read as standard input: not to be found out here.
#[cfg(not(unix))]
pub(crate) fn is_standard_input(_: &Path) -> bool {
    false
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
    }

    fn put(path: &Path, text: &str) -> Result<(), WriteError> {
        AtomicFile::write(
            path,
            Existing::Replace,
            |_| false,
            |out| out.write_all(text.as_bytes()).map_err(WriteError::at(path)),
        )
    }

    #[test]
    fn a_new_file_has_the_persons_own_mode_and_an_old_one_keeps_its() -> Tested {
        let folder = tempfile::tempdir()?;
        let [plain, new, secret] = ["plain", "new", "secret"].map(|name| folder.path().join(name));
        fs::write(&plain, "")?;
        put(&new, "1")?;
        assert_eq!(mode(&new)?, mode(&plain)?);
        fs::set_permissions(&new, fs::Permissions::from_mode(0o604))?;
        put(&new, "2")?;
        assert_eq!((mode(&new)?, fs::read_to_string(&new)?.as_str()), (0o604, "2"));
        let mut file = AtomicFile::create_private(&secret)?;
        file.write_all(b"key")?;
        file.finish()?;
        assert_eq!((mode(&secret)?, fs::read_to_string(&secret)?.as_str()), (0o600, "key"));
        Ok(())
    }

    #[test]
    fn links_stay_links_and_devices_devices() -> Tested {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("deep"))?;
        fs::write(at("deep/there"), "old")?;
        symlink("deep/there", at("link"))?;
        symlink("deep/not-yet", at("dangling"))?;
        for (link, file) in [("link", "deep/there"), ("dangling", "deep/not-yet")] {
            put(&at(link), link)?;
            assert_eq!(fs::read_to_string(at(file))?, link);
            assert!(fs::symlink_metadata(at(link))?.is_symlink(), "{link}");
        }
        symlink("circle", at("circle"))?;
        assert!(matches!(put(&at("circle"), "x"), Err(WriteError::Io { .. })));
        put(Path::new("/dev/null"), "x")?;
        assert!(fs::metadata("/dev/null")?.file_type().is_char_device());
        Ok(())
    }

    #[test]
    fn what_fails_leaves_everything_as_it_was() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        fs::write(&path, "old")?;
        let half = AtomicFile::write(
            &path,
            Existing::Replace,
            |_| false,
            |out| {
                out.write_all(&b"x".repeat(100_000)).map_err(WriteError::at(&path))?;
                Err::<(), _>(WriteError::at(&path)(io::Error::other("the disk is full")))
            },
        );
        assert_eq!(
            half.map_err(|error| error.to_string()),
            Err(format!("{} cannot be written: the disk is full", path.display()))
        );
        let opened = AtomicFile::write(&path, Existing::Replace, |it| it == path, |_| Ok::<_, WriteError>(()));
        assert!(matches!(opened, Err(WriteError::Opened { .. })));
        let late = AtomicFile::create(&path)?.finish_at(&path, Existing::Keep);
        assert!(matches!(late, Err(WriteError::Exists { .. })));
        assert!(!AtomicFile::create(&path)?.finish_new()?);
        assert_eq!(fs::read_to_string(&path)?, "old");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "nothing is left behind");
        fs::remove_file(&path)?;
        assert!(AtomicFile::create(&path)?.finish_new()?);
        assert_eq!(fs::read_to_string(&path)?, "");
        Ok(())
    }
}
