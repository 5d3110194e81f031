//! The one pass over a file: where every record starts, what the columns are, which records are broken; and whoever
//! wants to look at the rows meanwhile does so.
//!
//! Every thread takes the next block, reads it, waits for its turn to find where the records end (which only the
//! blocks before can tell, and takes little), and then takes the records apart while the others do the same. What they
//! found is joined in file order, so that the outcome does not depend on who was faster.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    Csv, Defect, Format, FrameError, TextEncoding, Visit,
    columns::Columns,
    csv,
    furniture::{LeftOut, LineTally, Lines},
    header,
    index::{self, FoundRecord, Index},
    json_list,
    reader::RowReader,
    sniff::Sniffed,
    source::Source,
    splitter::Splitter,
    unreadable::Unreadable,
};
use crate::domain::{cell::Cell, number::grouped, progress::Progress};

/// Bytes read at a time: few enough to stay in the cache of the core that read them.
pub(super) const BLOCK: usize = 1 << 20;

/// Bytes read at a time for each column that whoever looks at the rows knows: what is gathered of a block takes room for
/// each column, which few rows of a wide table must not take again and again.
const BLOCK_OF_COLUMN: usize = 256;

/// Where a block's bytes begin in its buffer, so that the beginning of a record from the block before fits in front.
const ROOM: usize = 64 << 10;

/// The longest record: beyond this its end is broken, and waiting for it would hold the whole file in memory.
pub(super) const LONGEST: usize = 64 << 20;

/// How often the rows so far are handed over.
const PAUSE: Duration = Duration::from_millis(400);

/// With more defects than this, they are not copied for the rows so far.
const MANY_DEFECTS: usize = 10_000;

/// How much of the file to take in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) bytes: u64,
    pub(super) records: usize,
}

impl Extent {
    /// All of it.
    pub(super) const ALL: Self = Self {
        bytes: u64::MAX,
        records: usize::MAX,
    };
}

/// What the pass found.
#[derive(Debug)]
pub(super) struct Built<G> {
    pub(super) index: Index,
    pub(super) columns: Columns,
    pub(super) defects: Vec<Defect>,
    pub(super) gathered: G,
    /// Notes for people on the columns' names.
    pub(super) notes: Vec<String>,
    /// The account of all lines of delimited text; empty until the end.
    pub(super) lines: Lines,
    pub(super) left_out: Vec<LeftOut>,
}

/// The pass and its progress, shared by all threads.
struct IndexPass<'a, V: Visit> {
    source: &'a Source,
    format: Format,
    /// Where the records, or the header row, begin.
    start: u64,
    /// Where to stop.
    stop: u64,
    records: usize,
    block: usize,
    visit: &'a V,
    progress: &'a Progress,
    /// Called with the rows so far.
    grown: &'a (dyn Fn(Built<()>) + Sync),
    /// The next block to be read.
    next: AtomicUsize,
    split: Mutex<Split>,
    turn: Condvar,
    joined: Mutex<Joined<V::Gathered>>,
}

/// The state that is handed from block to block.
struct Split {
    /// The block whose turn it is.
    turn: usize,
    /// Whether the pass has ended.
    is_over: bool,
    splitter: Splitter,
    /// The beginning of a record that the block before broke off, and where in the file that is.
    rest: Vec<u8>,
    base: u64,
    index: Index,
    /// The columns of delimited text, once they are known.
    header: Option<Columns>,
    tally: LineTally,
    takes_every_line: bool,
    notes: Vec<String>,
    failure: Option<FrameError>,
}

/// What has been found, in file order.
struct Joined<G> {
    next: usize,
    waiting: BTreeMap<usize, BlockPiece<G>>,
    columns: Columns,
    defects: Vec<Defect>,
    gathered: G,
    /// How many rows these are.
    rows: usize,
    /// When the rows so far were handed over last.
    shown: Instant,
}

/// The records of one block.
struct Records {
    found: Vec<FoundRecord>,
    /// Where the buffer's bytes begin, and where in the file that is.
    from: usize,
    base: u64,
    /// The first record's row.
    row: usize,
    /// How many columns delimited text has.
    width: usize,
}

/// The bytes of a block's records, and as text, when all of them are.
struct ReadBlock<'b> {
    bytes: &'b [u8],
    /// Where in the file they begin.
    base: u64,
    text: Option<&'b str>,
}

/// What was found in one block.
struct BlockPiece<G> {
    /// How many rows there are up to its end.
    rows: usize,
    names: Vec<String>,
    defects: Vec<Defect>,
    gathered: G,
}

