//! What fails in the background ends here too: nothing waits for it any more, and it says why.

use std::{path::PathBuf, sync::Arc};

use super::{
    Action, Dialog, Document, MappingAction, Phase, Place, Refusal, Remote, Session, SettingsAction, StoredAction,
    TableAction, UploadAction,
    sequence_test::{CATALOG, opened},
};
use crate::{
    check::{check, suggest},
    domain::{cell::OwnedCell, dataset::Dataset, ids::DocumentId, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    message::{
        Command, Event, Generation, KeepEvent, Request, SettingsEvent, StoredCommand, StoredEvent, TableCommand,
        TableEvent, UploadCommand, UploadEvent, WorkError,
        kept::{FoundDocument, FoundSession, KeptId, KeptView},
    },
    settings::{Environment, EnvironmentKind},
    upload::{
        BatchLimits, Fingerprint, PastUpload, Upload, UploadId, UploadList, UploadPlan, UploadRecipe, UploadTally,
        WriteOptions,
    },
};

const REASON: &str = "it broke";
const UPLOAD: UploadId = UploadId(5);

fn why<T>() -> Result<T, WorkError> {
    Err(REASON.into())
}

/// What cannot be had, as the window knows it.
fn failed<T>() -> Remote<T> {
    Remote::Failed(REASON.into())
}

/// What people are told went wrong.
fn problems(session: &Session) -> Vec<&str> {
    let problems = session.notices.iter().filter(|notice| notice.is_problem);
    problems.map(|notice| notice.text.as_str()).collect()
}

/// What is asked of the background for a document's file; a recipe may be kept besides.
fn asked_of_table(commands: &[Command]) -> (Request, &TableCommand) {
    match commands {
        [Command::Table(request, command)] | [Command::Table(request, command), Command::Settings(_)] => {
            (*request, command)
        }
        _ => panic!("{commands:?}"),
    }
}

fn document(session: &Session, doc: DocumentId) -> &Document {
    session.find(doc).unwrap()
}

fn fail_table(session: &mut Session, request: Request) -> Vec<Command> {
    session.on(Event::Table(request, TableEvent::Failed(REASON.to_owned())))
}

fn fail_upload(session: &mut Session, request: Request) {
    let commands = session.on(Event::Upload(UploadEvent::Failed(request, REASON.into())));
    assert!(commands.is_empty(), "{commands:?}");
}

fn stored(session: &mut Session, event: StoredEvent) -> Vec<Command> {
    session.on(Event::Stored("Local".to_owned(), event))
}

/// The events of a file that is opened: it is there, and then it is checked.
fn file() -> [TableEvent; 2] {
    let frame = Arc::new(Frame::from_text("catalog.csv", CATALOG, &OpenOptions::default()).unwrap());
    let suggested = suggest(&frame, &Edits::default(), None).unwrap();
    let checked = check(&frame, &Edits::default(), &suggested.mapping, &Progress::default()).unwrap();
    [
        TableEvent::Opened { frame, suggested },
        TableEvent::Checked(Arc::new(checked)),
    ]
}

/// A document whose file cannot be read or checked: it is busy no more, and refuses what needs it.
fn assert_failed(document: &Document) {
    assert_eq!(document.phase(), Phase::Failed(REASON));
    assert_eq!(document.why_no_upload(), Some(Refusal::Failed));
    assert!(!document.is_uploading());
}

#[test]
fn a_file_that_cannot_be_opened_says_why() {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let (request, command) = asked_of_table(&commands);
    assert!(matches!(command, TableCommand::Open { .. }));
    assert!(fail_table(&mut session, request).is_empty());
    assert_failed(document(&session, request.document));
}

#[test]
fn a_file_that_cannot_be_checked_says_why() {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let (request, _) = asked_of_table(&commands);
    let [opened, _] = file();
    session.on(Event::Table(request, opened));
    assert_eq!(document(&session, request.document).phase(), Phase::Checking);
    assert!(fail_table(&mut session, request).is_empty());
    assert_failed(document(&session, request.document));
}

#[test]
fn a_check_that_fails_ends_alone() {
    let (mut session, doc) = opened();
    let stale = Request {
        document: doc,
        generation: document(&session, doc).generation,
    };
    let commands = session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Users)));
    let (request, command) = asked_of_table(&commands);
    assert!(matches!(command, TableCommand::Check { .. }));
    for other in [
        stale,
        Request {
            document: DocumentId(99),
            ..request
        },
    ] {
        assert!(fail_table(&mut session, other).is_empty());
        assert_eq!(document(&session, doc).phase(), Phase::Checking);
    }
    assert!(fail_table(&mut session, request).is_empty());
    assert_failed(document(&session, doc));
    // The next one may go well.
    let commands = session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Products)));
    let (request, _) = asked_of_table(&commands);
    let [_, checked] = file();
    session.on(Event::Table(request, checked));
    assert_eq!(document(&session, doc).phase(), Phase::Ready);
}

