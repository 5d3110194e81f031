//! A JSON record taken apart into its columns, in one walk over its bytes that checks it as it goes. Records of a file
//! are much alike, so every key is first compared with the one that came next the last time.

use std::{collections::HashMap, ops::Range};

use super::{
    columns::Columns,
    grammar::{self, colon, skip_space},
};
use crate::domain::{bytes, cell::Cell};

/// The containers whose members the schema names one by one, with those names; `None` where any name may stand.
const CONTAINERS: [(&str, Option<&[&str]>); 6] = [
    ("custom_attributes", None),
    (
        "context",
        Some(&[
            "campaign",
            "truncated_ip",
            "locale",
            "region",
            "user_agent",
            "page",
            "custom_context",
        ]),
    ),
    ("context.page", Some(&["url", "referrer", "title"])),
    (
        "context.campaign",
        Some(&["name", "source", "medium", "term", "content"]),
    ),
    ("context.custom_context", None),
    ("search", Some(&["keywords", "filters"])),
];

/// The JSON pointer (RFC 6901) from a record to the value in a column.
pub(super) fn pointer(column: &str) -> String {
    let spread = CONTAINERS
        .iter()
        .map(|(name, _)| *name)
        .chain(column.split('.').next().filter(|name| name.starts_with("i18n_")))
        .filter(|name| column.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        .max_by_key(|name| name.len());
    let keys = match spread.and_then(|name| Some((name, column.get(name.len() + 1..)?))) {
        // What follows a container is one key, dots included.
        Some((name, key)) => name.split('.').chain([key]).collect(),
        None => vec![column],
    };
    pointer_of(&keys)
}

/// The JSON pointer that is made of keys.
pub(super) fn pointer_of(keys: &[impl AsRef<str>]) -> String {
    let token = |key: &str| format!("/{}", key.replace('~', "~0").replace('/', "~1"));
    keys.iter().map(|key| token(key.as_ref())).collect()
}

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
pub(super) trait Names {
    /// The column of a path, if it has one.
    fn resolve(&mut self, path: &str) -> Option<u32>;
    /// How many columns there are.
    fn count(&self) -> usize;
    /// Forgets all but the first `count` columns.
    fn forget_after(&mut self, count: usize);
}

/// Columns that are all known.
impl Names for &Columns {
    fn resolve(&mut self, path: &str) -> Option<u32> {
        self.find(path)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn forget_after(&mut self, _: usize) {}
}

/// Columns that are still being found.
impl Names for Columns {
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
    levels: Vec<Level>,
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
struct Level {
    /// What comes before a key in its path: nothing, or `context.page.`.
    prefix: String,
    members: Members,
    keys: Vec<Key>,
    by_written: HashMap<Box<[u8]>, usize>,
    /// The keys that came first of late.
    first: Guesses,
}

/// The keys that came in a place of late, the last one first.
type Guesses = [usize; 4];

/// Which names an object may have and still be spread over columns of its own. One with another name stays whole: its
/// columns would not lead back to it.
#[derive(Clone, Copy, Debug)]
enum Members {
    Any,
    These(&'static [&'static str]),
    /// What follows a free object is one key, dots included; a translation's fields have none.
    Undotted,
}

#[derive(Debug)]
struct Key {
    /// As it stands in the file, with its quotes.
    written: Box<[u8]>,
    /// Its first bytes.
    start: Start,
    column: Column,
    /// Where its members are described, when it is a container.
    inner: Option<usize>,
    is_allowed: bool,
    /// The keys that followed of late.
    next: Guesses,
    /// The last record that had it, when it is a container.
    met: u64,
}

/// The first eight bytes of a text as one word, which tells most keys apart.
#[derive(Clone, Copy, Debug)]
struct Start {
    word: u64,
    /// The bits that there are.
    mask: u64,
}

impl Start {
    fn of(text: &[u8]) -> Self {
        if let Some(start) = text.first_chunk() {
            return Self {
                word: u64::from_le_bytes(*start),
                mask: u64::MAX,
            };
        }
        let mut word = [0; 8];
        word.iter_mut().zip(text).for_each(|(byte, of_text)| *byte = *of_text);
        Self {
            word: u64::from_le_bytes(word),
            mask: !(u64::MAX << (8 * text.len())),
        }
    }

    /// Whether the text that begins with `self` may begin with the text that `other` is of.
    const fn may_be(self, other: Self) -> bool {
        (self.word ^ other.word) & other.mask == 0
    }
}

#[derive(Clone, Copy, Debug)]
enum Column {
    Unresolved,
    Nowhere,
    At(u32),
}

/// What is at work on one record.
struct Run<'r, 'b, N> {
    record: &'b str,
    names: &'r mut N,
    cells: &'r mut Vec<Cell<'b>>,
}

enum Spread {
    /// The object's members became columns; where it ends.
    Until(usize),
    /// It is empty or has a name that must not be spread.
    No,
}

impl Walker {
    pub(super) fn new(is_alone: bool) -> Self {
        Self {
            is_alone,
            levels: vec![Level::new(String::new(), Members::Any)],
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
    pub(super) fn walk<'b, N: Names>(
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
        let mut run = Run { record, names, cells };
        let spread = match json.get(open) {
            Some(b'{') => self.members(&mut run, ROOT, open, 1),
            _ => None,
        };
        let is_whole = match spread {
            Some(Spread::Until(end)) => !self.is_alone || skip_space(json, end) == json.len(),
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
    fn members<N: Names>(
        &mut self,
        run: &mut Run<'_, '_, N>,
        level: usize,
        open: usize,
        depth: usize,
    ) -> Option<Spread> {
        let json = run.record.as_bytes();
        let mut at = skip_space(json, open + 1);
        if json.get(at) == Some(&b'}') {
            return Some(if level == ROOT {
                Spread::Until(at + 1)
            } else {
                Spread::No
            });
        }
        let mut before = None;
        loop {
            let (key, end) = self.key(json, level, at, before)?;
            before = Some(key);
            let start = colon(json, end)?;
            let record = self.record;
            let known = self.levels.get_mut(level)?.keys.get_mut(key)?;
            if !known.is_allowed {
                return Some(Spread::No);
            }
            at = match known.inner {
                None => {
                    let column = known.column;
                    let end = match json.get(start) {
                        Some(b'"') => grammar::string(json, start)?,
                        _ => grammar::value(json, start, depth)?,
                    };
                    // Nearly every column of the record itself is known, and not there yet.
                    if level == ROOT
                        && let Column::At(column) = column
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
                b'}' => return Some(Spread::Until(at + 1)),
                _ => return None,
            }
        }
    }

    /// The value of a container: spread over its own columns if that is possible, otherwise a column as it stands.
    fn container<N: Names>(
        &mut self,
        run: &mut Run<'_, '_, N>,
        (level, key): (usize, usize),
        inner: usize,
        start: usize,
        depth: usize,
    ) -> Option<usize> {
        let json = run.record.as_bytes();
        if json.get(start) == Some(&b'{') {
            let (set, names) = (self.set.len(), run.names.count());
            let repeated = self.repeated.clone();
            if let Spread::Until(end) = self.members(run, inner, start, depth + 1)? {
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
        let end = grammar::value(json, start, depth)?;
        self.put(run, level, key, start..end)?;
        Some(end)
    }

    /// The key at `at`, and where it ends.
    #[inline]
    fn key(&mut self, json: &[u8], level: usize, at: usize, before: Option<usize>) -> Option<(usize, usize)> {
        let keys = self.levels.get_mut(level)?;
        let rest = json.get(at..)?;
        let start = Start::of(rest);
        let guesses = match before {
            Some(before) => keys.keys.get(before)?.next,
            None => keys.first,
        };
        for (nth, guess) in guesses.into_iter().enumerate() {
            if let Some(key) = keys.keys.get(guess)
                && start.may_be(key.start)
                && bytes::begins_with(rest, &key.written)
            {
                let end = at + key.written.len();
                if nth > 0 {
                    keys.expect(before, guess);
                }
                return Some((guess, end));
            }
        }
        let end = grammar::string(json, at)?;
        let written = json.get(at..end)?;
        let found = if keys.keys.len() <= FEW {
            let is_key = |key: &Key| start.may_be(key.start) && bytes::are_same(&key.written, written);
            keys.keys.iter().position(is_key)
        } else {
            keys.by_written.get(written).copied()
        };
        let key = match found {
            Some(key) => key,
            None => self.learn(level, written)?,
        };
        self.levels.get_mut(level)?.expect(before, key);
        Some((key, end))
    }

    fn learn(&mut self, level: usize, written: &[u8]) -> Option<usize> {
        let name: String = serde_json::from_slice(written).ok()?;
        let inner = self.levels.len();
        let keys = self.levels.get_mut(level)?;
        let path = format!("{}{name}", keys.prefix);
        let members = container(&path);
        let index = keys.keys.len();
        keys.keys.push(Key {
            written: written.into(),
            start: Start::of(written),
            column: Column::Unresolved,
            inner: members.map(|_| inner),
            is_allowed: match keys.members {
                Members::Any => true,
                Members::These(names) => names.contains(&name.as_str()),
                Members::Undotted => !name.contains('.'),
            },
            next: [index + 1; 4],
            met: 0,
        });
        keys.by_written.insert(written.into(), index);
        self.size += 1;
        if let Some(members) = members {
            self.levels.push(Level::new(path + ".", members));
        }
        Some(index)
    }

    #[inline]
    fn put<N: Names>(&mut self, run: &mut Run<'_, '_, N>, level: usize, key: usize, value: Range<usize>) -> Option<()> {
        let known = self.levels.get(level)?.keys.get(key)?;
        let column = match known.column {
            Column::At(column) => column,
            Column::Nowhere => return Some(()),
            Column::Unresolved => {
                let path = self.path(level, key);
                let found = run.names.resolve(&path);
                self.levels.get_mut(level)?.keys.get_mut(key)?.column = found.map_or(Column::Nowhere, Column::At);
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
    fn forget_after<N: Names>(&mut self, count: usize, names: &mut N) {
        if names.count() == count {
            return;
        }
        names.forget_after(count);
        for key in self.levels.iter_mut().flat_map(|level| &mut level.keys) {
            if matches!(key.column, Column::At(column) if column as usize >= count) {
                key.column = Column::Unresolved;
            }
        }
    }
}

impl Level {
    fn new(prefix: String, members: Members) -> Self {
        Self {
            prefix,
            members,
            keys: Vec::new(),
            by_written: HashMap::new(),
            first: [0; 4],
        }
    }

    /// Notes that a key came behind another one, or first.
    fn expect(&mut self, before: Option<usize>, key: usize) {
        let guesses = match before {
            Some(before) => self.keys.get_mut(before).map(|before| &mut before.next),
            None => Some(&mut self.first),
        };
        if let Some(guesses) = guesses {
            let known = guesses.iter().position(|guess| *guess == key);
            let last = known.unwrap_or(guesses.len() - 1);
            if let Some(upto) = guesses.get_mut(..=last) {
                upto.rotate_right(1);
                upto[0] = key;
            }
        }
    }
}

/// Whether the members of the object at a path are columns of their own.
pub(super) fn is_container(path: &str) -> bool {
    container(path).is_some()
}

/// What may be in the container at a path; `None` when there is none. Translations are containers, too.
fn container(path: &str) -> Option<Members> {
    match CONTAINERS.iter().find(|(name, _)| *name == path) {
        Some((_, Some(names))) => Some(Members::These(names)),
        Some((_, None)) => Some(Members::Any),
        None if path.starts_with("i18n_") && !path.contains('.') => Some(Members::Undotted),
        None => None,
    }
}
