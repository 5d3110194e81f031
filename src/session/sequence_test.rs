//! Whatever is done with a table in whatever order, what is known of it is what checking it anew finds.

use std::{path::PathBuf, sync::Arc};

use proptest::prelude::*;

use super::{Action, Filter, Session, TableAction};
use crate::{
    check::{Checked, check, check_by, prove, suggest},
    domain::{
        cell_query::{CellQuery, CellText},
        ids::DocumentId,
        issue::IssueSet,
        progress::Progress,
        record::Plan,
        text_query::TextQuery,
    },
    frame::{Edits, Frame, OpenOptions, Shown, sort},
    message::{Command, Event, Table, TableCommand, TableEvent},
    ops::{
        filter, find,
        repair::{self, Repaired},
        replace::{self, ReplaceIn},
    },
};

pub(super) const CATALOG: &str =
    "product_id,title,price\nA,Lamp,12.50\nB,Mat,\"7,50\"\nC,Bowl,\"3,20\"\n,Cup,4\nA,Lamp,13\n";

/// One thing that a person does.
#[derive(Clone, Debug)]
enum SequenceStep {
    Edit(Vec<(u32, u32, String)>),
    Undo(bool),
    Filter(Filter),
    NextProblem(bool),
}

fn step() -> impl Strategy<Value = SequenceStep> {
    let text = prop::sample::select(vec!["A", "B", "a", "7,50", "12", "x", ""]).prop_map(str::to_owned);
    let column = prop::sample::select(vec![0_u32, 2]);
    let filter = prop::sample::select(vec![Filter::All, Filter::Problems, Filter::Refused]);
    prop_oneof![
        6 => prop::collection::vec((0_u32..5, column, text), 1..4).prop_map(SequenceStep::Edit),
        5 => any::<bool>().prop_map(SequenceStep::Undo),
        1 => filter.prop_map(SequenceStep::Filter),
        2 => any::<bool>().prop_map(SequenceStep::NextProblem),
    ]
}

/// A session with the catalog, opened and checked.
pub(super) fn opened() -> (Session, DocumentId) {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let [Command::Table(request, _)] = commands[..] else {
        panic!("{commands:?}")
    };
    let frame = Arc::new(Frame::from_text("catalog.csv", CATALOG, &OpenOptions::default()).unwrap());
    let suggested = suggest(&frame, &Edits::default(), None).unwrap();
    let checked = check(&frame, &Edits::default(), &suggested.mapping, &Progress::default()).unwrap();
    session.on(Event::Table(request, TableEvent::Opened { frame, suggested }));
    session.on(Event::Table(request, TableEvent::Checked(Arc::new(checked))));
    (session, request.document)
}

/// Does something as a person would, and lets the background do its part.
pub(super) fn act(session: &mut Session, doc: DocumentId, action: TableAction) {
    for command in session.act(Action::Table(doc, action)) {
        let event = answer(command);
        session.on(event);
    }
}

/// Looks for a text in what people see.
pub(super) fn look(text: &str) -> TableAction {
    TableAction::Find(Some(CellQuery {
        text: TextQuery::new(text).unwrap(),
        column: None,
        within: CellText::Sent,
    }))
}

const fn place<'a>(frame: &'a Frame, edits: &'a Edits, plan: &'a Plan, shown: &'a Shown) -> ReplaceIn<'a> {
    ReplaceIn {
        frame,
        edits,
        plan,
        shown,
    }
}

