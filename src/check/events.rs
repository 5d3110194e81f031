//! Interactions that stand in a table twice. A row's time, person and type are kept as 32 bits of a hash; rows whose bits
//! agree are read again and compared whole, so that nothing else is called the same.

use std::ops::ControlFlow;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use xxhash_rust::xxh3::Xxh3Default;

use super::{CHUNK_ROWS, Cell, Edits, Frame, FrameError, Plan, RowSet};
use crate::domain::bytes;

/// The bits of a row that is not compared: one without a time, or without a message id.
const NONE: u32 = 0;

/// Rows are read one by one while they are fewer than this.
const FEW: usize = 4096;

/// The fields that tell most interactions apart.
const FIELDS: [&str; 4] = ["timestamp", "user_id", "anonymous_id", "product_ids"];

/// Names of columns with an id of the event itself, without anything but letters.
const MESSAGE_IDS: [&str; 5] = ["messageid", "eventid", "eventuuid", "insertid", "hitid"];

/// What makes two rows of a table the same interaction.
#[derive(Clone, Debug)]
pub(super) enum EventKey {
    /// The value of this column.
    Message(usize),
    /// All fields, as far as there is a time; these tell most rows apart.
    Fields {
        /// The column of the time.
        time: usize,
        /// All columns that are hashed.
        columns: Vec<usize>,
    },
}

impl EventKey {
    /// Of a table with these columns; `None` when nothing tells its rows apart.
    pub(super) fn of(columns: &[String], plan: &Plan) -> Option<Self> {
        let is_message_id = |name: &String| {
            let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
            MESSAGE_IDS.contains(&letters.to_ascii_lowercase().as_str())
        };
        if let Some(column) = columns.iter().position(is_message_id) {
            return Some(Self::Message(column));
        }
        let in_table = |path: &str| plan.column_of(path).filter(|column| *column < columns.len());
        Some(Self::Fields {
            time: in_table(FIELDS[0])?,
            columns: FIELDS.iter().filter_map(|path| in_table(path)).collect(),
        })
    }

    /// The bits that are kept of a row.
    pub(super) fn bits(&self, cells: &[Cell<'_>]) -> u32 {
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        let (first, columns) = match self {
            Self::Message(column) => (*column, std::slice::from_ref(column)),
            Self::Fields { time, columns } => (*time, columns.as_slice()),
        };
        if cell(first).is_missing() {
            return NONE;
        }
        let mixed = columns.iter().fold(0, |mixed, column| mix(mixed, cell(*column)));
        // The upper half is mixed best.
        u32::try_from(mixed >> 32).unwrap_or_default().max(1)
    }

    /// The hash of all that must be the same.
    fn whole(&self, cells: &[Cell<'_>]) -> u64 {
        let mut hasher = Xxh3Default::new();
        let mut add = |cell: &Cell<'_>| {
            let (kind, text) = match cell {
                Cell::Missing => (0, ""),
                Cell::Text(text) => (1, *text),
                Cell::Json(text) => (2, *text),
            };
            hasher.update(&[kind]);
            hasher.update(&text.len().to_le_bytes());
            hasher.update(text.as_bytes());
        };
        match self {
            Self::Message(column) => add(&cells.get(*column).copied().unwrap_or_default()),
            Self::Fields { .. } => cells.iter().for_each(add),
        }
        hasher.digest()
    }
}

/// Adds a cell to a hash: its length, its beginning and its end, which is quick and good enough to tell nearly all rows
/// apart.
fn mix(mixed: u64, cell: Cell<'_>) -> u64 {
    let (Cell::Text(text) | Cell::Json(text)) = cell else {
        return bytes::spread(mixed);
    };
    let value = bytes::ends(text.as_bytes());
    let next = bytes::spread(mixed.rotate_left(29) ^ value ^ text.len() as u64);
    next ^ next >> 32
}

/// The rows that are the same as one further up. `bits` are those of all rows, without `left_out`, which are not sent.
pub(super) fn repeated(
    key: &EventKey,
    mut bits: Vec<u32>,
    left_out: &RowSet,
    plan: &Plan,
    (frame, edits): (&Frame, &Edits),
) -> Result<RowSet, FrameError> {
    for range in left_out.ranges() {
        let end = bits.len().min(range.end as usize);
        bits.get_mut(range.start as usize..end).unwrap_or_default().fill(NONE);
    }
    let candidates = candidates(&bits);
    drop(bits);
    let mut wholes = hashes(key, &candidates, plan, frame, edits)?;
    wholes.sort_unstable();
    let again = wholes
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .map(|pair| pair[1].1);
    let mut again: Vec<u32> = again.collect();
    if matches!(key, EventKey::Message(_)) && again.len() * 2 > frame.len() as usize {
        // What most rows share is no id of an event, whatever it is called.
        again.clear();
    }
    again.sort_unstable();
    Ok(again.into_iter().collect())
}

/// The rows whose bits another row has too.
fn candidates(bits: &[u32]) -> Vec<u32> {
    /// The bits are looked at in so many shares, by their highest ones.
    const SHARES: u32 = 4;
    // A sieve with many more places than rows: in most places there is one row at most, and few rows are left to sort.
    let places = (bits.len() * 8 / SHARES as usize).next_power_of_two().max(64);
    let share = |share: u32| {
        let mine = || {
            (0..)
                .zip(bits)
                .filter(|(_, bits)| **bits != NONE && **bits >> 30 == share)
        };
        let place = |bits: u32| {
            let place = bits as usize & (places - 1);
            (place / 64, 1_u64 << (place % 64))
        };
        let (mut once, mut again) = (vec![0_u64; places / 64], vec![0_u64; places / 64]);
        for (_, bits) in mine() {
            let (word, bit) = place(*bits);
            again[word] |= once[word] & bit;
            once[word] |= bit;
        }
        drop(once);
        let is_shared = |(_, bits): &(u32, &u32)| {
            let (word, bit) = place(**bits);
            again[word] & bit != 0
        };
        let mut shared: Vec<(u32, u32)> = mine().filter(is_shared).map(|(row, bits)| (*bits, row)).collect();
        shared.sort_unstable();
        let groups = shared.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
        groups.flatten().map(|(_, row)| *row).collect::<Vec<u32>>()
    };
    let mut rows: Vec<u32> = (0..SHARES).into_par_iter().map(share).collect::<Vec<_>>().concat();
    rows.sort_unstable();
    rows
}

/// The hashes of rows, each with its row.
fn hashes(
    key: &EventKey,
    rows: &[u32],
    plan: &Plan,
    frame: &Frame,
    edits: &Edits,
) -> Result<Vec<(u64, u32)>, FrameError> {
    // Rows that stand close together are read in one go.
    let most_apart = if rows.len() < FEW { 1 } else { CHUNK_ROWS };
    let stretches: Vec<&[u32]> = rows.chunk_by(|a, b| b - a < most_apart).collect();
    let read = stretches.into_par_iter().map(|stretch| {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
            return Ok(Vec::new());
        };
        let mut wanted = stretch.iter().peekable();
        let mut hashes = Vec::with_capacity(stretch.len());
        frame.scan(*first..last + 1, edits, &mut |row, cells| {
            if wanted.next_if_eq(&&row).is_some() {
                hashes.push((plan.see(cells, |cells| key.whole(cells)), row));
            }
            ControlFlow::Continue(())
        })?;
        Ok(hashes)
    });
    let read: Vec<Vec<(u64, u32)>> = read.collect::<Result<_, FrameError>>()?;
    Ok(read.concat())
}
