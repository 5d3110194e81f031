//! Where the records stand in JSON, judged by its structure: a line that happens to hold a whole object proves nothing.

use memchr::memchr;

use super::{Format, begin, json_list, refusal::NotATable, sniff::Sniffed};
use crate::domain::{
    cell::Cell,
    json::{self, colon, skip_space},
};

/// Keys of a record: an object that has one beside a list named data is no answer of a server.
const RECORD_KEYS: [&str; 4] = ["product_id", "user_id", "anonymous_id", "product_ids"];

/// Keys that tell a record of any kind from the object around a list of records.
const IDS: [&str; 7] = ["id", "_id", "sku", "handle", "email", "uuid", "gtin"];

/// What lists of records are called.
const RECORD_LISTS: [&str; 27] = [
    "collection",
    "customers",
    "data",
    "docs",
    "documents",
    "edges",
    "elements",
    "entries",
    "entities",
    "events",
    "features",
    "hits",
    "interactions",
    "items",
    "list",
    "nodes",
    "objects",
    "orders",
    "products",
    "profiles",
    "records",
    "result",
    "results",
    "rows",
    "users",
    "value",
    "values",
];

/// What lists within a record are called.
const PARTS: [&str; 17] = [
    "addresses",
    "attributes",
    "categories",
    "images",
    "line_items",
    "media",
    "metafields",
    "offers",
    "options",
    "photos",
    "prices",
    "reviews",
    "skus",
    "specifications",
    "tags",
    "variants",
    "variations",
];

/// Objects within each other that are searched for lists.
const DEEPEST: usize = 6;

/// Rows that are looked at to tell names from values.
const TOP: usize = 60;

/// How far a value goes in the head of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Until(usize),
    /// Beyond the head.
    Cut,
    Broken,
}

/// A list that is the value of a key, in the object that the text is or in one within it.
#[derive(Debug)]
struct List {
    path: Vec<String>,
    /// Behind its bracket, and how far it is known.
    start: usize,
    end: usize,
    objects: usize,
    others: usize,
    is_open: bool,
    /// Whether an object around it has an id, and so is a record itself.
    is_part: bool,
}

impl List {
    fn last_key(&self) -> String {
        self.path.last().map(|key| key.to_lowercase()).unwrap_or_default()
    }

    fn is_known(&self) -> bool {
        RECORD_LISTS.contains(&self.last_key().as_str())
    }

    const fn size(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    fn dotted(&self) -> String {
        self.path.join(".")
    }
}

/// What an object is made of, as far as the head shows it.
struct ShapeSurvey<'h> {
    json: &'h [u8],
    path: Vec<String>,
    /// The object's own keys.
    keys: Vec<String>,
    lists: Vec<List>,
}

impl<'h> ShapeSurvey<'h> {
    fn of(json: &'h [u8], start: usize) -> (Self, Reach) {
        let mut survey = Self {
            json,
            path: Vec::new(),
            keys: Vec::new(),
            lists: Vec::new(),
        };
        let reach = survey.object(start);
        (survey, reach)
    }

    fn object(&mut self, open: usize) -> Reach {
        let first = self.lists.len();
        let mut has_id = false;
        let reach = self.members(open, &mut has_id);
        for list in self.lists.iter_mut().skip(first) {
            list.is_part |= has_id;
        }
        reach
    }

    fn members(&mut self, open: usize, has_id: &mut bool) -> Reach {
        let json = self.json;
        let mut at = skip_space(json, open + 1);
        if json.get(at) == Some(&b'}') {
            return Reach::Until(at + 1);
        }
        loop {
            let Some(end) = json::string(json, at) else {
                return self.failure(at);
            };
            let Some(value) = colon(json, end) else {
                return self.failure(end);
            };
            let key: String = serde_json::from_slice(json.get(at..end).unwrap_or_default()).unwrap_or_default();
            *has_id |= IDS.contains(&key.as_str()) || RECORD_KEYS.contains(&key.as_str());
            if self.path.is_empty() {
                self.keys.push(key.clone());
            }
            self.path.push(key);
            let reach = match json.get(value) {
                Some(b'{') if self.path.len() < DEEPEST => self.object(value),
                Some(b'[') => self.list(value),
                _ => self.leaf(value),
            };
            self.path.pop();
            let Reach::Until(end) = reach else {
                return reach;
            };
            at = skip_space(json, end);
            match json.get(at) {
                Some(b',') => at = skip_space(json, at + 1),
                Some(b'}') => return Reach::Until(at + 1),
                Some(_) => return Reach::Broken,
                None => return Reach::Cut,
            }
        }
    }

