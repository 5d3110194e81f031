//! A table against the schema: one pass over the rows on all cores, a kernel a column, facts across rows gathered as
//! summaries and settled at the end; after an edit only the edited rows are judged again.

mod events;
mod explain;
mod memory;
mod row;
mod suggest;

use std::{ops::ControlFlow, sync::Arc};

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use self::{memory::Memory, row::RowJudge};
use crate::{
    domain::{
        cell::Cell,
        issue::{Cause, IssueSet, Severity},
        mapping::{CustomType, Mapping, Target},
        progress::Progress,
        record::{Plan, SchemaPlace},
        rows::RowSet,
        rules::{EventKey, Hint, IdFacts, Identities, Levels, Rule, SeenTypes, SettledTypes},
    },
    frame::{DataSource, Edits, Frame, FrameError, OpenOptions, Visit},
};

pub(crate) use explain::Problem;
pub(crate) use suggest::likely_types;
pub use suggest::{Suggested, prove, suggest};

/// Rows a worker takes at a time: enough to make the hand-over cheap, few enough to cancel quickly.
const CHUNK_ROWS: u32 = 16 * 1024;

/// A checked table: its problems, and what is needed to check it again after an edit. Clones share all that grows with
/// the rows, and a change copies the little of it that it touches: one can be shown while another one is brought up to
/// date.
#[derive(Clone, Debug)]
pub struct Checked {
    /// All problems.
    pub issues: IssueSet,
    plan: Arc<Plan>,
    judge: Arc<RowJudge>,
    settled: Vec<SettledTypes>,
    identities: Identities,
}

/// What a worker found in its rows.
#[derive(Default)]
struct Findings {
    issues: IssueSet,
    seen: Vec<SeenTypes>,
    ids: IdFacts,
    /// What rows are compared by as interactions.
    events: Vec<u32>,
    /// Of no more use once these rows are seen.
    memory: Memory,
}

impl Findings {
    fn new(width: usize) -> Self {
        Self {
            seen: (0..width).map(|_| SeenTypes::default()).collect(),
            memory: Memory::new(width),
            ..Self::default()
        }
    }

    fn append(&mut self, later: Self) {
        self.issues.append(later.issues);
        self.ids.append(later.ids);
        self.events.extend(later.events);
        for (seen, more) in self.seen.iter_mut().zip(later.seen) {
            seen.append(more);
        }
    }
}

/// Looks at rows as a mapping interprets them.
struct Checker<'a> {
    columns: &'a [String],
    mapping: &'a Mapping,
    levels: &'a Levels,
    today: Date,
    plan: Plan,
    judge: RowJudge,
    /// The columns whose values' types are gathered.
    custom: Vec<usize>,
    event: Option<EventKey>,
    grown: &'a (dyn Fn(Frame) + Sync),
}

impl<'a> Checker<'a> {
    fn new(columns: &'a [String], mapping: &'a Mapping, levels: &'a Levels) -> Self {
        let plan = mapping.plan(&[]);
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let judge = RowJudge::new(&plan, columns.len(), levels, today);
        Self {
            columns,
            mapping,
            levels,
            today,
            custom: (0..columns.len()).filter(|column| judge.is_custom(*column)).collect(),
            judge,
            event: EventKey::of(columns, &plan, levels),
            plan,
            grown: &|_| {},
        }
    }

    /// What all rows together tell.
    fn settle(&self, frame: &Frame, edits: &Edits, found: Findings) -> Result<Checked, FrameError> {
        let Findings {
            mut issues,
            seen,
            ids,
            events,
            ..
        } = found;
        let (mapping, width) = (self.mapping, self.columns.len());
        let mut settled = Vec::with_capacity(width);
        let mut with_chosen_types = Vec::new();
        for (column, seen) in seen.into_iter().enumerate() {
            let chosen = mapping.targets.get(column).and_then(Target::chosen_type);
            let (mut what, rows) = seen.settle(chosen);
            if self
                .plan
                .part(column)
                .is_some_and(|part| part.place == SchemaPlace::Custom)
            {
                if chosen.is_some() {
                    with_chosen_types.push((column, what, rows));
                } else {
                    issues.set(cause(SettledTypes::RULE, Some(column), None), rows);
                }
            } else {
                what.class = None;
            }
            settled.push(what);
        }
        // A chosen type need not fit every text; which ones it does not fit was unknown row by row.
        add_disagreeing(frame, edits, &self.plan, &mut with_chosen_types)?;
        for (column, _, rows) in with_chosen_types {
            issues.set(cause(SettledTypes::RULE, Some(column), None), rows);
        }
        for defect in frame.defects() {
            issues.clear_row(defect.row, |_| true);
            issues.insert(cause(Rule::Unreadable, None, None), defect.row);
        }
        let left_out = issues.rows_with(Severity::Error);
        let (mut identities, refuted) = ids.settle(&left_out);
        if let Some(id) = self.judge.ids.id {
            let (repeated, alike) = identities.index();
            for (rule, rows) in [(Identities::REPEATED, repeated), (Identities::ALIKE, alike)] {
                if self.levels.is_on(rule) {
                    issues.set(cause(rule, Some(id), None), rows);
                }
            }
        }
        if let Some(key) = &self.event {
            let rows = events::repeated(key, events, &left_out, &self.plan, (frame, edits))?;
            issues.set(cause(EventKey::RULE, None, None), rows);
        }
        let is_idle = |rule: &Rule| {
            let holds = rule.about().holds;
            holds.is_some_and(|holds| !holds(issues.rows_of(*rule).len(), u64::from(frame.len())))
        };
        let idle: Vec<Rule> = Rule::ALL.into_iter().filter(is_idle).collect();
        issues.forget(|cause| idle.contains(&cause.rule) || Some(cause.rule) == refuted);
        issues.total();
        let types: Vec<CustomType> = settled
            .iter()
            .map(|what| what.text_type.unwrap_or(CustomType::Text))
            .collect();
        let plan = mapping.plan(&types);
        let mut judge = RowJudge::new(&plan, width, self.levels, self.today);
        for rule in idle {
            judge.forget(rule);
        }
        Ok(Checked {
            issues,
            plan: Arc::new(plan),
            judge: Arc::new(judge),
            settled,
            identities,
        })
    }
}