/// Bytes to read at a time for somebody who knows so many columns.
pub(super) fn block(columns: usize) -> usize {
    BLOCK.max(columns.saturating_mul(BLOCK_OF_COLUMN).min(LONGEST))
}

/// Goes over the file, or its first part, once, `block` bytes at a time. Progress counts bytes. When that takes long,
/// the rows so far are handed to `grown` now and then.
pub(super) fn build<V: Visit>(
    source: &Source,
    sniffed: &Sniffed,
    extent: Extent,
    block: usize,
    visit: &V,
    progress: &Progress,
    grown: &(dyn Fn(Built<()>) + Sync),
) -> Result<Built<V::Gathered>, FrameError> {
    let stop = extent.bytes.min(source.size());
    let pass = IndexPass {
        source,
        format: sniffed.format,
        start: sniffed.start,
        stop,
        records: extent.records,
        block,
        visit,
        progress,
        grown,
        next: AtomicUsize::new(0),
        split: Mutex::new(Split {
            turn: 0,
            is_over: false,
            splitter: Splitter::new(sniffed),
            rest: Vec::new(),
            base: sniffed.start,
            index: Index::default(),
            header: None,
            tally: LineTally::new(sniffed),
            takes_every_line: sniffed.takes_every_line,
            notes: Vec::new(),
            failure: None,
        }),
        turn: Condvar::new(),
        joined: Mutex::new(Joined {
            next: 0,
            waiting: BTreeMap::new(),
            columns: known(visit, sniffed.format),
            defects: Vec::new(),
            gathered: visit.start(),
            rows: 0,
            shown: Instant::now(),
        }),
    };
    progress.add(sniffed.start.min(stop));
    let blocks = stop.saturating_sub(sniffed.start).div_ceil(block as u64);
    let threads = rayon::current_num_threads().min(usize::try_from(blocks).unwrap_or(usize::MAX));
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| pass.work());
        }
        pass.work();
    });
    source.check()?;
    let Split {
        index,
        header,
        mut tally,
        splitter,
        notes,
        failure,
        ..
    } = pass.split.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = failure {
        return Err(failure);
    }
    let joined = pass.joined.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Built {
        index,
        columns: header.unwrap_or(joined.columns),
        defects: joined.defects,
        gathered: joined.gathered,
        notes,
        lines: tally.finish(&splitter),
        left_out: tally.left_out,
    })
}

/// Ends the pass when a thread panics: others may wait for its turn.
struct Ending<'p, 'a, V: Visit>(&'p IndexPass<'a, V>);

impl<V: Visit> Drop for Ending<'_, '_, V> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.split).is_over = true;
            self.0.turn.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The columns that are found among others: those of delimited text are as its header says.
fn known<V: Visit>(visit: &V, format: Format) -> Columns {
    let mut columns = Columns::default();
    if !format.is_rectangular() {
        visit.columns().iter().for_each(|name| columns.add(name));
    }
    columns
}

