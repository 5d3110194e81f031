//! Files as tables: an index over the file, cells read on demand where they stand, edits laid over them.
//! The only module that reads and writes data files, and the only one that names polars.

mod above;
mod allowance;
mod begin;
mod build;
#[cfg(test)]
mod build_test;
mod columns;
mod containers;
mod csv;
mod data_source;
mod decode;
mod decoder;
mod dialect;
mod edits;
mod encoding;
mod furniture;
mod guess;
mod header;
mod index;
mod intake;
mod json_list;
mod location;
mod options;
mod order;
mod plausible;
mod preset;
mod project;
mod reader;
mod reading;
mod refusal;
mod same;
mod samples;
mod shape;
mod shown;
mod sniff;
mod sort;
mod sort_key;
#[cfg(test)]
mod sort_test;
mod source;
mod splice;
mod splitter;
mod spool;
mod statistics;
mod text_encoding;
mod unreadable;
mod visit;
mod walk;
mod workbook;
mod write;

pub use allowance::{Excess, OpenBound};
pub use data_source::DataSource;
pub(crate) use dialect::Dialect;
pub use dialect::{Csv, Format, LineBreak};
pub use edits::Edits;
pub(crate) use furniture::LeftOut;
pub use furniture::Lines;
pub use intake::convert_with;
pub(crate) use intake::{Origin, SourceChoice, Unlike, convert_input};
pub(crate) use location::{Location, RecordLocation};
pub use options::OpenOptions;
pub use order::Order;
pub(crate) use preset::Converted;
pub use preset::Preset;
pub use project::ColumnSummary;
pub(crate) use project::summaries;
pub(crate) use reading::Reading;
pub use same::export_same;
pub use shown::Shown;
pub use sort::{SortBy, sort};
pub(crate) use source::nanoseconds;
pub use statistics::{ColumnStatistics, ValueKind, column_statistics, sampled_statistics};
pub(crate) use text_encoding::CodePage;
pub use text_encoding::TextEncoding;
pub(crate) use visit::Visit;
pub(crate) use workbook::{export_workbook, unguard};
pub(crate) use write::write_record;
pub use write::{ExtraColumns, export_csv};

use std::{
    io,
    ops::{ControlFlow, Range},
    path::{Path, PathBuf},
    sync::Arc,
};

use build::{Built, Extent};
use columns::Columns;
use decode::Decoded;
use encoding::Text;
use index::Index;
use sniff::Sniffed;
use source::Source;

use crate::domain::{
    cell::{Cell, OwnedCell},
    number::bytes,
    progress::Progress,
};

/// Why a file cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is of no known format.
    #[error("{path} cannot be opened: {reason}")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// Why, and what to do about it.
        reason: String,
    },
    /// The file was changed or replaced since it was opened.
    #[error("{path} has changed since it was opened; open it again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// It would take more of the disk or the memory than is taken unasked.
    #[error("{path} is opened only if that is meant: {excess}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it would take.
        excess: Excess,
    },
    /// What is unpacked, converted or sorted does not fit on the disk.
    #[error(
        "there is not enough space in {}, where Tatami keeps what it unpacks, converts and sorts until the file is closed: \
         {} are needed, {} are free; make room on that disk, close other files, or put a link to a folder on a larger disk \
         in its place",
        folder.display(), bytes(*needed), bytes(*free)
    )]
    NoSpace {
        /// Where the text would be spooled.
        folder: PathBuf,
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// A changed record cannot be written as the file is, or a file not there.
    #[error("{what} cannot be written: {reason}")]
    Unwritable {
        /// What, for people: a record with its line, a file.
        what: String,
        /// Why not.
        reason: String,
    },
    /// What tells the values of a column apart has failed.
    #[error("the values of a column cannot be counted: {0}")]
    Uncounted(#[from] polars::prelude::PolarsError),
    /// The work was cancelled.
    #[error("stopped")]
    Cancelled,
}

/// A record that could not be read as the others were. It is still a row, so that it is seen and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The row it is shown in.
    pub row: u32,
    /// File line, from 1.
    pub line: u64,
    /// Byte offset of the record's start in the file.
    pub offset: u64,
    /// What is wrong, for people: `5 cells where the header has 4`.
    pub reason: String,
    /// Whether that is a byte which is no text.
    has_odd_byte: bool,
}

