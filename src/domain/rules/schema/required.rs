//! What a record must have, and the objects inside of it.

use super::{Broken, Evidence, Explanation, Family, Remedy, Rule, RuleDef, in_cell};
use crate::domain::{cell::Cell, record::Plan, schema::Node, validate::Fault};

/// A field that every record needs is not there.
pub(in crate::domain::rules) const REQUIRED: RuleDef = RuleDef {
    name: "required",
    title: "Required field is missing",
    says: "is missing",
    text: "Products need a product_id, users a user_id, interactions a type. The API refuses the record without it, and with \
     it the whole request.",
    advice: "fill in the value, or choose the column that holds it",
    evidence: Evidence::MissingField,
    remedy: Remedy::ChooseColumn,
    explain,
    ..RuleDef::of(Family::Schema)
};

/// What the records of a table must have.
#[derive(Debug)]
pub struct Required {
    /// The record and the objects inside of it whose parts are columns of their own.
    objects: Vec<RequiredObject>,
    /// How many columns the table has; a constant has none.
    width: usize,
}

impl Required {
    /// The rule that is about it.
    pub(crate) const RULE: Rule = Rule::Required;

    /// For a table with so many columns.
    pub fn of(plan: &Plan, width: usize) -> Self {
        Self {
            objects: RequiredObject::all(plan),
            width,
        }
    }

    /// The required parts that a row lacks, of the record and of the objects inside of it.
    pub fn missing<'a>(&'a self, cells: &'a [Cell<'_>]) -> impl Iterator<Item = Missing<'a>> {
        let missing = self.objects.iter().flat_map(|object| object.missing(cells));
        missing.map(|missing| Missing {
            // A constant has no column.
            column: missing.column.filter(|column| *column < self.width),
            ..missing
        })
    }

    /// The dotted path of the required part whose lack is reported at a column, or with `None` at the whole record.
    pub(crate) fn required_at(&self, column: Option<usize>) -> Option<&str> {
        let mut parts = self.objects.iter().flat_map(RequiredObject::parts);
        let part = parts.find(|(missing, _, _)| missing.column.filter(|column| *column < self.width) == column);
        part.map(|(_, path, _)| path)
    }
}

fn explain(broken: &Broken<'_>) -> Vec<Explanation> {
    let missing = broken.required.missing(broken.cells);
    let mut missing = missing.filter(|missing| missing.column == broken.column).peekable();
    if missing.peek().is_none() {
        // An object that stands in one cell lacks it.
        return in_cell(broken);
    }
    let explanation = |Missing { object, name, .. }: Missing<'_>| Explanation {
        path: object.to_owned(),
        sentence: if object.is_empty() {
            format!("{name} is missing; every record needs one")
        } else {
            format!("{object}.{name} is missing; {object} needs one")
        },
        fault: Some(Fault::Required(name.to_owned())),
    };
    missing.map(explanation).collect()
}

/// A part that an object lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing<'a> {
    /// The object's dotted path; empty for the record.
    pub object: &'a str,
    /// The part's name in it.
    pub name: &'a str,
    /// The column that it is reported at.
    pub column: Option<usize>,
}

/// The record, or an object inside of it, of which some parts are required.
#[derive(Debug)]
struct RequiredObject {
    /// Its dotted path; empty for the record.
    path: String,
    /// The parts that it must have, with their dotted path in the record, and their column when there is one.
    required: Vec<(String, String, Option<usize>)>,
    /// The columns of all its parts.
    members: Vec<usize>,
}

impl RequiredObject {
    /// The record and the objects inside of it that have columns, as far as they have required parts.
    fn all(plan: &Plan) -> Vec<Self> {
        fn add(node: &Node, path: &str, plan: &Plan, objects: &mut Vec<RequiredObject>) {
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
                objects.push(RequiredObject {
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