impl Visit for Checker<'_> {
    type Gathered = Findings;

    fn columns(&self) -> &[String] {
        self.columns
    }

    fn start(&self) -> Findings {
        let mut found = Findings::new(self.columns.len());
        found.issues = IssueSet::weighed(*self.levels);
        found
    }

    fn row(&self, found: &mut Findings, row: u32, cells: &[Cell<'_>]) {
        self.plan.see(cells, |cells| {
            let Findings { issues, memory, .. } = &mut *found;
            self.judge.judge(cells, memory, &mut |rule, column, hint| {
                issues.insert(cause(rule, column, hint), row);
            });
            for &column in &self.custom {
                if let (Some(seen), Some(cell)) = (found.seen.get_mut(column), cells.get(column)) {
                    seen.note(row, *cell);
                }
            }
            found.ids.note(&self.judge.ids, cells, &mut |rule, column| {
                found.issues.insert(cause(rule, Some(column), None), row);
            });
            if let Some(event) = &self.event {
                found.events.push(event.bits(cells));
            }
        });
    }

    fn join(&self, found: &mut Findings, later: Findings) {
        found.append(later);
    }

    fn grown(&self, frame: Frame) {
        if frame.columns() == self.columns {
            (self.grown)(frame);
        }
    }
}

/// Reads a table and checks it in the same pass, its columns interpreted as those of its first rows, which
/// [`DataSource::open_head`] gives. There is no outcome when the whole file turns out to have other columns; then
/// [`check`] takes a pass of its own. Progress counts bytes; `grown` takes the table as far as it has been read, now and
/// then while a large file is.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn read(
    source: &DataSource,
    options: &OpenOptions,
    columns: &[String],
    mapping: &Mapping,
    levels: &Levels,
    progress: &Progress,
    grown: &(dyn Fn(Frame) + Sync),
) -> Result<(Frame, Option<Checked>), FrameError> {
    let mut checker = Checker::new(columns, mapping, levels);
    checker.grown = grown;
    let (frame, found) = source.open(options, &checker, progress)?;
    let is_expected = frame.columns() == columns;
    let outcome = is_expected.then(|| checker.settle(&frame, &Edits::default(), found));
    Ok((frame, outcome.transpose()?))
}

/// Checks all rows of a table as the mapping interprets them, by the rules as they usually weigh. Progress counts rows.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub fn check(frame: &Frame, edits: &Edits, mapping: &Mapping, progress: &Progress) -> Result<Checked, FrameError> {
    check_by(&Levels::default(), frame, edits, mapping, progress)
}

/// [`check`], by the rules as a person weighs them.
///
/// # Errors
/// As of [`check`].
pub fn check_by(
    levels: &Levels,
    frame: &Frame,
    edits: &Edits,
    mapping: &Mapping,
    progress: &Progress,
) -> Result<Checked, FrameError> {
    progress.restart(u64::from(frame.len()));
    let checker = Checker::new(frame.columns(), mapping, levels);
    let chunks: Vec<Findings> = (0..frame.len().div_ceil(CHUNK_ROWS))
        .into_par_iter()
        .map(|chunk| {
            let rows = chunk * CHUNK_ROWS..frame.len().min((chunk + 1).saturating_mul(CHUNK_ROWS));
            if progress.is_cancelled() {
                return Err(FrameError::Cancelled);
            }
            let count = u64::from(rows.end - rows.start);
            let mut found = checker.start();
            frame.scan(rows, edits, &mut |row, cells| {
                checker.row(&mut found, row, cells);
                ControlFlow::Continue(())
            })?;
            progress.add(count);
            Ok(found)
        })
        .collect::<Result<_, FrameError>>()?;
    let mut found = checker.start();
    for chunk in chunks {
        found.append(chunk);
    }
    checker.settle(frame, edits, found)
}

