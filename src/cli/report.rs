//! The problems of a checked file, cause by cause, with the first places and what to do.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
};

use super::{failure::Failure, input::Input, text::quoted};
use crate::{
    check::Problem,
    domain::{
        issue::{Cause, Severity},
        mapping::{OfferKind, Reason, offer_for},
        rows::RowSet,
        rules::{Evidence, Hint, Remedy},
        schema::Node,
        transform::Transform,
    },
    frame::FrameError,
};

/// More names than these are not listed, but looked up.
const MOST_NAMES: usize = 8;
/// More places than these, and than the table has columns, are not kept in memory.
const MOST_AHEAD: usize = 4096;

/// All rows of a file that have a problem for the same cause.
pub(super) struct Group<'a> {
    input: &'a Input,
    /// The cause.
    pub(super) cause: Cause,
    /// The rows, never none.
    pub(super) rows: &'a RowSet,
    /// Problems of its first rows, where they were read with those of other groups.
    ahead: Option<Vec<(u32, Problem)>>,
}

/// The groups of a file: errors first.
pub(super) fn groups(input: &Input) -> impl Iterator<Item = Group<'_>> {
    let causes = input.checked.issues.causes();
    causes.map(move |(cause, rows)| Group {
        input,
        cause: *cause,
        rows,
        ahead: None,
    })
}