    fn list(&mut self, open: usize) -> Reach {
        let mut list = List {
            path: self.path.clone(),
            start: open + 1,
            end: self.json.len(),
            objects: 0,
            others: 0,
            is_open: true,
            is_part: false,
        };
        let reach = self.items(&mut list);
        if let Reach::Until(end) = reach {
            (list.end, list.is_open) = (end, false);
        }
        self.lists.push(list);
        reach
    }

    fn items(&self, list: &mut List) -> Reach {
        let json = self.json;
        let mut at = skip_space(json, list.start);
        if json.get(at) == Some(&b']') {
            return Reach::Until(at + 1);
        }
        loop {
            match json.get(at) {
                Some(b'{') => list.objects += 1,
                Some(_) => list.others += 1,
                None => return Reach::Cut,
            }
            let reach = self.leaf(at);
            let Reach::Until(end) = reach else {
                return reach;
            };
            at = skip_space(json, end);
            match json.get(at) {
                Some(b',') => at = skip_space(json, at + 1),
                Some(b']') => return Reach::Until(at + 1),
                Some(_) => return Reach::Broken,
                None => return Reach::Cut,
            }
        }
    }

    fn leaf(&self, at: usize) -> Reach {
        json::value(self.json, at, self.path.len()).map_or_else(|| self.failure(at), Reach::Until)
    }

    /// Why there is no whole value at `at`.
    fn failure(&self, at: usize) -> Reach {
        if json_list::goes_beyond(self.json, at) {
            Reach::Cut
        } else {
            Reach::Broken
        }
    }

    /// The list that holds the records; `None` when the object seems to be a record itself.
    fn records(&self) -> Option<&List> {
        if self.keys.iter().any(|key| RECORD_KEYS.contains(&key.as_str())) {
            return None;
        }
        if let Some(data) = self.lists.iter().find(|list| list.path == ["data"]) {
            return Some(data);
        }
        let all = self.json.len();
        let holds_records = |list: &&List| {
            let is_most = list.is_known() || list.size() * 2 >= all;
            let is_part = list.is_part || PARTS.contains(&list.last_key().as_str());
            list.objects > 0 && list.objects >= list.others && is_most && !is_part
        };
        let lists = self.lists.iter().filter(holds_records);
        lists.max_by_key(|list| (list.is_known(), list.size()))
    }
}

/// How the objects stand that a text begins with.
#[derive(Default)]
struct RecordLayout {
    objects: usize,
    /// Whether one goes over several lines, two share one, or commas stand between them: then they are no JSON lines.
    is_free: bool,
    /// What follows them, space aside.
    next: usize,
}

impl RecordLayout {
    fn of(json: &[u8], start: usize) -> Self {
        let mut layout = Self {
            next: start,
            ..Self::default()
        };
        let has = |byte: u8, from: usize, to: usize| memchr(byte, json.get(from..to).unwrap_or_default()).is_some();
        while json.get(layout.next) == Some(&b'{')
            && let Some(end) = json::value(json, layout.next, 0)
        {
            layout.objects += 1;
            layout.is_free |= has(b'\n', layout.next, end);
            let space = json.get(end..).unwrap_or_default().iter();
            let next = end + space.take_while(|byte| b" \t\r\n,".contains(byte)).count();
            layout.is_free |= match json.get(next) {
                Some(b'{') => has(b',', end, next) || !has(b'\n', end, next),
                Some(_) => false,
                None => has(b',', end, next),
            };
            layout.next = next;
        }
        layout
    }
}

/// Judges a text that begins with an object at `start`. `wanted` is the list that somebody chose; an empty name stands
/// for none.
pub(super) fn objects(head: &[u8], start: usize, wanted: Option<&str>) -> Result<Sniffed, NotATable> {
    let (survey, reach) = ShapeSurvey::of(head, start);
    if let Some(name) = wanted.filter(|name| !name.is_empty()) {
        let list = survey.lists.iter().find(|list| list.dotted() == name);
        return list.map(|list| survey.body(list)).ok_or_else(|| survey.no_list(name));
    }
    let layout = RecordLayout::of(head, start);
    let is_followed = head.get(layout.next) == Some(&b'{');
    let is_alone = match layout.objects {
        0 => reach == Reach::Cut,
        1 => !is_followed,
        _ => false,
    };
    let is_broken = layout.objects == 0 && reach == Reach::Broken;
    let list = survey.records().filter(|list| is_alone || (is_broken && list.is_open));
    if let Some(list) = list.filter(|_| wanted.is_none()) {
        return Ok(survey.body(list));
    }
    let has_breaks = || memchr(b'\n', head.get(start..).unwrap_or_default()).is_some();
    let is_free = match layout.objects {
        // One line longer than the head is taken for what it most likely is.
        0 if reach == Reach::Cut => has_breaks(),
        0 => !are_lines(head, start),
        1 if is_followed => layout.is_free || !are_lines(head, start),
        _ => layout.is_free,
    };
    let format = if is_free {
        Format::JsonObjects
    } else {
        Format::JsonLines
    };
    let mut sniffed = Sniffed::at(head, start, format);
    sniffed.is_bare = is_free;
    if is_alone {
        sniffed.notes.extend(survey.lone());
    }
    Ok(sniffed)
}