impl<V: Visit> IndexPass<'_, V> {
    /// The loop of one thread.
    fn work(&self) {
        let ending = Ending(self);
        let mut reader = RowReader::new(self.format, known(self.visit, self.format));
        let mut buffer = vec![0; ROOM + self.block];
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            match self.take(number, &mut buffer) {
                Ok(Some(records)) => {
                    let len = records.found.last().map_or(0, |last| last.end);
                    let text = buffer.get(records.from..records.from + len).unwrap_or_default();
                    let piece = self.judge(records, text, &mut reader);
                    self.join(number, piece);
                }
                Ok(None) => break,
                Err(error) => {
                    let mut split = lock(&self.split);
                    split.is_over = true;
                    split.failure.get_or_insert(error);
                    self.turn.notify_all();
                    break;
                }
            }
        }
        drop(ending);
    }

    /// Reads a block and finds the records that end in it; `None` when the pass has ended.
    fn take(&self, number: usize, buffer: &mut Vec<u8>) -> Result<Option<Records>, FrameError> {
        if self.progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let at = self
            .start
            .saturating_add((number as u64).saturating_mul(self.block as u64));
        if at >= self.stop && number > 0 {
            return Ok(None);
        }
        let len = usize::try_from(self.stop.saturating_sub(at)).map_or(self.block, |left| left.min(self.block));
        buffer.resize(ROOM + self.block, 0);
        self.source
            .fill(at, buffer.get_mut(ROOM..ROOM + len).unwrap_or_default())?;

        let mut split = lock(&self.split);
        while split.turn != number && !split.is_over {
            split = self.turn.wait(split).unwrap_or_else(PoisonError::into_inner);
        }
        if split.is_over {
            return Ok(None);
        }
        let records = split.next(self, buffer, at + len as u64)?;
        split.turn += 1;
        drop(split);
        self.turn.notify_all();
        self.progress.add(len as u64);
        Ok(Some(records))
    }

    /// Reads and judges the records of a block.
    fn judge(&self, records: Records, bytes: &[u8], reader: &mut RowReader<Columns>) -> BlockPiece<V::Gathered> {
        let mut piece = BlockPiece {
            rows: records.row + records.found.len(),
            names: Vec::new(),
            defects: Vec::new(),
            gathered: self.visit.start(),
        };
        let known = reader.names.len();
        let missing = vec![Cell::Missing; self.visit.columns().len()];
        let block = ReadBlock {
            bytes,
            base: records.base,
            // Checked once for the whole block, unless some record in it is not UTF-8.
            text: simdutf8::basic::from_utf8(bytes).ok(),
        };
        let mut cells = Vec::with_capacity(records.width.max(known));
        for (at, mut found) in records.found.into_iter().enumerate() {
            let row = u32::try_from(records.row + at).unwrap_or(u32::MAX);
            let gathered = &mut piece.gathered;
            let look = |cells: &[Cell<'_>]| self.look(gathered, row, cells, records.width);
            let verdict = match found.broken.take() {
                Some(reason) => Err(Unreadable::Broken(reason)),
                None => self.read(&block, &found, reader, &mut cells, look),
            };
            if let Err(reason) = verdict {
                self.visit.row(&mut piece.gathered, row, &missing);
                piece.defects.push(Defect {
                    row,
                    line: found.line,
                    offset: records.base + found.start as u64,
                    has_odd_byte: matches!(reason, Unreadable::NotText { .. }),
                    reason: reason.to_string(),
                });
            }
        }
        let new = reader.names.names().iter().skip(known);
        piece.names.extend(new.cloned());
        piece
    }

    /// Hands a record's cells to `look`.
    #[inline]
    fn read<'b>(
        &self,
        block: &ReadBlock<'b>,
        found: &FoundRecord,
        reader: &mut RowReader<Columns>,
        cells: &mut Vec<Cell<'b>>,
        look: impl FnOnce(&[Cell<'_>]) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let range = index::trim(block.bytes, found.start..found.end, self.format);
        let start = range.start;
        let record = if let Some(record) = block.text.and_then(|text| text.get(range.clone())) {
            record
        } else {
            let record = block.bytes.get(range).unwrap_or_default();
            std::str::from_utf8(record).map_err(|error| {
                let at = error.valid_up_to();
                Unreadable::NotText {
                    byte: record.get(at).copied().unwrap_or_default(),
                    offset: block.base + (start + at) as u64,
                    encoding: TextEncoding::UTF_8,
                }
            })?
        };
        reader.read(record, cells, look).flatten()
    }

    /// Looks at a record that could be read, unless it has too few or too many cells.
    #[inline]
    fn look(&self, gathered: &mut V::Gathered, row: u32, cells: &[Cell<'_>], width: usize) -> Result<(), Unreadable> {
        if self.format.is_rectangular() && cells.len() != width {
            return Err(Unreadable::Width {
                cells: cells.len(),
                header: width,
            });
        }
        let known = self.visit.columns().len();
        self.visit.row(gathered, row, cells.get(..known).unwrap_or_default());
        Ok(())
    }

    fn join(&self, number: usize, piece: BlockPiece<V::Gathered>) {
        let mut joined = lock(&self.joined);
        joined.waiting.insert(number, piece);
        while let Some(piece) = {
            let next = joined.next;
            joined.waiting.remove(&next)
        } {
            joined.next += 1;
            for name in &piece.names {
                joined.columns.add(name);
            }
            joined.defects.extend(piece.defects);
            self.visit.join(&mut joined.gathered, piece.gathered);
            joined.rows = piece.rows;
        }
        if joined.shown.elapsed() >= PAUSE && joined.defects.len() <= MANY_DEFECTS {
            joined.shown = Instant::now();
            let (rows, columns, defects) = (joined.rows, joined.columns.clone(), joined.defects.clone());
            drop(joined);
            let split = lock(&self.split);
            let built = Built {
                index: split.index.first(rows),
                columns: split.header.clone().unwrap_or(columns),
                notes: split.notes.clone(),
                defects,
                gathered: (),
                lines: Lines::default(),
                left_out: Vec::new(),
            };
            drop(split);
            (self.grown)(built);
        }
    }
}

impl Split {
    /// Finds the records that end in a block, which stands in `buffer` behind [`ROOM`] and ends at `end` in the file.
    fn next<V: Visit>(
        &mut self,
        pass: &IndexPass<'_, V>,
        buffer: &mut Vec<u8>,
        end: u64,
    ) -> Result<Records, FrameError> {
        // The record that the last block broke off comes first.
        let mut rest = mem::take(&mut self.rest);
        let base = self.base;
        let read = usize::try_from(end.saturating_sub(base)).unwrap_or(usize::MAX) - rest.len();
        let block = ROOM..ROOM + read;
        let filled = if let Some(from) = ROOM.checked_sub(rest.len()) {
            if let Some(front) = buffer.get_mut(from..ROOM) {
                front.copy_from_slice(&rest);
            }
            from..block.end
        } else {
            rest.extend_from_slice(buffer.get(block).unwrap_or_default());
            mem::swap(buffer, &mut rest);
            0..buffer.len()
        };
        let from = filled.start;
        let bytes = buffer.get(filled).unwrap_or_default();
        let is_last = end >= pass.source.size();
        let mut found = Vec::new();
        let consumed = self.splitter.split(bytes, is_last, &mut found);
        if bytes.len() - consumed > LONGEST + pass.block {
            let line = grouped(self.splitter.line());
            return Err(pass.source.refused(format!(
                "the record on line {line} is longer than 64 MB; see whether its line or quote ever ends"
            )));
        }
        self.rest = bytes.get(consumed..).unwrap_or_default().to_vec();
        self.base = base + consumed as u64;
        if self.header.is_none()
            && let Some(first) = found.first()
            && self.takes_header(pass.format, first, bytes)
        {
            found.remove(0);
        }
        if let Format::Csv(csv) = pass.format {
            self.leave_out(csv, bytes, base, &mut found);
        }
        let row = self.index.len();
        found.truncate(pass.records.saturating_sub(row));
        for found in &found {
            self.index
                .push(base + found.start as u64, base + found.end as u64, found.line);
        }
        if u32::try_from(self.index.len()).is_err() {
            return Err(FrameError::Unsupported {
                path: pass.source.path().to_owned(),
                reason: "it has more than 4,294,967,295 records; split it".to_owned(),
            });
        }
        self.is_over = self.index.len() >= pass.records;
        Ok(Records {
            found,
            from,
            base,
            row,
            width: self.header.as_ref().map_or(0, Columns::len),
        })
    }
}

impl Split {
    /// Names the columns after the first record, or by their numbers. Returns whether the record is the header.
    fn takes_header(&mut self, format: Format, first: &FoundRecord, bytes: &[u8]) -> bool {
        let record = index::trim(bytes, first.start..first.end, format);
        let record = bytes.get(record).unwrap_or_default();
        let (columns, notes, is_header) = match format {
            Format::Csv(csv) if csv.header => {
                let (columns, notes) = header::columns(first, record, csv);
                self.tally.header(first, record, columns.len());
                (columns, notes, true)
            }
            Format::Csv(csv) => (Columns::numbered(csv::count_cells(record, csv)), Vec::new(), false),
            Format::JsonRows { header } => {
                let mut names = Vec::new();
                json_list::items(std::str::from_utf8(record).unwrap_or_default(), &mut names);
                if header {
                    let names = names.iter().map(|name| name.shown().into_owned());
                    (Columns::from_headers(names), Vec::new(), true)
                } else {
                    (Columns::numbered(names.len()), Vec::new(), false)
                }
            }
            Format::JsonLines | Format::JsonArray | Format::JsonData | Format::JsonObjects => return false,
        };
        (self.header, self.notes) = (Some(columns), notes);
        is_header
    }

    /// Leaves out the records that are no rows.
    fn leave_out(&mut self, csv: Csv, bytes: &[u8], base: u64, found: &mut Vec<FoundRecord>) {
        found.retain(|one| {
            let record = bytes.get(one.start..one.end).unwrap_or_default();
            let (start, end) = (base + one.start as u64, base + one.end as u64);
            let what = if self.takes_every_line {
                None
            } else {
                self.tally.what(csv, record, start)
            };
            self.tally.count(one, what, start);
            if what.is_some() {
                self.index.leave_out(start..end);
            }
            what.is_none()
        });
    }
}
