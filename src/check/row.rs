//! The judge of one row: its cells' kernels, and the rules that look at several fields.

use jiff::civil::Date;

use super::{kernel::Kernel, memory::Memory};
use crate::domain::{
    cell::Cell,
    dataset::Dataset,
    hint::Hint,
    record::{Part, Place, Plan},
    rules::{CellTests, Levels, OwnFields, Rule, count_items, is_blank, is_zero, plain},
    schema::Node,
};

/// The columns' judges, and the columns that rules across fields look at.
#[derive(Debug)]
pub(super) struct RowJudge {
    columns: Vec<Option<Column>>,
    /// The column of the id.
    pub(super) id: Option<usize>,
    /// Of interactions: the columns of `user_id` and `anonymous_id`.
    people: Option<[Option<usize>; 2]>,
    /// Of interactions: the column of the type.
    kind: Option<usize>,
    action: Option<usize>,
    /// Of interactions with a type: the columns that only some types have.
    own_fields: Option<OwnFields>,
    /// The record and the objects inside of it whose parts are columns of their own.
    objects: Vec<Object>,
    /// The column of the time.
    time: Option<usize>,
    /// Whether interactions without a time are reported.
    reports_no_time: bool,
    amounts: Option<Amounts>,
    /// Of products: the column of the title, when rows without one are reported.
    pub(super) title: Option<usize>,
    /// Of products: the column of the parent, when ones that are no record are reported.
    pub(super) parent: Option<usize>,
    /// Of products: the columns of the sale price and of the price beside it.
    prices: Option<(usize, usize)>,
    /// Whether fields that the API does not name are reported.
    reports_ignored: bool,
}

/// The record, or an object inside of it, of which some parts are required.
#[derive(Debug)]
struct Object {
    /// Its dotted path; empty for the record.
    path: String,
    /// The parts that it must have, with their dotted path in the record, and their column when there is one.
    required: Vec<(String, String, Option<usize>)>,
    /// The columns of all its parts.
    members: Vec<usize>,
}

/// A part that an object lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Missing<'a> {
    /// The object's dotted path; empty for the record.
    pub(super) object: &'a str,
    /// The part's name in it.
    pub(super) name: &'a str,
    /// The column that it is reported at.
    pub(super) column: Option<usize>,
}

impl Object {
    /// The record and the objects inside of it that have columns, as far as they have required parts.
    fn all(plan: &Plan) -> Vec<Self> {
        fn add(node: &Node, path: &str, plan: &Plan, objects: &mut Vec<Object>) {
            let inside = if path.is_empty() {
                String::new()
            } else {
                format!("{path}.")
            };
            let members: Vec<usize> = plan
                .parts()
                .filter(|(_, part)| part.path.starts_with(&inside))
                .map(|(column, _)| column)
                .collect();
            if members.is_empty() && !path.is_empty() {
                return;
            }
            // What is all of an object cannot be missing from it.
            let is_all = |name: &String| {
                let own = plan.column_of(&format!("{inside}{name}"));
                own.is_some_and(|own| members == [own])
            };
            if !node.required.is_empty() && (path.is_empty() || !node.required.iter().all(is_all)) {
                let required = node.required.iter().map(|name| {
                    let path = format!("{inside}{name}");
                    let column = plan.column_of(&path);
                    (name.clone(), path, column)
                });
                objects.push(Object {
                    path: path.to_owned(),
                    required: required.collect(),
                    members,
                });
            }
            for (name, child) in node.properties.iter().filter(|(_, child)| !child.properties.is_empty()) {
                add(child, &format!("{inside}{name}"), plan, objects);
            }
        }
        let mut objects = Vec::new();
        add(&plan.schema.record, "", plan, &mut objects);
        objects
    }

    /// The required parts that a row's object lacks; none when the row has no such object.
    fn missing<'a>(&'a self, cells: &'a [Cell<'_>]) -> impl Iterator<Item = Missing<'a>> {
        let is_missing = |column: usize| cells.get(column).is_none_or(|cell| cell.is_missing());
        let lacks = move |own: Option<usize>| own.is_none_or(is_missing);
        // Nearly all rows have what is required.
        let is_any = self.required.iter().any(|(_, _, own)| lacks(*own))
            && (self.path.is_empty() || self.members.iter().any(|member| !is_missing(*member)));
        let required = is_any.then(|| self.parts()).into_iter().flatten();
        required
            .filter(move |(_, _, own)| lacks(*own))
            .map(|(missing, _, _)| missing)
    }

    /// The required parts, as they are reported when they are missing, with their dotted path and their own column.
    fn parts(&self) -> impl Iterator<Item = (Missing<'_>, &str, Option<usize>)> {
        let first = self.members.first().copied().filter(|_| !self.path.is_empty());
        self.required.iter().map(move |(name, path, own)| {
            let missing = Missing {
                object: &self.path,
                name,
                column: own.or(first),
            };
            (missing, path.as_str(), *own)
        })
    }
}

