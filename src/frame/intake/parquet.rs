//! Parquet: a row group at a time, and of that some rows at a time, so that memory is bounded by what one row group
//! takes on disk.

use polars::{
    io::parquet::read::_internal::to_deserializer,
    prelude::{ArrowSchema, Column, DataFrame, IntoColumn as _, PolarsResult, Series, polars_err},
};
use polars_parquet::read::{Filter, RowGroupMetadata, infer_schema, read_metadata};
use rayon::prelude::*;

use super::{Step, damaged, records};
use crate::{
    domain::{number::grouped, progress::Progress},
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

const WHAT: &str = "a Parquet file";

/// Values decoded at a time.
const VALUES: usize = 1 << 20;

/// A row group may be so large on disk, in bytes.
const MOST_IN_MEMORY: u64 = 2 << 30;

/// Writes the records as JSON lines.
pub(super) fn convert(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    // The footer is read before the rest, and is no progress.
    let footer = read_metadata(&mut source.reader(&Progress::default()));
    let metadata = footer.map_err(|error| damaged(source, progress, WHAT, &error))?;
    let schema = infer_schema(&metadata).map_err(|error| damaged(source, progress, WHAT, &error))?;
    if metadata.num_rows == 0 || schema.is_empty() {
        return Err(source.refused("it is a Parquet file without a record; choose one with records"));
    }
    for group in &metadata.row_groups {
        convert_group(group, &schema, source, spool, progress)?;
        if spool.is_full() {
            break;
        }
    }
    Ok(Step::Records("Parquet"))
}

fn convert_group(
    group: &RowGroupMetadata,
    schema: &ArrowSchema,
    source: &Source,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<(), FrameError> {
    let sizes = group
        .byte_ranges_iter()
        .map(|range| range.end.saturating_sub(range.start));
    let size = sizes.fold(0, u64::saturating_add);
    if size > MOST_IN_MEMORY {
        return Err(source.refused(format!(
            "it is a Parquet file with a row group of {} bytes; write it again with row groups of less than {}",
            grouped(size),
            grouped(MOST_IN_MEMORY)
        )));
    }
    let mut chunks = Vec::new();
    for range in group.byte_ranges_iter() {
        if range.end > source.size() || range.start > range.end {
            return Err(damaged(source, progress, WHAT, &"a column lies beyond its end"));
        }
        let mut bytes = Vec::new();
        let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        source.read(range.start, len, &mut bytes)?;
        progress.add(len as u64);
        chunks.push(bytes.into());
    }
    let columns = group.parquet_columns();
    let rows = group.num_rows();
    let step = (VALUES / columns.len().max(1)).max(1024);
    for start in (0..rows).step_by(step) {
        if progress.is_cancelled() {
            return Err(FrameError::Cancelled);
        }
        let end = rows.min(start + step);
        let decode = |index: usize| -> PolarsResult<Column> {
            let (name, field) = schema
                .get_at_index(index)
                .ok_or_else(|| polars_err!(ComputeError: "a column is missing"))?;
            let parts = group.columns_idxs_under_root_iter(name).unwrap_or_default();
            let parts = parts
                .iter()
                .filter_map(|&part| Some((columns.get(part)?, Clone::clone(chunks.get(part)?))));
            let filter = Some(Filter::new_ranged(start, end));
            let (arrays, _) = to_deserializer(parts.collect(), field.clone(), filter)?;
            Ok(Series::try_from((field, arrays))?.into_column())
        };
        let decoded: PolarsResult<Vec<Column>> = (0..schema.len()).into_par_iter().map(decode).collect();
        let frame = decoded
            .and_then(|columns| DataFrame::new(end - start, columns))
            .map_err(|error| damaged(source, progress, WHAT, &error))?;
        records::write(&frame, source, spool)?;
        if spool.is_full() {
            break;
        }
    }
    Ok(())
}
