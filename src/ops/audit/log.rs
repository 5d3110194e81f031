//! The log's file, which only ever grows, and its head beside it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    LogFault,
    entry::{AuditEntry, LogDefect, LogHead, LogStart, head_of},
};
use crate::settings::{AtomicFile, FileLock, Paths, create_private_file, create_private_folder};

/// The version of the log's form.
const VERSION: u32 = 1;
/// How long to wait for whoever adds an entry, which takes a moment.
const PATIENCE: Duration = Duration::from_secs(10);
/// An entry has fewer bytes than this, mostly.
const BLOCK: u64 = 8 * 1024;

/// What the system said of a file.
fn at(path: &Path) -> impl FnOnce(io::Error) -> LogFault {
    move |source| LogFault::Io {
        path: path.to_owned(),
        source,
    }
}

fn head_path(paths: &Paths) -> PathBuf {
    paths.audit_log().with_extension("head")
}

/// Waits until nobody else is at the log, and keeps others from adding entries.
pub(super) fn lock(paths: &Paths) -> Result<FileLock, LogFault> {
    let path = paths.audit_log().with_extension("lock");
    create_private_folder(&paths.data).map_err(at(&paths.data))?;
    let file = create_private_file(&path).map_err(at(&path))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(FileLock::of(file)),
            Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => return Err(LogFault::Busy(path)),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
    }
}

/// All that stands in the log; nothing when there is none.
pub(super) fn read(paths: &Paths) -> Result<Vec<u8>, LogFault> {
    let path = paths.audit_log();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(&path)(error)),
    };
    ensure_ours(&path, bytes.split(|byte| *byte == b'\n').next().unwrap_or_default())?;
    Ok(bytes)
}

/// How far the log is said to be; none when that is not known, or cannot be read.
pub(super) fn read_head(paths: &Paths) -> Result<Option<LogHead>, LogFault> {
    let path = head_path(paths);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => Ok(None),
        Err(error) => Err(at(&path)(error)),
    }
}

/// Refuses a log of a later version, and what begins as no log does. A first line that is damaged is for verification.
fn ensure_ours(path: &Path, first_line: &[u8]) -> Result<(), LogFault> {
    match serde_json::from_slice::<LogStart>(first_line) {
        Ok(start) if start.tatami_audit > VERSION => Err(LogFault::Newer(path.to_owned())),
        Ok(_) => Ok(()),
        Err(_) if first_line.is_empty() || first_line.starts_with(b"{") => Ok(()),
        Err(_) => Err(LogFault::Foreign(path.to_owned())),
    }
}

/// Adds an entry, which is on the disk then; its number. It is made of its number, the hash of the line before and what
/// is amiss with the log.
pub(super) fn append(
    paths: &Paths,
    make: impl FnOnce(u64, String, Option<LogDefect>) -> AuditEntry,
) -> Result<u64, LogFault> {
    let _lock = lock(paths)?;
    let path = paths.audit_log();
    let failed = || at(&path);
    create_private_file(&path).map_err(failed())?;
    let mut file = File::options().read(true).append(true).open(&path).map_err(failed())?;
    let mut end = LogEnd::of(&mut file).map_err(failed())?;
    ensure_ours(&path, &end.first_line)?;
    let last = match end.last_line.clone() {
        Some(line) => line,
        None => end.begin(&mut file, &paths.data).map_err(failed())?,
    };
    let head = match read_head(paths)? {
        // Before the first entry, so that there is none without a head.
        None if !end.has_entries() => {
            let head = head_of(0, &last);
            write_head(paths, &head).map_err(failed())?;
            Some(head)
        }
        head => head,
    };
    let behind = match &head {
        Some(head) => lines_behind(paths, head, &last)?,
        None => None,
    };
    let last_number = serde_json::from_slice::<AuditEntry>(&last).map_or(0, |entry| entry.number);
    // The head of another log has a number of that one.
    let known = head.as_ref().filter(|_| behind.is_some()).map_or(0, |head| head.number);
    let number = last_number.max(known).checked_add(1);
    let number = number.ok_or_else(|| failed()(io::Error::other("no number is left after that of its last entry")))?;
    if behind == Some(1) {
        // Another crash would leave two entries behind the head.
        write_head(paths, &head_of(last_number, &last)).map_err(failed())?;
    }
    let entry = make(number, super::digest(&last), end.defect(head, behind));
    let line = serde_json::to_vec(&entry).map_err(|error| failed()(error.into()))?;
    let added =
        add(&mut file, &end, &[&*line, b"\n"].concat()).and_then(|()| write_head(paths, &head_of(number, &line)));
    if let Err(error) = added {
        // What is not wholly there is not there: the change is refused, or its end is told to be missing.
        file.set_len(end.whole).ok();
        return Err(failed()(error));
    }
    Ok(number)
}

