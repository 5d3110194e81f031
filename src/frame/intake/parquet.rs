//! Parquet: some rows at a time, a page of a column at a time, so that memory does not grow with the file.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ::parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::LogicalType,
    errors::ParquetError,
    file::{
        metadata::{
            FileMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetStatisticsPolicy, RowGroupMetaData,
        },
        reader::{ChunkReader, Length},
    },
};
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};

use super::{OriginStep, bytes::ByteColumns, damaged, first_words, footer, old_times::RecordBatches, records};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

const WHAT: &str = "a Parquet file";

/// The name of the format.
pub(super) const NAME: &str = "Parquet";

/// The bytes that a file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// Values decoded at a time.
const VALUES: usize = 1 << 20;

/// How many values are read at a time to judge columns of bytes.
const LOOKED_AT: usize = 8192;

/// Writes the records as JSON lines.
pub(super) fn convert(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let file = Pages {
        source: Arc::new(source.again()?),
        read: Arc::default(),
    };
    let refuse = |error: ParquetError| refused(source, progress, error);
    let metadata = ArrowReaderMetadata::load(&file, options())
        .or_else(|error| mended(&file).ok_or(error))
        .map_err(refuse)?;
    let rows: i64 = metadata
        .metadata()
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_rows)
        .sum();
    let metadata = corrected(metadata, rows).map_err(refuse)?;
    let columns = metadata.schema().fields().len();
    if rows == 0 || columns == 0 {
        return Err(source.refused("it is a Parquet file without a record; choose one with records"));
    }
    let bytes = judge_bytes(&metadata, &file, source, progress)?;
    file.read.store(0, Ordering::Relaxed);
    let mut reader = RecordBatches::new(&file, &metadata, (VALUES / columns).max(1024)).map_err(refuse)?;
    let mut counted = 0;
    let mut count = |upto: u64| {
        let upto = upto.min(source.size()).max(counted);
        progress.add(upto - counted);
        counted = upto;
    };
    let mut next = next_batch(&mut reader, source, progress)?;
    while let Some(batch) = next {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        // One batch is decoded while the one before it is written.
        let (written, decoded) = rayon::join(
            || records::write(&batch, &bytes, source, spool),
            || next_batch(&mut reader, source, progress),
        );
        written?;
        if spool.is_full() {
            break;
        }
        next = decoded?;
        count(file.read.load(Ordering::Relaxed));
    }
    count(source.size());
    Ok(OriginStep::Records(NAME))
}

fn next_batch(
    reader: &mut impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    source: &Source,
    progress: &Progress,
) -> Result<Option<RecordBatch>, FrameError> {
    let batch = reader.next().transpose();
    batch.map_err(|error| refused(source, progress, error.into()))
}

/// The options for reading metadata: statistics are left out, as no row is skipped, and some writers get them wrong.
fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

/// The metadata without a writer's private fields, where these keep it from being read.
fn mended(file: &Pages) -> Option<ArrowReaderMetadata> {
    let end = (size_of::<u32>() + MAGIC.len()) as u64;
    let at = file.len().checked_sub(end)?;
    let said = file.get_bytes(at, size_of::<u32>()).ok()?;
    let length = u32::from_le_bytes(said.get(..)?.try_into().ok()?);
    let start = at.checked_sub(u64::from(length))?;
    let mut bytes = file.get_bytes(start, length as usize).ok()?.to_vec();
    if !footer::mend(&mut bytes) {
        return None;
    }
    let whole = ParquetMetaDataReader::decode_metadata(&bytes).ok()?;
    ArrowReaderMetadata::try_new(Arc::new(whole), options()).ok()
}

/// A row group without dictionaries at the first byte of the file, where none can be.
fn without_first_byte(group: &RowGroupMetaData) -> Result<RowGroupMetaData, ParquetError> {
    let columns = group
        .columns()
        .iter()
        .map(|column| match column.dictionary_page_offset() {
            Some(0) => column.clone().into_builder().set_dictionary_page_offset(None).build(),
            _ => Ok(column.clone()),
        });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    group.clone().into_builder().set_column_metadata(columns).build()
}

