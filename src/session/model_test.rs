//! Whatever is done with a table in whatever order, its cells are what a plain list of lists would hold, and the rows
//! shown are those that the list says.

use std::{cmp::Ordering, collections::BTreeMap};

use proptest::prelude::*;

use super::{
    Action, Filter, FilterAction, MappingAction, Session, TableAction,
    sequence_test::{answer, opened},
};
use crate::{
    check::check,
    domain::{
        cell::OwnedCell,
        dataset::Dataset,
        filter::{ColumnFilter, FilterCondition, ValueTest},
        ids::DocumentId,
        issue::{Cause, IssueSet},
        mapping::Mapping,
        progress::Progress,
        rows::RowSet,
    },
    frame::SortBy,
    message::Command,
};

type PlainTable = Vec<Vec<String>>;

/// One thing that a person does. What is counted is counted around.
#[derive(Clone, Debug)]
enum ModelStep {
    Edit(Vec<(u32, u32, String)>),
    Undo,
    Redo,
    Sort(Vec<SortBy>),
    ShowAll,
    ShowProblems,
    ShowCause(usize),
    /// Only rows with this text in a column, or with any.
    ShowValues(u32, Option<&'static str>),
    ShowValuesAgain,
    ShowAllValues(u32),
    Repair(usize),
    RepairAll,
    Map(usize, Option<&'static str>),
    Accept(usize),
    AcceptAll,
    StartAfresh,
    Dataset(Dataset),
}

fn step() -> impl Strategy<Value = ModelStep> {
    let text = prop::sample::select(vec!["A", "B", "a", "7,50", "12", "x", "", "1e3", " 3 ", "2023-11-07"]);
    let cell = (0_u32..5, 0_u32..3, text.prop_map(str::to_owned));
    let path = prop::sample::select(vec![
        None,
        Some("title"),
        Some("sale_price"),
        Some("product_id"),
        Some("brand"),
    ]);
    let dataset = prop::sample::select(Dataset::ALL.to_vec());
    let by = (0_u32..3, any::<bool>()).prop_map(|(column, descending)| SortBy { column, descending });
    prop_oneof![
        8 => prop::collection::vec(cell, 1..4).prop_map(ModelStep::Edit),
        6 => Just(ModelStep::Undo),
        4 => Just(ModelStep::Redo),
        4 => prop::collection::vec(by, 0..3).prop_map(ModelStep::Sort),
        1 => Just(ModelStep::ShowAll),
        2 => Just(ModelStep::ShowProblems),
        2 => any::<usize>().prop_map(ModelStep::ShowCause),
        3 => (0_u32..3, prop::sample::select(vec![None, Some("A"), Some("x"), Some("")]))
            .prop_map(|(column, text)| ModelStep::ShowValues(column, text)),
        1 => Just(ModelStep::ShowValuesAgain),
        1 => (0_u32..3).prop_map(ModelStep::ShowAllValues),
        4 => any::<usize>().prop_map(ModelStep::Repair),
        2 => Just(ModelStep::RepairAll),
        2 => (0_usize..3, path).prop_map(|(column, path)| ModelStep::Map(column, path)),
        2 => any::<usize>().prop_map(ModelStep::Accept),
        1 => Just(ModelStep::AcceptAll),
        1 => Just(ModelStep::StartAfresh),
        1 => dataset.prop_map(ModelStep::Dataset),
    ]
}

/// The table as a list of lists, with what it was before each change, and the rows shown.
struct Model {
    cells: PlainTable,
    mapping: Mapping,
    undo: Vec<(PlainTable, Mapping)>,
    redo: Vec<(PlainTable, Mapping)>,
    filter: Filter,
    /// What is wanted of columns, and the rows that had it when it was asked for.
    values: BTreeMap<u32, (Option<&'static str>, RowSet)>,
    order: Vec<u32>,
    shown: Vec<u32>,
}

impl Model {
    fn of(session: &Session, doc: DocumentId) -> Self {
        let (cells, mapping) = held(session, doc);
        let order: Vec<u32> = (0..).take(cells.len()).collect();
        Self {
            cells,
            mapping,
            undo: Vec::new(),
            redo: Vec::new(),
            filter: Filter::All,
            values: BTreeMap::new(),
            shown: order.clone(),
            order,
        }
    }

    /// The table becomes another by a change that can be taken back.
    fn change(&mut self, (cells, mapping): (PlainTable, Mapping)) {
        let cells = std::mem::replace(&mut self.cells, cells);
        let mapping = std::mem::replace(&mut self.mapping, mapping);
        self.undo.push((cells, mapping));
        self.redo.clear();
    }

    fn undo(&mut self) {
        if let Some((cells, mapping)) = self.undo.pop() {
            let cells = std::mem::replace(&mut self.cells, cells);
            let mapping = std::mem::replace(&mut self.mapping, mapping);
            self.redo.push((cells, mapping));
        }
    }

    fn redo(&mut self) {
        if let Some((cells, mapping)) = self.redo.pop() {
            let cells = std::mem::replace(&mut self.cells, cells);
            let mapping = std::mem::replace(&mut self.mapping, mapping);
            self.undo.push((cells, mapping));
        }
    }

    /// Whether a column's values are sent as they are: what is rewritten is sorted and filtered by what it becomes, of
    /// which the model knows nothing.
    fn is_plain(&self, column: u32) -> bool {
        self.mapping.targets[column as usize].transform.is_none()
    }

    /// Numbers by value when all are numbers, otherwise texts; nothing last; equal ones as in the file.
    fn sort(&mut self, by: &[SortBy]) {
        let mut order: Vec<u32> = (0..).take(self.cells.len()).collect();
        for SortBy { column, descending } in by.iter().rev() {
            let of = |row: &u32| self.cells[*row as usize][*column as usize].as_str();
            let number = |text: &str| text.trim().parse::<f64>().ok();
            let are_numbers = order.iter().all(|row| of(row).is_empty() || number(of(row)).is_some());
            order.sort_by(|one, other| {
                let (one, other) = (of(one), of(other));
                let order = if are_numbers && !one.is_empty() && !other.is_empty() {
                    number(one).partial_cmp(&number(other)).unwrap()
                } else {
                    natural(one, other)
                };
                let order = if *descending { order.reverse() } else { order };
                one.is_empty().cmp(&other.is_empty()).then(order)
            });
        }
        self.order = order;
    }

    /// The rows that have a text in a column, or any.
    fn rows_with(&self, column: u32, text: Option<&str>) -> RowSet {
        let has_it = |cells: &Vec<String>| {
            let cell = &cells[column as usize];
            text.map_or(!cell.is_empty(), |text| cell == text)
        };
        let rows = (0..).zip(&self.cells);
        rows.filter(|(_, cells)| has_it(cells)).map(|(row, _)| row).collect()
    }

    /// Which rows are shown is worked out when it is asked for, not with every change.
    fn show(&mut self, issues: &IssueSet) {
        let rows = match self.filter {
            Filter::All => None,
            Filter::Problems => Some(issues.all_rows()),
            Filter::Cause(cause) => Some(issues.rows(&cause).cloned().unwrap_or_default()),
            Filter::Refused => unreachable!("nothing is sent"),
        };
        let is_shown = |row: &u32| {
            rows.as_ref().is_none_or(|rows: &RowSet| rows.contains(*row))
                && self.values.values().all(|(_, rows)| rows.contains(*row))
        };
        self.shown = self.order.iter().copied().filter(is_shown).collect();
    }
}

/// Texts as people order them: whatever the case, and numbers in them by value.
fn natural(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(str::to_lowercase);
    let (mut one, mut other) = (one.as_str(), other.as_str());
    loop {
        let [left, right] = [one, other].map(|text| {
            let end = text.find(|letter: char| !letter.is_ascii_digit());
            text.split_at(end.unwrap_or(text.len()))
        });
        let both_numbers = !left.0.is_empty() && !right.0.is_empty();
        let order = if both_numbers {
            (one, other) = (left.1, right.1);
            let [left, right] = [left.0, right.0].map(|digits| digits.parse::<u64>().unwrap());
            left.cmp(&right)
        } else {
            let (mut left, mut right) = (one.chars(), other.chars());
            let order = left.next().cmp(&right.next());
            (one, other) = (left.as_str(), right.as_str());
            order
        };
        if order.is_ne() || one.is_empty() && other.is_empty() {
            return order;
        }
    }
}

/// What the session holds: cells and mapping.
fn held(session: &Session, doc: DocumentId) -> (PlainTable, Mapping) {
    let view = session.find(doc).unwrap().view().unwrap();
    let rows = view.frame.read(0..view.frame.len(), &view.edits).unwrap();
    let shown = |cell: &OwnedCell| cell.as_cell().shown().into_owned();
    let cells = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    (cells, view.mapping.clone())
}

fn issues(session: &Session, doc: DocumentId) -> IssueSet {
    session.find(doc).unwrap().checked().unwrap().issues.clone()
}

fn pick<T: Clone>(from: &[T], at: usize) -> Option<T> {
    from.get(at.checked_rem(from.len())?).cloned()
}

fn causes(session: &Session, doc: DocumentId) -> Vec<Cause> {
    let issues = issues(session, doc);
    issues.causes().map(|(cause, _)| *cause).collect()
}

/// Does something, and what it asks of the background, until that asks for nothing more.
fn act(session: &mut Session, action: Action) {
    let mut commands = session.act(action);
    while let Some(command) = commands.pop() {
        // What is kept on this machine changes no table.
        if matches!(command, Command::Table(..)) {
            commands.extend(session.on(answer(command)));
        }
    }
}

/// Takes a step in the session and in the model.
fn take(session: &mut Session, model: &mut Model, doc: DocumentId, step: ModelStep) {
    let on_table = |action| Action::Table(doc, action);
    match step {
        ModelStep::Edit(cells) => {
            let (mut changed, mapping) = (model.cells.clone(), model.mapping.clone());
            for (row, column, text) in &cells {
                changed[*row as usize][*column as usize].clone_from(text);
            }
            model.change((changed, mapping));
            act(session, on_table(TableAction::Edit(cells)));
        }
        ModelStep::Undo => {
            model.undo();
            act(session, on_table(TableAction::Undo));
        }
        ModelStep::Redo => {
            model.redo();
            act(session, on_table(TableAction::Redo));
        }
        ModelStep::Sort(by) => {
            if by.iter().all(|by| model.is_plain(by.column)) {
                model.sort(&by);
                model.show(&issues(session, doc));
                act(session, on_table(TableAction::Sort(by)));
            }
        }
        ModelStep::ShowAll => filter(session, model, doc, Filter::All),
        ModelStep::ShowProblems => filter(session, model, doc, Filter::Problems),
        ModelStep::ShowCause(at) => {
            if let Some(cause) = pick(&causes(session, doc), at) {
                filter(session, model, doc, Filter::Cause(cause));
            }
        }
        ModelStep::ShowValues(column, text) => {
            if model.is_plain(column) {
                model.values.insert(column, (text, model.rows_with(column, text)));
                model.show(&issues(session, doc));
                let condition = FilterCondition::Value(match text {
                    None => ValueTest::NotEmpty,
                    Some("") => ValueTest::Empty,
                    Some(text) => ValueTest::Equals(text.to_owned()),
                });
                let set = FilterAction::Set(ColumnFilter { column, condition });
                act(session, on_table(TableAction::FilterColumns(set)));
            }
        }
        ModelStep::ShowValuesAgain => {
            if model.values.keys().all(|column| model.is_plain(*column)) {
                for (column, (text, _)) in model.values.clone() {
                    model.values.insert(column, (text, model.rows_with(column, text)));
                }
                model.show(&issues(session, doc));
                act(session, on_table(TableAction::FilterColumns(FilterAction::Again)));
            }
        }
        ModelStep::ShowAllValues(column) => {
            model.values.remove(&column);
            model.show(&issues(session, doc));
            act(
                session,
                on_table(TableAction::FilterColumns(FilterAction::Remove(column))),
            );
        }
        ModelStep::Repair(at) => {
            if let Some(cause) = pick(&causes(session, doc), at) {
                repairs(session, model, doc, TableAction::Repair(cause), &[cause]);
            }
        }
        ModelStep::RepairAll => {
            let causes = causes(session, doc);
            repairs(session, model, doc, TableAction::RepairAll, &causes);
        }
        ModelStep::Map(column, path) => maps(
            session,
            model,
            doc,
            MappingAction::Map {
                column,
                path: path.map(str::to_owned),
                custom_type: None,
            },
        ),
        ModelStep::Accept(at) => {
            let offers = session.find(doc).unwrap().view().unwrap().offers.clone();
            if let Some(offer) = pick(&offers, at) {
                maps(session, model, doc, MappingAction::Accept(offer));
            }
        }
        ModelStep::AcceptAll => maps(session, model, doc, MappingAction::AcceptAll),
        ModelStep::StartAfresh => {
            act(session, Action::Mapping(doc, MappingAction::StartAfresh));
            let (_, mapping) = held(session, doc);
            model.change((model.cells.clone(), mapping));
        }
        ModelStep::Dataset(dataset) => {
            if dataset != model.mapping.dataset {
                maps(session, model, doc, MappingAction::SetDataset(dataset));
            }
        }
    }
}

fn filter(session: &mut Session, model: &mut Model, doc: DocumentId, filter: Filter) {
    model.filter = filter;
    model.show(&issues(session, doc));
    act(session, Action::Table(doc, TableAction::Filter(filter)));
}

/// A change of the mapping changes no cell.
fn maps(session: &mut Session, model: &mut Model, doc: DocumentId, action: MappingAction) {
    act(session, Action::Mapping(doc, action));
    let (_, mapping) = held(session, doc);
    if mapping != model.mapping {
        model.change((model.cells.clone(), mapping));
    }
}

/// A repair changes only cells that have what it repairs; what they become is up to it.
fn repairs(session: &mut Session, model: &mut Model, doc: DocumentId, action: TableAction, causes: &[Cause]) {
    let before = issues(session, doc);
    act(session, Action::Table(doc, action));
    let (cells, mapping) = held(session, doc);
    for (row, (now, was)) in (0..).zip(cells.iter().zip(&model.cells)) {
        for (column, (now, was)) in (0..).zip(now.iter().zip(was)) {
            let is_meant = |cause: &&Cause| {
                cause.column == Some(column) && before.rows(cause).is_some_and(|rows| rows.contains(row))
            };
            assert!(
                now == was || causes.iter().any(|cause| is_meant(&cause)),
                "row {row}, column {column}: {was:?} became {now:?} by {causes:?}"
            );
        }
    }
    if (&cells, &mapping) != (&model.cells, &model.mapping) {
        model.change((cells, mapping));
    }
}

proptest! {
    #[test]
    fn any_sequence_leaves_what_a_plain_list_holds(steps in prop::collection::vec(step(), 0..24)) {
        let (mut session, doc) = opened();
        let mut model = Model::of(&session, doc);
        let begin = (model.cells.clone(), model.mapping.clone());
        for step in steps {
            take(&mut session, &mut model, doc, step.clone());
            prop_assert_eq!(held(&session, doc), (model.cells.clone(), model.mapping.clone()), "{:?}", step);
            let document = session.find(doc).unwrap();
            let view = document.view().unwrap();
            let shown: Vec<u32> = (0..view.shown_rows()).filter_map(|row| view.file_row(row)).collect();
            prop_assert_eq!(&shown, &model.shown, "{:?}", step);
            let places = shown.iter().map(|row| view.display_row(*row));
            prop_assert!(places.eq((0..view.shown_rows()).map(Some)), "{:?}", step);
            let can = (!model.undo.is_empty(), !model.redo.is_empty());
            prop_assert_eq!(document.can_undo_redo(), can, "{:?}", step);
            let anew = check(&view.frame, &view.edits, &view.mapping, &Progress::default()).unwrap();
            prop_assert_eq!(issues(&session, doc), anew.issues, "{:?}", step);
        }
        while session.find(doc).unwrap().can_undo_redo().0 {
            act(&mut session, Action::Table(doc, TableAction::Undo));
        }
        prop_assert_eq!(held(&session, doc), begin);
    }
}
