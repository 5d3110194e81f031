//! One of two sets of records: where they are, what is known of all, and how single ones are read again.

use std::collections::HashSet;

use tokio::task::JoinSet;
use xxhash_rust::xxh3::xxh3_128;

use super::super::{Connection, Error, TableRef, sent};
use crate::{
    api::ApiError,
    domain::{comparison, dataset::Dataset, progress::Progress},
    settings::Paths,
    upload::{FoundRecords, Lookup, RetryPolicy, Stopped},
};

/// Records of a server that are read at a time, and how many times at once.
const PORTION: usize = 100;
const AT_ONCE: usize = 4;
/// Rows of a table between two looks whether somebody wants to stop.
const ROWS_AT_ONCE: u64 = 4096;

/// Where records are.
#[derive(Clone, Copy, Debug)]
pub enum DiffSide<'a> {
    /// In a table: those that would be sent.
    Table(TableRef<'a>),
    /// In an environment.
    Stored(&'a Connection),
}

/// What of a side could not be compared, or was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideCounts {
    /// Rows of a table that are not sent, because they have errors or cannot be read.
    pub left_out: u64,
    /// Rows that a later row with the same id replaces.
    pub replaced: u64,
    /// Stored records that nobody can ask for, as no address can carry their ids.
    pub unaddressable: u64,
    /// The server has no list: others may be stored there.
    pub is_unlisted: bool,
    /// The server has no list yet: the data set is empty, or was filled a moment ago.
    pub has_no_list_yet: bool,
}

impl SideCounts {
    /// Whether all of the side was compared.
    pub const fn is_complete(&self) -> bool {
        self.left_out == 0 && self.unaddressable == 0 && !self.is_unlisted && !self.has_no_list_yet
    }
}

/// A record, as far as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownRecord {
    /// The hash of its id.
    pub(super) id: u128,
    /// Its row, or its place in the list of ids.
    pub(super) place: u32,
    /// The hash of what it says.
    pub(super) digest: u64,
}

impl KnownRecord {
    pub(super) const fn place(&self) -> u32 {
        self.place
    }
}

/// A side of which all records are known by their hashes.
#[derive(Debug)]
pub(super) struct IndexedSide<'a> {
    side: DiffSide<'a>,
    /// The ids of what is stored, or may be; of a table they stand in its file.
    ids: Vec<Box<str>>,
    /// By the hash of the id, each once.
    entries: Vec<KnownRecord>,
    counts: SideCounts,
    /// Whether what the other side has must be asked for as well, as the list is none or not the whole.
    asks_for_others: bool,
}

