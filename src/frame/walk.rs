//! A JSON record taken apart into its columns, in one walk over its bytes that checks it as it goes. Records of a file
//! are much alike: a key is found by how it begins, and those of a wide record by what came after the one before.

use std::{collections::HashMap, ops::Range};

use super::{
    columns::Columns,
    containers::{SpreadMembers, container},
};
use crate::domain::{
    bytes,
    cell::Cell,
    json::{self, colon, skip_space},
};

/// With fewer keys than this in an object it is faster to look at each than to hash.
const FEW: usize = 24;

/// Keys remembered before the walker starts to learn anew.
const MANY: usize = 200_000;

/// The record itself among the levels.
const ROOT: usize = 0;

/// Why a record has no columns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwalkable {
    /// It is no JSON object.
    NotAnObject,
    /// A key is there twice; its path.
    Repeated(String),
}

/// The columns that paths lead to.
pub(super) trait ColumnNames {
    /// The column of a path, if it has one.
    fn resolve(&mut self, path: &str) -> Option<u32>;
    /// How many columns there are.
    fn count(&self) -> usize;
    /// Forgets all but the first `count` columns.
    fn forget_after(&mut self, count: usize);
}

/// Columns that are all known.
impl ColumnNames for &Columns {
    fn resolve(&mut self, path: &str) -> Option<u32> {
        self.find(path)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn forget_after(&mut self, _: usize) {}
}

/// Columns that are still being found.
impl ColumnNames for Columns {
    fn resolve(&mut self, path: &str) -> Option<u32> {
        self.add(path);
        self.find(path)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn forget_after(&mut self, count: usize) {
        self.truncate(count);
    }
}

/// Takes records apart.
#[derive(Debug)]
pub(super) struct Walker {
    /// Whether nothing but space may follow a record. In a list the next record or the list's end does.
    is_alone: bool,
    levels: Vec<ObjectLevel>,
    /// How many keys are remembered.
    size: usize,
    /// Counts records.
    record: u64,
    /// Columns set by members of containers, in order.
    set: Vec<u32>,
    repeated: Option<String>,
}

/// An object whose members are columns: the record, or a container in it.
#[derive(Debug)]
struct ObjectLevel {
    /// What comes before a key in its path: nothing, or `context.page.`.
    prefix: String,
    members: SpreadMembers,
    keys: Vec<MemberKey>,
    by_written: HashMap<Box<[u8]>, usize>,
    /// The key after the one that was last found by all that is written.
    next: usize,
    /// Where keys are by their beginnings: the place of each among `keys`, from 1.
    by_start: [u8; SLOTS],
}

/// Places for keys by their beginnings, as many as eight bits tell apart: many more than most objects have keys.
const SLOTS: usize = 256;

#[derive(Debug)]
struct MemberKey {
    /// As it stands in the file, with its quotes.
    written: Box<[u8]>,
    /// Its first bytes.
    start: Option<Start>,
    column: MemberColumn,
    /// Where its members are described, when it is a container.
    inner: Option<usize>,
    is_allowed: bool,
    /// The last record that had it, when it is a container.
    met: u64,
}

/// The first sixteen bytes of a key, or all of one that is shorter, as one word: nearly all keys are told apart by it.
#[derive(Clone, Copy, Debug)]
struct Start {
    word: u128,
    /// How long a key is whose end is among these bytes; `None`: it is longer.
    len: Option<usize>,
}

impl Start {
    /// Of a text that begins with a key.
    #[inline]
    fn of(text: &[u8; 16]) -> Self {
        let word = u128::from_le_bytes(*text);
        match bytes::second_quote(text) {
            Some(end) => Self {
                word: word & (u128::MAX >> (8 * (15 - end))),
                len: Some(end + 1),
            },
            None => Self { word, len: None },
        }
    }

    /// Of a key alone; `None` when it has escapes at its start, so that its end cannot be told from them.
    fn of_key(written: &[u8]) -> Option<Self> {
        let mut text = [0; 16];
        text.iter_mut().zip(written).for_each(|(byte, of_key)| *byte = *of_key);
        Some(Self::of(&text)).filter(|start| start.len.map_or(written.len() > text.len(), |len| len == written.len()))
    }

