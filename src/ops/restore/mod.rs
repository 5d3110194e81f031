//! Restore: what was open is open again at the next start, with its changes and all that can be taken back, whether the
//! window was closed or died.
//!
//! Every window keeps a folder of its own, locked as long as it is open, with a file for each document. What was not
//! closed properly is an unlocked folder. A document's file grows by each step; it is written anew only when most of it
//! is of no use any more. A step that changes a million cells takes 0.8 s on one core and 1.4 MB, the one after it half a
//! millisecond and 200 bytes.

mod file;
mod record;
mod timeline;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use self::file::{FileFault, KeptFile, LoadedFile};
use crate::{
    domain::ids::DocumentId,
    message::kept::{FoundSession, Kept, KeptId, LeftOver, Unfit},
    settings::{FileLock, Paths, Preferences, create_private_folder, try_lock},
    upload::Retention,
};

/// Why changes are not kept for the next start.
#[derive(Debug, thiserror::Error)]
#[error("Changes cannot be kept for the next start: {source}; they belong in {path}")]
pub struct KeepError {
    path: PathBuf,
    source: io::Error,
}

impl KeepError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            path: path.to_owned(),
            source,
        }
    }
}

/// Keeps the open documents of a window.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    /// Tells other windows that this one lives.
    _lock: FileLock,
    open: BTreeMap<DocumentId, KeptFile>,
    found: BTreeMap<KeptId, KeptFile>,
    next: u64,
    /// The save that was the last.
    turn: u64,
}

impl Keeper {
    /// Takes a folder that no other window has, and finds what was kept by windows that are gone.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn open(paths: &Paths) -> Result<(Self, FoundSession), KeepError> {
        let root = paths.kept();
        create_private_folder(&root).map_err(KeepError::at(&root))?;
        // What cannot be read is no reason to forget anything.
        let (retention, reopens) = Preferences::load(paths).map_or((Retention(None), true), |preferences| {
            (preferences.retention, preferences.restore_session)
        });
        let (folder, lock) = free_folder(&root)?;
        let mut keeper = Self {
            next: 0,
            turn: 0,
            folder,
            _lock: lock,
            open: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        keeper.take_over(&root);
        expire(&keeper.folder, retention);
        let mut found = keeper.find(reopens);
        found.retention = retention;
        Ok((keeper, found))
    }

    /// Moves what windows that are gone have left into the folder of this one.
    fn take_over(&mut self, root: &Path) {
        remove_unfinished(&self.folder);
        let own = files(&self.folder);
        self.next = own
            .iter()
            .filter_map(|path| stem_number(path))
            .max()
            .map_or(0, |last| last + 1);
        for other in folders(root) {
            // This one's own folder is locked; another stays locked until all of it is moved.
            let Ok(Some(_lock)) = try_lock(&lock_file(&other)) else {
                continue;
            };
            remove_unfinished(&other);
            for path in files(&other) {
                let is_kept = number(&path).is_some();
                let place = self.free_place(if is_kept { EXTENSION } else { DAMAGED });
                fs::rename(path, place).ok();
            }
        }
    }

    fn free_place(&mut self, extension: &str) -> PathBuf {
        let place = self.folder.join(format!("{}.{extension}", self.next));
        self.next += 1;
        place
    }

    /// Reads what is kept. What cannot be read is set aside, what cannot be used and holds no changes is forgotten.
    fn find(&mut self, reopens: bool) -> FoundSession {
        let mut session = FoundSession::default();
        for path in files(&self.folder) {
            let Some(id) = number(&path).map(KeptId) else { continue };
            let LoadedFile {
                mut file,
                document,
                fit,
            } = match KeptFile::load(&path, id) {
                Ok(loaded) => loaded,
                Err(FileFault::Newer) => {
                    let path = path.display();
                    session.problems.push(format!(
                        "What was kept of an open file was written by a newer Tatami, and is left alone; it is in {path}"
                    ));
                    continue;
                }
                // It may be there again at the next start.
                Err(FileFault::Io(error)) => {
                    let path = path.display();
                    session.problems.push(format!(
                        "What was kept of an open file cannot be read ({error}), and is left alone; it is in {path}"
                    ));
                    continue;
                }
                Err(fault @ (FileFault::Damaged(_) | FileFault::Foreign | FileFault::Headless)) => {
                    let away = self.free_place(DAMAGED);
                    session.problems.push(set_aside(&path, &away, &fault));
                    continue;
                }
            };
            let cells = document.changed_cells();
            let fit = if fit.is_ok() && file.tries() >= MOST_TRIES {
                file.opened().ok();
                Err(Unfit::Fatal)
            } else {
                fit
            };
            match fit {
                Ok(()) if reopens || cells > 0 => {
                    file.tried().ok();
                    session.documents.push(document);
                }
                Err(why) if cells > 0 => {
                    if why == Unfit::Changed && reopens {
                        session.changed.push((document.path.clone(), document.options));
                    }
                    session.left_over.push(LeftOver {
                        id,
                        path: document.path,
                        cells,
                        why,
                    });
                }
                Err(Unfit::Changed) if reopens => {
                    session.changed.push((document.path, document.options));
                    file.forget();
                    continue;
                }
                Err(Unfit::Missing) if reopens => {
                    session.missing.push(document.path);
                    file.forget();
                    continue;
                }
                Err(Unfit::Fatal) => {
                    let name = document.path.file_name().unwrap_or(document.path.as_os_str());
                    let name = name.to_string_lossy();
                    session.problems.push(format!(
                        "{name} is not opened again, as Tatami ended while it was being opened; it is among the recent files"
                    ));
                    file.forget();
                    continue;
                }
                Ok(()) | Err(_) => {
                    file.forget();
                    continue;
                }
            }
            // How long it is kept counts from the last start that knew of it.
            file.touch().ok();
            self.found.insert(id, file);
        }
        session
            .documents
            .sort_by_key(|document| (document.view.place, document.id));
        session
    }