impl<'a> IndexedSide<'a> {
    /// Lists what is stored; of a table nothing is read yet.
    pub(super) async fn begin(side: DiffSide<'a>, dataset: Dataset, paths: &Paths) -> Result<Self, Error> {
        let mut begun = Self {
            side,
            ids: Vec::new(),
            entries: Vec::new(),
            counts: SideCounts::default(),
            asks_for_others: false,
        };
        let DiffSide::Stored(connection) = side else {
            return Ok(begun);
        };
        let ids = &mut begun.ids;
        match connection
            .client()
            .each_id(dataset, &mut |id| ids.push(id.into()))
            .await
        {
            Ok(true) => {}
            Ok(false) => {
                begun.counts.has_no_list_yet = true;
                begun.asks_for_others = true;
            }
            Err(ApiError::NoList { .. }) => {
                let sent = sent::records(connection, paths, dataset).await?;
                begun.ids = sent.ids.into_iter().map(String::into_boxed_str).collect();
                begun.counts.is_unlisted = true;
                begun.asks_for_others = true;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(begun)
    }

    /// The ids of this side, where the other one must ask for them too.
    pub(super) fn ids_for(&self, other: &Self) -> Result<Vec<Box<str>>, Error> {
        if !other.asks_for_others {
            return Ok(Vec::new());
        }
        match self.side {
            DiffSide::Stored(_) => Ok(self.ids.clone()),
            DiffSide::Table(table) => {
                let mut ids = Vec::new();
                table.each_record(&mut |_, id, _| {
                    ids.push(id.into());
                    Ok(())
                })?;
                Ok(ids)
            }
        }
    }

    /// Asks for more ids than were listed.
    pub(super) fn ask_too(&mut self, ids: Vec<Box<str>>) {
        if ids.is_empty() {
            return;
        }
        self.ids.extend(ids);
        let mut seen = HashSet::new();
        self.ids.retain(|id| seen.insert(xxh3_128(id.as_bytes())));
    }

    /// How many rows or ids it has.
    pub(super) fn size(&self) -> u64 {
        match self.side {
            DiffSide::Table(table) => table.rows(),
            DiffSide::Stored(_) => self.ids.len() as u64,
        }
    }

    pub(super) fn entries(&self) -> &[KnownRecord] {
        &self.entries
    }

    pub(super) const fn counts(&self) -> SideCounts {
        self.counts
    }

    /// Reads all records, of which the hashes stay.
    pub(super) async fn index(&mut self, dataset: Dataset, progress: &Progress) -> Result<(), Error> {
        match self.side {
            DiffSide::Table(table) => self.index_table(table, progress)?,
            DiffSide::Stored(connection) => self.index_stored(connection, dataset, progress).await?,
        }
        self.entries.sort_unstable();
        let all = self.entries.len();
        // Of rows with the same id the last one counts, as in an upload.
        self.entries.dedup_by(|later, earlier| {
            let is_same = later.id == earlier.id;
            if is_same {
                *earlier = *later;
            }
            is_same
        });
        self.entries.shrink_to_fit();
        if matches!(self.side, DiffSide::Table(_)) {
            self.counts.replaced = (all - self.entries.len()) as u64;
        }
        Ok(())
    }

    fn index_table(&mut self, table: TableRef<'_>, progress: &Progress) -> Result<(), Error> {
        let entries = &mut self.entries;
        let mut done = 0;
        let sent = table.each_record(&mut |row, id, record| {
            entries.push(entry(id, row, record)?);
            if u64::from(row) >= done + ROWS_AT_ONCE {
                progress.add(u64::from(row) - done);
                done = u64::from(row);
            }
            if progress.is_cancelled() {
                return Err(Stopped::Cancelled.into());
            }
            Ok(())
        })?;
        progress.add(table.rows() - done);
        self.counts.left_out = table.rows() - sent;
        Ok(())
    }

    async fn index_stored(
        &mut self,
        connection: &Connection,
        dataset: Dataset,
        progress: &Progress,
    ) -> Result<(), Error> {
        let lookup = lookup(connection, dataset);
        let mut portions = self.ids.chunks(PORTION).zip((0_u32..).step_by(PORTION));
        let mut reading = JoinSet::new();
        loop {
            if progress.is_cancelled() {
                return Err(Stopped::Cancelled.into());
            }
            while reading.len() < AT_ONCE
                && let Some((ids, start)) = portions.next()
            {
                let (lookup, ids) = (lookup.clone(), owned(ids));
                reading.spawn(async move { read_portion(&lookup, &ids, start).await });
            }
            let Some(read) = reading.join_next().await else { break };
            let (entries, asked, unknown) = read.map_err(|_| Stopped::ComparingPanicked)??;
            self.entries.extend(entries);
            self.counts.unaddressable += unknown;
            progress.add(asked);
        }
        Ok(())
    }

    /// The ids at some places, in their order.
    pub(super) fn ids(&self, places: &[u32]) -> Result<Vec<String>, Error> {
        match self.side {
            DiffSide::Table(table) => {
                let read = |place: &u32| Ok(table.record_at(*place)?.0);
                places.iter().map(read).collect()
            }
            DiffSide::Stored(_) => Ok(places.iter().map(|place| self.id(*place)).collect()),
        }
    }

    /// The records at some places with their ids, in their order; none for one that is not there any more.
    pub(super) async fn records(
        &self,
        dataset: Dataset,
        places: &[u32],
    ) -> Result<Vec<(String, Option<String>)>, Error> {
        match self.side {
            DiffSide::Table(table) => {
                let read = |place: &u32| table.record_at(*place).map(|(id, record)| (id, Some(record)));
                places.iter().map(read).collect()
            }
            DiffSide::Stored(connection) => {
                let ids: Vec<String> = places.iter().map(|place| self.id(*place)).collect();
                let mut found = lookup(connection, dataset).read(&ids).await?;
                let records = ids.into_iter().map(|id| {
                    let record = found.remove(&id).flatten();
                    (id, record)
                });
                Ok(records.collect())
            }
        }
    }

    fn id(&self, place: u32) -> String {
        self.ids
            .get(place as usize)
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

fn entry(id: &str, place: u32, record: &str) -> Result<KnownRecord, Error> {
    Ok(KnownRecord {
        id: xxh3_128(id.as_bytes()),
        place,
        digest: comparison::digest(record)?,
    })
}

fn lookup(connection: &Connection, dataset: Dataset) -> Lookup {
    Lookup::new(connection.client().clone(), dataset, RetryPolicy::default())
}

fn owned(ids: &[Box<str>]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Reads records of which the first has a place: what is remembered of them, how many were asked for, and how many nobody
/// can ask for.
async fn read_portion(lookup: &Lookup, ids: &[String], start: u32) -> Result<(Vec<KnownRecord>, u64, u64), Error> {
    let found: FoundRecords = lookup.read_listed(ids).await?;
    let mut entries = Vec::with_capacity(ids.len());
    let mut unknown = 0;
    for (id, place) in ids.iter().zip(start..) {
        match found.get(id) {
            Some(Some(record)) => entries.push(entry(id, place, record)?),
            Some(None) => {}
            None => unknown += 1,
        }
    }
    Ok((entries, ids.len() as u64, unknown))
}
