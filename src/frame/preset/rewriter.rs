//! Rewrites an export as its document says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    Rewrite,
    document::{Inherit, Parents, PresetDocument, PresetFormat, PresetGroup, PresetKind, is_listed},
    events::{EventCounts, EventRow},
    fields,
    object::key,
    record::RecordWriter,
    source::{Flat, SourceColumns, ValueSource, text_json},
    table::TableRewriter,
};
use crate::{
    domain::{cell::Cell, dataset::Dataset, number::grouped},
    frame::FrameError,
};

/// How many names a sentence lists.
const NAMES: usize = 12;

/// A row that waits for those that belong to it.
struct LineMap {
    row: u32,
    cells: Vec<String>,
}

pub(super) struct Rewriter {
    document: &'static PresetDocument,
    /// The columns as they stand in the file.
    names: Vec<String>,
    is_json: bool,
    columns: SourceColumns,
    /// The names that the document uses.
    used: HashSet<&'static str>,
    /// The columns that no field reads and the rest takes, with their keys.
    rest: Vec<(usize, String)>,
    /// The rows that belong together.
    lines: Vec<LineMap>,
    parents: RecordFamily,
    seen: SeenKeys,
}

/// Rows that others name as theirs.
#[derive(Default)]
struct RecordFamily {
    /// The parents' rows, by the keys that others name them by.
    parents: HashMap<String, Vec<String>>,
    /// The parent's key of each row that a parent lists, by the row's own key.
    listed: HashMap<String, String>,
    /// The keys that others name.
    named: HashSet<String>,
}

/// Counts for the summary and the notes.
#[derive(Default)]
struct SeenKeys {
    records: u64,
    /// Rows that became no records, by what they are and what became of them.
    rest: BTreeMap<(&'static str, &'static str), u64>,
    /// Records by the entry of the document that gave the id.
    ids: BTreeMap<usize, u64>,
    /// Events without a counterpart.
    custom: EventCounts,
    /// Rows that name a parent that is not there.
    orphans: u64,
    /// Rows that stand for the group of others.
    groups: u64,
    /// Values of JSON that are not sent.
    dropped: BTreeSet<String>,
}

impl Rewriter {
    pub(super) fn new(document: &'static PresetDocument, names: &[String], is_json: bool) -> Self {
        let header = document.recognise.header.as_slice();
        let names = if header.len() == names.len() { header } else { names };
        let mut rewriter = Self {
            document,
            names: names.to_vec(),
            is_json,
            columns: SourceColumns::new(names),
            used: document.used(),
            rest: Vec::new(),
            lines: Vec::new(),
            parents: RecordFamily::default(),
            seen: SeenKeys::default(),
        };
        if !is_json && document.rest.iter().any(|rest| rest.of.is_none()) {
            rewriter.rest = rewriter.unused();
        }
        rewriter
    }

    /// The columns that the document does not name, with their keys.
    fn unused(&self) -> Vec<(usize, String)> {
        let keys = self.names.iter().map(|name| key(name)).enumerate();
        keys.filter(|(_, key)| !key.is_empty() && !self.used.contains(key.as_str()))
            .filter(|(_, key)| !is_listed(key, &self.document.drop))
            .collect()
    }

    fn write(&mut self, row: u32, source: &ValueSource<'_>, out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let document = self.document;
        let text = |name: &str| source.text(name);
        if let Some(kind) = document.leave_out.iter().find(|kind| kind.when.holds(&text)) {
            self.seen.count(kind, "left out");
            return Ok(());
        }
        let mut record = RecordWriter::default();
        let id = fields::fill(document, source, &mut record);
        for rest in &document.rest {
            match (source, &rest.of) {
                (ValueSource::Flat(flat), None) => {
                    for (at, key) in &self.rest {
                        let text = flat.cells.get(*at).map(String::as_str).unwrap_or_default();
                        record.put_in(&rest.into, key, text_json(text));
                    }
                }
                (ValueSource::Nested(values), Some(of)) => {
                    for (name, cell) in values.members(of) {
                        let path = format!("{of}.{name}");
                        if is_listed(&path, &document.drop) {
                            self.seen.dropped.insert(path);
                        } else if !self.used.contains(path.as_str()) {
                            record.put_in(&rest.into, name, json_of(cell));
                        }
                    }
                }
                (ValueSource::Flat(_), Some(_)) | (ValueSource::Nested(_), None) => {}
            }
        }
        self.seen.records += 1;
        if let Some(id) = id {
            *self.seen.ids.entry(id).or_default() += 1;
        }
        if document.dataset == Some(Dataset::Interactions) && record.text("type") == "custom" {
            self.seen.custom.add(&record.text("custom_action_name"));
        }
        let mut json = Vec::new();
        record.write(&mut json);
        out.line(row, json)
    }