#[test]
fn rows_that_cannot_be_checked_again_have_the_whole_table_checked() {
    let (mut session, doc) = opened();
    let edit = TableAction::Edit(vec![(1, 2, "7.50".to_owned())]);
    let commands = session.act(Action::Table(doc, edit));
    let (request, command) = asked_of_table(&commands);
    assert!(matches!(command, TableCommand::Recheck { .. }));
    assert!(document(&session, doc).open().unwrap().is_rechecking());
    let commands = fail_table(&mut session, request);
    let (request, command) = asked_of_table(&commands);
    assert!(matches!(command, TableCommand::Check { .. }));
    assert_eq!(document(&session, doc).phase(), Phase::Checking);
    assert!(!document(&session, doc).open().unwrap().is_rechecking());
    assert!(fail_table(&mut session, request).is_empty());
    assert_failed(document(&session, doc));
}

fn start(doc: DocumentId) -> Action {
    Action::Upload(UploadAction::Start {
        doc,
        write_options: WriteOptions::default(),
        dry_run: false,
    })
}

#[test]
fn an_upload_that_fails_runs_no_more() {
    let (mut session, doc) = opened();
    let commands = session.act(start(doc));
    let [Command::Upload(UploadCommand::Start { request, .. })] = commands[..] else {
        panic!("{commands:?}")
    };
    assert!(document(&session, doc).is_uploading());
    let earlier = Request {
        generation: Generation(request.generation.0 - 1),
        ..request
    };
    fail_upload(&mut session, earlier);
    assert!(document(&session, doc).is_uploading() && session.is_busy());
    fail_upload(&mut session, request);
    assert!(!document(&session, doc).is_uploading() && !session.is_busy());
    assert_eq!(document(&session, doc).phase(), Phase::Ready);
    assert_eq!(problems(&session), [REASON]);
    assert_eq!(session.act(start(doc)).len(), 1, "it can be tried again");
}

/// A session that knows an upload of before, with what it replaced.
fn with_past(reverts: Option<UploadId>) -> Session {
    let mut session = Session::default();
    let plan = UploadPlan {
        path: "/somewhere/catalog.csv".into(),
        fingerprint: Fingerprint::default(),
        recipe: UploadRecipe::of_no_file(Dataset::Products),
        dataset: Dataset::Products,
        rows: 5,
        limits: BatchLimits::recommended(Dataset::Products),
        environment: "Local".to_owned(),
        address: "http://127.0.0.1:8700".to_owned(),
        write_options: WriteOptions::recommended(Dataset::Products),
        reverts,
        store: Some("of-this-test".to_owned()),
        key: None,
    };
    let upload = Upload {
        id: UPLOAD,
        plan,
        started: "2026-11-30T09:00:00Z".to_owned(),
        ended: None,
        stopped: None,
        set_aside: false,
        aged_out: None,
        tally: UploadTally {
            all: 5,
            waiting: 5,
            ..UploadTally::default()
        },
    };
    let past = PastUpload {
        upload,
        is_running: false,
        snapshot_bytes: Some(1),
        kept_until: None,
        reverted_by: None,
    };
    let list = UploadList {
        uploads: vec![past],
        unreadable: Vec::new(),
    };
    session.on(Event::Upload(UploadEvent::Listed(Ok(list))));
    session
}

