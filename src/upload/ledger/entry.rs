//! Entries as they are written to disk: a kind, the rows as pairs of gap and length, and what else there is to say.

use super::{Confirmation, LedgerEntry};
use crate::{domain::rows::RowSet, upload::SkipReason};

/// An entry as a row of the ledger's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntryRow {
    /// The kind of entry. These numbers are in files, and never change their meaning.
    pub(super) kind: i64,
    /// The rows, packed.
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
const STORED: [(i64, Confirmation); 3] = [
    (30, Confirmation::Answer),
    (31, Confirmation::Task),
    (32, Confirmation::ReadBack),
];
pub(super) const REFUSE: i64 = 40;
const RESUME: i64 = 50;

pub(super) fn write(entry: &LedgerEntry) -> EntryRow {
    let plain = |kind, rows: &RowSet| EntryRow {
        kind,
        rows: pack(rows),
        note: None,
        digests: None,
    };
    match entry {
        LedgerEntry::Skip { rows, reason } => {
            let kind = SKIPPED.iter().find(|(_, known)| known == reason);
            plain(kind.map_or(SKIPPED[0].0, |(kind, _)| *kind), rows)
        }
        LedgerEntry::Send { rows } => plain(SEND, rows),
        LedgerEntry::Accept { rows, task } => EntryRow {
            note: Some(task.clone()),
            ..plain(ACCEPT, rows)
        },
        LedgerEntry::Return { rows } => plain(RETURN, rows),
        LedgerEntry::Lose { rows } => plain(LOSE, rows),
        LedgerEntry::Store {
            rows,
            confirmation,
            digests,
        } => {
            let kind = STORED.iter().find(|(_, known)| known == confirmation);
            let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.to_le_bytes()).collect();
            EntryRow {
                digests: (!bytes.is_empty()).then_some(bytes),
                ..plain(kind.map_or(STORED[0].0, |(kind, _)| *kind), rows)
            }
        }
        LedgerEntry::Refuse { row, lines } => EntryRow {
            note: Some(serde_json::Value::from(lines.clone()).to_string()),
            ..plain(REFUSE, &RowSet::of_row(*row))
        },
        LedgerEntry::Resume => plain(RESUME, &RowSet::default()),
    }
}

/// Reads an entry; `None` when it is none of this version's.
pub(super) fn read(written: &EntryRow) -> Option<LedgerEntry> {
    let rows = unpack(&written.rows)?;
    let stored = || STORED.iter().find(|(kind, _)| *kind == written.kind);
    let skipped = || SKIPPED.iter().find(|(kind, _)| *kind == written.kind);
    Some(match written.kind {
        SEND => LedgerEntry::Send { rows },
        ACCEPT => LedgerEntry::Accept {
            rows,
            task: written.note.clone()?,
        },
        RETURN => LedgerEntry::Return { rows },
        LOSE => LedgerEntry::Lose { rows },
        REFUSE => LedgerEntry::Refuse {
            row: rows.iter().next()?,
            lines: serde_json::from_str(written.note.as_deref()?).ok()?,
        },
        RESUME => LedgerEntry::Resume,
        _ => match (stored(), skipped()) {
            (Some((_, confirmation)), _) => LedgerEntry::Store {
                rows,
                confirmation: *confirmation,
                digests: unpack_digests(written.digests.as_deref().unwrap_or_default()),
            },
            (None, Some((_, reason))) => LedgerEntry::Skip { rows, reason: *reason },
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

    pub(super) fn entry() -> impl Strategy<Value = LedgerEntry> {
        let reason = prop::sample::select(SKIPPED.map(|(_, reason)| reason).to_vec());
        let confirmation = prop::sample::select(STORED.map(|(_, confirmation)| confirmation).to_vec());
        prop_oneof![
            (rows(), reason).prop_map(|(rows, reason)| LedgerEntry::Skip { rows, reason }),
            rows().prop_map(|rows| LedgerEntry::Send { rows }),
            (rows(), ".*").prop_map(|(rows, task)| LedgerEntry::Accept { rows, task }),
            rows().prop_map(|rows| LedgerEntry::Return { rows }),
            rows().prop_map(|rows| LedgerEntry::Lose { rows }),
            (rows(), confirmation, prop::collection::vec(any::<u64>(), 0..5)).prop_map(
                |(rows, confirmation, digests)| LedgerEntry::Store {
                    rows,
                    confirmation,
                    digests
                }
            ),
            (0..u32::MAX, prop::collection::vec(".*", 0..3))
                .prop_map(|(row, lines)| LedgerEntry::Refuse { row, lines }),
            Just(LedgerEntry::Resume),
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