    /// Keeps all of this, and forgets what is not named. Saves are counted, and an older one comes too late.
    ///
    /// # Errors
    /// When something cannot be written; then what was kept of it before is kept still.
    pub fn save(&mut self, turn: u64, all: Vec<Kept>) -> Result<(), KeepError> {
        if turn <= self.turn {
            return Ok(());
        }
        self.turn = turn;
        let mut open = std::mem::take(&mut self.open);
        let mut found = std::mem::take(&mut self.found);
        let mut outcome = Ok(());
        for kept in all {
            match kept {
                Kept::Same(doc) => self.open.extend(open.remove(&doc).map(|file| (doc, file))),
                Kept::Found(id) => self.found.extend(found.remove(&id).map(|file| (id, file))),
                Kept::Document(document) => {
                    let adopted = || document.found.and_then(|id| found.remove(&id));
                    let file = open.remove(&document.doc).or_else(adopted);
                    let mut file = file.unwrap_or_else(|| KeptFile::new(self.free_place(EXTENSION)));
                    let written = file.keep(&document);
                    outcome = outcome.and(written.map_err(KeepError::at(&self.folder)));
                    self.open.insert(document.doc, file);
                }
            }
        }
        open.into_values().chain(found.into_values()).for_each(KeptFile::forget);
        outcome
    }
}

impl Drop for Keeper {
    /// How long something is kept counts from here. What was still being opened did not end the program.
    fn drop(&mut self) {
        for file in self.open.values() {
            file.touch().ok();
        }
        for file in self.found.values_mut().filter(|file| file.tries() > 0) {
            file.opened().ok();
        }
    }
}

/// How many times the program may end while a document is being opened until it is left out once.
const MOST_TRIES: u32 = 2;
const EXTENSION: &str = "kept";
/// What could not be read, and is kept for whoever can.
const DAMAGED: &str = "damaged";
/// How the names of files begin that are being written.
const UNFINISHED: &str = ".tmp";

/// A folder that no window has, and its lock.
fn free_folder(root: &Path) -> Result<(PathBuf, FileLock), KeepError> {
    let mut number = 1_u32;
    loop {
        let folder = root.join(number.to_string());
        let place = lock_file(&folder);
        let locked = try_lock(&place).map_err(KeepError::at(&place))?;
        if let Some(lock) = locked {
            return Ok((folder, lock));
        }
        number += 1;
    }
}

fn lock_file(folder: &Path) -> PathBuf {
    folder.join("lock")
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// What is kept in a folder, and what was set aside.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let is_kept = |path: &PathBuf| {
        let extension = path.extension();
        extension.is_some_and(|extension| extension == EXTENSION || extension == DAMAGED)
    };
    let mut files: Vec<PathBuf> = paths.filter(is_kept).collect();
    files.sort_by_key(|path| (number(path), path.clone()));
    files
}

/// The number of what can be read.
fn number(path: &Path) -> Option<u64> {
    let is_kept = path.extension().is_some_and(|extension| extension == EXTENSION);
    stem_number(path).filter(|_| is_kept)
}

/// The number of what is kept or was set aside.
fn stem_number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Deletes what a window that was killed had begun to write. The folder is locked: nobody writes there.
fn remove_unfinished(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Deletes what was left for too long.
fn expire(folder: &Path, Retention(days): Retention) {
    let Some(days) = days else { return };
    let long = Duration::from_hours(24 * u64::from(days.get()));
    let now = SystemTime::now();
    for path in files(folder) {
        let modified = fs::metadata(&path).and_then(|there| there.modified());
        let age = modified.ok().and_then(|modified| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > long) {
            fs::remove_file(&path).ok();
        }
    }
}

/// Deletes what windows that are gone have left for too long.
pub(crate) fn expire_left(paths: &Paths, retention: Retention) {
    for folder in folders(&paths.kept()) {
        if let Ok(Some(_lock)) = try_lock(&lock_file(&folder)) {
            expire(&folder, retention);
        }
    }
}

/// Puts away what cannot be read, and says so.
fn set_aside(path: &Path, away: &Path, fault: &FileFault) -> String {
    let place = if fs::rename(path, away).is_ok() { away } else { path };
    let place = place.display();
    format!("What was kept of an open file is damaged ({fault}), and was set aside; it is in {place}")
}