/// What the background answers.
pub(super) fn answer(command: Command) -> Event {
    let Command::Table(request, command) = command else {
        panic!("{command:?}")
    };
    let asked = format!("{command:?}");
    let event = match command {
        TableCommand::Find {
            table,
            plan,
            shown,
            query,
            search,
            progress,
        } => TableEvent::Found {
            search,
            places: Ok(find::places(&table.frame, &table.edits, &plan, &shown, &query, &progress).unwrap()),
        },
        TableCommand::CountReplace {
            table: Table { frame, edits },
            plan,
            shown,
            replacement,
            search,
            progress,
        } => TableEvent::CountedReplace {
            search,
            count: Ok(replace::count(place(&frame, &edits, &plan, &shown), &replacement, &progress).unwrap()),
        },
        TableCommand::Replace {
            table: Table { frame, edits },
            plan,
            checked,
            shown,
            replacement,
            search,
            progress,
        } => {
            let place = place(&frame, &edits, &plan, &shown);
            let replaced = replace::replace(place, checked.as_deref(), &replacement, &progress);
            TableEvent::Replaced {
                search,
                replaced: Ok(replaced.unwrap()),
            }
        }
        TableCommand::Sort {
            table,
            plan,
            by,
            search,
            progress,
        } => TableEvent::Sorted {
            search,
            order: Ok(sort(&table.frame, &table.edits, &plan, &by, &progress).unwrap()),
        },
        TableCommand::Filter {
            table,
            plan,
            wanted,
            search,
            progress,
        } => TableEvent::Filtered {
            search,
            rows: Ok(filter::rows(&table.frame, &table.edits, &plan, &wanted, &progress).unwrap()),
        },
        TableCommand::CountValues {
            table,
            plan,
            column,
            search,
            progress,
        } => TableEvent::CountedValues {
            search,
            values: Ok(filter::values(&table.frame, &table.edits, &plan, column, &progress).unwrap()),
        },
        TableCommand::FindRow {
            table,
            text,
            id_column,
            search,
            progress,
        } => TableEvent::FoundRow {
            search,
            row: Ok(find::row(&table.frame, &table.edits, &text, id_column, &progress).unwrap()),
        },
        TableCommand::Recheck {
            table,
            mut checked,
            rows,
        } => {
            Arc::make_mut(&mut checked)
                .recheck(&table.frame, &table.edits, &rows)
                .unwrap();
            TableEvent::Rechecked(checked)
        }
        TableCommand::Check {
            table,
            mapping,
            levels,
            progress,
        } => {
            let checked = check_by(&levels, &table.frame, &table.edits, &mapping, &progress).unwrap();
            TableEvent::Checked(Arc::new(checked))
        }
        TableCommand::Prove {
            table,
            mapping,
            wanted,
            progress,
        } => TableEvent::Proven(prove(&table.frame, &table.edits, &mapping, &wanted, &progress).unwrap()),
        TableCommand::Repair {
            table,
            checked,
            causes,
            offers,
        } => {
            let Repaired { edits, rows } = repair::repair(table.as_ref(&checked), &causes).unwrap();
            TableEvent::Repaired {
                causes,
                offers,
                before: table.edits,
                edits: Arc::new(edits),
                rows,
            }
        }
        TableCommand::Open { .. }
        | TableCommand::PreviewImport { .. }
        | TableCommand::Statistics { .. }
        | TableCommand::SaveCopy { .. }
        | TableCommand::Export { .. } => panic!("{asked}"),
    };
    Event::Table(request, event)
}

/// Takes a step, and returns what the background is asked for.
fn take(session: &mut Session, doc: DocumentId, step: SequenceStep) -> Vec<Command> {
    match step {
        SequenceStep::Edit(cells) => session.change(doc, |open| open.edit(cells)),
        SequenceStep::Undo(is_undo) => match session.find_mut(doc).unwrap().undo(is_undo) {
            Ok(_) => session.recheck(doc),
            Err(_) => Vec::new(),
        },
        SequenceStep::Filter(filter) => {
            session.open_mut(doc).unwrap().filter(filter);
            Vec::new()
        }
        SequenceStep::NextProblem(forward) => {
            let open = session.open_mut(doc).unwrap();
            if let Ok((row, column)) = open.neighbour_problem(forward) {
                open.jump(row, column);
            }
            Vec::new()
        }
    }
}

/// Checks changed rows again as the background would, until there is nothing more to do.
fn perform(session: &mut Session, mut commands: Vec<Command>) {
    while let Some(command) = commands.pop() {
        let Command::Table(request, TableCommand::Recheck { table, checked, rows }) = command else {
            panic!("{command:?}")
        };
        let mut checked = Checked::clone(&checked);
        checked.recheck(&table.frame, &table.edits, &rows).unwrap();
        let event = TableEvent::Rechecked(Arc::new(checked));
        commands.extend(session.on(Event::Table(request, event)));
    }
}

/// What is known of a document, and what checking it anew finds.
fn found(session: &Session, doc: DocumentId) -> (IssueSet, IssueSet) {
    let document = session.find(doc).unwrap();
    let view = document.view().unwrap();
    let anew = check(&view.frame, &view.edits, &view.mapping, &Progress::default()).unwrap();
    (document.checked().unwrap().issues.clone(), anew.issues)
}

proptest! {
    #[test]
    fn any_changes_end_as_checking_anew_does(steps in prop::collection::vec((step(), any::<bool>()), 0..16)) {
        let (mut session, doc) = opened();
        let mut waiting = Vec::new();
        for (step, performs) in steps {
            waiting.extend(take(&mut session, doc, step));
            // The background gets round to it sooner or later.
            if performs {
                perform(&mut session, std::mem::take(&mut waiting));
            }
        }
        perform(&mut session, waiting);
        let (kept, anew) = found(&session, doc);
        prop_assert_eq!(kept, anew);
        prop_assert!(session.find(doc).unwrap().view().unwrap().cursor.0 < 5);
        while session.find(doc).unwrap().can_undo_redo().0 {
            let commands = take(&mut session, doc, SequenceStep::Undo(true));
            perform(&mut session, commands);
        }
        prop_assert!(!session.find(doc).unwrap().is_changed());
        let (kept, anew) = found(&session, doc);
        prop_assert_eq!(kept, anew);
    }
}