    /// The two places where a key that begins so may be.
    #[inline]
    const fn slots(self) -> [usize; 2] {
        // Both halves in one.
        let folded = ((self.word ^ self.word.rotate_left(93)) >> 64) as u64;
        let slot = (bytes::spread(folded) >> 56) as usize;
        [slot, slot ^ 1]
    }
}

#[derive(Clone, Copy, Debug)]
enum MemberColumn {
    Unresolved,
    Nowhere,
    At(u32),
}

/// What is at work on one record.
struct RecordWalk<'r, 'b, N> {
    record: &'b str,
    names: &'r mut N,
    cells: &'r mut Vec<Cell<'b>>,
}

enum SpreadOutcome {
    /// The object's members became columns; where it ends.
    Until(usize),
    /// It is empty or has a name that must not be spread.
    No,
}

impl Walker {
    pub(super) fn new(is_alone: bool) -> Self {
        Self {
            is_alone,
            levels: vec![ObjectLevel::new(String::new(), SpreadMembers::Any)],
            size: 0,
            record: 0,
            set: Vec::new(),
            repeated: None,
        }
    }

    /// Puts the JSON text of every column's value in its place in `cells`.
    ///
    /// # Errors
    /// When the record is no JSON object that a server would take; then `names` are as they were.
    pub(super) fn walk<'b, N: ColumnNames>(
        &mut self,
        record: &'b str,
        names: &mut N,
        cells: &mut Vec<Cell<'b>>,
    ) -> Result<(), Unwalkable> {
        if self.size > MANY {
            *self = Self::new(self.is_alone);
        }
        let before = names.count();
        cells.clear();
        cells.resize(before, Cell::Missing);
        self.set.clear();
        self.repeated = None;
        self.record += 1;
        let json = record.as_bytes();
        let open = skip_space(json, 0);
        let mut run = RecordWalk { record, names, cells };
        let spread = match json.get(open) {
            Some(b'{') => self.members(&mut run, ROOT, open, 1),
            _ => None,
        };
        let is_whole = match spread {
            Some(SpreadOutcome::Until(end)) => !self.is_alone || skip_space(json, end) == json.len(),
            _ => false,
        };
        let outcome = match self.repeated.take() {
            _ if !is_whole => Err(Unwalkable::NotAnObject),
            Some(path) => Err(Unwalkable::Repeated(path)),
            None => Ok(()),
        };
        if outcome.is_err() {
            self.forget_after(before, run.names);
        }
        outcome
    }

    /// Goes over the members of the object at `open`, which lies `depth` deep. `None`: it is no valid JSON.
    fn members<N: ColumnNames>(
        &mut self,
        run: &mut RecordWalk<'_, '_, N>,
        level: usize,
        open: usize,
        depth: usize,
    ) -> Option<SpreadOutcome> {
        let json = run.record.as_bytes();
        let mut at = skip_space(json, open + 1);
        if json.get(at) == Some(&b'}') {
            return Some(if level == ROOT {
                SpreadOutcome::Until(at + 1)
            } else {
                SpreadOutcome::No
            });
        }
        loop {
            let (key, end) = self.key(json, level, at)?;
            let start = colon(json, end)?;
            let record = self.record;
            let known = self.levels.get_mut(level)?.keys.get_mut(key)?;
            if !known.is_allowed {
                return Some(SpreadOutcome::No);
            }
            at = match known.inner {
                None => {
                    let column = known.column;
                    let end = match json.get(start) {
                        Some(b'"') => json::string(json, start)?,
                        _ => json::value(json, start, depth)?,
                    };
                    // Nearly every column of the record itself is known, and not there yet.
                    if level == ROOT
                        && let MemberColumn::At(column) = column
                        && let Some(cell @ Cell::Missing) = run.cells.get_mut(column as usize)
                    {
                        *cell = Cell::Json(run.record.get(start..end)?);
                    } else {
                        self.put(run, level, key, start..end)?;
                    }
                    end
                }
                Some(inner) => {
                    if std::mem::replace(&mut known.met, record) == record {
                        self.repeat(level, key);
                    }
                    self.container(run, (level, key), inner, start, depth)?
                }
            };
            at = skip_space(json, at);
            match json.get(at)? {
                b',' => at = skip_space(json, at + 1),
                b'}' => return Some(SpreadOutcome::Until(at + 1)),
                _ => return None,
            }
        }
    }

