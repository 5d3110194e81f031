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
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    basic::{LogicalType, Type as Physical},
    column::reader::ColumnReader,
    data_type::Int96,
    errors::ParquetError,
    file::{
        metadata::ParquetMetaData,
        reader::{ChunkReader, FileReader as _, Length, SerializedFileReader},
    },
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};

use super::{Step, bytes::ByteColumns, damaged, records};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

const WHAT: &str = "a Parquet file";

/// Values decoded at a time.
const VALUES: usize = 1 << 20;

/// Values of an old time column looked at together.
const TIMES: usize = 8192;

/// Writes the records as JSON lines.
pub(super) fn convert(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let file = Pages {
        source: Arc::new(source.again()?),
        read: Arc::default(),
    };
    let refuse = |error: ParquetError| refused(source, progress, error);
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(refuse)?;
    if metadata.metadata().file_metadata().num_rows() == 0 || metadata.schema().fields().is_empty() {
        return Err(source.refused("it is a Parquet file without a record; choose one with records"));
    }
    let metadata = with_exact_times(metadata, &file, source, progress)?;
    let bytes = judge_bytes(&metadata, &file, source, progress)?;
    file.read.store(0, Ordering::Relaxed);
    let columns = metadata.schema().fields().len();
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata);
    let mut reader = builder
        .with_batch_size((VALUES / columns).max(1024))
        .build()
        .map_err(refuse)?;
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
    Ok(Step::Records("Parquet"))
}

fn next_batch(
    reader: &mut ParquetRecordBatchReader,
    source: &Source,
    progress: &Progress,
) -> Result<Option<RecordBatch>, FrameError> {
    let batch = reader.next().transpose();
    batch.map_err(|error| refused(source, progress, ParquetError::External(Box::new(error))))
}

fn refused(source: &Source, progress: &Progress, error: ParquetError) -> FrameError {
    match error {
        ParquetError::NYI(what) => source.refused(format!(
            "it is a Parquet file with something that cannot be read yet ({what}); export it as CSV"
        )),
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
    let reader = builder.with_projection(mask).with_batch_size(TIMES).build();
    let mut reader = reader.map_err(|error| refused(source, progress, error))?;
    while let Some(batch) = next_batch(&mut reader, source, progress)? {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        bytes.note(&batch);
    }
    Ok(bytes)
}

/// Old files hold times as a day and nanoseconds of that day, which reach further than nanoseconds since 1970 do
/// (1677 to 2262). Columns with times beyond are read in microseconds, where that loses nothing.
fn with_exact_times(
    metadata: ArrowReaderMetadata,
    file: &Pages,
    source: &Source,
    progress: &Progress,
) -> Result<ArrowReaderMetadata, FrameError> {
    let described = metadata.metadata().file_metadata().schema_descr_ptr();
    let old: Vec<usize> = (0..described.num_columns())
        .filter(|&leaf| described.column(leaf).physical_type() == Physical::INT96)
        .collect();
    let mut coarse = Vec::new();
    for leaf in old {
        let reach = reach_of(metadata.metadata(), file, leaf).map_err(|error| refused(source, progress, error))?;
        match reach {
            Reach::Nanoseconds => {}
            Reach::Microseconds => coarse.push(leaf),
            Reach::Neither => {
                return Err(source.refused(format!(
                    "its column {} has times before 1677 or after 2262 beside fractions finer than a microsecond; write \
                     it again with times in microseconds",
                    described.column(leaf).path().string()
                )));
            }
        }
    }
    if coarse.is_empty() {
        return Ok(metadata);
    }
    let mut leaf = 0;
    let fields = coarsened(metadata.schema().fields(), &coarse, &mut leaf);
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
        .map_err(|error| refused(source, progress, error))
}

/// The unit that holds all times of a column exactly.
enum Reach {
    Nanoseconds,
    Microseconds,
    Neither,
}

fn reach_of(metadata: &Arc<ParquetMetaData>, file: &Pages, leaf: usize) -> Result<Reach, ParquetError> {
    let reader = SerializedFileReader::new(file.clone())?;
    let (mut fits_nanoseconds, mut fits_microseconds) = (true, true);
    for group in 0..metadata.num_row_groups() {
        let ColumnReader::Int96ColumnReader(mut column) = reader.get_row_group(group)?.get_column_reader(leaf)? else {
            continue;
        };
        loop {
            let (mut values, mut levels, mut lists) = (Vec::new(), Vec::new(), Vec::new());
            let (records, _, read) = column.read_records(TIMES, Some(&mut levels), Some(&mut lists), &mut values)?;
            if records == 0 && read == 0 {
                break;
            }
            for value in &values {
                let (is_near, is_round) = judge_time(value);
                fits_nanoseconds &= is_near;
                fits_microseconds &= is_round;
            }
        }
    }
    Ok(match (fits_nanoseconds, fits_microseconds) {
        (true, _) => Reach::Nanoseconds,
        (false, true) => Reach::Microseconds,
        (false, false) => Reach::Neither,
    })
}

/// Whether a time is within what nanoseconds since 1970 reach, and whether it has none finer than microseconds.
fn judge_time(time: &Int96) -> (bool, bool) {
    const JULIAN_1970: i128 = 2_440_588;
    const DAY: i128 = 86_400_000_000_000;
    let [low, high, day] = *time.data() else {
        return (true, true);
    };
    let nanoseconds = i128::from(high) << 32 | i128::from(low);
    let since_1970 = (i128::from(day) - JULIAN_1970) * DAY + nanoseconds;
    (i64::try_from(since_1970).is_ok(), nanoseconds % 1000 == 0)
}

/// The fields with the unit of some leaves made microseconds; leaves are counted as the file counts them.
fn coarsened(fields: &Fields, coarse: &[usize], leaf: &mut usize) -> Fields {
    fields
        .iter()
        .map(|field| coarsened_field(field, coarse, leaf))
        .collect()
}

fn coarsened_field(field: &FieldRef, coarse: &[usize], leaf: &mut usize) -> FieldRef {
    let mut inner = |item: &FieldRef| coarsened_field(item, coarse, leaf);
    let kind = match field.data_type() {
        DataType::List(item) => DataType::List(inner(item)),
        DataType::LargeList(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, len) => DataType::FixedSizeList(inner(item), *len),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(coarsened(fields, coarse, leaf)),
        other => {
            let is_coarse = coarse.contains(leaf);
            *leaf += 1;
            match other {
                DataType::Timestamp(_, zone) if is_coarse => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
                other => other.clone(),
            }
        }
    };
    Arc::new(Field::new(field.name(), kind, field.is_nullable()).with_metadata(field.metadata().clone()))
}

/// The file as the library reads it, by position; counts the bytes.
#[derive(Clone)]
struct Pages {
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
    type T = io::BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(io::BufReader::new(From {
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
struct From {
    pages: Pages,
    at: u64,
}

impl Read for From {
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
