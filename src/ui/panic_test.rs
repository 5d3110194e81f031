//! A panic in the background, seen from the window's side of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{
    domain::dataset::Dataset,
    message::{Command, UploadWatch},
    session::{Action, Document, Phase, Place, Session, UploadAction},
    settings::Paths,
    upload::{BatchLimits, Report, WriteOptions},
    work::Backend,
};

/// Long enough for the slowest machine; nothing here is waited for in vain.
const PATIENCE: Duration = Duration::from_mins(1);

/// A session over the real background.
struct LiveSession {
    session: Session,
    backend: Backend,
    /// When this upload has begun, its thread panics, once.
    doomed: Arc<Mutex<Option<Arc<UploadWatch>>>>,
}

impl LiveSession {
    fn new(paths: Paths) -> Self {
        let doomed = Arc::<Mutex<Option<Arc<UploadWatch>>>>::default();
        let watched = Arc::clone(&doomed);
        // The window is woken by the upload itself, after every answer.
        let wake = move || {
            let due = watched.lock().unwrap().take_if(|watch| watch.look().has_begun());
            assert!(due.is_none(), "on purpose, in the middle of an upload");
        };
        let mut live = Self {
            session: Session::default(),
            backend: Backend::start(paths, Arc::new(wake)).unwrap(),
            doomed,
        };
        live.until("the local server listens", |session| session.local_address.is_some());
        live
    }

    fn send(&self, commands: Vec<Command>) {
        for command in commands {
            self.backend.send(command).unwrap();
        }
    }

    fn act(&mut self, action: Action) {
        let commands = self.session.act(action);
        self.send(commands);
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Session) -> bool) {
        let began = Instant::now();
        while !holds(&self.session) {
            assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
            self.take_in();
        }
    }

    /// Takes in what has happened, or lets a moment pass.
    fn take_in(&mut self) {
        match self.backend.next_event() {
            Some(event) => {
                let commands = self.session.on(event);
                self.send(commands);
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }

    fn document(&self) -> &Document {
        self.session.document().unwrap()
    }
}

/// What people are told went wrong.
fn problems(session: &Session) -> Vec<&str> {
    let problems = session.notices.iter().filter(|notice| notice.is_problem);
    problems.map(|notice| notice.text.as_str()).collect()
}

/// How the upload of a document ended, once it has.
fn report(session: &Session) -> Option<&Report> {
    session.document()?.upload.as_ref()?.report.as_ref()
}

#[test]
fn a_panic_in_the_middle_of_an_upload_ends_it_as_failed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.csv");
    let rows = (0..200).map(|row| format!("P{row},Lamp {row}"));
    let lines: Vec<String> = std::iter::once("product_id,title".to_owned()).chain(rows).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let mut live = LiveSession::new(Paths::under(folder.path()));
    live.session.limits[Dataset::Products as usize] = BatchLimits {
        records: 2,
        ..BatchLimits::recommended(Dataset::Products)
    };
    live.act(Action::Open(vec![path]));
    live.until("the file is checked", |session| {
        session
            .document()
            .is_some_and(|document| document.phase() == Phase::Ready)
    });

    let doc = live.document().id;
    let commands = live.session.act(Action::Upload(UploadAction::Start {
        doc,
        write_options: WriteOptions::default(),
        dry_run: false,
    }));
    let watch = Arc::clone(&live.document().upload.as_ref().unwrap().handles.watch);
    *live.doomed.lock().unwrap() = Some(watch);
    live.send(commands);
    live.until("the upload fails", |session| !session.is_busy());
    assert!(live.doomed.lock().unwrap().is_none(), "it has panicked");
    assert!(live.document().upload.is_none());
    assert_eq!(live.document().phase(), Phase::Ready);
    let told = "Something here could not be handled; please report it, with the file if there is one";
    assert_eq!(problems(&live.session), [told]);

    // What was sent is known, and the rest can still be.
    let listed = |session: &Session| session.uploads.as_ref().ok()?.first().cloned();
    live.until("the upload is listed", |session| listed(session).is_some());
    // A thread that was writing when another panicked may hold the upload for a moment longer.
    let began = Instant::now();
    while !listed(&live.session).is_some_and(|past| past.can_resume()) {
        assert!(began.elapsed() < PATIENCE, "{:?}", listed(&live.session));
        live.act(Action::Show(Place::Uploads));
        live.take_in();
    }
    let past = listed(&live.session).unwrap();
    assert!(past.upload.is_unfinished());
    assert!((1..200).contains(&past.upload.tally.open()), "{:?}", past.upload.tally);
    live.act(Action::Upload(UploadAction::Resume(past.upload.id)));
    live.until("the rest is sent", |session| report(session).is_some());
    let tally = report(&live.session).unwrap().tally;
    assert_eq!((tally.stored, tally.open()), (200, 0), "{tally:?}");
}
