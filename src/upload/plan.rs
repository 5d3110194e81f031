//! Cutting records into batches.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use xxhash_rust::xxh3::xxh3_64;

use super::{Before, Replaced};
use crate::domain::{comparison, dataset::Dataset};

/// How much goes into one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Records, at least 1.
    pub records: usize,
    /// Bytes of the body. A record that is larger alone goes alone; whether it is too large is for the server to say.
    pub bytes: usize,
}

impl BatchLimits {
    /// What the API recommends: 100 products or users, 10,000 interactions (miso-api.md section 5). The byte limit
    /// of the former is the official client's; interactions are small, and 10,000 of them must fit.
    pub const fn recommended(dataset: Dataset) -> Self {
        const MIB: usize = 1024 * 1024;
        match dataset {
            Dataset::Products | Dataset::Users => Self {
                records: 100,
                bytes: MIB,
            },
            Dataset::Interactions => Self {
                records: 10_000,
                bytes: 8 * MIB,
            },
        }
    }
}

/// A row as the JSON record that is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadRecord {
    /// The row in the table.
    pub row: u32,
    /// One JSON object. Of a revert, empty when there was none: then what is stored is deleted.
    pub json: Vec<u8>,
    /// The record's id: of two records with the same one the later must arrive later. `None` where the order does not
    /// matter, and nothing is replaced.
    pub id: Option<Box<str>>,
    /// Of a revert: what the upload had put there.
    pub reverts: Option<SentDigests>,
    /// What it met when it was last held against what is stored; apart, as most records never are.
    pub prior: Option<Box<Prior>>,
}

/// What was stored when a record was last compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prior {
    /// The stored record with its id.
    pub before: Before,
    /// The record's JSON object before it was merged with that.
    pub(crate) unmerged: Option<Vec<u8>>,
}

/// What an upload put under an id, or was going to: all that it ever sent, as some of it may have been refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentDigests(Vec<u64>);

impl SentDigests {
    /// Stands for a deletion.
    const NOTHING: u64 = 0;

    /// The digest of one record; `None` stands for a deletion.
    pub fn of(record: Option<&str>) -> Result<Self, serde_json::Error> {
        Ok(Self(vec![Self::digest(record)?]))
    }

    /// Whether the stored record is one of them; `None` stands for no record.
    pub(crate) fn includes(&self, there: Option<&str>) -> Result<bool, serde_json::Error> {
        Ok(self.0.contains(&Self::digest(there)?))
    }

    fn digest(record: Option<&str>) -> Result<u64, serde_json::Error> {
        let digest = |record| comparison::digest(record).map(|digest| digest.max(Self::NOTHING + 1));
        record.map_or(Ok(Self::NOTHING), digest)
    }

    /// Eight bytes each, least significant first.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|digest| digest.to_le_bytes()).collect()
    }

    /// The same in hexadecimal.
    pub(super) fn from_hex(text: &str) -> Self {
        let (sixteens, _) = text.as_bytes().as_chunks::<16>();
        let digest = |digits: &[u8; 16]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u64::from_str_radix(digits, 16).ok().map(u64::swap_bytes)
        };
        Self(sixteens.iter().filter_map(digest).collect())
    }
}

impl UploadRecord {
    /// A hash of its JSON text, as it was before it was merged.
    pub(crate) fn digest(&self) -> u64 {
        let unmerged = self.prior.as_ref().and_then(|prior| prior.unmerged.as_ref());
        xxh3_64(unmerged.unwrap_or(&self.json))
    }

    /// What it replaces, for the snapshot, when that is known.
    pub(super) fn replaced(&self) -> Option<Replaced> {
        let now = (!self.removes()).then(|| self.text());
        Some(Replaced {
            id: self.id.as_deref()?.to_owned(),
            before: self.prior.as_ref()?.before.clone(),
            // What is written here can be read.
            sent: SentDigests::of(now.as_deref()).unwrap_or_default(),
        })
    }

