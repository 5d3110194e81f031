//! Panels over a session made by hand: events stand in for the background.

use std::sync::Arc;

use eframe::egui::{Vec2, vec2};
use egui_kittest::Harness;
use tatami::{
    check,
    domain::{dataset::Dataset, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    message::{Command, Event, SettingsEvent, StoredEvent, TableCommand, TableEvent},
    session::{Action, Dialog, Place, Session},
    ui::{
        UiRequests,
        columns::{self, ColumnsUi},
        dialogs::{self, DialogsUi},
        files::Purpose,
        stored::{self, StoredUi},
        theme,
    },
};

/// Session, panels and what was done.
pub struct World {
    pub session: Session,
    pub stored: StoredUi,
    pub dialogs: DialogsUi,
    pub columns: ColumnsUi,
    pub actions: Vec<Action>,
    /// The file dialogs that were asked for.
    pub files: Vec<(Purpose, String)>,
}

pub type Bench = Harness<'static, World>;

/// The panels over a session, of which commands are dropped, but actions done.
pub fn bench(session: Session, size: Vec2) -> Bench {
    let world = World {
        session,
        stored: StoredUi::default(),
        dialogs: DialogsUi::default(),
        columns: ColumnsUi::default(),
        actions: Vec::new(),
        files: Vec::new(),
    };
    Harness::builder()
        .with_size(size)
        .with_step_dt(1.0 / 30.0)
        .with_context_setup(theme::install)
        .build_ui_state(
            |ui, world: &mut World| {
                let mut requests = UiRequests::default();
                stored::show(ui, &world.session, &mut world.stored, &mut requests.actions);
                if let Some(document) = world.session.document() {
                    columns::show(ui, document, &mut world.columns, &mut requests);
                }
                let ctx = ui.ctx().clone();
                dialogs::show(&ctx, &world.session, &mut world.dialogs, &mut requests);
                world.files.append(&mut requests.files);
                let actions = requests.actions;
                for action in &actions {
                    // What leaves a dialog is only noted, so that one test can try several ways out.
                    if !matches!(action, Action::CloseDialog) || world.session.dialog == Some(Dialog::Shortcuts) {
                        world.session.act(action.clone());
                    }
                }
                world.actions.extend(actions);
            },
            world,
        )
}

/// A session that shows so many stored products.
pub fn with_products(count: usize) -> Session {
    let mut session = listening(Dataset::Products);
    let ids = (0..count).map(|id| format!("p-{id:04}")).collect();
    let listed = StoredEvent::Listed(Dataset::Products, Ok(ids));
    session.on(Event::Stored("Local".to_owned(), listed));
    session
}

/// A session that shows so many stored interactions.
pub fn with_interactions(count: usize) -> Session {
    let record = |at: usize| {
        let day = at % 28 + 1;
        format!(
            r#"{{"type":"product_detail_page_view","user_id":"u-{at}","product_ids":["p-{at:04}"],"timestamp":"2026-03-{day:02}T09:30:00Z"}}"#
        )
    };
    let mut session = listening(Dataset::Interactions);
    let read = StoredEvent::Interactions {
        page: Ok(((0..count).map(record).collect(), Some(200))),
        first: true,
    };
    session.on(Event::Stored("Local".to_owned(), read));
    session
}

fn listening(dataset: Dataset) -> Session {
    let mut session = Session::default();
    let ready = SettingsEvent::LocalReady("http://127.0.0.1:4000".to_owned());
    session.on(Event::Settings(ready));
    session.act(Action::Show(Place::Stored(dataset)));
    let counts = vec![
        (Dataset::Products, Ok(Some(1_204))),
        (Dataset::Interactions, Ok(Some(80_000))),
        (Dataset::Users, Ok(Some(0))),
    ];
    session.on(Event::Stored("Local".to_owned(), StoredEvent::Counted(counts)));
    session
}

/// A session with a checked file.
pub fn doc(csv: &str, dataset: Dataset) -> Session {
    let mut session = Session::default();
    let ready = SettingsEvent::LocalReady("http://127.0.0.1:4000".to_owned());
    session.on(Event::Settings(ready));
    let commands = session.act(Action::Open(vec!["catalog.csv".into()]));
    let Some(&Command::Table(request, TableCommand::Open { .. })) = commands.first() else {
        panic!("{commands:?}");
    };
    let frame = Arc::new(Frame::from_text("catalog.csv", csv, &OpenOptions::default()).unwrap());
    let suggested = check::suggest(&frame, &Edits::default(), Some(dataset)).unwrap();
    let checked = check::check(&frame, &Edits::default(), &suggested.mapping, &Progress::default()).unwrap();
    session.on(Event::Table(request, TableEvent::Opened { frame, suggested }));
    session.on(Event::Table(request, TableEvent::Checked(Arc::new(checked))));
    session
}

/// The stored panel.
pub fn stored(session: Session) -> Bench {
    let mut bench = bench(session, vec2(1000.0, 640.0));
    bench.run_steps(6);
    bench
}

/// A dialog over whatever the session shows.
pub fn dialog(mut session: Session, dialog: Dialog) -> Bench {
    session.dialog = Some(dialog);
    let mut bench = bench(session, vec2(1000.0, 640.0));
    bench.run_steps(6);
    bench
}

/// The mapping of a checked file.
pub fn mapped(csv: &str, dataset: Dataset) -> Bench {
    let mut bench = bench(doc(csv, dataset), vec2(1100.0, 600.0));
    bench.run_steps(6);
    bench
}
