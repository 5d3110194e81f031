//! Entries as they are written to disk: a kind, the rows as pairs of gap and length, and what else there is to say.

use super::{Entry, Proof};
use crate::{domain::rows::RowSet, upload::SkipReason};

/// An entry as a row of the ledger's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// What kind of entry it is: the numbers are in files, and never change their meaning.
    pub(super) kind: i64,
    /// The rows.
    pub(super) rows: Vec<u8>,
    /// A task's id, or the server's words as a JSON list.
    pub(super) note: Option<String>,
    /// Eight bytes a record, least significant first.
    pub(super) digests: Option<Vec<u8>>,
}

const SKIPPED: [(i64, SkipReason); 5] = [
    (10, SkipReason::HasErrors),
    (11, SkipReason::Unreadable),
    (12, SkipReason::Unchanged),
    (13, SkipReason::ChangedSince),
    (14, SkipReason::Unaddressable),
];
const SEND: i64 = 20;
const ACCEPT: i64 = 21;
const RETURN: i64 = 22;
const LOSE: i64 = 23;
const STORED: [(i64, Proof); 3] = [(30, Proof::Answer), (31, Proof::Task), (32, Proof::ReadBack)];
pub(super) const REFUSE: i64 = 40;
const RESUME: i64 = 50;

/// Writes an entry down.
pub(super) fn write(entry: &Entry) -> Written {
    let plain = |kind, rows: &RowSet| Written {
        kind,
        rows: pack(rows),
        note: None,
        digests: None,
    };
    match entry {
        Entry::Skip { rows, reason } => {
            let kind = SKIPPED.iter().find(|(_, known)| known == reason);
            plain(kind.map_or(SKIPPED[0].0, |(kind, _)| *kind), rows)
        }
        Entry::Send { rows } => plain(SEND, rows),
        Entry::Accept { rows, task } => Written {
            note: Some(task.clone()),
            ..plain(ACCEPT, rows)
        },
        Entry::Return { rows } => plain(RETURN, rows),
        Entry::Lose { rows } => plain(LOSE, rows),
        Entry::Store { rows, proof, digests } => {
            let kind = STORED.iter().find(|(_, known)| known == proof);
            let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
            Written {
                digests: (!bytes.is_empty()).then_some(bytes),
                ..plain(kind.map_or(STORED[0].0, |(kind, _)| *kind), rows)
            }
        }
        Entry::Refuse { row, lines } => Written {
            note: Some(serde_json::Value::from(lines.clone()).to_string()),
            ..plain(REFUSE, &RowSet::of_row(*row))
        },
        Entry::Resume => plain(RESUME, &RowSet::default()),
    }
}

/// Reads an entry; `None` when it is none of this version's.
pub(super) fn read(written: &Written) -> Option<Entry> {
    let rows = unpack(&written.rows)?;
    let stored = || STORED.iter().find(|(kind, _)| *kind == written.kind);
    let skipped = || SKIPPED.iter().find(|(kind, _)| *kind == written.kind);
    Some(match written.kind {
        SEND => Entry::Send { rows },
        ACCEPT => Entry::Accept {
            rows,
            task: written.note.clone()?,
        },
        RETURN => Entry::Return { rows },
        LOSE => Entry::Lose { rows },
        REFUSE => Entry::Refuse {
            row: rows.iter().next()?,
            lines: serde_json::from_str(written.note.as_deref()?).ok()?,
        },
        RESUME => Entry::Resume,
        _ => match (stored(), skipped()) {
            (Some((_, proof)), _) => Entry::Store {
                rows,
                proof: *proof,
                digests: unpack_digests(written.digests.as_deref().unwrap_or_default()),
            },
            (None, Some((_, reason))) => Entry::Skip { rows, reason: *reason },
            (None, None) => return None,
        },
    })
}

/// The digests of stored records.
pub(super) fn unpack_digests(bytes: &[u8]) -> Vec<u64> {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().map(|eight| u64::from_le_bytes(*eight)).collect()
}

/// Rows as pairs of the gap since the last range and the length, in seven bits a byte.
fn pack(rows: &RowSet) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut end = 0;
    for range in rows.ranges() {
        push(range.start - end, &mut bytes);
        push(range.end - range.start, &mut bytes);
        end = range.end;
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Option<RowSet> {
    let mut rows = RowSet::default();
    let mut rest = bytes;
    let mut end = 0_u32;
    while !rest.is_empty() {
        let start = end.checked_add(pull(&mut rest)?)?;
        end = start.checked_add(pull(&mut rest)?)?;
        rows.insert_range(start..end);
    }
    Some(rows)
}

fn push(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn pull(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..32).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = RowSet> {
        prop::collection::vec((any::<u32>(), 0_u32..300), 0..9).prop_map(|ranges| {
            RowSet::of_ranges(ranges.into_iter().map(|(start, len)| start..start.saturating_add(len)))
        })
    }

    pub(super) fn entry() -> impl Strategy<Value = Entry> {
        let reason = prop::sample::select(SKIPPED.map(|(_, reason)| reason).to_vec());
        let proof = prop::sample::select(STORED.map(|(_, proof)| proof).to_vec());
        prop_oneof![
            (rows(), reason).prop_map(|(rows, reason)| Entry::Skip { rows, reason }),
            rows().prop_map(|rows| Entry::Send { rows }),
            (rows(), ".*").prop_map(|(rows, task)| Entry::Accept { rows, task }),
            rows().prop_map(|rows| Entry::Return { rows }),
            rows().prop_map(|rows| Entry::Lose { rows }),
            (rows(), proof, prop::collection::vec(any::<u64>(), 0..5))
                .prop_map(|(rows, proof, digests)| Entry::Store { rows, proof, digests }),
            (0..u32::MAX, prop::collection::vec(".*", 0..3)).prop_map(|(row, lines)| Entry::Refuse { row, lines }),
            Just(Entry::Resume),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(entry in entry()) {
            prop_assert_eq!(read(&write(&entry)), Some(entry));
        }

        /// Whatever is written, every row is in one state, and nothing panics.
        #[test]
        fn the_sum_holds_for_any_entries(entries in prop::collection::vec(entry(), 0..30)) {
            let mut state = super::super::State::new(u64::from(u32::MAX));
            for entry in entries {
                state.apply(&entry);
                let tally = state.tally();
                prop_assert_eq!((tally.sum(), tally.all), (u64::from(u32::MAX), u64::from(u32::MAX)));
            }
        }
    }
}