    /// The value of a container: spread over its own columns if that is possible, otherwise a column as it stands.
    fn container<N: ColumnNames>(
        &mut self,
        run: &mut RecordWalk<'_, '_, N>,
        (level, key): (usize, usize),
        inner: usize,
        start: usize,
        depth: usize,
    ) -> Option<usize> {
        let json = run.record.as_bytes();
        if json.get(start) == Some(&b'{') {
            let (set, names) = (self.set.len(), run.names.count());
            let repeated = self.repeated.clone();
            if let SpreadOutcome::Until(end) = self.members(run, inner, start, depth + 1)? {
                return Some(end);
            }
            // As if it had not been tried.
            for column in self.set.drain(set..) {
                if let Some(cell) = run.cells.get_mut(column as usize) {
                    *cell = Cell::Missing;
                }
            }
            self.repeated = repeated;
            self.forget_after(names, run.names);
        }
        let end = json::value(json, start, depth)?;
        self.put(run, level, key, start..end)?;
        Some(end)
    }

    /// The key at `at`, and where it ends.
    #[inline]
    fn key(&mut self, json: &[u8], level: usize, at: usize) -> Option<(usize, usize)> {
        let keys = self.levels.get(level)?;
        let rest = json.get(at..)?;
        if let Some(start) = rest.first_chunk().map(Start::of) {
            for slot in start.slots() {
                let place = usize::from(*keys.by_start.get(slot)?).wrapping_sub(1);
                if let Some(key) = keys.keys.get(place)
                    && key.start.is_some_and(|known| known.word == start.word)
                    && (start.len.is_some() || bytes::begins_with(rest, &key.written))
                {
                    return Some((place, at + key.written.len()));
                }
            }
        }
        let next = keys.next;
        if let Some(key) = keys.keys.get(next).filter(|key| rest.starts_with(&key.written)) {
            let end = at + key.written.len();
            self.levels.get_mut(level)?.next += 1;
            return Some((next, end));
        }
        let end = json::string(json, at)?;
        let written = json.get(at..end)?;
        let found = if keys.keys.len() <= FEW {
            keys.keys.iter().position(|key| bytes::are_same(&key.written, written))
        } else {
            keys.by_written.get(written).copied()
        };
        let key = match found {
            Some(key) => key,
            None => self.learn(level, written)?,
        };
        self.levels.get_mut(level)?.next = key + 1;
        Some((key, end))
    }

    fn learn(&mut self, level: usize, written: &[u8]) -> Option<usize> {
        let name: String = serde_json::from_slice(written).ok()?;
        let inner = self.levels.len();
        let keys = self.levels.get_mut(level)?;
        let path = format!("{}{name}", keys.prefix);
        let members = container(&path);
        let index = keys.keys.len();
        let start = Start::of_key(written);
        if let (Some(start), Ok(place)) = (start, u8::try_from(index + 1)) {
            let free = start
                .slots()
                .into_iter()
                .find(|slot| keys.by_start.get(*slot) == Some(&0));
            if let Some(slot) = free.and_then(|slot| keys.by_start.get_mut(slot)) {
                *slot = place;
            }
        }
        keys.keys.push(MemberKey {
            written: written.into(),
            start,
            column: MemberColumn::Unresolved,
            inner: members.map(|_| inner),
            is_allowed: match keys.members {
                SpreadMembers::Any => true,
                SpreadMembers::These(properties) => properties.iter().any(|(known, _)| *known == name),
                SpreadMembers::Undotted => !name.contains('.'),
            },
            met: 0,
        });
        keys.by_written.insert(written.into(), index);
        self.size += 1;
        if let Some(members) = members {
            self.levels.push(ObjectLevel::new(path + ".", members));
        }
        Some(index)
    }

