//! What is true of the whole table, worked out once for every change of it.

use std::collections::BTreeMap;

use super::{Key, key, rows::Row};
use crate::{
    domain::{
        issue::{Cause, Severity},
        mapping::Mapping,
        record::Plan,
        rules::Evidence,
        schema::Schema,
        value::Form,
    },
    frame::SortBy,
    session::{Document, Fix, TableView},
    ui::grid::{GridColumn, Sorted},
};

/// A cause, counted and named.
#[derive(Clone, Debug)]
pub(super) struct CauseGroup {
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    pub rows: u64,
    /// The first row that has it.
    pub first: u32,
    /// Where: the field, or the column that feeds none.
    pub field: String,
    /// What: `Numbers with a decimal comma`.
    pub what: String,
}

/// Counts, names and columns of a table.
#[derive(Default)]
pub(super) struct Facts {
    of: Option<Key>,
    /// Counts how often all was worked out.
    pub(crate) version: u64,
    pub columns: Vec<GridColumn>,
    pub groups: Vec<CauseGroup>,
    pub(crate) problem_rows: u64,
    pub(crate) error_rows: u64,
    pub errors: u64,
    pub warnings: u64,
    pub(crate) infos: u64,
    /// What mends the causes, as far as they were looked at.
    fixes: BTreeMap<Cause, Fix>,
    samples: BTreeMap<Cause, String>,
    /// How rows become records as far as that is known before they are checked.
    unchecked: Option<Plan>,
}

impl Facts {
    /// Works everything out anew when the document has changed.
    pub(crate) fn refresh(&mut self, document: &Document) {
        let of = Some(key(document));
        if self.of == of {
            return;
        }
        *self = Self {
            of,
            version: self.version + 1,
            ..Self::default()
        };
        if let Some(checked) = document.checked() {
            let issues = &checked.issues;
            self.problem_rows = issues.all_rows().len();
            self.error_rows = checked.rows_with_errors().len();
            self.errors = issues.count(Severity::Error);
            self.warnings = issues.count(Severity::Warning);
            self.infos = issues.count(Severity::Info);
        }
        if document.checked().is_none() {
            self.unchecked = document.view().map(|view| view.mapping.plan(&[]));
        }
        self.columns = columns(document);
        self.groups = groups(document);
        if let (Some(view), Some(checked)) = (document.view(), document.checked()) {
            let causes = self.groups.iter().map(|group| group.cause);
            self.fixes = view.fixes(checked, causes).into_iter().collect();
        }
    }

    /// How rows become records.
    pub(super) fn plan<'a>(&'a self, document: &'a Document) -> Option<&'a Plan> {
        let checked = document.checked().map(|checked| checked.plan());
        checked.or(self.unchecked.as_ref())
    }

    /// What mends a cause.
    pub(super) fn fix(&self, cause: &Cause) -> Option<&Fix> {
        self.fixes.get(cause)
    }

    /// How many causes can be mended together.
    pub(super) fn safe_fixes(&self) -> usize {
        self.fixes.values().filter(|fix| fix.is_safe()).count()
    }

    /// The first value with a cause; read when it is first asked for.
    pub(crate) fn sample(&mut self, document: &Document, group: &CauseGroup) -> &str {
        self.samples.entry(group.cause).or_insert_with(|| {
            let row = Row::read(document, group.first);
            row.zip(group.cause.column)
                .map(|(row, column)| row.cell(column).shown().into_owned())
                .unwrap_or_default()
        })
    }
}

/// By which columns the rows are sorted.
pub(super) fn sorted(document: &Document) -> &[SortBy] {
    document.open().map(|open| open.sorting.by()).unwrap_or_default()
}

/// How the rows are sorted by a column, and which of several such columns it is, from 1.
fn sorted_by(sorted: &[SortBy], column: usize) -> Option<(Sorted, Option<usize>)> {
    let place = sorted.iter().position(|by| by.column as usize == column)?;
    let way = if sorted.get(place)?.descending {
        Sorted::Descending
    } else {
        Sorted::Ascending
    };
    Some((way, (sorted.len() > 1).then_some(place + 1)))
}