/// A session that goes on with an upload whose file is opened so far, after which that fails.
fn resumed(events: impl IntoIterator<Item = TableEvent>) -> (Session, DocumentId) {
    let mut session = with_past(None);
    let commands = session.act(Action::Upload(UploadAction::Resume(UPLOAD)));
    let [Command::Upload(UploadCommand::Resume { request, .. })] = commands[..] else {
        panic!("{commands:?}")
    };
    for event in events {
        session.on(Event::Table(request, event));
    }
    assert!(document(&session, request.document).is_uploading());
    fail_upload(&mut session, request);
    assert!(!session.is_busy());
    (session, request.document)
}

#[test]
fn an_upload_that_cannot_go_on_says_why() {
    let (session, doc) = resumed([]);
    assert_failed(document(&session, doc));
    let [opened, _] = file();
    let (session, doc) = resumed([opened]);
    assert_failed(document(&session, doc));
    let (session, doc) = resumed(file());
    assert_eq!(document(&session, doc).phase(), Phase::Ready);
    assert!(!document(&session, doc).is_uploading());
    assert_eq!(problems(&session), [REASON]);
}

#[test]
fn going_on_with_an_upload_leaves_restored_changes_where_they_are() {
    let mut session = with_past(None);
    let [TableEvent::Opened { frame, suggested }, _] = file() else {
        panic!("it is not opened")
    };
    let mut edits = Edits::default();
    edits.set(0, 1, Some(OwnedCell::Text("Lantern".into())));
    let found = FoundDocument {
        id: KeptId(0),
        path: "/somewhere/catalog.csv".into(),
        options: OpenOptions::default(),
        stamp: None,
        rows: frame.len(),
        columns: frame.columns().to_vec(),
        base: Arc::default(),
        edits: Arc::new(edits),
        mapping: suggested.mapping.clone(),
        undo: Vec::new(),
        redo: Vec::new(),
        view: KeptView::default(),
    };
    let found = FoundSession {
        documents: vec![found],
        ..FoundSession::default()
    };
    let commands = session.on(Event::Keep(KeepEvent::Found(Box::new(found))));
    let (request, _) = asked_of_table(&commands);
    session.on(Event::Table(request, TableEvent::Head { frame, suggested }));
    session.act(Action::Upload(UploadAction::Resume(UPLOAD)));
    assert_eq!(session.documents.len(), 2);
    assert!(document(&session, request.document).is_changed());
}

#[test]
fn what_an_upload_would_do_is_looked_up_no_more() {
    let (mut session, doc) = opened();
    let commands = session.act(Action::Upload(UploadAction::Ask(doc)));
    let [Command::Upload(UploadCommand::Preview { request, .. })] = commands[..] else {
        panic!("{commands:?}")
    };
    let comparison = |session: &Session| {
        let comparison = document(session, doc).comparison().unwrap();
        let outcome = comparison.outcome.as_ref().map(|outcome| outcome.clone().err());
        (
            outcome,
            comparison
                .shown
                .as_ref()
                .map(|(row, shown)| (*row, matches!(shown, Remote::Pending(_)))),
        )
    };
    session.act(Action::Upload(UploadAction::Compare(doc, 4)));
    assert_eq!(comparison(&session), (None, Some((4, true))));
    session.on(Event::Upload(UploadEvent::Previewed(request, why())));
    let compared = |row| UploadEvent::Compared {
        request,
        row,
        outcome: why(),
    };
    session.on(Event::Upload(compared(3)));
    let reason = Some(Some(REASON.into()));
    assert_eq!(comparison(&session), (reason.clone(), Some((4, true))));
    session.on(Event::Upload(compared(4)));
    assert_eq!(comparison(&session), (reason, Some((4, false))));
}

