//! Files and folders that only this user may look into: ledgers, snapshots, spools and settings hold data of people.

use std::{
    fmt,
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
};

use super::Paths;

/// Makes a folder, with those above it that are not there, which only this user may look into. One that is there stays as
/// it is.
///
/// # Errors
/// When the system refuses.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file for writing; when it is made, only this user may read it. One that is there stays as it is.
///
/// # Errors
/// When the system refuses.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder in which others could have read what is kept for this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MendedFolder(PathBuf);

impl fmt::Display for MendedFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.0.display();
        write!(
            f,
            "Other users of this machine could read files in {folder}; now only you can"
        )
    }
}

/// Takes from others the right to look into what is kept for this user; answers where they had it. What has other owners,
/// or is not of Tatami's making, is left alone.
pub(crate) fn mend_access(paths: &Paths) -> Vec<MendedFolder> {
    let all = [&paths.config, &paths.data, &paths.cache];
    let mended = all.into_iter().filter(|folder| mend_folder(folder));
    mended.cloned().map(MendedFolder).collect()
}

/// What Tatami makes in its folders, by the beginning of its name; the local server minds its own.
const OURS: [&str; 11] = [
    "audit.",
    "environments.",
    "preferences.",
    "uploads",
    "snapshots",
    "recipes",
    "stores",
    "spool",
    "samples",
    "session",
    "window",
];

/// Takes from others the right to look into files in a folder, by the beginning of their names, and into the folder when it
/// has no others; answers whether they had it.
pub(crate) fn mend_files(folder: &Path, ours: &[&str]) -> Option<MendedFolder> {
    let mut is_mended = false;
    let mut only_ours = true;
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let name = entry.file_name();
        if ours
            .iter()
            .any(|ours| name.as_encoded_bytes().starts_with(ours.as_bytes()))
        {
            is_mended |= mend(&entry.path());
        } else {
            only_ours = false;
        }
    }
    is_mended |= only_ours && mend(folder);
    is_mended.then(|| MendedFolder(folder.to_owned()))
}

fn mend_folder(folder: &Path) -> bool {
    // What stands in it is out of reach.
    if is_closed(folder) {
        return false;
    }
    let mut is_mended = mend(folder);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = |ours: &&str| name.as_encoded_bytes().starts_with(ours.as_bytes());
        if OURS.iter().any(is_ours) {
            is_mended |= mend_tree(&entry.path());
        }
    }
    is_mended
}

fn mend_tree(path: &Path) -> bool {
    let mut is_mended = mend(path);
    if fs::symlink_metadata(path).is_ok_and(|there| there.is_dir()) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            is_mended |= mend_tree(&entry.path());
        }
    }
    is_mended
}

/// Whether only its owner can look into a folder.
#[cfg(unix)]
fn is_closed(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let is_open = |mode: u32| mode & 0o077 != 0;
    fs::metadata(folder).is_ok_and(|there| !is_open(there.permissions().mode()))
}

/// Other systems keep these folders from others by themselves.
#[cfg(not(unix))]
fn is_closed(_: &Path) -> bool {
    true
}

/// Whether others could look into a file or folder, and no longer can. Links are not followed.
#[cfg(unix)]
fn mend(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(there) = fs::symlink_metadata(path) else {
        return false;
    };
    let mode = there.permissions().mode();
    let is_open = (there.is_file() || there.is_dir()) && mode & 0o077 != 0;
    is_open && fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)).is_ok()
}

/// Other systems keep these folders from others by themselves.
#[cfg(not(unix))]
fn mend(_: &Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn what_others_could_read_is_mended_and_nothing_else_is_touched() -> Tested {
        let root = tempfile::tempdir()?;
        let paths = Paths::under(root.path());
        let snapshots = paths.data.join("snapshots");
        fs::create_dir_all(&snapshots)?;
        let files = [
            paths.data.join("uploads.sqlite"),
            snapshots.join("1.sqlite"),
            paths.data.join("of-somebody.txt"),
            root.path().join("elsewhere.txt"),
        ];
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        for file in &files {
            fs::write(file, "")?;
            set(file, 0o644)?;
        }
        set(&files[0], 0o444)?;
        set(&paths.data, 0o755)?;
        set(&snapshots, 0o755)?;
        symlink(&files[3], paths.data.join("uploads.link"))?;
        assert_eq!(mend_access(&paths), [MendedFolder(paths.data.clone())]);
        assert_eq!(mend_access(&paths), [], "there is nothing more to say");
        let mode = |path: &Path| Ok::<_, io::Error>(fs::metadata(path)?.permissions().mode() & 0o777);
        let mut modes = vec![mode(&paths.data)?, mode(&snapshots)?];
        for file in &files {
            modes.push(mode(file)?);
        }
        // What is read-only stays so.
        assert_eq!(modes, [0o700, 0o700, 0o400, 0o600, 0o644, 0o644], "{modes:?}");
        Ok(())
    }

    #[test]
    fn what_is_made_is_private() -> Tested {
        let root = tempfile::tempdir()?;
        let folder = root.path().join("a/b");
        create_private_folder(&folder)?;
        create_private_folder(&folder)?;
        create_private_file(&folder.join("c"))?;
        let mode = |path: &Path| Ok::<_, io::Error>(fs::metadata(path)?.permissions().mode() & 0o777);
        let modes = [mode(&root.path().join("a"))?, mode(&folder)?, mode(&folder.join("c"))?];
        assert_eq!(modes, [0o700, 0o700, 0o600]);
        Ok(())
    }
}