/// The end of a log.
struct LogEnd {
    first_line: Vec<u8>,
    /// The last line that was written to its end.
    last_line: Option<Vec<u8>>,
    /// Up to where lines are whole, in bytes.
    whole: u64,
    /// What stands behind that.
    unfinished: u64,
}

impl LogEnd {
    fn of(file: &mut File) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        let first = read_at(file, 0, len.min(BLOCK))?;
        let first_line = first.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
        let mut size = BLOCK;
        loop {
            let start = len.saturating_sub(size);
            let block = read_at(file, start, len - start)?;
            let is_all = start == 0;
            let Some(end) = block.iter().rposition(|byte| *byte == b'\n') else {
                if is_all {
                    return Ok(Self {
                        first_line,
                        last_line: None,
                        whole: 0,
                        unfinished: len,
                    });
                }
                size *= 8;
                continue;
            };
            let lines = block.get(..end).unwrap_or_default();
            let before = lines.iter().rposition(|byte| *byte == b'\n');
            if before.is_none() && !is_all {
                size *= 8;
                continue;
            }
            let last_line = lines.get(before.map_or(0, |at| at + 1)..).unwrap_or_default();
            let whole = start + end as u64 + 1;
            return Ok(Self {
                first_line,
                last_line: Some(last_line.to_vec()),
                whole,
                unfinished: len - whole,
            });
        }
    }

    /// Writes the first line, which it answers.
    fn begin(&mut self, file: &mut File, folder: &Path) -> io::Result<Vec<u8>> {
        let start = start()?;
        let line = [&*start, b"\n"].concat();
        add(file, self, &line)?;
        sync_folder(folder)?;
        self.last_line = Some(start.clone());
        self.whole = line.len() as u64;
        Ok(start)
    }

    /// Whether anything stands behind the first line.
    fn has_entries(&self) -> bool {
        let only = |line: &Vec<u8>| self.whole == line.len() as u64 + 1;
        self.last_line.as_ref().is_some_and(|line| !only(line))
    }

    /// What is amiss, held against how far the log is said to be.
    fn defect(&self, head: Option<LogHead>, behind: Option<usize>) -> Option<LogDefect> {
        let without_head = head.is_none();
        let (missing, left_behind) = match behind {
            None => (head, None),
            // A crash leaves one entry behind the head, and no more.
            Some(0 | 1) => (None, None),
            Some(_) => (None, head),
        };
        let defect = LogDefect {
            unfinished_bytes: Some(self.unfinished).filter(|bytes| *bytes > 0),
            missing,
            left_behind,
            without_head,
        };
        (defect != LogDefect::default()).then_some(defect)
    }
}

/// How many whole lines stand behind the one that a head is of; none when that one is not there.
fn lines_behind(paths: &Paths, head: &LogHead, last: &[u8]) -> Result<Option<usize>, LogFault> {
    if head.hash == super::digest(last) {
        return Ok(Some(0));
    }
    let log = read(paths)?;
    // What stands behind the last line's end is no line.
    let mut backwards = log.rsplit(|byte| *byte == b'\n').skip(1);
    Ok(backwards.position(|line| super::digest(line) == head.hash))
}

fn read_at(file: &mut File, start: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Adds lines behind the last whole one.
fn add(file: &mut File, end: &LogEnd, bytes: &[u8]) -> io::Result<()> {
    if end.unfinished > 0 {
        file.set_len(end.whole)?;
    }
    file.write_all(bytes)?;
    file.sync_data()
}

fn write_head(paths: &Paths, head: &LogHead) -> io::Result<()> {
    let mut file = AtomicFile::create_private(&head_path(paths))?;
    file.write_all(format!("{head}\n").as_bytes())?;
    file.finish()
}

/// Has the disk keep that a file is in a folder.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The first line of a new log.
fn start() -> io::Result<Vec<u8>> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let start = LogStart {
        tatami_audit: VERSION,
        log: super::digest(&random).split_off(32),
    };
    Ok(serde_json::to_vec(&start)?)
}