    /// Writes the rows that belong together.
    fn flush(&mut self, group: &'static PresetGroup, out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let mut lines = std::mem::take(&mut self.lines);
        let Some(first) = lines.first().map(|line| line.cells.clone()) else {
            return Ok(());
        };
        let collected = |names: &[String]| {
            let values = lines
                .iter()
                .flat_map(|line| names.iter().map(|name| self.columns.get(&line.cells, name)));
            let mut list: Vec<String> = Vec::new();
            for value in values.filter(|value| !value.is_empty()) {
                if !list.iter().any(|known| known == value) {
                    list.push(value.to_owned());
                }
            }
            list
        };
        let lists: BTreeMap<String, Vec<String>> = group
            .collect
            .iter()
            .map(|(name, columns)| (name.clone(), collected(&columns.0)))
            .collect();
        let kind = |line: &LineMap| {
            let text = |name: &str| self.columns.get(&line.cells, name).to_owned();
            group.joined.iter().find(|kind| kind.when.holds(&text))
        };
        // The first row is the product's own, even when it looks like one that only adds to others.
        let kinds: Vec<Option<&PresetKind>> = lines
            .iter()
            .enumerate()
            .map(|(nth, line)| (nth > 0).then(|| kind(line)).flatten())
            .collect();
        let has_others = kinds.iter().skip(1).any(Option::is_none);
        for (nth, (line, kind)) in lines.iter_mut().zip(kinds).enumerate() {
            if let Some(kind) = kind {
                self.seen.count(kind, "joined");
            } else if nth == 0 && group.first_is_parent && has_others {
                self.seen.groups += 1;
            } else {
                if nth > 0 {
                    self.inherit(&group.inherit, &mut line.cells, &first);
                }
                let cells = std::mem::take(&mut line.cells);
                let parent = (nth > 0).then_some(first.as_slice());
                self.write_flat(line.row, &cells, parent, &lists, out)?;
            }
        }
        Ok(())
    }

    /// Fills a row's empty cells from another row.
    fn inherit(&self, inherit: &Inherit, cells: &mut [String], from: &[String]) {
        for ((cell, from), name) in cells.iter_mut().zip(from).zip(&self.names) {
            if cell.trim().is_empty() && !is_listed(&key(name), &inherit.except) {
                cell.clone_from(from);
            }
        }
    }

    fn write_flat(
        &mut self,
        row: u32,
        cells: &[String],
        parent: Option<&[String]>,
        lists: &BTreeMap<String, Vec<String>>,
        out: &mut TableRewriter<'_>,
    ) -> Result<(), FrameError> {
        let columns = std::mem::take(&mut self.columns);
        let source = ValueSource::Flat(Flat {
            columns: &columns,
            cells,
            parent,
            lists,
        });
        let written = self.write(row, &source, out);
        self.columns = columns;
        written
    }

    /// Writes a row that may have a parent anywhere in the file.
    fn write_child(
        &mut self,
        parents: &'static Parents,
        mut line: LineMap,
        out: &mut TableRewriter<'_>,
    ) -> Result<(), FrameError> {
        let keys = self.keys(parents, &line.cells);
        let is_parent = keys.iter().any(|key| self.parents.parents.contains_key(key));
        if is_parent && keys.iter().any(|key| self.parents.named.contains(key)) {
            self.seen.groups += 1;
            return Ok(());
        }
        let named = parents
            .of
            .as_deref()
            .map(|column| self.columns.get(&line.cells, column).to_owned());
        let named = named.filter(|named| !named.is_empty());
        let listed = || keys.iter().find_map(|key| self.parents.listed.get(key).cloned());
        let has_name = named.is_some();
        let parent = named
            .or_else(listed)
            .and_then(|named| self.parents.parents.get(&named).cloned());
        self.seen.orphans += u64::from(has_name && parent.is_none());
        if let Some(parent) = &parent {
            self.inherit(&parents.inherit, &mut line.cells, parent);
        }
        self.write_flat(line.row, &line.cells, parent.as_deref(), &BTreeMap::new(), out)
    }

