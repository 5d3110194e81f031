//! A row as the JSON record that is sent.

use std::{borrow::Cow, collections::HashMap};

use super::{
    cell::Cell,
    dataset::Dataset,
    json,
    sampled::Sampled,
    schema::{Node, Range, Schema},
    shown_json,
    transform::Transform,
    value::{self, CustomType, Form},
};

/// A column's part in the record.
#[derive(Clone, Debug)]
pub struct Part {
    /// Dotted path in the record.
    pub path: String,
    /// What the schema says about it; `None` for custom attributes and unknown fields.
    pub node: Option<&'static Node>,
    /// What its values must be: those of a field, or of any attribute; `None` where they may be anything.
    pub value: Option<&'static Node>,
    /// How a text is written as JSON.
    pub form: Form,
    /// Where in the schema it lies.
    pub place: SchemaPlace,
    /// The transform that its values go through first.
    pub transform: Option<Transform>,
    /// Whether an empty text means that there is no value, so that the key is left out.
    pub(crate) omits_empty: bool,
}

impl Part {
    /// The part that a column or a constant is which goes to a path.
    pub fn of(dataset: Dataset, path: &str, custom_type: Option<CustomType>, transform: Option<Transform>) -> Self {
        let schema = Schema::of(dataset);
        let node = schema.node(path);
        let place = match node {
            Some(_) => SchemaPlace::Field,
            None if path.starts_with("custom_attributes.") && schema.is_custom(path) => SchemaPlace::Custom,
            None if schema.is_custom(path) => SchemaPlace::Free,
            None if schema.is_refused(path) => SchemaPlace::Unknown,
            None => SchemaPlace::Ignored,
        };
        let value = node.or_else(|| schema.free_node(path));
        let custom_type = custom_type.or_else(|| transform.as_ref().and_then(Transform::custom_type));
        let form = match value.filter(|value| !value.takes_any_scalar()) {
            Some(value) => Form::of(value),
            None => Form::of_custom(custom_type.unwrap_or(CustomType::Text)),
        };
        Self {
            path: path.to_owned(),
            node,
            value,
            form,
            place,
            transform,
            omits_empty: path == "miso_id" && dataset == Dataset::Interactions,
        }
    }

    /// The part of a field by itself.
    pub(super) fn of_node(node: &'static Node) -> Self {
        Self {
            path: String::new(),
            node: Some(node),
            value: Some(node),
            form: Form::of(node),
            place: SchemaPlace::Field,
            transform: None,
            omits_empty: false,
        }
    }

    /// The numbers that its values mean, those of a list too.
    pub fn range(&self) -> Option<Range> {
        let node = self.node?;
        node.range.or_else(|| node.items.as_ref()?.range)
    }

    /// Whether a cell stands for no value although it holds an empty text.
    pub(crate) fn omits(&self, cell: Cell<'_>) -> bool {
        self.omits_empty && matches!(cell, Cell::Text("") | Cell::Json("\"\""))
    }

    /// How the texts of a list are cut into items where no transform says so, on the first one of several items: the
    /// separator, the text, and the JSON that becomes of it.
    pub fn cut(&self, sample: &Sampled) -> Option<(char, String, String)> {
        if self.transform.is_some() || !matches!(self.form, Form::TextList | Form::NumberList) {
            return None;
        }
        sample.values().find_map(|(cell, _)| {
            let Cell::Text(text) = cell else { return None };
            let separator = value::list_separator(text).filter(|_| !text.trim_start().starts_with('['))?;
            let items = value::to_json(cell, self.form)
                .filter(|items| items.as_array().is_some_and(|items| items.len() > 1))?;
            Some((separator, text.to_owned(), items.to_string()))
        })
    }

    /// The text that takes a cell's place in the record; an empty one means no value. `None`: the cell stays.
    pub fn replacement<'a>(&'a self, cell: Cell<'a>) -> Option<Cow<'a, str>> {
        self.transform.as_ref()?.replacement(cell, self.form)
    }
}

