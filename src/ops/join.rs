//! Two tables as one, by id: the texts of one export, the prices of another.

use std::{collections::HashMap, io::Write as _, path::Path};

use xxhash_rust::xxh3::xxh3_128;

use super::{Error, TableRef};
use crate::{
    domain::{comparison, progress::Progress},
    settings::{AtomicFile, Existing, WriteError},
    upload::Stopped,
};

/// How two tables are joined.
#[derive(Clone, Copy, Debug)]
pub struct JoinOptions {
    /// Where both have a field, the value of the second wins; otherwise that of the first.
    pub prefers_second: bool,
    /// Whether records are written that only the first, or only the second has.
    pub keeps: [bool; 2],
}

/// What joining came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedTables {
    /// How many records were on both sides.
    pub both: u64,
    /// The rows on either side whose ids the other does not have.
    pub only: [Vec<u32>; 2],
    /// How many rows of either side are no records that could be sent.
    pub left_out: [u64; 2],
    /// How many rows of either side a later row with the same id replaces.
    pub replaced: [u64; 2],
    /// How many records were written.
    pub written: u64,
}

/// Writes the records of two tables, those with the same id as one, a line of JSON each: first in the order of the first
/// table. Fields are taken from both, custom attributes one by one; a null is no value. Progress counts rows, and cancels.
///
/// # Errors
/// When a table cannot be read, is read from that very file, or that cannot be written.
pub fn join(
    tables: [TableRef<'_>; 2],
    options: JoinOptions,
    path: &Path,
    replaces: bool,
    progress: &Progress,
) -> Result<JoinedTables, Error> {
    let existing = if replaces { Existing::Replace } else { Existing::Keep };
    let is_read = |path: &Path| tables.iter().any(|table| table.frame.comes_from(path));
    progress.restart(2 * tables.iter().map(TableRef::rows).sum::<u64>());
    AtomicFile::write(path, existing, is_read, |out| {
        let mut write = |record: &str| {
            let written = writeln!(out, "{record}").map_err(WriteError::at(path));
            written.map_err(Error::from)
        };
        join_into(tables, options, progress, &mut write)
    })
}

fn join_into(
    tables: [TableRef<'_>; 2],
    options: JoinOptions,
    progress: &Progress,
    write: &mut dyn FnMut(&str) -> Result<(), Error>,
) -> Result<JoinedTables, Error> {
    let [first, second] = tables;
    let mut joined = JoinedTables::default();
    let mut rows = [HashMap::new(), HashMap::new()];
    for (side, table) in tables.iter().enumerate() {
        (rows[side], joined.left_out[side], joined.replaced[side]) = last_rows(*table, progress)?;
    }
    let [ours, theirs] = rows;
    first.each_record(&mut |row, id, record| {
        step(progress)?;
        let key = xxh3_128(id.as_bytes());
        if ours.get(&key) != Some(&row) {
            return Ok(());
        }
        if let Some(&other) = theirs.get(&key) {
            let (_, other) = second.record_at(other)?;
            // A null says that a file has no value: it does not empty the field that the other file fills.
            let whole = if options.prefers_second {
                comparison::merged(record, &comparison::without_nulls(&other)?)?
            } else {
                comparison::merged(&other, &comparison::without_nulls(record)?)?
            };
            joined.both += 1;
            joined.written += 1;
            return write(&whole);
        }
        joined.only[0].push(row);
        if options.keeps[0] {
            joined.written += 1;
            return write(record);
        }
        Ok(())
    })?;
    second.each_record(&mut |row, id, record| {
        step(progress)?;
        let key = xxh3_128(id.as_bytes());
        if theirs.get(&key) != Some(&row) || ours.contains_key(&key) {
            return Ok(());
        }
        joined.only[1].push(row);
        if options.keeps[1] {
            joined.written += 1;
            return write(record);
        }
        Ok(())
    })?;
    Ok(joined)
}

/// The last row of every id, by the id's hash; how many rows are no records, and how many a later one replaces.
fn last_rows(table: TableRef<'_>, progress: &Progress) -> Result<(HashMap<u128, u32>, u64, u64), Error> {
    let mut rows = HashMap::new();
    let sent = table.each_record(&mut |row, id, _| {
        rows.insert(xxh3_128(id.as_bytes()), row);
        step(progress)
    })?;
    let replaced = sent - rows.len() as u64;
    Ok((rows, table.rows() - sent, replaced))
}

/// Counts a row, and stops where that was asked for.
fn step(progress: &Progress) -> Result<(), Error> {
    progress.add(1);
    if progress.is_cancelled() {
        return Err(Stopped::Cancelled.into());
    }
    Ok(())
}

/// The ids of some rows.
///
/// # Errors
/// When the table cannot be read.
pub fn ids(table: TableRef<'_>, rows: &[u32]) -> Result<Vec<String>, Error> {
    rows.iter().map(|row| Ok(table.record_at(*row)?.0)).collect()
}