/// Hands every group to `visit`, errors first. The first rows of which `most` says how many, for each group, are at hand
/// then: they are read once for many groups, as a table may have a cause for each of its columns.
pub(super) fn each_group<'a>(
    input: &'a Input,
    most: impl Fn(&Group<'a>) -> usize,
    mut visit: impl FnMut(&Group<'a>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let count = |group: &Group<'a>| group.rows.len().min(most(group) as u64);
    // Rows are read at most as often as there are places of a column.
    let most_ahead = MOST_AHEAD.max(input.frame.columns().len()) as u64;
    let mut groups = groups(input).peekable();
    while let Some(first) = groups.next() {
        let mut places = count(&first);
        let mut some = vec![first];
        while let Some(group) = groups.next_if(|group| places + count(group) <= most_ahead) {
            places += count(&group);
            some.push(group);
        }
        if places <= most_ahead {
            read_ahead(input, &mut some, &most)?;
        }
        some.iter().try_for_each(&mut visit)?;
    }
    Ok(())
}

fn read_ahead<'a>(
    input: &'a Input,
    groups: &mut [Group<'a>],
    most: impl Fn(&Group<'a>) -> usize,
) -> Result<(), FrameError> {
    let mut wanted: BTreeMap<u32, Vec<Cause>> = BTreeMap::new();
    for group in &*groups {
        for row in group.rows.iter().take(most(group)) {
            wanted.entry(row).or_default().push(group.cause);
        }
    }
    let mut found: HashMap<Cause, Vec<(u32, Problem)>> = HashMap::new();
    input.visit(wanted.keys().copied(), &mut |row, cells| {
        for problem in input.explain(row, cells, wanted.get(&row).into_iter().flatten()) {
            found.entry(problem.cause).or_default().push((row, problem));
        }
        ControlFlow::Continue(())
    })?;
    for group in groups {
        group.ahead = Some(found.remove(&group.cause).unwrap_or_default());
    }
    Ok(())
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
        let missing = || self.input.checked.required_field(&self.cause);
        let own = || self.input.mapping.path(self.cause.column? as usize);
        let missing = self.is_missing_field().then(missing).flatten();
        let field = self.cause.rule.about().field.filter(|_| self.cause.column.is_none());
        missing.or_else(own).or(field)
    }

    /// Whether it is a field that every record needs.
    pub(super) fn is_missing_field(&self) -> bool {
        self.cause.rule.about().evidence == Evidence::MissingField
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
        let advice = self.plain_advice();
        let advice = match self.offered_transform() {
            Some(written) => format!("{advice}; or for the whole column: --transform {written}"),
            // What stands before paths and slugs only a person knows.
            None if self.cause.rule.about().remedy == Remedy::Prefix && self.cause.hint.is_none() => {
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

    /// What to do about the values, or about the whole column where that is all there is to do.
    fn plain_advice(&self) -> String {
        let (rule, hint) = (self.cause.rule, self.cause.hint);
        let about = rule.about();
        let by_value = hint.map_or(about.advice, Hint::advice).to_owned();
        let node = self.node();
        match about.remedy {
            Remedy::ChooseColumn => self.missing_advice(),
            Remedy::Zone => {
                let column = self.column().unwrap_or_default();
                let choice = quoted(&format!("{column}=date:year-first:+02:00"));
                format!("say in which zone they are: --transform {choice}, for UTC without the +02:00")
            }
            Remedy::LeaveRowsOut => {
                format!("{}; --rule {}=error leaves such rows out", about.advice, rule.name())
            }
            // Few such cells do not speak against the column.
            Remedy::MoveColumnOfMany if self.rows.len() * 2 < u64::from(self.input.frame.len()) => {
                about.advice.to_owned()
            }
            Remedy::MoveColumnOfMany => format!("{}; or {}", about.advice, self.unknown_field_advice()),
            Remedy::MoveColumn => self.unknown_field_advice(),
            Remedy::ListNames => self.names_advice().unwrap_or(by_value),
            Remedy::NameType => match node.filter(|_| hint.is_none()) {
                Some(node) => format!("write {}", with_article(&node.type_name())),
                None => by_value,
            },
            Remedy::None | Remedy::Prefix => by_value,
        }
    }

    /// Which names the field takes; `None` when the hint says what to do.
    fn names_advice(&self) -> Option<String> {
        let names = self.node().map(allowed_names).unwrap_or_default();
        let are_few = names.len() <= MOST_NAMES;
        match self.cause.hint {
            Some(Hint::SimilarName) if are_few => Some(format!("write the name exactly so: {}", names.join(", "))),
            Some(_) => None,
            None if are_few => Some(format!("use one of {}", names.join(", "))),
            None => Some(format!(
                "use one of the {} names that tatami explain {}.{} lists",
                names.len(),
                self.input.dataset(),
                self.field().unwrap_or_default()
            )),
        }
    }

    /// What to do about a column that the API knows no field for.
    fn unknown_field_advice(&self) -> String {
        let column = self.column().unwrap_or_default();
        let at = self.cause.column.unwrap_or_default() as usize;
        let places = self
            .input
            .mapping
            .alternatives(self.input.frame.columns(), at, self.input.taken());
        let places = places
            .iter()
            .map(|path| format!("--map {}", quoted(&format!("{column}={path}"))));
        let ways: Vec<String> = places.chain([format!("--drop {}", quoted(column))]).collect();
        format!("send the column elsewhere, or leave it out: {}", ways.join(", or "))
    }

    /// The transform that is offered for the column and would mend such values, as the option that takes it.
    fn offered_transform(&self) -> Option<String> {
        let column = self.cause.column? as usize;
        if self.cause.hint.is_some_and(|hint| !hint.may_be_read_otherwise()) {
            return None;
        }
        let is_mended_by = self.cause.rule.about().is_mended_by;
        let proposal = self.input.proposal(column)?;
        if !is_mended_by(&proposal.transform) {
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
            Some(_) if !all || is_object => return self.cause.rule.about().advice.to_owned(),
            Some(_) => format!("the column is empty in every row: choose another for {field}"),
            None => format!("no column goes to {field}: choose one"),
        };
        let offers = self
            .input
            .mapping
            .field_offers(self.input.frame.columns(), &self.input.samples);
        let not = self.cause.column.map(|column| column as usize);
        let offer = offer_for((self.input.dataset(), field), &offers, &self.input.samples, not);
        match offer
            .as_ref()
            .map(|offer| (&offer.kind, self.input.frame.columns().get(offer.column)))
        {
            Some((OfferKind::Constant { value, .. }, _)) => {
                format!("{what}, or say that it is always the same: --transform {field}=constant:{value}")
            }
            Some((OfferKind::Field { .. }, Some(column))) => {
                format!("{what}, such as --map {}", quoted(&format!("{column}={field}")))
            }
            Some((OfferKind::Field { .. } | OfferKind::Transform(_), _)) | None => {
                format!("{what} with --map COLUMN={field}")
            }
        }
    }

    /// Whether most values of a column that was only guessed to be the field do not look like the field at all.
    fn is_probably_another_column(&self) -> bool {
        let target = self
            .cause
            .column
            .and_then(|column| self.input.mapping.targets.get(column as usize));
        self.cause.hint.is_none()
            && self.cause.rule.about().doubts_column
            && target.is_some_and(|target| matches!(target.reason, Reason::SimilarName | Reason::Alias))
            && self.rows.len() * 2 >= u64::from(self.input.frame.len())
    }

    /// The problems of the first rows, at most one a row.
    pub(super) fn places(&self, most: usize) -> Result<Vec<(u32, Problem)>, FrameError> {
        let mut places = Vec::new();
        self.each(most, &mut |row, problem| {
            if places.last().is_none_or(|(last, _)| *last != row) {
                places.push((row, problem.clone()));
            }
            ControlFlow::Continue(())
        })?;
        Ok(places)
    }

    /// Hands the problems that the first rows have for this cause to `visit`.
    pub(super) fn each(
        &self,
        most: usize,
        visit: &mut dyn FnMut(u32, &Problem) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        if let Some(ahead) = &self.ahead {
            for (row, problem) in ahead {
                if visit(*row, problem).is_break() {
                    break;
                }
            }
            return Ok(());
        }
        self.input.visit(self.rows.iter().take(most), &mut |row, cells| {
            let problems = self.input.explain(row, cells, [&self.cause]);
            problems.iter().try_for_each(|problem| visit(row, problem))
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
