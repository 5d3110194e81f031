//! What is under way: the line that says how far all is, and the panel behind it. Events stand in for the background.

use std::sync::Arc;

use eframe::egui::vec2;
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use tatami::{
    domain::{
        cell_query::{CellQuery, CellText},
        dataset::Dataset,
        progress::Progress,
        text_query::TextQuery,
    },
    message::{Command, StoredCommand, TableCommand},
    session::{Action, Phase, Session, StoredAction, TableAction},
    ui::{
        UiRequests,
        jobs::{self, JobsUi},
        theme,
    },
};

use crate::common::panels::doc;

struct World {
    session: Session,
    jobs: JobsUi,
}

type Bench = Harness<'static, World>;

fn bench(session: Session) -> Bench {
    let world = World {
        session,
        jobs: JobsUi::default(),
    };
    Harness::builder()
        .with_size(vec2(600.0, 500.0))
        .with_step_dt(0.1)
        .with_context_setup(theme::install)
        .build_ui_state(
            |ui, world: &mut World| {
                let mut requests = UiRequests::default();
                ui.add_space(400.0);
                jobs::show(ui, &world.session, &mut world.jobs, &mut requests);
                for action in requests.actions {
                    world.session.act(action);
                }
            },
            world,
        )
}

/// Has a file read, and answers how far that is.
fn opening(session: &mut Session, name: &str) -> Arc<Progress> {
    let commands = session.act(Action::Open(vec![name.into()]));
    let Some(Command::Table(_, TableCommand::Open { progress, .. })) = commands.into_iter().next() else {
        panic!("a file is opened by a command");
    };
    progress
}

fn sees(bench: &Bench, label: &str) -> bool {
    bench.query_all_by_label_contains(label).next().is_some()
}

#[test]
fn only_what_takes_a_while_has_a_line_with_how_far_all_is() {
    let mut session = Session::default();
    let first = opening(&mut session, "a.csv");
    first.restart(1_000);
    let mut bench = bench(session);
    bench.run_steps(2);
    assert!(!sees(&bench, "job"), "it may be over in a moment");
    first.add(430);
    bench.run_steps(11);
    bench.get_by_label("1 job · 43 %");
    let second = opening(&mut bench.state_mut().session, "b.csv");
    second.restart(100);
    bench.run_steps(5);
    bench.get_by_label("1 job · 43 %");
    bench.run_steps(8);
    bench.get_by_label("2 jobs · 21 %");
}

#[test]
fn the_panel_has_a_line_for_each_job_that_can_be_cancelled() {
    let mut session = Session::default();
    let progress = [opening(&mut session, "a.csv"), opening(&mut session, "b.csv")];
    let mut bench = bench(session);
    bench.run_steps(2);
    for progress in &progress {
        progress.restart(1_000_000);
    }
    bench.run_steps(1);
    for _ in 0..20 {
        progress[0].add(10_000);
        bench.step();
    }
    bench.get_by_label("2 jobs · 10 %").click();
    bench.run_steps(2);
    bench.get_by_label("Reading a.csv");
    assert!(sees(&bench, "20 % · ") && sees(&bench, " a second · ") && sees(&bench, " left"));
    bench.get_by_label("Cancel: Reading b.csv").click();
    bench.run_steps(2);
    let phases = bench
        .state()
        .session
        .documents
        .iter()
        .map(|document| matches!(document.phase(), Phase::Opening));
    assert_eq!(phases.collect::<Vec<_>>(), [true, false]);
    assert!(!sees(&bench, "Reading b.csv"));
    bench.get_by_label("1 job · 20 %");
}

#[test]
fn all_are_cancelled_at_once_and_a_wipe_is_stopped_as_by_its_own_button() {
    let mut session = doc("product_id,title\nA1,Lamp\n", Dataset::Products);
    let file = session.documents[0].id;
    let lamp = CellQuery {
        text: TextQuery::new("lamp").unwrap(),
        column: None,
        within: CellText::Sent,
    };
    session.act(Action::Table(file, TableAction::Find(Some(lamp))));
    session.act(Action::Stored(StoredAction::AskWipe));
    let commands = session.act(Action::Stored(StoredAction::Wipe {
        typed: "Local".to_owned(),
    }));
    let Some(Command::Stored(_, StoredCommand::Wipe { progress, .. })) = commands.into_iter().next() else {
        panic!("a wipe is a command");
    };
    let mut bench = bench(session);
    bench.run_steps(12);
    bench.get_by_label("2 jobs").click();
    bench.run_steps(2);
    bench.get_by_label("Searching catalog.csv");
    bench.get_by_label("Stop: Deleting everything in Local");
    assert!(sees(&bench, "Uploads and deletions end with the answers that are due"));
    bench.get_by_label("Cancel all").click();
    bench.run_steps(2);
    assert!(!sees(&bench, "Searching"));
    assert!(
        bench.state().session.stored.wipe.is_some(),
        "what was deleted is still to be counted"
    );
    let stopping = bench.get_by_label("Stopping…: Deleting everything in Local");
    assert!(stopping.accesskit_node().is_disabled());
    drop(progress);
}