/// The metadata with the number of rows that its parts have, as some writers leave the file's own at 0, and no row would
/// be read; and without dictionaries at the first byte, which others put in the place of none.
fn corrected(metadata: ArrowReaderMetadata, rows: i64) -> Result<ArrowReaderMetadata, ParquetError> {
    let whole = metadata.metadata();
    let said = whole.file_metadata();
    let mut columns = whole.row_groups().iter().flat_map(RowGroupMetaData::columns);
    if said.num_rows() == rows && columns.all(|column| column.dictionary_page_offset() != Some(0)) {
        return Ok(metadata);
    }
    let file = FileMetaData::new(
        said.version(),
        rows,
        said.created_by().map(str::to_owned),
        said.key_value_metadata().cloned(),
        said.schema_descr_ptr(),
        said.column_orders().cloned(),
    );
    let groups = whole.row_groups().iter().map(without_first_byte);
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    let whole = ParquetMetaDataBuilder::new(file).set_row_groups(groups);
    ArrowReaderMetadata::try_new(Arc::new(whole.build()), options())
}

/// Whether the file has its end mark, so that nothing is cut off.
fn has_end(source: &Source) -> bool {
    let mut end = [0; MAGIC.len()];
    let at = source.size().saturating_sub(MAGIC.len() as u64);
    source.fill(at, &mut end).is_ok() && end == *MAGIC
}

fn refused(source: &Source, progress: &Progress, error: ParquetError) -> FrameError {
    match error {
        ParquetError::NYI(what) => source.refused(format!(
            "it is a Parquet file with something that cannot be read yet ({what}); export it as CSV"
        )),
        error if has_end(source) && !progress.is_cancelled() => source.check().err().unwrap_or_else(|| {
            source.refused(format!(
                "it is a Parquet file up to its end, but a part of it cannot be read ({}); write it again with another \
                 program, or export it as CSV",
                first_words(&error)
            ))
        }),
        error => damaged(source, progress, WHAT, &error),
    }
}

/// Which columns of bytes are text, judged over all of their values.
fn judge_bytes(
    metadata: &ArrowReaderMetadata,
    file: &Pages,
    source: &Source,
    progress: &Progress,
) -> Result<ByteColumns, FrameError> {
    let mut bytes = ByteColumns::default();
    if !ByteColumns::may_be_in(metadata.schema()) {
        return Ok(bytes);
    }
    let described = metadata.metadata().file_metadata().schema_descr();
    for column in described.columns().iter().filter(|column| column.max_rep_level() == 0) {
        if matches!(column.logical_type_ref(), Some(LogicalType::Uuid)) {
            bytes.note_uuid(column.path().string());
        }
    }
    let roots = metadata.schema().fields().iter().enumerate();
    let roots = roots.filter(|(_, field)| ByteColumns::may_be_in(&Schema::new(vec![Arc::clone(field)])));
    let mask = ProjectionMask::roots(described, roots.map(|(root, _)| root));
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone());
    let reader = builder.with_projection(mask).with_batch_size(LOOKED_AT).build();
    let mut reader = reader.map_err(|error| refused(source, progress, error))?;
    while let Some(batch) = next_batch(&mut reader, source, progress)? {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        bytes.note(&batch);
    }
    Ok(bytes)
}

/// The file, read by position as the library asks for it; counts the bytes.
#[derive(Clone)]
pub(super) struct Pages {
    source: Arc<Source>,
    read: Arc<AtomicU64>,
}

impl Pages {
    fn bytes(&self, start: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.source.read(start, len, &mut bytes).map_err(io::Error::other)?;
        self.read.fetch_add(len as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

impl Length for Pages {
    fn len(&self) -> u64 {
        self.source.size()
    }
}

impl ChunkReader for Pages {
    type T = io::BufReader<ParquetReader>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(io::BufReader::new(ParquetReader {
            pages: self.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes, ParquetError> {
        let end = start.saturating_add(length as u64);
        if end > self.source.size() {
            return Err(ParquetError::EOF("a column lies beyond its end".to_owned()));
        }
        Ok(self.bytes(start, length)?.into())
    }
}

/// The file from a position on.
pub(super) struct ParquetReader {
    pages: Pages,
    at: u64,
}

impl Read for ParquetReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.pages.source.size().saturating_sub(self.at);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let filled = buffer.get_mut(..len).unwrap_or_default();
        self.pages.source.fill(self.at, filled).map_err(io::Error::other)?;
        self.at += len as u64;
        self.pages.read.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }
}
