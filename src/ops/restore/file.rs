//! The file of one document: read at the start, and added to as steps are made.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::SystemTime,
};

use super::{
    record::{self, ANY_MAGIC, DamagedRecord, FileHead, KeptPrint, MAGIC, NewRecord, Now, OldRecord},
    timeline::{LastState, OldStep, OldTimeline, Timeline, changed},
};
use crate::{
    frame::{Edits, Frame, OpenOptions},
    message::kept::{FoundDocument, KeptDocument, KeptId, Unfit},
    settings::AtomicFile,
    upload::Fingerprint,
};

/// What is of no use may take so many bytes, or as many as the rest.
const SPARE: u64 = 1 << 20;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileFault {
    #[error("a newer Tatami wrote it")]
    Newer,
    #[error(transparent)]
    Damaged(#[from] DamagedRecord),
    #[error("it is none of Tatami's")]
    Foreign,
    #[error("its beginning is missing")]
    Headless,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file, as far as it is known what stands in it.
#[derive(Debug, Default)]
pub(super) struct KeptFile {
    path: PathBuf,
    /// The table that the steps are of; none when it was not written or read by this window.
    frame: Weak<Frame>,
    /// What the steps in it begin with, which can become another without a step.
    base: Weak<Edits>,
    /// What tells the file of that table from others, as it stands in it.
    print: Option<KeptPrint>,
    /// The steps in it that count, by number, with their bytes.
    steps: Vec<(u64, u64)>,
    now: Now,
    /// How many bytes it has, and how many of those other than steps count.
    len: u64,
    other: u64,
    /// Whether it is known what stands in it, so that it can be added to.
    is_known: bool,
    /// Whether it was read at the start, and not gone on with yet.
    is_found: bool,
    /// How often it was tried to open the document since it was open.
    tries: u32,
}

/// A file that was read, and what it says.
pub(super) struct LoadedFile {
    pub(super) file: KeptFile,
    pub(super) document: FoundDocument,
    pub(super) fit: Result<(), Unfit>,
}

impl KeptFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// Reads a file, up to what a crash has cut off.
    pub(super) fn load(path: &Path, id: KeptId) -> Result<LoadedFile, FileFault> {
        let bytes = fs::read(path)?;
        let mut rest = match bytes.strip_prefix(MAGIC) {
            Some(rest) => rest,
            None if bytes.starts_with(ANY_MAGIC) => return Err(FileFault::Newer),
            None => return Err(FileFault::Foreign),
        };
        let mut file = Self::new(path.to_owned());
        let (mut head, mut base) = (None, None);
        let mut steps = Vec::new();
        loop {
            let before = rest.len();
            let Some(record) = record::next(&mut rest)? else { break };
            let bytes = (before - rest.len()) as u64;
            match record {
                OldRecord::Head(read) => head = Some(read),
                OldRecord::Base { cells, mapping } => base = Some((cells, mapping)),
                OldRecord::Step {
                    cells,
                    cursors,
                    mapping,
                } => {
                    file.steps.push((steps.len() as u64, bytes));
                    steps.push(OldStep {
                        cells,
                        cursors,
                        mapping,
                    });
                }
                OldRecord::Keep(count) => {
                    file.steps.truncate(count);
                    steps.truncate(count);
                }
                OldRecord::Now(now) => {
                    file.now = now;
                    file.tries = 0;
                }
                OldRecord::Tried => file.tries += 1,
            }
        }
        file.len = (bytes.len() - rest.len()) as u64;
        file.other = file.len - file.steps.iter().map(|(_, bytes)| bytes).sum::<u64>();
        file.is_known = rest.is_empty();
        file.is_found = true;
        let (Some(head), Some((cells, recipe))) = (head, base) else {
            return Err(FileFault::Headless);
        };
        let (base, _) = changed(&Edits::default(), &cells)?;
        let base = Arc::new(base);
        file.base = Arc::downgrade(&base);
        file.print = head.print;
        let timeline = OldTimeline {
            base: Arc::clone(&base),
            base_mapping: recipe.mapping,
            steps,
            made: file.now.made,
        };
        let LastState {
            edits,
            mapping,
            undo,
            redo,
        } = timeline.stand()?;
        let options = OpenOptions::default()
            .or_recipe(&head.read)
            .map_err(|_| DamagedRecord)?;
        let document = FoundDocument {
            id,
            path: head.path.to_path(),
            options: OpenOptions {
                allow_unpacked: head.unpack_all.then_some(u64::MAX),
                ..options
            },
            stamp: head.print.map(|print| (print.size, print.modified)),
            rows: head.rows,
            columns: recipe.columns,
            base,
            edits,
            mapping,
            undo,
            redo,
            view: file.now.view.clone(),
        };
        let fit = fit(&document.path, head.print);
        Ok(LoadedFile { file, document, fit })
    }

    /// Keeps a document: what is new is added.
    pub(super) fn keep(&mut self, document: &KeptDocument) -> io::Result<()> {
        let timeline = Timeline::of(document);
        let now = Now {
            made: document.undo.len(),
            view: document.view.clone(),
        };
        // What was read at the start and is gone on with is of this table.
        let goes_on = self.is_found && document.found.is_some();
        let is_of_table = goes_on || self.frame.ptr_eq(&Arc::downgrade(&document.frame));
        let base = Arc::downgrade(timeline.base);
        let is_same = is_of_table && self.base.ptr_eq(&base);
        if !is_of_table {
            self.print = None;
        }
        self.frame = Arc::downgrade(&document.frame);
        self.base = base;
        self.is_found = false;
        let is_full = self.len > 2 * self.useful() + SPARE;
        if !is_same || !self.is_known || is_full {
            return self.write_all(document, &timeline, now);
        }
        self.is_known = false;
        self.add(&timeline, now)?;
        self.is_known = true;
        Ok(())
    }

    fn useful(&self) -> u64 {
        self.other + self.steps.iter().map(|(_, bytes)| bytes).sum::<u64>()
    }

    fn add(&mut self, timeline: &Timeline<'_>, now: Now) -> io::Result<()> {
        let pairs = self.steps.iter().zip(&timeline.steps);
        let common = pairs.take_while(|((number, _), step)| *number == step.number).count();
        let mut bytes = Vec::new();
        if common < self.steps.len() {
            bytes.extend(NewRecord::Keep(common).to_bytes()?);
            self.steps.truncate(common);
        }
        for step in timeline.steps.iter().skip(common) {
            let record = timeline.record(step).to_bytes()?;
            self.steps.push((step.number, record.len() as u64));
            bytes.extend(record);
        }
        let is_step = !bytes.is_empty();
        if now != self.now || self.tries > 0 {
            bytes.extend(NewRecord::Now(&now).to_bytes()?);
        }
        self.append(&bytes, is_step)?;
        self.now = now;
        self.tries = 0;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8], is_precious: bool) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut file = File::options().append(true).open(&self.path)?;
        file.write_all(bytes)?;
        if is_precious {
            file.sync_data()?;
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Writes the file anew.
    fn write_all(&mut self, document: &KeptDocument, timeline: &Timeline<'_>, now: Now) -> io::Result<()> {
        self.is_known = false;
        let mut steps = Vec::with_capacity(timeline.steps.len());
        let mut file = AtomicFile::create_private(&self.path)?;
        let mut len = MAGIC.len();
        file.write_all(MAGIC)?;
        let mut write = |record: &NewRecord<'_>| -> io::Result<u64> {
            let bytes = record.to_bytes()?;
            file.write_all(&bytes)?;
            len += bytes.len();
            Ok(bytes.len() as u64)
        };
        let head = head(document, self.print);
        write(&NewRecord::Head(&head))?;
        write(&timeline.base())?;
        for step in &timeline.steps {
            steps.push((step.number, write(&timeline.record(step))?));
        }
        write(&NewRecord::Now(&now))?;
        file.finish()?;
        self.print = head.print;
        self.len = len as u64;
        self.other = self.len - steps.iter().map(|(_, bytes)| bytes).sum::<u64>();
        (self.steps, self.now, self.tries, self.is_known) = (steps, now, 0, true);
        Ok(())
    }

    pub(super) const fn tries(&self) -> u32 {
        self.tries
    }

    /// Notes that the document is about to be opened.
    pub(super) fn tried(&mut self) -> io::Result<()> {
        self.tries += 1;
        self.note(&NewRecord::Tried)
    }

    /// Notes that opening the document did not end the program.
    pub(super) fn opened(&mut self) -> io::Result<()> {
        self.tries = 0;
        let now = self.now.clone();
        self.note(&NewRecord::Now(&now))
    }

    /// Adds a record, unless something is cut off at the end.
    fn note(&mut self, record: &NewRecord<'_>) -> io::Result<()> {
        if self.is_known {
            let bytes = record.to_bytes()?;
            self.is_known = false;
            self.append(&bytes, false)?;
            self.is_known = true;
        }
        Ok(())
    }

    pub(super) fn touch(&self) -> io::Result<()> {
        File::options()
            .append(true)
            .open(&self.path)?
            .set_modified(SystemTime::now())
    }

    pub(super) fn forget(self) {
        // What is left is forgotten when it has grown old.
        fs::remove_file(&self.path).ok();
    }
}

/// Which file a document is of; `known` tells it from others, when it was looked at before.
fn head(document: &KeptDocument, known: Option<KeptPrint>) -> FileHead {
    // It is the file that was opened only as long as it is unchanged, before and after. Changed, it may still come back.
    let is_same = || document.frame.ensure_unchanged().is_ok();
    let print = is_same().then(|| print(&document.path).ok()).flatten();
    FileHead {
        path: document.path.clone().into(),
        print: print.filter(|_| is_same()).or(known),
        read: document.options.to_recipe(),
        unpack_all: document.options.allow_unpacked.is_some(),
        rows: document.frame.len(),
    }
}

fn print(path: &Path) -> io::Result<KeptPrint> {
    let Fingerprint {
        size,
        modified,
        sample,
        content: _,
    } = Fingerprint::of(path)?;
    Ok(KeptPrint { size, modified, sample })
}

/// Whether the file is still the one that the changes are of.
fn fit(path: &Path, kept: Option<KeptPrint>) -> Result<(), Unfit> {
    let there = print(path).map_err(|_| Unfit::Missing)?;
    if kept == Some(there) {
        Ok(())
    } else {
        Err(Unfit::Changed)
    }
}
