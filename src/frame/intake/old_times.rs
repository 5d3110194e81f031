//! Times of old Parquet writers (INT96): a day and the nanoseconds of that day, a range far beyond that of nanoseconds
//! since 1970 (1677 to 2262). They are read twice, in seconds and in nanoseconds that wrap around; both together give
//! every digit.

use std::sync::Arc;

use ::parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
        },
    },
    basic::Type as Physical,
    errors::ParquetError,
};
use arrow_array::{
    Array, ArrayRef, ListArray, MapArray, RecordBatch, StringArray, StructArray,
    cast::AsArray as _,
    types::{TimestampNanosecondType, TimestampSecondType},
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema, TimeUnit};

use super::{parquet::Pages, time};

const NANOSECONDS: i64 = 1_000_000_000;

/// The record batches of a file, with old times as texts.
pub(super) struct RecordBatches {
    reader: ParquetRecordBatchReader,
    /// The columns with old times once more, in nanoseconds, and where they stand.
    old: Option<(ParquetRecordBatchReader, Vec<usize>)>,
}

impl RecordBatches {
    pub(super) fn new(file: &Pages, metadata: &ArrowReaderMetadata, rows: usize) -> Result<Self, ParquetError> {
        let described = metadata.metadata().file_metadata().schema_descr();
        let old: Vec<usize> = (0..described.num_columns())
            .filter(|&leaf| described.column(leaf).physical_type() == Physical::INT96)
            .collect();
        let reader = |metadata: &ArrowReaderMetadata, mask: ProjectionMask| {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone());
            builder.with_projection(mask).with_batch_size(rows).build()
        };
        if old.is_empty() {
            let reader = reader(metadata, ProjectionMask::all())?;
            return Ok(Self { reader, old: None });
        }
        let mut roots: Vec<usize> = old.iter().map(|&leaf| described.get_column_root_idx(leaf)).collect();
        roots.dedup();
        let nanoseconds = reader(metadata, ProjectionMask::roots(described, roots.iter().copied()))?;
        let fields = in_seconds(metadata.schema().fields(), &old, &mut 0);
        let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        let seconds = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)?;
        Ok(Self {
            reader: reader(&seconds, ProjectionMask::all())?,
            old: Some((nanoseconds, roots)),
        })
    }
}

impl Iterator for RecordBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        match &mut self.old {
            None => Some(batch),
            Some((nanoseconds, roots)) => {
                let again = nanoseconds.next()?;
                Some(batch.and_then(|batch| with_texts(&batch, &again?, roots)))
            }
        }
    }
}

/// A batch whose old times are texts.
fn with_texts(batch: &RecordBatch, again: &RecordBatch, roots: &[usize]) -> Result<RecordBatch, ArrowError> {
    let mut columns = batch.columns().to_vec();
    for (root, nanoseconds) in roots.iter().zip(again.columns()) {
        if let Some(column) = columns.get_mut(*root) {
            *column = exact(column, nanoseconds)?;
        }
    }
    let names = batch.schema();
    let fields = names.fields().iter().zip(&columns);
    let fields: Fields = fields
        .map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Times in seconds and the same in nanoseconds as texts, wherever they stand in an array.
fn exact(seconds: &ArrayRef, nanoseconds: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let item = |field: &FieldRef, values: &ArrayRef| {
        Arc::new(Field::new(
            field.name(),
            values.data_type().clone(),
            field.is_nullable(),
        ))
    };
    Ok(match (seconds.data_type(), nanoseconds.data_type()) {
        (DataType::Timestamp(TimeUnit::Second, _), DataType::Timestamp(TimeUnit::Nanosecond, _)) => {
            let (whole, fine) = (
                seconds.as_primitive::<TimestampSecondType>(),
                nanoseconds.as_primitive::<TimestampNanosecondType>(),
            );
            let texts = whole
                .iter()
                .zip(fine.iter())
                .map(|(whole, fine)| Some(text(whole?, fine?)));
            Arc::new(texts.collect::<StringArray>())
        }
        (DataType::Struct(fields), DataType::Struct(_)) => {
            let (whole, fine) = (seconds.as_struct(), nanoseconds.as_struct());
            let columns = whole.columns().iter().zip(fine.columns());
            let columns = columns
                .map(|(whole, fine)| exact(whole, fine))
                .collect::<Result<Vec<_>, _>>()?;
            let fields: Fields = fields
                .iter()
                .zip(&columns)
                .map(|(field, column)| item(field, column))
                .collect();
            Arc::new(StructArray::try_new(fields, columns, whole.nulls().cloned())?)
        }
        (DataType::List(field), DataType::List(_)) => {
            let (whole, fine) = (seconds.as_list::<i32>(), nanoseconds.as_list::<i32>());
            let values = exact(whole.values(), fine.values())?;
            Arc::new(ListArray::try_new(
                item(field, &values),
                whole.offsets().clone(),
                values,
                whole.nulls().cloned(),
            )?)
        }
        (DataType::Map(field, is_sorted), DataType::Map(..)) => {
            let (whole, fine) = (seconds.as_map(), nanoseconds.as_map());
            let [entries, again]: [ArrayRef; 2] = [whole, fine].map(|map| Arc::new(map.entries().clone()) as ArrayRef);
            let entries = exact(&entries, &again)?;
            let (field, offsets, nulls) = (item(field, &entries), whole.offsets().clone(), whole.nulls().cloned());
            Arc::new(MapArray::try_new(
                field,
                offsets,
                entries.as_struct().clone(),
                nulls,
                *is_sorted,
            )?)
        }
        _ => Arc::clone(seconds),
    })
}

/// A moment of whole seconds since 1970; the wrapped nanoseconds give its fraction.
fn text(seconds: i64, nanoseconds: i64) -> String {
    let rest = nanoseconds.wrapping_sub(seconds.wrapping_mul(NANOSECONDS));
    let mut out = String::new();
    time::write_moment(&mut out, seconds, 1);
    time::write_fraction(&mut out, rest, NANOSECONDS);
    out
}

/// The fields with some leaves read in seconds; leaves are counted as the file counts them.
fn in_seconds(fields: &Fields, old: &[usize], leaf: &mut usize) -> Fields {
    fields.iter().map(|field| field_in_seconds(field, old, leaf)).collect()
}

fn field_in_seconds(field: &FieldRef, old: &[usize], leaf: &mut usize) -> FieldRef {
    let mut inner = |item: &FieldRef| field_in_seconds(item, old, leaf);
    let kind = match field.data_type() {
        DataType::List(item) => DataType::List(inner(item)),
        DataType::Map(entries, sorted) => DataType::Map(inner(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(in_seconds(fields, old, leaf)),
        other => {
            let is_old = old.contains(leaf);
            *leaf += 1;
            match other {
                DataType::Timestamp(_, zone) if is_old => DataType::Timestamp(TimeUnit::Second, zone.clone()),
                other => other.clone(),
            }
        }
    };
    Arc::new(Field::new(field.name(), kind, field.is_nullable()).with_metadata(field.metadata().clone()))
}