/// A cause in words, without where and how often.
pub(super) fn what(cause: &Cause) -> String {
    let text = cause.hint.map_or(cause.rule.about().title, |hint| hint.plural());
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    first + letters.as_str()
}

/// The field a column feeds, or the column's own name when it feeds none.
pub(super) fn field(document: &Document, column: Option<u32>) -> String {
    let Some(column) = column else {
        return "whole record".to_owned();
    };
    let Some(view) = document.view() else {
        return String::new();
    };
    let path = view.mapping.path(column as usize);
    let name = || Some(view.frame.columns().get(column as usize)?.as_str());
    path.or_else(name).unwrap_or_default().to_owned()
}

fn groups(document: &Document) -> Vec<CauseGroup> {
    let Some(checked) = document.checked() else {
        return Vec::new();
    };
    let group = |cause: Cause| {
        let rows = checked.issues.rows(&cause)?;
        Some(CauseGroup {
            cause,
            severity: checked.issues.severity(&cause),
            rows: rows.len(),
            first: rows.at_or_after(0).unwrap_or_default(),
            field: if cause.rule.about().evidence == Evidence::MissingField {
                checked.required_field(&cause).unwrap_or_default().to_owned()
            } else {
                field(document, cause.column)
            },
            what: what(&cause),
        })
    };
    checked.issues.by_weight().into_iter().filter_map(group).collect()
}

fn columns(document: &Document) -> Vec<GridColumn> {
    let Some(view) = document.view() else {
        return Vec::new();
    };
    let sorted = sorted(document);
    let mut errors = vec![0; view.frame.columns().len()];
    let mut warnings = errors.clone();
    let issues = document.checked().into_iter().map(|checked| &checked.issues);
    for (issues, (cause, rows)) in issues.flat_map(|issues| issues.causes().map(move |cause| (issues, cause))) {
        let counts = match issues.severity(cause) {
            Severity::Error => &mut errors,
            Severity::Warning => &mut warnings,
            Severity::Info => continue,
        };
        if let Some(count) = cause.column.and_then(|column| counts.get_mut(column as usize)) {
            *count += rows.len();
        }
    }
    let counts = errors.into_iter().zip(warnings);
    let names = view.frame.columns().iter().enumerate().zip(counts);
    names
        .map(|((at, name), (errors, warnings))| GridColumn {
            errors,
            warnings,
            sorted: sorted_by(sorted, at),
            ..column(document, view, at, name)
        })
        .collect()
}

fn column(document: &Document, view: &TableView, at: usize, name: &str) -> GridColumn {
    let Some(path) = view.mapping.path(at) else {
        return GridColumn {
            name: name.to_owned(),
            title: "not sent".to_owned(),
            source: Some(name.to_owned()),
            unused: true,
            ..GridColumn::default()
        };
    };
    let title = path.rsplit('.').next().unwrap_or(path);
    let (kind, right) = kind(document, &view.mapping, at, path);
    let transform = view
        .mapping
        .targets
        .get(at)
        .and_then(|target| target.transform.as_ref());
    GridColumn {
        // Other texts, another width.
        name: transform.map_or_else(|| name.to_owned(), |transform| format!("{name}\n{transform}")),
        title: title.to_owned(),
        source: (name != title).then(|| name.to_owned()),
        kind,
        right,
        ..GridColumn::default()
    }
}

/// What a column's cells hold, in a word, and whether they stand on the right.
fn kind(document: &Document, mapping: &Mapping, at: usize, path: &str) -> (String, bool) {
    let schema = Schema::of(mapping.dataset);
    if let Some(node) = schema.node(path) {
        return (node.type_name(), Form::of(node) == Form::Number);
    }
    let checked = document.checked();
    let part = checked.and_then(|checked| checked.plan().part(at));
    let right = part.is_some_and(|part| part.form == Form::Number);
    let custom = checked.and_then(|checked| checked.custom_type(at));
    let kind = match custom {
        Some(custom) => format!("custom {}", custom.name()),
        None if schema.is_custom(path) => "custom".to_owned(),
        None => "unknown field".to_owned(),
    };
    (kind, right)
}