/// Adds the rows of custom columns whose type is not the settled one, in one pass for all of the columns.
fn add_disagreeing(
    frame: &Frame,
    edits: &Edits,
    plan: &Plan,
    columns: &mut [(usize, SettledTypes, RowSet)],
) -> Result<(), FrameError> {
    if columns.is_empty() {
        return Ok(());
    }
    frame.scan(0..frame.len(), edits, &mut |row, cells| {
        plan.see(cells, |cells| {
            for (column, settled, rows) in &mut *columns {
                if cells.get(*column).is_some_and(|cell| settled.disagrees(*cell)) {
                    rows.insert(row);
                }
            }
        });
        ControlFlow::Continue(())
    })
}

fn cause(rule: Rule, column: Option<usize>, hint: Option<Hint>) -> Cause {
    Cause {
        rule,
        column: column.and_then(|column| u32::try_from(column).ok()),
        hint,
    }
}

impl Checked {
    /// How rows become records.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same, for a worker.
    pub(crate) fn shared_plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// The type that a custom column's text is sent as; `None` for fields of the schema.
    pub fn custom_type(&self, column: usize) -> Option<CustomType> {
        let is_custom = self.judge.is_custom(column);
        self.settled.get(column)?.text_type.filter(|_| is_custom)
    }

    /// The rows that cannot be sent.
    pub fn rows_with_errors(&self) -> RowSet {
        self.issues.rows_with(Severity::Error)
    }

    /// The rows whose records a later row with the same id replaces.
    pub(crate) fn superseded(&self) -> RowSet {
        self.identities.repeated().clone()
    }

    /// The ids of all rows; this shares them.
    pub(crate) fn identities(&self) -> Identities {
        self.identities.clone()
    }

    /// Judges edited rows again. What the service said about them is forgotten: it no longer holds.
    ///
    /// # Errors
    /// When the file cannot be read or has changed.
    pub fn recheck(&mut self, frame: &Frame, edits: &Edits, rows: &RowSet) -> Result<(), FrameError> {
        for range in rows.ranges() {
            let Self {
                issues,
                plan,
                judge,
                settled,
                identities,
            } = self;
            frame.scan(range, edits, &mut |row, cells| {
                issues.clear_row(row, |cause| !cause.rule.about().compares_ids);
                if frame.defect(row).is_some() {
                    issues.insert(cause(Rule::Unreadable, None, None), row);
                    return ControlFlow::Continue(());
                }
                plan.see(cells, |cells| {
                    judge.judge(cells, &mut Memory::default(), &mut |rule, column, hint| {
                        issues.insert(cause(rule, column, hint), row);
                    });
                    for (column, (settled, cell)) in settled.iter().zip(cells).enumerate() {
                        if settled.disagrees(*cell) {
                            issues.insert(cause(SettledTypes::RULE, Some(column), None), row);
                        }
                    }
                    let refuted = identities.refuted(&judge.ids, cells);
                    issues.clear_row(row, |cause| Some(cause.rule) == refuted);
                    if let Some(id) = judge.ids.identity(cells) {
                        let is_left_out = issues
                            .of_row(row)
                            .any(|cause| !cause.rule.about().compares_ids && issues.severity(cause) == Severity::Error);
                        identities.set(row, Some(id).filter(|_| !is_left_out));
                    }
                });
                ControlFlow::Continue(())
            })?;
        }
        if let Some(id) = self.judge.ids.id {
            let causes = [Identities::REPEATED, Identities::ALIKE].map(|rule| cause(rule, Some(id), None));
            self.identities.settle(&mut |row, is_of| {
                for (cause, is_of) in causes.into_iter().zip(is_of) {
                    let is_told = is_of && self.issues.levels().is_on(cause.rule);
                    self.issues.set_row(cause, row, is_told);
                }
            });
        }
        Ok(())
    }

    /// The field whose lack a cause reports.
    pub(crate) fn required_field(&self, cause: &Cause) -> Option<&str> {
        self.judge
            .required
            .required_at(cause.column.map(|column| column as usize))
    }

    /// The column that a path in a record comes from; of a path inside a list, the list's.
    pub fn column_of(&self, path: &str) -> Option<u32> {
        let mut path = path;
        loop {
            if let Some(column) = self.plan.column_of(path) {
                // A constant has no column.
                return u32::try_from(column).ok().filter(|_| column < self.judge.width());
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// Notes that the service refused a row, and which column it named.
    pub fn refuse(&mut self, row: u32, column: Option<u32>) {
        self.issues.insert(
            Cause {
                rule: Rule::Refused,
                column,
                hint: None,
            },
            row,
        );
    }
}