/// What a cell of one column is held to.
#[derive(Debug)]
struct Column {
    kernel: Kernel,
    place: Place,
    /// Rules beyond the schema.
    tests: CellTests,
}

/// Columns that must have as many items as each other.
#[derive(Debug)]
struct Amounts {
    quantities: usize,
    products: Option<usize>,
    groups: Option<usize>,
}

impl RowJudge {
    /// `today` is the day on which the rows are looked at.
    pub(super) fn new(plan: &Plan, columns: usize, levels: &Levels, today: Date) -> Self {
        let id_field = plan.dataset.id_field();
        let kind = plan.column_of("type").filter(|_| id_field.is_none());
        let amounts = || {
            Some(Amounts {
                quantities: plan.column_of("quantities").filter(|column| *column < columns)?,
                products: plan.column_of("product_ids"),
                groups: plan.column_of("product_group_ids"),
            })
        };
        let is_product = plan.dataset == Dataset::Products;
        let own_column = |path, rule| {
            plan.column_of(path)
                .filter(|column| is_product && *column < columns && levels.is_on(rule))
        };
        let column = |part: &Part| Column {
            kernel: Kernel::new(part),
            place: part.place,
            tests: CellTests::of(plan.dataset, part, levels, today),
        };
        Self {
            columns: (0..columns).map(|at| plan.part(at).map(column)).collect(),
            id: id_field.and_then(|name| plan.column_of(name)),
            people: (id_field.is_none() && levels.is_on(Rule::Nobody))
                .then(|| [plan.column_of("user_id"), plan.column_of("anonymous_id")]),
            kind,
            action: plan.column_of("custom_action_name"),
            own_fields: kind.map(|_| {
                let paths = plan.parts().map(|(column, part)| (column, part.path.as_str()));
                OwnFields::new(plan.schema, paths)
            }),
            objects: Object::all(plan),
            time: plan.column_of("timestamp"),
            reports_no_time: id_field.is_none() && levels.is_on(Rule::NoTimestamp),
            amounts: (id_field.is_none() && levels.is_on(Rule::Quantities))
                .then(amounts)
                .flatten(),
            title: own_column("title", Rule::Untitled),
            parent: own_column("parent_id", Rule::UnknownParent),
            prices: own_column("sale_price", Rule::ZeroPrice)
                .and_then(|sale| Some((sale, plan.column_of("original_price")?))),
            reports_ignored: levels.is_on(Rule::IgnoredField),
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.columns.len()
    }

    /// The required parts that a row lacks, of the record and of the objects inside of it.
    pub(super) fn missing<'a>(&'a self, cells: &'a [Cell<'_>]) -> impl Iterator<Item = Missing<'a>> {
        let missing = self.objects.iter().flat_map(|object| object.missing(cells));
        missing.map(|missing| Missing {
            // A constant has no column.
            column: missing.column.filter(|column| *column < self.width()),
            ..missing
        })
    }

    /// The dotted path of the required part whose lack is reported at a column, or with `None` at the whole record.
    pub(super) fn required_at(&self, column: Option<usize>) -> Option<&str> {
        let mut parts = self.objects.iter().flat_map(Object::parts);
        let part = parts.find(|(missing, _, _)| missing.column.filter(|column| *column < self.width()) == column);
        part.map(|(_, path, _)| path)
    }

    pub(super) fn kernel(&self, column: usize) -> Option<&Kernel> {
        self.columns.get(column)?.as_ref().map(|column| &column.kernel)
    }

    /// The columns whose values' types are gathered.
    pub(super) fn is_custom(&self, column: usize) -> bool {
        let column = self.columns.get(column).and_then(Option::as_ref);
        column.is_some_and(|column| matches!(column.place, Place::Custom | Place::Free))
    }

    /// Reports everything that the row alone can tell: rule, column, and what the value seems to be. `memory` is of
    /// this judge's columns, or empty.
    pub(super) fn judge(
        &self,
        cells: &[Cell<'_>],
        memory: &mut Memory,
        report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>),
    ) {
        let is_missing = |column: Option<usize>| {
            column
                .and_then(|column| cells.get(column))
                .is_none_or(|cell| cell.is_missing())
        };
        for missing in self.missing(cells) {
            report(Rule::Required, missing.column, None);
        }
        for (at, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            if cell.is_missing() {
                continue;
            }
            let Some(column) = column else { continue };
            if memory.knows(at, *cell) {
                continue;
            }
            let mut is_fine = true;
            let text = plain(*cell);
            if let Some((rule, hint)) = column.kernel.judge(*cell, text) {
                is_fine = false;
                report(rule, Some(at), hint);
            }
            let strange = match column.place {
                Place::Unknown => Some(Rule::UnknownField),
                Place::Ignored if self.reports_ignored => Some(Rule::IgnoredField),
                Place::Field | Place::Custom | Place::Free | Place::Ignored => None,
            };
            if let Some(rule) = strange {
                is_fine = false;
                report(rule, Some(at), None);
            }
            // What the API takes, but people probably did not mean.
            column.tests.find(*cell, text, |rule, hint| {
                is_fine = false;
                report(rule, Some(at), Some(hint));
            });
            if is_fine {
                memory.learn(at, *cell);
            }
        }
        if self.people.is_some_and(|people| people.into_iter().all(is_missing)) {
            report(Rule::Nobody, None, None);
        }
        if self.reports_no_time && is_missing(self.time) {
            report(Rule::NoTimestamp, None, None);
        }
        let is_custom = |column: usize| {
            let kind = cells.get(column).copied().unwrap_or_default();
            matches!(kind, Cell::Text("custom") | Cell::Json("\"custom\""))
        };
        if self.kind.is_some_and(is_custom) && is_missing(self.action) {
            report(Rule::ActionName, self.action, None);
        }
        if self.title.is_some() && is_missing(self.title) {
            report(Rule::Untitled, self.title, None);
        }
        self.judge_together(cells, report);
    }

    /// Hands every column with a value that interactions of the row's type may not have to `report`.
    fn find_of_other_types(&self, cells: &[Cell<'_>], report: &mut dyn FnMut(usize)) {
        if let (Some(own_fields), Some(kind)) = (&self.own_fields, self.kind) {
            own_fields.find(cells.get(kind).copied().unwrap_or_default(), cells, report);
        }
    }

    /// The paths of constants that interactions of the row's type may not have.
    pub(super) fn constants_of_other_types(&self, plan: &Plan, cells: &[Cell<'_>]) -> Vec<String> {
        let mut paths = Vec::new();
        self.find_of_other_types(cells, &mut |column| {
            let constant = plan.part(column).filter(|_| column >= self.width());
            paths.extend(constant.map(|part| part.path.clone()));
        });
        paths
    }

    /// Reports what can only be seen by looking at several cells together.
    fn judge_together(&self, cells: &[Cell<'_>], report: &mut impl FnMut(Rule, Option<usize>, Option<Hint>)) {
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        self.find_of_other_types(cells, &mut |column| {
            // A constant has no column.
            let own = Some(column).filter(|column| *column < self.width());
            report(Rule::OtherType, own, own.map(|_| Hint::OfOtherType));
        });
        if let Some((sale, price)) = self.prices
            && is_zero(cell(sale))
            && !cell(price).is_missing()
            && !is_zero(cell(price))
        {
            report(Rule::ZeroPrice, Some(sale), Some(Hint::ZeroPrice));
        }
        if let Some(amounts) = &self.amounts
            && amounts.differ(&cell)
        {
            report(Rule::Quantities, Some(amounts.quantities), None);
        }
    }
}

impl Amounts {
    /// Whether there are quantities, but not one for every product, or for every group where there are no products.
    fn differ<'a>(&self, cell: &impl Fn(usize) -> Cell<'a>) -> bool {
        let quantities = cell(self.quantities);
        if is_blank(quantities) {
            return false;
        }
        let count = |column: Option<usize>| count_items(column.map(cell).unwrap_or_default());
        let (Some(quantities), Some(products)) = (count_items(quantities), count(self.products)) else {
            // What is no list is an error already.
            return false;
        };
        quantities != products && (products > 0 || count(self.groups) != Some(quantities))
    }
}