/// What samples of a text told, which is read where it stands.
#[derive(Clone, Debug)]
struct Judged {
    of: source::Identity,
    has_bom: bool,
    sniffed: Sniffed,
}

impl Judged {
    fn new(text: &Text, sniffed: &Sniffed) -> Self {
        Self {
            of: text.source.identity(),
            has_bom: text.has_bom,
            sniffed: sniffed.clone(),
        }
    }

    /// Whether it is a judgement of this source as it is now.
    fn is_of(&self, source: &Source) -> bool {
        self.of == source.identity()
    }
}

/// An opened file: where every record starts, and what its columns are.
#[derive(Debug)]
pub struct Frame {
    source: Source,
    origin: Arc<Origin>,
    dialect: Dialect,
    columns: Columns,
    index: Index,
    defects: Vec<Defect>,
    /// What the file was rewritten from, when it is the export of a known system.
    converted: Option<Converted>,
    /// What the source was decoded from.
    decoded: Option<Decoded>,
    notes: Vec<String>,
    /// The keys of the objects around a list of JSON records, the outermost first.
    list: Vec<String>,
    lines: Lines,
    left_out: Vec<LeftOut>,
    /// Where sorted runs are spooled.
    spool: PathBuf,
}

impl Frame {
    /// Opens a file, or the files of a folder or pattern as one: recognises format and dialect, and finds every record.
    /// Progress counts bytes.
    pub fn open(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Self, FrameError> {
        let (frame, ()) = DataSource::at(path, options, progress)?.open(options, &(), progress)?;
        Ok(frame)
    }

    /// Opens only the first records of a file; see [`DataSource::open_head`].
    pub fn open_head(path: &Path, options: &OpenOptions) -> Result<Self, FrameError> {
        DataSource::at(path, options, &Progress::default())?.open_head(options)
    }

    /// Opens text that is in memory, say pasted; `name` stands for the path.
    pub fn from_text(name: &str, text: impl Into<Vec<u8>>, options: &OpenOptions) -> Result<Self, FrameError> {
        let source = Source::bytes(name, text.into());
        let progress = Progress::default();
        let taken = intake::open_source(source, options, false, &progress)?;
        Self::build(taken, None, &mut None, &(), &progress).map(|(frame, ())| frame)
    }

    /// Opens text; what is `judged` of it is not found out again, and what is found out is put there.
    fn build<V: Visit>(
        taken: intake::Taken,
        extent: Option<Extent>,
        judged: &mut Option<Judged>,
        visit: &V,
        progress: &Progress,
    ) -> Result<(Self, V::Gathered), FrameError> {
        match preset::recognise(&taken, judged)? {
            None => Self::of_text(taken, extent, None, judged, visit, progress),
            Some(preset) => {
                let (taken, converted) = preset::convert(preset, taken, extent, judged, progress)?;
                Self::of_text(taken, extent, Some(converted), judged, visit, progress)
            }
        }
    }

    /// Indexes text; `converted` tells what it was rewritten from.
    fn of_text<V: Visit>(
        text: intake::Taken,
        extent: Option<Extent>,
        converted: Option<Converted>,
        judged: &mut Option<Judged>,
        visit: &V,
        progress: &Progress,
    ) -> Result<(Self, V::Gathered), FrameError> {
        let intake::Taken {
            mut source,
            origin,
            options,
        } = text;
        let origin = Arc::new(origin);
        let spool = intake::folder(&options);
        let is_head = extent.is_some();
        let is_json_lines = converted.is_some() || origin.is_json_lines();
        let extent = extent.unwrap_or(Extent::ALL);
        // A preset writes UTF-8.
        let mut encoding = if is_json_lines {
            Some(TextEncoding::UTF_8)
        } else {
            options.encoding
        };
        let mut known = judged.clone().filter(|judged| !is_json_lines && judged.is_of(&source));
        loop {
            let (text, sniffed) = if let Some(known) = known.take() {
                (Text::as_it_stands(source, known.has_bom), known.sniffed)
            } else {
                let text = Text::take(source, encoding, &options, is_head, progress)?;
                let sniffed = if is_json_lines {
                    Sniffed::json_lines()
                } else {
                    Self::sniff(&text.source, &options)?
                };
                (text, sniffed)
            };
            if !is_json_lines && text.decoded.is_none() {
                *judged = Some(Judged::new(&text, &sniffed));
            }
            progress.restart(text.source.size());
            let dialect = Dialect {
                format: sniffed.format,
                encoding: text.encoding,
                has_bom: text.has_bom,
            };
            let grown = |built: Built<()>| {
                // Where the rest of what was rewritten stands is known at the end only.
                if let (None, None, Ok(source)) = (&converted, &text.decoded, text.source.again()) {
                    visit.grown(Self {
                        source,
                        decoded: None,
                        origin: Arc::clone(&origin),
                        dialect,
                        columns: built.columns,
                        index: built.index,
                        defects: built.defects,
                        notes: [sniffed.notes.as_slice(), &built.notes].concat(),
                        list: sniffed.list.clone(),
                        lines: built.lines,
                        left_out: built.left_out,
                        converted: None,
                        spool: spool.clone(),
                    });
                }
            };
            let block = build::block(visit.columns().len());
            let built = build::build(&text.source, &sniffed, extent, block, visit, progress, &grown)?;
            // The samples were UTF-8, and something else is not.
            if !is_head && encoding.is_none() && text.is_doubtful(&built.defects) {
                let judged = encoding::judge_again(&text.source, progress)?;
                encoding = Some(judged);
                if judged != text.encoding {
                    source = text.source;
                    continue;
                }
            }
            // What was noticed of the file that was rewritten is true of what it became.
            let mut notes = match converted.as_ref().and_then(Converted::table) {
                Some(table) => table.notes.clone(),
                None => origin.notes(),
            };
            notes.extend(sniffed.notes);
            notes.extend(built.notes);
            if text.encoding == TextEncoding::UTF_8 && text.decoded.is_none() && converted.is_none() {
                let end_of = |row| built.index.offset(row as usize + 1);
                notes.extend(encoding::note_of_others(&text.source, &built.defects, &end_of)?);
            }
            let mut frame = Self {
                source: text.source,
                decoded: text.decoded,
                origin,
                dialect,
                columns: built.columns,
                index: built.index,
                defects: built.defects,
                notes,
                list: sniffed.list,
                lines: built.lines,
                left_out: built.left_out,
                converted,
                spool,
            };
            if let Some(converted) = &frame.converted {
                converted.restore(&mut frame.defects);
            }
            if let Some(decoded) = &frame.decoded {
                let (index, source) = (&frame.index, &frame.source);
                decoded.place_defects(&mut frame.defects, source, &|row| index.end(row as usize))?;
            }
            return Ok((frame, built.gathered));
        }
    }

    fn sniff(source: &Source, options: &OpenOptions) -> Result<Sniffed, FrameError> {
        let samples = samples::take(source)?;
        sniff::sniff(&samples, options).map_err(|reason| source.refused(reason))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// Whether its rows come from a file, alone or with others: then nothing may take that file's place.
    pub(crate) fn comes_from(&self, file: &Path) -> bool {
        self.source.comes_from(file)
    }

    /// Fails when the file at the path is no longer the one that was opened.
    pub fn ensure_unchanged(&self) -> Result<(), FrameError> {
        self.source.check()
    }

    /// The file's size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.source.file_size()
    }

    /// The file's size in bytes, and when it was changed, in nanoseconds since 1970, as it was opened.
    pub(crate) fn stamp(&self) -> (u64, Option<i64>) {
        (self.size(), self.source.modified())
    }

    /// What the records are written in.
    pub fn format(&self) -> Format {
        self.dialect.format
    }

    /// How the file is written.
    pub fn dialect(&self) -> &Dialect {
        let table = self.converted.as_ref().and_then(Converted::table);
        table.map_or(&self.dialect, |table| &table.dialect)
    }

    /// The columns' names, in file order; of JSON files: the keys, with nested ones dotted.
    pub fn columns(&self) -> &[String] {
        self.columns.names()
    }

    /// The column of that name, which may be written as the file has it.
    pub fn column(&self, name: &str) -> Option<u32> {
        let plain = || preset::plain_name(self.converted.as_ref()?.preset, name);
        self.columns.find(name).or_else(|| self.columns.find(plain()?))
    }

    /// How many records there are.
    pub fn len(&self) -> u32 {
        // Opening refuses files with more rows.
        u32::try_from(self.index.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The byte offset in the file at which a row starts.
    pub fn offset(&self, row: u32) -> u64 {
        let place = self.converted.as_ref().and_then(|converted| converted.place(row));
        place.map_or_else(|| self.place(self.index.offset(row as usize)), |(_, offset)| offset)
    }

    /// What the file was rewritten from, when it is the export of a known system.
    pub fn converted(&self) -> Option<&Converted> {
        self.converted.as_ref()
    }

    /// Where in the file that is which stands at `at` in the text.
    fn place(&self, at: u64) -> u64 {
        self.decoded.as_ref().map_or(at, |decoded| decoded.place(at))
    }

    /// What was noticed while the file was read, in sentences for people: which list was taken, names of columns that
    /// were missing or there twice, rows of a sheet that are hidden, cells that are merged.
    pub fn notes(&self) -> &[String] {
        &self.table().notes
    }

    /// The records that could not be read, in row order.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// Why a record could not be read; `None` when it could.
    pub(crate) fn defect(&self, row: u32) -> Option<&Defect> {
        let at = self.defects.binary_search_by_key(&row, |defect| defect.row).ok()?;
        self.defects.get(at)
    }

    /// A record's bytes as they are in the file, in its encoding, without what separates it from the next.
    pub fn raw(&self, row: u32) -> Result<Vec<u8>, FrameError> {
        if let Some((frame, row)) = self.converted.as_ref().and_then(|converted| converted.origin(row)) {
            return frame.raw(row);
        }
        self.source.check()?;
        let start = self.index.offset(row as usize);
        let len = self.index.end(row as usize).saturating_sub(start);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let mut record = Vec::new();
        self.source.read(start, len, &mut record)?;
        let range = self.record_in(row, &record);
        let Some(decoded) = &self.decoded else {
            return Ok(record.get(range).unwrap_or_default().to_vec());
        };
        let (from, to) = (
            decoded.place(start + range.start as u64),
            decoded.place(start + range.end as u64),
        );
        let len = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        decoded.original().read(from, len, &mut record)?;
        Ok(record)
    }

    /// The part of a row's bytes that is the record; of one that cannot be read, all that is not space.
    fn record_in(&self, row: u32, bytes: &[u8]) -> Range<usize> {
        let range = index::trim(bytes, 0..bytes.len(), self.format());
        let is_defect = || self.defect(row).is_some();
        match self.format() {
            Format::JsonArray | Format::JsonData | Format::JsonObjects | Format::JsonRows { .. } if !is_defect() => {
                let record = bytes.get(range.clone()).unwrap_or_default();
                range.start..range.start + index::end_in_list(record).min(record.len())
            }
            _ => range,
        }
    }

    /// Reads rows, edits included. Fails when the file has changed or gone.
    pub fn read(&self, rows: Range<u32>, edits: &Edits) -> Result<Vec<Vec<OwnedCell>>, FrameError> {
        let mut read = Vec::with_capacity(rows.len());
        self.scan(rows, edits, &mut |_, cells| {
            read.push(cells.iter().map(|cell| cell.to_owned_cell()).collect());
            ControlFlow::Continue(())
        })?;
        Ok(read)
    }

    /// Hands rows one after another to `visit`, edits included, without copying cells that need no unescaping.
    /// The cells are as many as the columns; those of a record that cannot be read are missing, but for edits.
    /// Several threads may scan at once. Fails when the file has changed or gone.
    pub fn scan(
        &self,
        rows: Range<u32>,
        edits: &Edits,
        visit: &mut dyn FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        reader::scan(self, rows, edits, visit)
    }
}