    #[inline]
    fn put<N: ColumnNames>(
        &mut self,
        run: &mut RecordWalk<'_, '_, N>,
        level: usize,
        key: usize,
        value: Range<usize>,
    ) -> Option<()> {
        let known = self.levels.get(level)?.keys.get(key)?;
        let column = match known.column {
            MemberColumn::At(column) => column,
            MemberColumn::Nowhere => return Some(()),
            MemberColumn::Unresolved => {
                let path = self.path(level, key);
                let found = run.names.resolve(&path);
                self.levels.get_mut(level)?.keys.get_mut(key)?.column =
                    found.map_or(MemberColumn::Nowhere, MemberColumn::At);
                match found {
                    Some(column) => column,
                    None => return Some(()),
                }
            }
        };
        if run.cells.len() <= column as usize {
            run.cells.resize(column as usize + 1, Cell::Missing);
        }
        let cell = run.cells.get_mut(column as usize)?;
        if cell.is_missing() {
            *cell = Cell::Json(run.record.get(value)?);
            self.set.push(column);
        } else {
            self.repeat(level, key);
        }
        Some(())
    }

    fn repeat(&mut self, level: usize, key: usize) {
        if self.repeated.is_none() {
            self.repeated = Some(self.path(level, key));
        }
    }

    fn path(&self, level: usize, key: usize) -> String {
        let Some(level) = self.levels.get(level) else {
            return String::new();
        };
        let written = level.keys.get(key).map(|key| &key.written);
        let name: String = written
            .and_then(|written| serde_json::from_slice(written).ok())
            .unwrap_or_default();
        format!("{}{name}", level.prefix)
    }

    /// Takes back the columns that were added since there were `count`.
    fn forget_after<N: ColumnNames>(&mut self, count: usize, names: &mut N) {
        if names.count() == count {
            return;
        }
        names.forget_after(count);
        for key in self.levels.iter_mut().flat_map(|level| &mut level.keys) {
            if matches!(key.column, MemberColumn::At(column) if column as usize >= count) {
                key.column = MemberColumn::Unresolved;
            }
        }
    }
}

impl ObjectLevel {
    fn new(prefix: String, members: SpreadMembers) -> Self {
        Self {
            prefix,
            members,
            keys: Vec::new(),
            by_written: HashMap::new(),
            next: 0,
            by_start: [0; SLOTS],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_however_they_begin() {
        let names = [
            "a",
            "ab",
            "",
            "a\"b",
            "a\\",
            "ä",
            "0123456789abcd",
            "0123456789abcde",
            "0123456789abcdef",
            "0123456789abcdef0",
            "0123456789abcdef1",
            "0123456789abcdef\"",
            "product_ids",
            "product_group_ids",
            "product_group_id",
        ];
        let mut walker = Walker::new(true);
        let mut columns = Columns::default();
        // Each record has other keys, in another order, short ones at its end.
        for round in 0..3 * names.len() {
            let members = names
                .iter()
                .cycle()
                .skip(round)
                .step_by(1 + round % 3)
                .take(names.len());
            let mut wanted: Vec<(&str, String)> = Vec::new();
            for name in members {
                if wanted.iter().all(|(known, _)| known != name) {
                    wanted.push((name, (round * 100 + wanted.len()).to_string()));
                }
            }
            let written: Vec<String> = wanted
                .iter()
                .map(|(name, value)| format!("{}:{value}", serde_json::Value::from(*name)))
                .collect();
            let record = format!("{{{}}}", written.join(","));
            let mut cells = Vec::new();
            assert_eq!(walker.walk(&record, &mut columns, &mut cells), Ok(()), "{record}");
            for (name, value) in &wanted {
                let column = columns.find(name).expect("a column for each key") as usize;
                assert_eq!(cells.get(column), Some(&Cell::Json(value)), "{name} in {record}");
            }
            let there = cells.iter().filter(|cell| !cell.is_missing()).count();
            assert_eq!(there, wanted.len(), "{record}");
        }
    }
}