    /// The keys that others can name a row by.
    fn keys(&self, parents: &Parents, cells: &[String]) -> Vec<String> {
        let keys = parents
            .keys
            .iter()
            .map(|key| (key, self.columns.get(cells, &key.column)));
        keys.filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{}{value}", key.before))
            .collect()
    }

    fn starts_group(&self, group: &PresetGroup, cells: &[String]) -> bool {
        let Some(first) = self.lines.first() else {
            return true;
        };
        match group.by.0.iter().find(|name| self.columns.find(name).is_some()) {
            Some(by) => self.columns.get(&first.cells, by) != self.columns.get(cells, by),
            None => group.starts.holds(&|name| self.columns.get(cells, name).to_owned()),
        }
    }

    /// The columns whose values are not sent.
    fn left_out(&self) -> Vec<String> {
        let is_left_out = |name: &&String| {
            if self.is_json {
                return self.is_left_out(name);
            }
            let name = key(name);
            let has_rest = !self.document.rest.is_empty();
            !self.used.contains(name.as_str()) && (!has_rest || is_listed(&name, &self.document.drop))
        };
        self.names.iter().filter(is_left_out).cloned().collect()
    }

    /// Whether a value of JSON is neither used nor in an object whose rest is kept.
    fn is_left_out(&self, path: &str) -> bool {
        let is_used = self
            .used
            .iter()
            .any(|used| is_within(path, used) || is_within(used, path));
        let mut kept = self.document.rest.iter().filter_map(|rest| rest.of.as_deref());
        is_listed(path, &self.document.drop) || !(is_used || kept.any(|object| is_within(path, object)))
    }

    /// Which column a field is read from, where its name is another.
    fn renamed(&self) -> Vec<String> {
        let has = |name: &str| {
            let at = if self.is_json {
                self.names.iter().position(|known| known == name)
            } else {
                self.columns.find(name)
            };
            at.and_then(|at| self.names.get(at))
        };
        let mut renamed: Vec<String> = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        for field in &self.document.fields {
            let column = field.from.0.iter().find_map(|name| has(name));
            if let Some(column) = column.filter(|column| **column != field.to)
                && known.insert(&field.to)
            {
                renamed.push(format!("{column} → {}", field.to));
            }
        }
        renamed
    }

    /// A sentence on records whose id came from another column than usual.
    fn other_ids(&self) -> Option<String> {
        let id = self.document.dataset?.id_field()?;
        let shown = |at: usize| {
            let names = self
                .document
                .fields
                .get(at)
                .map(|field| field.from.0.as_slice())
                .unwrap_or_default();
            let name = |name: &String| self.columns.find(name).and_then(|at| self.names.get(at)).cloned();
            names.iter().filter_map(name).collect::<Vec<_>>().join(", ")
        };
        let usual = self.document.fields.iter().position(|field| field.to == id)?;
        let mut others = self.seen.ids.iter().filter(|(at, _)| **at != usual);
        let (at, count) = others.next()?;
        let (usual, other) = (shown(usual), shown(*at));
        Some(if usual.is_empty() {
            format!("{id} is made of {other}")
        } else {
            let (count, all) = (grouped(*count), grouped(self.seen.records));
            format!("{count} of {all} have no {usual}; their {id} is made of {other}")
        })
    }
}

impl SeenKeys {
    fn count(&mut self, kind: &'static PresetKind, became: &'static str) {
        *self.rest.entry((&kind.noun, became)).or_default() += 1;
    }
}

/// Whether a path is that of an object, or of something in it.
fn is_within(path: &str, object: &str) -> bool {
    path.strip_prefix(object)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn json_of(cell: Cell<'_>) -> String {
    match cell {
        Cell::Json("null") | Cell::Missing => String::new(),
        Cell::Json(json) => json.to_owned(),
        Cell::Text(text) => text_json(text),
    }
}

/// The first names of a list, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown = names
        .iter()
        .take(NAMES)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {} more", grouped(more as u64)),
    }
}

impl Rewrite for Rewriter {
    fn needs_survey(&self) -> bool {
        self.document.parents.is_some()
    }