#[test]
fn an_undo_that_fails_runs_no_more() {
    let mut session = with_past(None);
    session.act(Action::Upload(UploadAction::AskUndo(UPLOAD)));
    let preview = |session: &Session| session.undo.as_ref().unwrap().preview.clone();
    assert_eq!(session.dialog, Some(Dialog::Undo(UPLOAD)));
    assert_eq!(preview(&session), None);
    session.on(Event::Upload(UploadEvent::UndoPreviewed(UPLOAD, why())));
    assert_eq!(preview(&session), Some(why()));
    let begin = Action::Upload(UploadAction::Undo { over_changes: false });
    assert_eq!(session.act(begin).len(), 1);
    assert_undo_ends(session);

    let mut session = with_past(Some(UploadId(4)));
    assert_eq!(session.act(Action::Upload(UploadAction::Resume(UPLOAD))).len(), 1);
    assert_undo_ends(session);
}

/// An undo that runs ends when it fails.
fn assert_undo_ends(mut session: Session) {
    assert!(session.is_undoing() && session.is_busy());
    session.on(Event::Upload(UploadEvent::Undone(why())));
    assert!(!session.is_undoing() && !session.is_busy());
    assert!(session.undo.is_none());
    assert_eq!(problems(&session), [REASON]);
}

#[test]
fn a_list_of_uploads_that_cannot_be_had_says_why() {
    let mut session = with_past(None);
    session.on(Event::Upload(UploadEvent::Listed(why())));
    assert_eq!(session.uploads, why());
    assert_eq!(problems(&session), [REASON]);
    session.on(Event::Upload(UploadEvent::Listed(why())));
    assert_eq!(problems(&session), [REASON], "it is told once");
}

/// A session that looks at what is stored of a data set.
fn looking_at(dataset: Dataset) -> Session {
    let mut session = Session::default();
    let address = "http://127.0.0.1:8700".to_owned();
    session.on(Event::Settings(SettingsEvent::LocalReady(address)));
    session.environments.push(Environment {
        name: "Shop".to_owned(),
        kind: EnvironmentKind::Development,
        base_url: "https://api.example.com".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    });
    session.act(Action::Show(Place::Stored(dataset)));
    session
}

#[test]
fn what_is_stored_and_cannot_be_read_is_waited_for_no_more() {
    let mut session = looking_at(Dataset::Products);
    let set = |session: &Session| session.stored.set(Dataset::Products).clone();
    let show = StoredAction::ShowRecord(Dataset::Products, "A".to_owned());
    session.act(Action::Stored(show));
    let pending = set(&session);
    assert_eq!(
        (&pending.ids, &pending.count),
        (&Remote::Pending(None), &Remote::Pending(None))
    );
    assert_eq!(pending.record, Some(("A".to_owned(), Remote::Pending(None))));
    let events = || {
        [
            StoredEvent::Listed(Dataset::Products, why()),
            StoredEvent::Counted(Dataset::ALL.map(|dataset| (dataset, why())).to_vec()),
            StoredEvent::Got {
                dataset: Dataset::Products,
                id: "A".to_owned(),
                record: why(),
            },
        ]
    };
    // What is said of another environment concerns nobody here.
    for event in events() {
        session.on(Event::Stored("Shop".to_owned(), event));
    }
    assert_eq!((set(&session).ids, set(&session).count), (pending.ids, pending.count));
    assert_eq!(set(&session).record, pending.record);
    for event in events() {
        assert!(stored(&mut session, event).is_empty());
    }
    assert_eq!((set(&session).ids, set(&session).count), (failed(), failed()));
    assert_eq!(set(&session).record, Some(("A".to_owned(), failed())));
}

#[test]
fn interactions_that_cannot_be_read_are_waited_for_no_more() {
    let mut session = looking_at(Dataset::Interactions);
    let interactions = |session: &Session| session.stored.set(Dataset::Interactions).interactions.clone();
    assert_eq!(interactions(&session), Remote::Pending(None));
    let first = StoredEvent::Interactions {
        page: Ok((vec!["{}".to_owned()], Some(9))),
        first: true,
    };
    stored(&mut session, first);
    let commands = session.act(Action::Stored(StoredAction::ShowPage(Dataset::Interactions, 1)));
    assert!(
        matches!(
            &commands[..],
            [Command::Stored(_, StoredCommand::ListInteractions { after: Some(9) })]
        ),
        "{commands:?}"
    );
    for (page, first) in [(why(), false), (why(), true)] {
        stored(&mut session, StoredEvent::Interactions { page, first });
        assert_eq!(interactions(&session), failed());
        session.act(Action::Stored(StoredAction::Refresh));
        assert_eq!(interactions(&session), Remote::Pending(None));
    }
}

