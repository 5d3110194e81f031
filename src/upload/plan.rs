//! Cutting records into batches.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use xxhash_rust::xxh3::xxh3_64;

use crate::domain::dataset::Dataset;

/// How much goes into one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records, at least 1.
    pub records: usize,
    /// Bytes of the body. A record that is larger alone goes alone; whether it is too large is for the server to say.
    pub bytes: usize,
}

impl Limits {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The row in the table.
    pub row: u32,
    /// One JSON object.
    pub json: Vec<u8>,
    /// Stands for the record's id: of two records with the same one the later must arrive later. `None` where the
    /// order does not matter.
    pub key: Option<u64>,
}

impl Record {
    /// What tells this record from others: a hash of its JSON text.
    pub fn digest(&self) -> u64 {
        xxh3_64(&self.json)
    }
}

/// Records that go out in one request, in row order.
pub type Batch = Vec<Record>;

const START: &[u8] = br#"{"data":["#;
const END: &[u8] = b"]}";

/// The request's body: `{"data":[…]}`.
pub fn body(records: &[Record]) -> Vec<u8> {
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
pub struct MostBytes(Arc<AtomicUsize>);

impl MostBytes {
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
    limits: Limits,
    most_bytes: MostBytes,
    pending: Batch,
    bytes: usize,
}

impl Planner {
    /// Starts with nothing.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            most_bytes: MostBytes::new(limits.bytes),
            pending: Batch::new(),
            bytes: 0,
        }
    }

    /// The limit of bytes, for whoever learns that it must be lower.
    pub fn most_bytes(&self) -> MostBytes {
        self.most_bytes.clone()
    }

    /// Adds a record; returns the batch that is full without it.
    pub fn push(&mut self, record: Record) -> Option<Batch> {
        let size = record.json.len() + 1;
        let full = self.pending.len() >= self.limits.records.max(1)
            || START.len() + self.bytes + size + END.len() > self.most_bytes.get();
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

    fn cut(sizes: &[usize], limits: Limits) -> Vec<Batch> {
        let mut planner = Planner::new(limits);
        let records = (0..).zip(sizes).map(|(row, &size)| Record {
            row,
            json: vec![b'x'; size],
            key: None,
        });
        let mut batches: Vec<_> = records.filter_map(|record| planner.push(record)).collect();
        batches.extend(planner.finish());
        batches
    }

    #[test]
    fn a_body_is_data() {
        let record = |json: &str| Record {
            row: 0,
            json: json.into(),
            key: None,
        };
        assert_eq!(body(&[record("{}"), record(r#"{"a":1}"#)]), br#"{"data":[{},{"a":1}]}"#);
        assert_eq!(body(&[]), br#"{"data":[]}"#);
    }

    proptest! {
        #[test]
        fn batches_hold_every_record_once_within_the_limits(
            sizes in prop::collection::vec(2_usize..60, 0..200), records in 1_usize..20, bytes in 20_usize..200,
        ) {
            let batches = cut(&sizes, Limits { records, bytes });
            let rows: Vec<u32> = batches.iter().flatten().map(|record| record.row).collect();
            prop_assert_eq!(rows, (0..u32::try_from(sizes.len()).unwrap()).collect::<Vec<_>>());
            for batch in &batches {
                prop_assert!(batch.len() <= records);
                prop_assert!(batch.len() == 1 || body(batch).len() <= bytes);
            }
        }
    }
}