    /// A hash of the id.
    pub fn key(&self) -> Option<u64> {
        self.id.as_deref().map(key_of)
    }

    /// Whether what is stored under its id is to be deleted.
    pub(crate) const fn removes(&self) -> bool {
        self.json.is_empty()
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.json)
    }
}

/// A hash of an id.
pub(super) fn key_of(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// Records that go out in one request, in row order.
pub type Batch = Vec<UploadRecord>;

const START: &[u8] = br#"{"data":["#;
const END: &[u8] = b"]}";

/// The request's body: `{"data":[…]}`.
pub fn body(records: &[UploadRecord]) -> Vec<u8> {
    let size = records.iter().map(|record| record.json.len() + 1).sum::<usize>();
    let mut body = Vec::with_capacity(START.len() + size + END.len());
    body.extend_from_slice(START);
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&record.json);
    }
    body.extend_from_slice(END);
    body
}

/// How large a body may be; it shrinks when a server says that one is too large.
#[derive(Clone, Debug)]
pub struct ByteLimit(Arc<AtomicUsize>);

impl ByteLimit {
    fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes that a body of so many bytes is too large: from now on at most half of it is sent.
    pub fn too_large(&self, bytes: usize) {
        self.0.fetch_min((bytes / 2).max(1), Ordering::Relaxed);
    }
}

/// Collects records until a batch is full.
#[derive(Debug)]
pub struct Planner {
    limits: BatchLimits,
    byte_limit: ByteLimit,
    pending: Batch,
    bytes: usize,
}

impl Planner {
    /// Starts with nothing.
    pub fn new(limits: BatchLimits) -> Self {
        Self {
            limits,
            byte_limit: ByteLimit::new(limits.bytes),
            pending: Batch::new(),
            bytes: 0,
        }
    }

    /// The limit of bytes, for whoever learns that it must be lower.
    pub fn byte_limit(&self) -> ByteLimit {
        self.byte_limit.clone()
    }

    /// Adds a record; returns the batch that is full without it.
    pub fn push(&mut self, record: UploadRecord) -> Option<Batch> {
        let size = record.json.len() + 1;
        let full = self.pending.len() >= self.limits.records.max(1)
            || START.len() + self.bytes + size + END.len() > self.byte_limit.get();
        let batch = if full { self.finish() } else { None };
        self.bytes += size;
        self.pending.push(record);
        batch
    }

    /// The records that remain, if there are any.
    pub fn finish(&mut self) -> Option<Batch> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.pending);
        (!batch.is_empty()).then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(sizes: &[usize], limits: BatchLimits) -> Vec<Batch> {
        let mut planner = Planner::new(limits);
        let records = (0..).zip(sizes).map(|(row, &size)| UploadRecord {
            row,
            json: vec![b'x'; size],
            ..UploadRecord::default()
        });
        let mut batches: Vec<_> = records.filter_map(|record| planner.push(record)).collect();
        batches.extend(planner.finish());
        batches
    }

    #[test]
    fn a_body_is_data() {
        let record = |json: &str| UploadRecord {
            json: json.into(),
            ..UploadRecord::default()
        };
        assert_eq!(body(&[record("{}"), record(r#"{"a":1}"#)]), br#"{"data":[{},{"a":1}]}"#);
        assert_eq!(body(&[]), br#"{"data":[]}"#);
    }

    proptest! {
        #[test]
        fn batches_hold_every_record_once_within_the_limits(
            sizes in prop::collection::vec(2_usize..60, 0..200), records in 1_usize..20, bytes in 20_usize..200,
        ) {
            let batches = cut(&sizes, BatchLimits { records, bytes });
            let rows: Vec<u32> = batches.iter().flatten().map(|record| record.row).collect();
            prop_assert_eq!(rows, (0..u32::try_from(sizes.len()).unwrap()).collect::<Vec<_>>());
            for batch in &batches {
                prop_assert!(batch.len() <= records);
                prop_assert!(batch.len() == 1 || body(batch).len() <= bytes);
            }
        }
    }
}
