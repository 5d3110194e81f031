//! The problems of a checked file, cause by cause, with the first places and what to do.

use std::{borrow::Cow, ops::ControlFlow};

use super::{input::Input, text::quoted};
use crate::{
    check::Problem,
    domain::{
        hint::Hint,
        issue::{Cause, Severity},
        mapping::{Offer, OfferKind, Reason, id_column},
        rows::RowSet,
        rules::Rule,
        schema::Node,
        transform::Transform,
    },
    frame::FrameError,
};

/// More names than these are not listed, but looked up.
const MOST_NAMES: usize = 8;

/// All rows of a file that have a problem for the same cause.
pub(super) struct Group<'a> {
    input: &'a Input,
    /// The cause.
    pub(super) cause: Cause,
    /// The rows, never none.
    pub(super) rows: &'a RowSet,
}

/// The groups of a file: errors first.
pub(super) fn groups(input: &Input) -> impl Iterator<Item = Group<'_>> {
    let causes = input.checked.issues.causes();
    causes.map(move |(cause, rows)| Group {
        input,
        cause: *cause,
        rows,
    })
}

impl Group<'_> {
    /// How bad it is.
    pub(super) fn severity(&self) -> Severity {
        self.input.checked.issues.severity(&self.cause)
    }

    /// The column's name in the file.
    pub(super) fn column(&self) -> Option<&str> {
        self.cause.column.and_then(|column| self.input.column(column))
    }

    /// The record's path of the column; without a column, the field that is missing.
    pub(super) fn field(&self) -> Option<&str> {
        match (self.cause.rule, self.cause.column) {
            (Rule::Required, column) => self
                .input
                .checked
                .required_field(&self.cause)
                .or_else(|| self.input.mapping.path(column? as usize)),
            (_, Some(column)) => self.input.mapping.path(column as usize),
            (Rule::ActionName, None) => Some("custom_action_name"),
            (_, None) => None,
        }
    }

    /// What is wrong, after the column's name: what the values look like, or the rule's heading.
    pub(super) fn title(&self) -> Cow<'static, str> {
        if let Some(hint) = self.cause.hint {
            return Cow::Borrowed(hint.plural());
        }
        let title = self.cause.rule.about().title;
        let mut chars = title.chars();
        let first = chars.next().map(|first| first.to_lowercase().to_string());
        Cow::Owned(format!("{}{}", first.unwrap_or_default(), chars.as_str()))
    }

    /// What to do.
    pub(super) fn advice(&self) -> String {
        let rule = self.cause.rule;
        let node = self.node();
        let names = node.map(allowed_names).unwrap_or_default();
        let advice = match (rule, self.cause.hint) {
            (Rule::Required, _) => self.missing_advice(),
            (_, Some(Hint::SimilarName)) if names.len() <= MOST_NAMES => {
                format!("write the name exactly so: {}", names.join(", "))
            }
            (Rule::ZonelessTime, _) => {
                let column = self.column().unwrap_or_default();
                let choice = quoted(&format!("{column}=date:year-first:+02:00"));
                format!("say in which zone they are: --transform {choice}, for UTC without the +02:00")
            }
            (Rule::RepeatedEvent | Rule::HeaderAsId | Rule::Untitled, _) => {
                format!(
                    "{}; --rule {}=error leaves such rows out",
                    rule.about().advice,
                    rule.name()
                )
            }
            // Few such cells do not speak against the column.
            (Rule::OtherType, _) if self.rows.len() * 2 < u64::from(self.input.frame.len()) => {
                rule.about().advice.to_owned()
            }
            (Rule::OtherType, _) => format!("{}; or {}", rule.about().advice, self.unknown_field_advice()),
            (_, Some(hint)) => hint.advice().to_owned(),
            (Rule::Enum, None) if names.len() <= MOST_NAMES => format!("use one of {}", names.join(", ")),
            (Rule::Enum, None) => format!(
                "use one of the {} names that tatami explain {}.{} lists",
                names.len(),
                self.input.dataset(),
                self.field().unwrap_or_default()
            ),
            (Rule::Type, None) => match node {
                Some(node) => format!("write {}", with_article(&node.type_name())),
                None => rule.about().advice.to_owned(),
            },
            (Rule::UnknownField, None) => self.unknown_field_advice(),
            (_, None) => rule.about().advice.to_owned(),
        };
        let advice = match self.offered_transform() {
            Some(written) => format!("{advice}; or for the whole column: --transform {written}"),
            // What stands before paths and slugs only a person knows.
            None if rule == Rule::Url && self.cause.hint.is_none() => {
                let column = self.column().unwrap_or_default();
                let written = quoted(&format!("{column}=prefix:https://YOUR-SHOP/"));
                format!("{advice}; or put the shop's address in front of all: --transform {written}")
            }
            None => advice,
        };
        match self.column().filter(|_| self.is_probably_another_column()) {
            Some(column) => {
                let prefix = self.input.dataset().custom_prefix();
                let own = quoted(&format!("{column}={prefix}.{column}"));
                let column = quoted(column);
                format!("{advice}; or, if the column holds something else: --map {own}, or --drop {column}")
            }
            None => advice,
        }
    }

    /// What to do about a column that the API knows no field for.
    fn unknown_field_advice(&self) -> String {
        let column = self.column().unwrap_or_default();
        let at = self.cause.column.unwrap_or_default() as usize;
        let places = self.input.mapping.alternatives(self.input.frame.columns(), at);
        let places = places
            .iter()
            .map(|path| format!("--map {}", quoted(&format!("{column}={path}"))));
        let ways: Vec<String> = places.chain([format!("--drop {}", quoted(column))]).collect();
        format!("send the column elsewhere, or leave it out: {}", ways.join(", or "))
    }

    /// The transform that is offered for the column and would mend such values, as the option that takes it.
    fn offered_transform(&self) -> Option<String> {
        let column = self.cause.column? as usize;
        let mends: fn(&Transform) -> bool = match self.cause.rule {
            // What does not exist cannot be read otherwise.
            Rule::DateTime if self.cause.hint == Some(Hint::ImpossibleDate) => return None,
            Rule::DateTime | Rule::Type | Rule::Url | Rule::Enum | Rule::FlatCategories => |_| true,
            Rule::PlaceholderId | Rule::Placeholder => |transform| matches!(transform, Transform::Values(_)),
            Rule::IdSpaces | Rule::OuterSpaces => |transform| *transform == Transform::Trim,
            Rule::IdForm | Rule::SeveralIds => |transform| matches!(transform, Transform::First(_)),
            _ => return None,
        };
        let proposal = self.input.proposal(column)?;
        if !mends(&proposal.transform) {
            return None;
        }
        let name = self.input.column(self.cause.column?)?;
        let written = |transform: &Transform| quoted(&format!("{name}={transform}"));
        let first = written(&proposal.transform);
        Some(match &proposal.alternative {
            Some((other, _)) => format!("{first}, or {}", written(other)),
            None => first,
        })
    }

    /// What to do about a field that every record needs.
    fn missing_advice(&self) -> String {
        let field = self.field().unwrap_or_default();
        let all = self.rows.len() == u64::from(self.input.frame.len());
        let is_object = self.input.checked.required_field(&self.cause).is_none();
        let own = self
            .cause
            .column
            .and_then(|column| self.input.mapping.path(column as usize));
        if let (Some(column), Some((object, _))) = (self.column(), field.rsplit_once('.'))
            && own != Some(field)
        {
            let drop = quoted(column);
            return format!(
                "{object} needs it: choose a column with --map COLUMN={field}, or leave this one out with --drop {drop}"
            );
        }
        let what = match self.cause.column {
            Some(_) if !all || is_object => return Rule::Required.about().advice.to_owned(),
            Some(_) => format!("the column is empty in every row: choose another for {field}"),
            None => format!("no column goes to {field}: choose one"),
        };
        let offers = self
            .input
            .mapping
            .field_offers(self.input.frame.columns(), &self.input.samples);
        let constant = offers.iter().find_map(|offer| match &offer.kind {
            OfferKind::Constant { path, value } if *path == field => Some(*value),
            _ => None,
        });
        if let Some(value) = constant {
            return format!("{what}, or say that it is always the same: --transform {field}=constant:{value}");
        }
        match self
            .likely_column(field, &offers)
            .and_then(|column| self.input.frame.columns().get(column))
        {
            Some(column) => format!("{what}, such as --map {}", quoted(&format!("{column}={field}"))),
            None => format!("{what} with --map COLUMN={field}"),
        }
    }

    /// The column that a field might be: the one offered for it; for an id, one whose values look like ids and differ.
    fn likely_column(&self, field: &str, offers: &[Offer]) -> Option<usize> {
        let offered = offers.iter().find_map(|offer| match &offer.kind {
            OfferKind::Field { path, .. } if path == field => Some(offer.column),
            _ => None,
        });
        let is_id = self.input.dataset().id_field() == Some(field);
        let not = self.cause.column.map(|column| column as usize);
        let by_values = || id_column(&self.input.samples, not).filter(|_| is_id);
        offered.or_else(by_values)
    }

    /// Whether most values of a column that was only guessed to be the field do not look like the field at all.
    fn is_probably_another_column(&self) -> bool {
        let target = self
            .cause
            .column
            .and_then(|column| self.input.mapping.targets.get(column as usize));
        self.cause.hint.is_none()
            && matches!(self.cause.rule, Rule::Type | Rule::DateTime | Rule::Url | Rule::Enum)
            && target.is_some_and(|target| matches!(target.reason, Reason::SimilarName | Reason::Alias))
            && self.rows.len() * 2 >= u64::from(self.input.frame.len())
    }

    /// The problems of the first rows, at most one a row.
    pub(super) fn places(&self, most: usize) -> Result<Vec<(u32, Problem)>, FrameError> {
        let mut places = Vec::new();
        self.each(self.rows.iter().take(most), &mut |row, problem| {
            if places.last().is_none_or(|(last, _)| *last != row) {
                places.push((row, problem));
            }
            ControlFlow::Continue(())
        })?;
        Ok(places)
    }

    /// Hands the problems that some rows have for this cause to `visit`.
    pub(super) fn each(
        &self,
        rows: impl Iterator<Item = u32>,
        visit: &mut dyn FnMut(u32, Problem) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        self.input.problems(rows, &mut |row, problems| {
            problems
                .into_iter()
                .filter(|problem| problem.cause == self.cause)
                .try_for_each(|problem| visit(row, problem))
        })
    }

    fn node(&self) -> Option<&'static Node> {
        self.input.checked.plan().part(self.cause.column? as usize)?.node
    }
}

/// A type in a sentence: `a number`, `an object`, `text`.
fn with_article(name: &str) -> String {
    match name {
        _ if name.starts_with("one of") => name.to_owned(),
        _ if name.starts_with("text") || name.starts_with("true") || name.starts_with("anything") => name.to_owned(),
        _ if name.starts_with(['o', 'a']) => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// The names a field takes, itself or in its lists.
fn allowed_names(node: &Node) -> &[String] {
    match &node.items {
        Some(items) if node.allowed.is_empty() => &items.allowed,
        _ => &node.allowed,
    }
}
