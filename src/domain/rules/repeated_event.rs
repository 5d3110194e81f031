//! Interactions that stand in a table twice. A row's time, person and type are kept as 32 bits of a hash; rows whose bits
//! agree are read again and compared whole, so that nothing else is called the same.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use xxhash_rust::xxh3::Xxh3Default;

use super::{Evidence, Family, Levels, Remedy, Rule, RuleDef};
use crate::domain::{bytes, cell::Cell, dataset::Dataset, record::Plan, rows::RowSet};

/// The same interaction twice.
pub(super) const REPEATED_EVENT: RuleDef = RuleDef {
    name: "repeated-event",
    title: "The same interaction again",
    says: "stands further up already",
    text: "Interactions have no id that would make the later one replace the earlier: what is sent twice counts twice. \
           Looked for are rows with the same message id where the file has one, and otherwise rows with a time that are \
           the same in every field. Made an error, the later ones are left out.",
    advice: "leave the row out, unless it happened twice",
    evidence: Evidence::Rows,
    remedy: Remedy::LeaveRowsOut,
    explain: |broken| {
        broken.sentence("The same interaction stands further up already; leave the row out, unless it happened twice")
    },
    ..RuleDef::of(Family::Interactions)
};

/// The bits of a row that is not compared: one without a time, or without a message id.
const NONE: u32 = 0;

/// The fields that tell most interactions apart.
const FIELDS: [&str; 4] = ["timestamp", "user_id", "anonymous_id", "product_ids"];

/// Names of columns with an id of the event itself, without anything but letters.
const MESSAGE_IDS: [&str; 5] = ["messageid", "eventid", "eventuuid", "insertid", "hitid"];

/// What makes two rows of a table the same interaction.
#[derive(Clone, Debug)]
pub(crate) enum EventKey {
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
    /// The rule that is about it.
    pub(crate) const RULE: Rule = Rule::RepeatedEvent;

    /// Of a table with these columns; `None` when nothing tells its rows apart, or nobody wants to know.
    pub(crate) fn of(columns: &[String], plan: &Plan, levels: &Levels) -> Option<Self> {
        if plan.dataset != Dataset::Interactions || !levels.is_on(Self::RULE) {
            return None;
        }
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
    pub(crate) fn bits(&self, cells: &[Cell<'_>]) -> u32 {
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
    pub(crate) fn whole(&self, cells: &[Cell<'_>]) -> u64 {
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

    /// The rows that are the same as one further up, of a table with so many; `wholes` are the hashes of
    /// [`candidates`] with their rows.
    pub(crate) fn repeated(&self, mut wholes: Vec<(u64, u32)>, rows: u32) -> RowSet {
        wholes.sort_unstable();
        let again = wholes
            .windows(2)
            .filter(|pair| pair[0].0 == pair[1].0)
            .map(|pair| pair[1].1);
        let mut again: Vec<u32> = again.collect();
        if matches!(self, Self::Message(_)) && again.len() * 2 > rows as usize {
            // What most rows share is no id of an event, whatever it is called.
            again.clear();
        }
        again.sort_unstable();
        again.into_iter().collect()
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

/// The rows whose bits another row has too; those that are left out are not compared.
pub(crate) fn candidates(bits: &mut [u32], left_out: &RowSet) -> Vec<u32> {
    /// The bits are looked at in so many shares, by their highest ones.
    const SHARES: u32 = 4;
    for range in left_out.ranges() {
        let end = bits.len().min(range.end as usize);
        bits.get_mut(range.start as usize..end).unwrap_or_default().fill(NONE);
    }
    let bits = &*bits;
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