/// Where in the schema a column's path lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaPlace {
    /// A field of the schema.
    Field,
    /// A key of a free object whose types must agree across records: `custom_attributes.color`.
    Custom,
    /// A key of a free object whose types may vary: `context.custom_context.items`.
    Free,
    /// A part of an object that takes any, but none that the schema names: `location.altitude`.
    Ignored,
    /// Not in the schema, in an object that may hold nothing else.
    Unknown,
}

/// How rows become records: a mapping, compiled.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The data set.
    pub dataset: Dataset,
    /// The data set's schema.
    pub schema: &'static Schema,
    /// The parts by column, followed by the constants.
    parts: Vec<Option<Part>>,
    tree: Vec<Branch>,
    /// The indices of parts that rewrite their cells.
    rewritten: Vec<usize>,
}

#[derive(Clone, Debug)]
enum Branch {
    Leaf { name: String, column: usize },
    Object { name: String, children: Vec<Branch> },
}

impl Plan {
    /// Of the parts of a record by column, those that the table's columns become and, after them, the constants.
    pub(super) fn new(dataset: Dataset, parts: Vec<Option<Part>>) -> Self {
        let schema = Schema::of(dataset);
        let mut tree = Sprout::default();
        for (column, part) in parts.iter().enumerate() {
            if let Some(part) = part {
                tree.graft(&schema.split(&part.path), column);
            }
        }
        let is_rewritten = |part: &Option<Part>| part.as_ref().is_some_and(|part| part.transform.is_some());
        let rewritten = (0..parts.len()).filter(|at| is_rewritten(&parts[*at])).collect();
        Self {
            dataset,
            schema,
            parts,
            tree: tree.grown(),
            rewritten,
        }
    }