fn choose(session: &mut Session, environment: &str) {
    session.act(Action::Settings(SettingsAction::SwitchEnvironment(
        environment.to_owned(),
    )));
    assert_eq!(session.environment, environment);
}

/// Begins to delete a record of the chosen environment.
fn delete(session: &mut Session) {
    let select = StoredAction::Select(Dataset::Products, vec!["A".to_owned()], true);
    session.act(Action::Stored(select));
    session.act(Action::Stored(StoredAction::Unlock));
    let commands = session.act(Action::Stored(StoredAction::Delete(Dataset::Products)));
    assert!(
        matches!(&commands[..], [Command::Stored(_, StoredCommand::Delete { .. })]),
        "{commands:?}"
    );
    assert!(session.stored.set(Dataset::Products).deleting);
}

#[test]
fn a_deletion_that_fails_runs_no_more() {
    let mut session = looking_at(Dataset::Products);
    delete(&mut session);
    stored(&mut session, StoredEvent::Deleted(Dataset::Products, why()));
    assert!(!session.stored.set(Dataset::Products).deleting);
    assert_eq!(problems(&session), [REASON]);
}

#[test]
fn a_deletion_in_another_environment_ends_alone() {
    let mut session = looking_at(Dataset::Products);
    delete(&mut session);
    choose(&mut session, "Shop");
    delete(&mut session);
    stored(&mut session, StoredEvent::Deleted(Dataset::Products, why()));
    assert_eq!(problems(&session), [REASON]);
    assert!(session.stored.set(Dataset::Products).deleting);
    session.on(Event::Stored(
        "Shop".to_owned(),
        StoredEvent::Deleted(Dataset::Products, why()),
    ));
    assert!(!session.stored.set(Dataset::Products).deleting);
}

#[test]
fn a_wipe_that_fails_runs_no_more() {
    let mut session = looking_at(Dataset::Products);
    let typed = "Local".to_owned();
    session.act(Action::Stored(StoredAction::Wipe { typed }));
    // It can be seen from elsewhere too.
    choose(&mut session, "Shop");
    assert!(session.is_busy());
    let wiped = StoredEvent::Wiped(Dataset::ALL.map(|dataset| (dataset, why())).to_vec());
    stored(&mut session, wiped);
    assert!(!session.is_busy());
    let outcome = session.stored.wipe.as_ref().unwrap().outcome.as_ref().unwrap();
    assert!(outcome.len() == 3 && outcome.iter().all(|(_, outcome)| *outcome == why()));
}

#[test]
fn faults_that_cannot_be_read_are_waited_for_no_more() {
    let mut session = looking_at(Dataset::Products);
    session.act(Action::Stored(StoredAction::AskRehearsal));
    assert_eq!(session.rehearsal, Remote::Pending(None));
    stored(&mut session, StoredEvent::Rehearsing(why()));
    assert_eq!(session.rehearsal, failed());
    assert_eq!(problems(&session).len(), 1);
}

#[test]
fn an_upload_or_undo_that_does_not_begin_says_why_for_good() {
    let (mut session, doc) = opened();
    session.act(start(doc));
    assert!(session.act(start(doc)).is_empty());
    assert_eq!(problems(&session), [Refusal::Uploading.to_string()]);

    let mut session = with_past(None);
    let ask = Action::Upload(UploadAction::AskUndo(UPLOAD));
    assert_eq!(session.act(ask.clone()).len(), 1);
    session.environment = "Elsewhere".to_owned();
    let why = "It went to Local; choose that environment first";
    for action in [Action::Upload(UploadAction::Undo { over_changes: false }), ask] {
        session.notices.clear();
        assert!(session.act(action).is_empty());
        assert_eq!(problems(&session), [why]);
    }
}