/// Whether most lines begin an object, and are more than its beginning: then they are JSON lines, some of them broken.
fn are_lines(head: &[u8], start: usize) -> bool {
    let lines = head.get(start..).unwrap_or_default().split(|byte| *byte == b'\n');
    let lines = lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (mut all, mut begun) = (0_usize, 0_usize);
    for line in lines {
        all += 1;
        begun += usize::from(line.len() > 1 && line.starts_with(b"{"));
    }
    begun * 2 >= all
}

impl ShapeSurvey<'_> {
    /// The text, read as the records of a list.
    fn body(&self, list: &List) -> Sniffed {
        let mut sniffed = Sniffed::at(self.json, list.start, Format::JsonData);
        sniffed.list.clone_from(&list.path);
        if list.path != ["data"] {
            let others = self.keys.iter().filter(|key| Some(*key) != list.path.first());
            let others: Vec<&str> = others.map(String::as_str).collect();
            let left = match others.as_slice() {
                [] => String::new(),
                [one] => format!("; {one} beside it is not read"),
                all => format!("; {} beside it are not read", all.join(", ")),
            };
            sniffed.notes.push(format!(
                "The records are those of the list under {}{left}",
                list.dotted()
            ));
        }
        sniffed
    }

    /// That an object is a record, when it could be the beginning of a list as well.
    fn lone(&self) -> Option<String> {
        let list = self.lists.iter().find(|list| list.objects > 0)?;
        Some(format!(
            "It is read as one record; the list under {} is a part of it",
            list.dotted()
        ))
    }

    fn no_list(&self, name: &str) -> NotATable {
        NotATable::NoList {
            name: name.to_owned(),
            there: self.lists.iter().map(List::dotted).collect(),
        }
    }
}

/// Whether a bracket at `start` begins an array, and not a name, as in `[id],[title]`.
pub(super) fn is_array(head: &[u8], start: usize) -> bool {
    let first = skip_space(head, start + 1);
    match head.get(first) {
        None | Some(b'{' | b'[' | b']' | b'"' | b',') => true,
        Some(_) => json::value(head, first, 1).is_some_and(|end| !head.get(end).is_some_and(u8::is_ascii_alphanumeric)),
    }
}

/// Judges a text that begins with an array at `start`; `header`: whether its first row names the columns, when somebody
/// said so.
pub(super) fn arrays(head: &[u8], start: usize, header: Option<bool>) -> Sniffed {
    let first = skip_space(head, start + 1);
    let is_row = |at: usize| {
        let item = head.get(skip_space(head, at + 1));
        head.get(at) == Some(&b'[') && !matches!(item, Some(b'{' | b'[' | b']') | None)
    };
    if is_row(first) {
        return rows(head, start + 1, false, header);
    }
    // One array a line.
    let second = json::value(head, start, 0).map(|end| skip_space(head, end));
    if is_row(start) && second.is_some_and(is_row) {
        return rows(head, start, true, header);
    }
    Sniffed::at(head, start + 1, Format::JsonArray)
}

fn rows(head: &[u8], start: usize, is_bare: bool, given: Option<bool>) -> Sniffed {
    let mut rows: Vec<Vec<Cell<'_>>> = Vec::new();
    let mut at = skip_space(head, start);
    while rows.len() < TOP
        && let Some(end) = json::value(head, at, 0)
    {
        let row = std::str::from_utf8(head.get(at..end).unwrap_or_default());
        let mut cells = Vec::new();
        json_list::items(row.unwrap_or_default(), &mut cells);
        rows.push(cells);
        let space = head.get(end..).unwrap_or_default().iter();
        at = end + space.take_while(|byte| b" \t\r\n,".contains(byte)).count();
    }
    let texts = |cells: &Vec<Cell<'_>>| -> Vec<String> { cells.iter().map(|cell| cell.shown().into_owned()).collect() };
    let are_names = rows.first().is_some_and(|cells| {
        let is_text = |cell: &Cell<'_>| matches!(cell, Cell::Json(json) if json.starts_with('"'));
        let rest: Vec<Vec<String>> = rows.iter().skip(1).map(texts).collect();
        cells.iter().all(is_text) && begin::names_columns(&texts(cells), &rest)
    });
    let header = given.unwrap_or(are_names);
    let mut sniffed = Sniffed::at(head, start, Format::JsonRows { header });
    sniffed.is_bare = is_bare;
    sniffed
}