    /// Hands over a row's cells as the record has them: rewritten by their columns' transforms, with the constants
    /// after the last column. Rows of a plan without either are handed over as they are.
    pub fn see<R>(&self, cells: &[Cell<'_>], see: impl FnOnce(&[Cell<'_>]) -> R) -> R {
        if self.rewritten.is_empty() {
            return see(cells);
        }
        let replacement = |at: &usize| {
            let cell = cells.get(*at).copied().unwrap_or_default();
            Some((*at, self.part(*at)?.replacement(cell)?))
        };
        let replaced: Vec<(usize, Cow<'_, str>)> = self.rewritten.iter().filter_map(replacement).collect();
        let mut row = cells.to_vec();
        row.resize(self.parts.len().max(cells.len()), Cell::Missing);
        for (at, text) in &replaced {
            row[*at] = rewritten(row[*at], Some(text));
        }
        see(&row)
    }

    /// The columns of a table that transforms rewrite.
    pub(crate) fn rewritten(&self) -> impl Iterator<Item = usize> {
        self.rewritten.iter().copied()
    }

    /// What is sent in place of a cell that its column's transform rewrites or takes apart, as people read it: a list as
    /// its items, and an empty text where no value is sent. `None`: the cell is sent as it stands.
    pub(crate) fn sent_instead(&self, column: usize, cell: Cell<'_>) -> Option<String> {
        let part = self.part(column).filter(|part| part.transform.is_some())?;
        let is_list = matches!(part.form, Form::TextList | Form::NumberList | Form::PathList);
        if !is_list && part.replacement(cell).is_none() {
            return None;
        }
        Some(
            self.cell_value(column, cell)
                .map_or_else(String::new, |json| shown_json::shown(&json)),
        )
    }

    /// The text that people see of a cell: as it is sent, where that is another than the file's; an empty one where there
    /// is no value.
    pub(crate) fn shown<'a>(&self, column: usize, cell: Cell<'a>) -> Cow<'a, str> {
        match (self.sent_instead(column, cell), cell) {
            (Some(sent), _) => Cow::Owned(sent),
            (None, Cell::Json("null")) => Cow::Borrowed(""),
            (None, cell) => cell.shown(),
        }
    }

    /// The part of a column; `None` when it is left out.
    pub fn part(&self, column: usize) -> Option<&Part> {
        self.parts.get(column)?.as_ref()
    }

    /// All columns that are part of the record; those past the table's last are constants.
    pub fn parts(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts
            .iter()
            .enumerate()
            .filter_map(|(column, part)| Some((column, part.as_ref()?)))
    }

    /// The column whose value goes to a path.
    pub fn column_of(&self, path: &str) -> Option<usize> {
        self.parts()
            .find(|(_, part)| part.path == path)
            .map(|(column, _)| column)
    }

    /// The text that a row has in a column of texts, as it is in the record; `None` when it has no value there.
    pub fn text(&self, column: usize, cells: &[Cell<'_>]) -> Option<String> {
        let cell = cells.get(column).copied().unwrap_or_default();
        match self.part(column).and_then(|part| part.replacement(cell)) {
            Some(text) => (!text.is_empty()).then(|| text.into_owned()),
            None => (!cell.is_missing()).then(|| cell.shown().into_owned()),
        }
    }

    /// Writes a row as a JSON object to the end of `out`. Missing cells leave no key behind.
    pub fn write(&self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        out.push(b'{');
        self.see(cells, |cells| self.write_branches(&self.tree, cells, out));
        out.push(b'}');
    }

    /// Writes the members of an object; whether there were any.
    fn write_branches(&self, branches: &[Branch], cells: &[Cell<'_>], out: &mut Vec<u8>) -> bool {
        let mut any = false;
        for branch in branches {
            let before = out.len();
            if any {
                out.push(b',');
            }
            let written = match branch {
                Branch::Leaf { name, column } => self.write_leaf(name, *column, cells, out),
                Branch::Object { name, children } => {
                    json::write_string(name, out);
                    out.extend_from_slice(b":{");
                    let inner = self.write_branches(children, cells, out);
                    out.push(b'}');
                    inner
                }
            };
            if written {
                any = true;
            } else {
                out.truncate(before);
            }
        }
        any
    }

    fn write_leaf(&self, name: &str, column: usize, cells: &[Cell<'_>], out: &mut Vec<u8>) -> bool {
        let cell = cells.get(column).copied().unwrap_or_default();
        if cell.is_missing() {
            return false;
        }
        json::write_string(name, out);
        out.push(b':');
        self.write_value(column, cell, out)
    }

    /// Writes a column's value as JSON; whether there is one.
    fn write_value(&self, column: usize, cell: Cell<'_>, out: &mut Vec<u8>) -> bool {
        let part = self.part(column);
        match cell {
            Cell::Missing => return false,
            cell if part.is_some_and(|part| part.omits(cell)) => return false,
            Cell::Json(json) => out.extend_from_slice(json.as_bytes()),
            Cell::Text(text) => value::write_text(text, part.map_or(Form::Text, |part| part.form), out),
        }
        true
    }

    /// The JSON that is sent of a row's cell in a column that is part of the record; `None` when nothing is.
    pub fn value(&self, column: usize, cells: &[Cell<'_>]) -> Option<String> {
        self.cell_value(column, cells.get(column).copied().unwrap_or_default())
    }

    fn cell_value(&self, column: usize, cell: Cell<'_>) -> Option<String> {
        let replaced = self.part(column)?.replacement(cell);
        let mut json = Vec::new();
        let is_sent = self.write_value(column, rewritten(cell, replaced.as_deref()), &mut json);
        is_sent.then(|| String::from_utf8_lossy(&json).into_owned())
    }
}

/// A cell in whose place a transform puts a text, which is no value when it is empty.
fn rewritten<'a>(cell: Cell<'a>, text: Option<&'a str>) -> Cell<'a> {
    match text {
        Some("") => Cell::Missing,
        Some(text) => Cell::Text(text),
        None => cell,
    }
}

/// An object of the tree while columns are still added: its objects are found by their names.
#[derive(Default)]
struct Sprout {
    branches: Vec<SproutBranch>,
    objects: HashMap<String, usize>,
}

enum SproutBranch {
    Leaf { name: String, column: usize },
    Object { name: String, inner: Sprout },
}

impl Sprout {
    fn graft(&mut self, names: &[&str], column: usize) {
        let Some((first, rest)) = names.split_first() else {
            return;
        };
        let name = || (*first).to_owned();
        if rest.is_empty() {
            self.branches.push(SproutBranch::Leaf { name: name(), column });
            return;
        }
        let at = self.objects.get(*first).copied().unwrap_or_else(|| {
            self.objects.insert(name(), self.branches.len());
            self.branches.push(SproutBranch::Object {
                name: name(),
                inner: Self::default(),
            });
            self.branches.len() - 1
        });
        if let Some(SproutBranch::Object { inner, .. }) = self.branches.get_mut(at) {
            inner.graft(rest, column);
        }
    }

    fn grown(self) -> Vec<Branch> {
        let grown = |branch| match branch {
            SproutBranch::Leaf { name, column } => Branch::Leaf { name, column },
            SproutBranch::Object { name, inner } => Branch::Object {
                name,
                children: inner.grown(),
            },
        };
        self.branches.into_iter().map(grown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mapping::{Constant, Mapping};

    fn columns(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn check(names: &str, cells: &[Cell<'_>], expect: &str) {
        let mapping = Mapping::suggest(Dataset::Products, &columns(names), true);
        let mut out = Vec::new();
        mapping.plan(&[]).write(cells, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    }

    #[test]
    fn rows_become_records() {
        check(
            "product_id,title,sale_price,custom_attributes.color,custom_attributes.size,tags",
            &[
                Cell::Text("007"),
                Cell::Missing,
                Cell::Text("12.50"),
                Cell::Missing,
                Cell::Text("L"),
                Cell::Text("a|b"),
            ],
            r#"{"product_id":"007","sale_price":12.50,"custom_attributes":{"size":"L"},"tags":["a","b"]}"#,
        );
        check(
            "product_id,custom_attributes.color",
            &[Cell::Missing, Cell::Missing],
            "{}",
        );
        check(
            "product_id,rating",
            &[Cell::Json("7"), Cell::Json("1.0")],
            r#"{"product_id":7,"rating":1.0}"#,
        );
        check(
            "location.lat,location.lon",
            &[Cell::Text("1.5"), Cell::Text("2")],
            r#"{"location":{"lat":1.5,"lon":2}}"#,
        );
        check(
            "custom_attributes.a.b",
            &[Cell::Json("1")],
            r#"{"custom_attributes":{"a.b":1}}"#,
        );
        check("a.b,c", &[Cell::Json("1"), Cell::Json("null")], r#"{"a.b":1,"c":null}"#);
    }

    #[test]
    fn records_hold_what_transforms_and_constants_make() {
        let names = columns("product_id,sale_price,availability,custom_attributes.seen");
        let mut mapping = Mapping::suggest(Dataset::Products, &names, false);
        for (column, written) in [
            (1, "decimal-comma"),
            (2, "values:in stock=IN_STOCK;n/a="),
            (3, "boolean"),
        ] {
            mapping.targets[column].transform = Some(written.parse().unwrap());
        }
        mapping.constants.push(Constant {
            path: "custom_attributes.shop".to_owned(),
            value: "7".to_owned(),
        });
        let plan = mapping.plan(&[]);
        let row = |texts: [&'static str; 4]| {
            let cells = texts.map(Cell::Text);
            let mut out = Vec::new();
            plan.write(&cells, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            row(["1", "1.299,50 €", "In stock", "ja"]),
            r#"{"product_id":"1","sale_price":1299.50,"availability":"IN_STOCK","custom_attributes":{"seen":true,"shop":7}}"#
        );
        // What does not fit stays as it was.
        assert_eq!(
            row(["1", "12.5 kg", "n/a", "maybe"]),
            r#"{"product_id":"1","sale_price":"12.5 kg","custom_attributes":{"seen":"maybe","shop":7}}"#
        );
    }
}