    fn survey(&mut self, cells: &[Cell<'_>]) {
        let document = self.document;
        let Some(parents) = &document.parents else { return };
        let cells: Vec<String> = cells.iter().map(|cell| cell.shown().into_owned()).collect();
        if let Some(of) = &parents.of {
            let named = self.columns.get(&cells, of).to_owned();
            if !named.is_empty() {
                self.parents.named.insert(named);
            }
        }
        if !parents.when.holds(&|name| self.columns.get(&cells, name).to_owned()) {
            return;
        }
        let keys = self.keys(parents, &cells);
        if let (Some(lists), Some(own)) = (&parents.lists, keys.first()) {
            let text = self.columns.get(&cells, &lists.column);
            for child in text.split(lists.before.as_str()).skip(1) {
                let child = child.split([',', '|']).next().unwrap_or(child).trim();
                self.parents.listed.insert(child.to_owned(), own.clone());
                self.parents.named.insert(own.clone());
            }
        }
        for key in keys {
            self.parents.parents.insert(key, cells.clone());
        }
    }

    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        if self.is_json {
            let source = ValueSource::Nested(EventRow::new(&self.names, cells));
            return self.write(row, &source, out);
        }
        let cells: Vec<String> = cells.iter().map(|cell| cell.shown().into_owned()).collect();
        let line = LineMap { row, cells };
        let document = self.document;
        match (&document.group, &document.parents) {
            (Some(group), _) => {
                if self.starts_group(group, &line.cells) {
                    self.flush(group, out)?;
                }
                self.lines.push(line);
                Ok(())
            }
            (None, Some(parents)) => self.write_child(parents, line, out),
            (None, None) => self.write_flat(row, &line.cells, None, &BTreeMap::new(), out),
        }
    }

    fn end(&mut self, out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        let document = self.document;
        match &document.group {
            Some(group) => self.flush(group, out),
            None => Ok(()),
        }
    }

    fn rest(&self) -> Option<String> {
        let parts = self.seen.rest.iter().map(|((noun, became), count)| {
            let many = if *count == 1 { "" } else { "s" };
            format!("{} {noun}{many} {became}", grouped(*count))
        });
        let mut parts: Vec<String> = parts.collect();
        match self.seen.groups {
            0 => {}
            1 => parts.push("1 parent became a group".to_owned()),
            count => parts.push(format!("{} parents became groups", grouped(count))),
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let renamed = self.renamed();
        if !renamed.is_empty() {
            notes.push(format!("Read as: {}", listed(&renamed)));
        }
        notes.extend(self.other_ids());
        if self.seen.orphans > 0 {
            let rows = if self.seen.orphans == 1 {
                "row names"
            } else {
                "rows name"
            };
            notes.push(format!(
                "{} {rows} a parent that is not in the file",
                grouped(self.seen.orphans)
            ));
        }
        notes.extend(self.seen.custom.note());
        let mut left_out = self.left_out();
        left_out.extend(self.seen.dropped.iter().cloned());
        if !left_out.is_empty() {
            notes.push(format!("Left out: {}", listed(&left_out)));
        }
        notes.extend(self.document.notes.iter().cloned());
        notes
    }
}

/// Whether a table's columns, and its first row, are those of an export.
pub(super) fn fits(
    document: &PresetDocument,
    columns: &[String],
    first: &[Cell<'_>],
    is_json: bool,
    has_header: bool,
) -> bool {
    let recognise = &document.recognise;
    let is_format = match recognise.format {
        Some(PresetFormat::Json) => is_json,
        Some(PresetFormat::Text) => !is_json,
        None => true,
    };
    let header = recognise.header.as_slice();
    if !is_format || (!header.is_empty() && (has_header || header.len() != columns.len())) {
        return false;
    }
    let names = if header.is_empty() { columns } else { header };
    let bare = SourceColumns::new(names);
    let row = is_json.then(|| EventRow::new(names, first));
    let has = |name: &String| match &row {
        Some(row) => names.iter().any(|column| is_within(column, name)) || !row.cell(name).is_missing(),
        None => bare.find(name).is_some(),
    };
    let cells: Vec<String> = first.iter().map(|cell| cell.shown().into_owned()).collect();
    recognise.columns.iter().all(|names| names.0.iter().any(has))
        && !recognise.without.iter().any(has)
        && recognise.first.holds(&|name| bare.get(&cells, name).to_owned())
}
