//! What was open is open again at the next start, with its changes and all that can be taken back; or it is said why not.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use proptest::prelude::*;
use tatami::{
    check::{Checked, check_by},
    domain::{
        cell::OwnedCell, dataset::Dataset, ids::DocumentId, issue::IssueSet, mapping::Mapping, progress::Progress,
    },
    frame::{DataSource, Edits, OpenOptions, SortBy, sort},
    message::{Command, Event, KeepCommand, KeepEvent, Request, TableCommand, TableEvent},
    ops::{
        open::{self, OpenRequest},
        restore::Keeper,
    },
    session::{Action, Document, Filter, KeepAction, MappingAction, Phase, Place, Session, TableAction},
    settings::Paths,
};

const CATALOG: &str = "product_id,title,price\nA,Lamp,12.50\nB,Mat,\"7,50\"\nC,Bowl,\"3,20\"\n,Cup,4\nA,Lamp,13\n";

/// A session over what is kept in a folder, with a background that does everything at once.
struct Window {
    session: Session,
    keeper: Keeper,
}

impl Window {
    fn open(home: &Path) -> Self {
        let (mut window, commands) = Self::opening(home);
        window.perform(commands);
        window
    }

    /// A window that has not opened its files yet, and what does.
    fn opening(home: &Path) -> (Self, Vec<Command>) {
        let (keeper, found) = Keeper::open(&Paths::under(home)).unwrap();
        let mut session = Session::default();
        let commands = session.on(Event::Keep(KeepEvent::Found(Box::new(found))));
        (Self { session, keeper }, commands)
    }

    fn act(&mut self, action: Action) {
        let commands = self.session.act(action);
        self.perform(commands);
    }

    fn table(&mut self, action: TableAction) {
        let doc = self.document().id;
        self.act(Action::Table(doc, action));
    }

    fn edit(&mut self, row: u32, column: u32, text: &str) {
        self.table(TableAction::Edit(vec![(row, column, text.to_owned())]));
    }

    fn document(&self) -> &Document {
        self.session.document().unwrap()
    }

    fn edits(&self) -> Arc<Edits> {
        Arc::clone(&self.document().view().unwrap().edits)
    }

    fn is_due(&self) -> bool {
        self.session.due_save().is_some()
    }

    fn save(&mut self) {
        let command = self.session.save().unwrap();
        self.perform(vec![command]);
    }

    fn said(&self) -> Vec<&str> {
        self.session.notices.iter().map(|notice| notice.text.as_str()).collect()
    }

    fn perform(&mut self, commands: Vec<Command>) {
        for command in commands {
            for event in self.events(command) {
                let more = self.session.on(event);
                self.perform(more);
            }
        }
    }

    fn events(&mut self, command: Command) -> Vec<Event> {
        let (request, command) = match command {
            Command::Table(request, command) => (request, command),
            Command::Keep(KeepCommand::Save { turn, all }) => {
                self.keeper.save(turn, all).unwrap();
                return vec![Event::Keep(KeepEvent::Saved)];
            }
            Command::Settings(_) => return Vec::new(),
            other @ (Command::Upload(_) | Command::Stored(..)) => panic!("unexpected {other:?}"),
        };
        let progress = Progress::default();
        let events = match command {
            TableCommand::Open {
                path,
                options,
                dataset,
                levels,
                ..
            } => match DataSource::at(&path, &options, &progress) {
                Ok(source) => {
                    let request = OpenRequest {
                        options,
                        dataset,
                        levels,
                        ..OpenRequest::default()
                    };
                    let opened = open::open(&source, &request, &progress, &|_| {}).unwrap();
                    let (frame, suggested) = (opened.frame, opened.suggested);
                    let mut events = vec![TableEvent::Opened { frame, suggested }];
                    if !opened.edits.is_empty() {
                        events.push(TableEvent::Restored {
                            edits: Arc::new(opened.edits),
                            refused: Vec::new(),
                        });
                    }
                    events.push(TableEvent::Checked(Arc::new(opened.checked)));
                    events
                }
                Err(_) => vec![TableEvent::Missing],
            },
            TableCommand::Check {
                table, mapping, levels, ..
            } => {
                let checked = check_by(&levels, &table.frame, &table.edits, &mapping, &progress).unwrap();
                vec![TableEvent::Checked(Arc::new(checked))]
            }
            TableCommand::Recheck { table, checked, rows } => {
                let mut checked = Checked::clone(&checked);
                checked.recheck(&table.frame, &table.edits, &rows).unwrap();
                vec![TableEvent::Rechecked(Arc::new(checked))]
            }
            TableCommand::Sort {
                table,
                plan,
                by,
                search,
                ..
            } => {
                let order = Ok(sort(&table.frame, &table.edits, &plan, &by, &progress).unwrap());
                vec![TableEvent::Sorted { search, order }]
            }
            TableCommand::Prove { .. } => Vec::new(),
            other => panic!("unexpected {other:?}"),
        };
        events.into_iter().map(|event| Event::Table(request, event)).collect()
    }
}

/// A home, and a file beside it.
fn home(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.csv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// The same with a window that has the file open.
fn opened(text: &str) -> (tempfile::TempDir, PathBuf, Window) {
    let (folder, path) = home(text);
    let mut window = Window::open(folder.path());
    window.act(Action::Open(vec![path.clone()]));
    assert_eq!(window.document().phase(), Phase::Ready);
    (folder, path, window)
}

/// What is kept, and what was set aside.
fn kept(home: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(home.join("data/session")).unwrap();
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| !path.ends_with("lock")).collect();
    files.sort();
    files
}

/// Something that a person does.
#[derive(Clone, Debug)]
enum Doing {
    Edit(Vec<(u32, u32, String)>),
    Undo,
    Redo,
    LeaveOut(usize),
    SetDataset(Dataset),
    Save,
}

fn doing() -> impl Strategy<Value = Doing> {
    let text = prop::sample::select(vec!["A", "7,50", "\"x\"\n\u{e9}\u{202e}", ""]).prop_map(str::to_owned);
    prop_oneof![
        6 => prop::collection::vec((0_u32..5, 0_u32..3, text), 1..4).prop_map(Doing::Edit),
        4 => Just(Doing::Undo),
        2 => Just(Doing::Redo),
        1 => (0_usize..3).prop_map(Doing::LeaveOut),
        1 => prop::sample::select(Dataset::ALL.to_vec()).prop_map(Doing::SetDataset),
        3 => Just(Doing::Save),
    ]
}

/// Everything that a document is, without why its columns go where they go.
fn state(window: &Window) -> (Arc<Edits>, Vec<Option<String>>, Dataset, IssueSet) {
    let document = window.document();
    let view = document.view().unwrap();
    let Mapping { targets, .. } = &view.mapping;
    let targets = targets.iter().map(|target| target.path.clone()).collect();
    let issues = document.checked().unwrap().issues.clone();
    (Arc::clone(&view.edits), targets, document.dataset, issues)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever was done, and however often it was kept on the way: after a crash all is as it was, and undoing and
    /// redoing go the same way as without it.
    #[test]
    fn changes_and_their_history_outlive_a_crash(doings in prop::collection::vec(doing(), 0..24)) {
        let (folder, _, mut window) = opened(CATALOG);
        for doing in doings {
            let doc = window.document().id;
            match doing {
                Doing::Edit(cells) => window.table(TableAction::Edit(cells)),
                Doing::Undo => window.table(TableAction::Undo),
                Doing::Redo => window.table(TableAction::Redo),
                Doing::LeaveOut(column) => {
                    let (path, custom_type) = (None, None);
                    window.act(Action::Mapping(doc, MappingAction::Map { column, path, custom_type }));
                }
                Doing::SetDataset(dataset) => window.act(Action::Mapping(doc, MappingAction::SetDataset(dataset))),
                Doing::Save => window.save(),
            }
        }
        window.save();
        prop_assert!(!window.is_due());
        let Window { session, keeper } = window;
        drop(keeper);
        let mut restored = Window::open(folder.path());
        let (keeper, _) = Keeper::open(&Paths::under(folder.path())).unwrap();
        let mut before = Window { session, keeper };
        for action in [TableAction::Undo, TableAction::Redo] {
            loop {
                prop_assert_eq!(state(&restored), state(&before));
                let (can_undo, can_redo) = before.document().can_undo_redo();
                prop_assert_eq!(restored.document().can_undo_redo(), (can_undo, can_redo));
                let can = if matches!(action, TableAction::Undo) { can_undo } else { can_redo };
                if !can {
                    break;
                }
                before.table(action.clone());
                restored.table(action.clone());
                prop_assert_eq!(restored.document().view().unwrap().cursor, before.document().view().unwrap().cursor);
            }
        }
        // What is added to what was restored is kept as well.
        restored.edit(0, 1, "once more");
        restored.save();
        let expected = state(&restored);
        drop(restored);
        prop_assert_eq!(state(&Window::open(folder.path())), expected);
    }
}

#[test]
fn what_was_shown_is_shown_again() {
    let (folder, path, mut window) = opened(CATALOG);
    let other = folder.path().join("other.csv");
    fs::write(&other, CATALOG).unwrap();
    window.act(Action::Open(vec![other.clone()]));
    let cause = *window.document().checked().unwrap().issues.causes().next().unwrap().0;
    window.table(TableAction::Filter(Filter::Cause(cause)));
    let by = [(1, true), (2, false)].map(|(column, descending)| SortBy { column, descending });
    window.table(TableAction::Sort(by.to_vec()));
    let first = window.document().view().unwrap().file_row(0).unwrap();
    window.table(TableAction::MoveCursor(first, 2));
    window.act(Action::Show(Place::Document(DocumentId(0))));
    window.table(TableAction::Filter(Filter::Problems));
    window.table(TableAction::MoveCursor(2, 1));
    window.save();
    drop(window);
    let window = Window::open(folder.path());
    let paths: Vec<&PathBuf> = window.session.documents.iter().map(|document| &document.path).collect();
    assert_eq!(paths, [&path, &other]);
    let shown = |document: &Document| {
        let view = document.view().unwrap();
        (
            document.filter(),
            document.open().unwrap().sorting.by().to_vec(),
            view.cursor,
        )
    };
    assert_eq!(window.document().path, path);
    assert_eq!(shown(window.document()), (Filter::Problems, Vec::new(), (2, 1)));
    let expected = (Filter::Cause(cause), by.to_vec(), (first, 2));
    assert_eq!(shown(&window.session.documents[1]), expected);
    assert_eq!(window.said(), [] as [&str; 0]);
}

#[test]
fn files_of_the_command_line_come_in_front_and_once() {
    let (folder, path, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    let other = folder.path().join("other.csv");
    fs::write(&other, CATALOG).unwrap();
    for (files, shown) in [
        (vec![other.clone()], &other),
        (vec![other.clone(), path.clone()], &path),
    ] {
        let (keeper, found) = Keeper::open(&Paths::under(folder.path())).unwrap();
        let session = Session::default();
        let mut window = Window { session, keeper };
        window.act(Action::Open(files));
        let commands = window.session.on(Event::Keep(KeepEvent::Found(Box::new(found))));
        window.perform(commands);
        let paths: Vec<&PathBuf> = window.session.documents.iter().map(|document| &document.path).collect();
        assert_eq!(paths, [&path, &other]);
        assert_eq!(&window.document().path, shown);
        assert_eq!(window.session.documents[0].view().unwrap().edits.len(), 1);
    }
}

#[test]
fn discarding_what_was_restored_is_a_step_that_can_be_undone() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.edit(3, 0, "D");
    window.save();
    drop(window);
    let mut window = Window::open(folder.path());
    let restored = window.edits();
    assert_eq!(restored.len(), 2);
    window.act(Action::Kept(KeepAction::DiscardRestored));
    assert!(!window.document().is_changed());
    window.table(TableAction::Undo);
    assert_eq!(window.edits(), restored);
}

#[test]
fn changes_are_never_laid_over_another_file() {
    let (folder, path, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    let moved = folder.path().join("moved.csv");
    // Missing, then another one of the same size, then the same again.
    fs::rename(&path, &moved).unwrap();
    let mut window = Window::open(folder.path());
    assert!(window.session.documents.is_empty());
    window.save();
    drop(window);
    fs::write(&path, CATALOG.replace("Bowl", "Cups")).unwrap();
    let mut window = Window::open(folder.path());
    assert!(!window.document().is_changed());
    window.save();
    drop(window);
    assert_eq!(
        kept(folder.path()).len(),
        2,
        "the changes, and the file as it is open now"
    );
    fs::rename(&moved, &path).unwrap();
    let mut window = Window::open(folder.path());
    let changed = window.session.documents.iter().find(|document| document.is_changed());
    assert_eq!(changed.unwrap().view().unwrap().edits.len(), 1);
    // Forgotten is forgotten.
    window.save();
    drop(window);
    fs::write(&path, "other").unwrap();
    let mut window = Window::open(folder.path());
    window.act(Action::Kept(KeepAction::ForgetLeftOver));
    window.save();
    drop(window);
    fs::write(&path, CATALOG).unwrap();
    let window = Window::open(folder.path());
    assert!(window.session.documents.iter().all(|document| !document.is_changed()));
}

#[test]
fn opening_again_keeps_what_was_changed() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    let expected = window.edits();
    let doc = window.document().id;
    let (column, path, custom_type) = (2, None, None);
    let map = MappingAction::Map {
        column,
        path,
        custom_type,
    };
    drop(window.session.act(Action::Mapping(doc, map)));
    window.table(TableAction::Cancel);
    assert!(matches!(window.document().phase(), Phase::Failed(_)));
    window.table(TableAction::OpenAgain);
    assert_eq!(
        (window.document().phase(), window.edits()),
        (Phase::Ready, Arc::clone(&expected))
    );
    window.save();
    drop(window);
    let (mut window, _) = Window::opening(folder.path());
    window.table(TableAction::Cancel);
    assert!(matches!(window.document().phase(), Phase::Failed(_)));
    window.table(TableAction::OpenAgain);
    assert_eq!((window.document().phase(), window.edits()), (Phase::Ready, expected));
}

#[test]
fn changes_are_laid_only_over_what_was_looked_at_and_read_as_it_was() {
    let (folder, path, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    // Another one of the same shape comes between the look and the opening.
    let moved = folder.path().join("moved.csv");
    let (mut window, commands) = Window::opening(folder.path());
    fs::rename(&path, &moved).unwrap();
    fs::write(&path, CATALOG.replace("Bowl", "Cups")).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(later).unwrap();
    window.perform(commands);
    assert!(!window.document().is_changed());
    window.save();
    drop(window);
    fs::rename(&moved, &path).unwrap();
    let (mut window, _) = Window::opening(folder.path());
    window.table(TableAction::Cancel);
    window.table(TableAction::SetOptions(OpenOptions {
        every_line: true,
        ..OpenOptions::default()
    }));
    assert!(!window.document().is_changed());
    window.save();
    drop(window);
    let window = Window::open(folder.path());
    let changed = window.session.documents.iter().find(|document| document.is_changed());
    assert_eq!(changed.unwrap().view().unwrap().edits.len(), 1);
}

#[test]
fn what_is_laid_over_a_file_without_a_step_is_kept() {
    let (folder, _, mut window) = opened(CATALOG);
    window.save();
    let mut edits = Edits::default();
    edits.set(0, 1, Some(OwnedCell::Text("Lantern".into())));
    let document = window.document();
    let request = Request {
        document: document.id,
        generation: document.generation,
    };
    let edits = Arc::new(edits);
    let restored = TableEvent::Restored {
        edits: Arc::clone(&edits),
        refused: Vec::new(),
    };
    window.session.on(Event::Table(request, restored));
    assert!(window.is_due());
    window.save();
    drop(window);
    assert_eq!(Window::open(folder.path()).edits(), edits);
}

#[test]
fn what_is_not_restored_yet_is_not_discarded() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    let (mut window, commands) = Window::opening(folder.path());
    window.act(Action::Kept(KeepAction::DiscardRestored));
    window.perform(commands);
    assert_eq!(window.edits().len(), 1);
    window.act(Action::Kept(KeepAction::DiscardRestored));
    assert!(!window.document().is_changed());
}

#[test]
fn what_was_set_aside_stays_so_and_what_a_kill_left_unfinished_goes() {
    let (folder, _) = home(CATALOG);
    let other = folder.path().join("data/session/7");
    drop(Window::open(folder.path()));
    fs::create_dir_all(&other).unwrap();
    for name in ["0.damaged", ".tmpAbC123"] {
        fs::write(other.join(name), "x").unwrap();
    }
    let own = folder.path().join("data/session/1");
    fs::write(own.join(".tmpXyZ789"), "x").unwrap();
    assert_eq!(Window::open(folder.path()).said(), [] as [&str; 0]);
    assert_eq!(kept(folder.path()), [own.join("0.damaged")]);
}

#[test]
fn closing_forgets_and_nothing_is_written_without_need() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    assert!(window.is_due());
    window.save();
    assert!(!window.is_due());
    let files = kept(folder.path());
    let [file] = &files[..] else { panic!("{files:?}") };
    let len = fs::metadata(file).unwrap().len();
    window.save();
    assert_eq!(fs::metadata(file).unwrap().len(), len);
    // A step is added; what was written before stays as it is.
    let before = fs::read(file).unwrap();
    window.edit(1, 1, "Rug");
    window.save();
    assert!(fs::read(file).unwrap().starts_with(&before));
    window.table(TableAction::CloseAnyway);
    assert!(window.is_due());
    window.save();
    assert_eq!(kept(folder.path()), [] as [PathBuf; 0]);
}

#[test]
fn what_is_of_no_use_any_more_does_not_pile_up() {
    let (folder, _, mut window) = opened(CATALOG);
    let mut random = fastrand::Rng::with_seed(7);
    let mut largest = 0;
    for _ in 0..40 {
        let text: String = std::iter::repeat_with(|| random.alphanumeric()).take(100_000).collect();
        window.edit(0, 1, &text);
        window.save();
        window.table(TableAction::Undo);
        window.save();
        let files = kept(folder.path());
        largest = largest.max(fs::metadata(&files[0]).unwrap().len());
    }
    assert!((100_000..3_000_000).contains(&largest), "{largest}");
    window.table(TableAction::Redo);
    let expected = window.edits();
    window.save();
    drop(window);
    assert_eq!(Window::open(folder.path()).edits(), expected);
}

#[test]
fn what_a_crash_cut_off_is_left_out_and_damage_is_set_aside() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    let file = kept(folder.path()).remove(0);
    let first = fs::read(&file).unwrap();
    window.edit(1, 1, "Rug");
    window.save();
    drop(window);
    let whole = fs::read(&file).unwrap();
    for len in [first.len(), first.len() + 5, first.len() + 20, whole.len()] {
        fs::write(&file, &whole[..len]).unwrap();
        let mut window = Window::open(folder.path());
        let expected = if len == whole.len() { 2 } else { 1 };
        assert!((1..=expected).contains(&window.edits().len()), "{len}");
        window.edit(2, 1, "Cup");
        let expected = window.edits();
        window.save();
        drop(window);
        let window = Window::open(folder.path());
        assert_eq!(window.edits(), expected, "{len}");
        drop(window);
        for file in kept(folder.path()) {
            fs::remove_file(file).unwrap();
        }
    }
    let mut damaged = whole.clone();
    damaged[first.len() / 2] ^= 1;
    for (bytes, said) in [
        (damaged, "is damaged (a record of it cannot be read), and was set aside"),
        (b"tatami kept 1\n".to_vec(), "is damaged (its beginning is missing)"),
        (b"something else".to_vec(), "is damaged (it is none of Tatami's)"),
    ] {
        fs::write(&file, &bytes).unwrap();
        let window = Window::open(folder.path());
        assert!(window.session.documents.is_empty());
        assert!(window.said()[0].contains(said), "{:?}", window.said());
        drop(window);
        let files = kept(folder.path());
        let [aside] = &files[..] else { panic!("{files:?}") };
        assert_eq!(
            (aside.extension().unwrap().to_str(), fs::read(aside).unwrap()),
            (Some("damaged"), bytes)
        );
        assert_eq!(Window::open(folder.path()).said(), [] as [&str; 0], "it is said once");
        fs::remove_file(aside).unwrap();
    }
    fs::write(&file, b"tatami kept 2\nof tomorrow").unwrap();
    let window = Window::open(folder.path());
    assert!(window.said()[0].contains("a newer Tatami"), "{:?}", window.said());
    assert_eq!(fs::read(&file).unwrap(), b"tatami kept 2\nof tomorrow");
}

#[test]
fn a_file_that_ends_the_program_is_left_out_once() {
    let (folder, path, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    // Nobody takes note that it is open.
    let crash = || std::mem::forget(Keeper::open(&Paths::under(folder.path())).unwrap());
    let free = || {
        for lock in fs::read_dir(folder.path().join("data/session")).unwrap() {
            fs::remove_file(lock.unwrap().path().join("lock")).unwrap();
        }
    };
    for _ in 0..2 {
        crash();
        free();
    }
    let window = Window::open(folder.path());
    assert!(window.session.documents.is_empty());
    let mut window = window;
    window.save();
    drop(window);
    let window = Window::open(folder.path());
    assert_eq!((&window.document().path, window.edits().len()), (&path, 1));
}

#[test]
fn windows_keep_apart_and_what_dead_ones_left_comes_together() {
    let (folder, path, mut one) = opened(CATALOG);
    one.edit(0, 1, "Lantern");
    one.save();
    let mut two = Window::open(folder.path());
    assert!(two.session.documents.is_empty(), "the first one lives");
    two.act(Action::Open(vec![path]));
    two.edit(1, 1, "Rug");
    two.save();
    drop((one, two));
    let mut window = Window::open(folder.path());
    let edits = |window: &Window| -> Vec<Edits> {
        let documents = window.session.documents.iter();
        documents
            .map(|document| Edits::clone(&document.view().unwrap().edits))
            .collect()
    };
    let both = edits(&window);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    window.save();
    drop(window);
    assert_eq!(edits(&Window::open(folder.path())), both);
}

#[test]
fn a_person_can_have_unchanged_files_stay_closed() {
    let (folder, path, mut window) = opened(CATALOG);
    window.save();
    let preferences = folder.path().join("config/preferences.json");
    fs::create_dir_all(preferences.parent().unwrap()).unwrap();
    fs::write(&preferences, r#"{"version":1,"restore_session":false}"#).unwrap();
    drop(window);
    let mut window = Window::open(folder.path());
    assert!(window.session.documents.is_empty());
    window.act(Action::Open(vec![path]));
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    assert_eq!(Window::open(folder.path()).edits().len(), 1, "changes come back");
}

#[test]
fn what_nobody_comes_back_to_goes_after_a_month() {
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern");
    window.save();
    drop(window);
    let age = |days: u64| {
        let then = SystemTime::now() - Duration::from_hours(24 * days + 1);
        for file in kept(folder.path()) {
            fs::File::options()
                .append(true)
                .open(file)
                .unwrap()
                .set_modified(then)
                .unwrap();
        }
    };
    age(29);
    let window = Window::open(folder.path());
    assert_eq!(window.edits().len(), 1);
    drop(window);
    age(30);
    // Whoever lists the uploads has it deleted as well, but for what is in use.
    let paths = Paths::under(folder.path());
    let (keeper, _) = Keeper::open(&Paths::under(&folder.path().join("elsewhere"))).unwrap();
    drop(keeper);
    tatami::ops::history::list(&paths).unwrap();
    assert_eq!(kept(folder.path()), [] as [PathBuf; 0]);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _, mut window) = opened(CATALOG);
    window.edit(0, 1, "Lantern of Erika Mustermann");
    window.save();
    window.edit(0, 1, "Lantern");
    window.save();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = kept(folder.path());
    assert_eq!(mode(&files[0]), 0o600);
    let own = files[0].parent().unwrap();
    let modes = [own.join("lock"), own.to_owned(), folder.path().join("data/session")].map(|path| mode(&path));
    assert_eq!(modes, [0o600, 0o700, 0o700]);
}

#[test]
fn what_cannot_be_kept_is_said_and_tried_again() {
    let (folder, _, mut window) = opened(CATALOG);
    window.save();
    window.edit(0, 1, "Lantern");
    let Some(Command::Keep(KeepCommand::Save { turn, all })) = window.session.save() else {
        panic!("it is not kept")
    };
    assert!(!window.is_due(), "one at a time");
    drop((turn, all));
    let failed = KeepEvent::Failed("Changes cannot be kept for the next start: no space left".into());
    window.session.on(Event::Keep(failed));
    assert_eq!(window.said().len(), 1);
    assert!(!window.session.keeps() && window.is_due());
    window.save();
    assert!(window.session.keeps());
    drop(window);
    assert_eq!(Window::open(folder.path()).edits().len(), 1);
}

/// The program as a process finds a window that stands in for another one, and leaves its files to it.
#[cfg(unix)]
#[tokio::test]
async fn a_second_start_leaves_its_files_to_the_first() {
    use crate::home::Home;
    use tatami::ops::handover::Reception;

    let home = Home::new();
    home.file("catalog.csv", CATALOG);
    let first = Reception::take(&Paths::under(&home.path("home"))).unwrap();
    let expected = home.path("catalog.csv").canonicalize().unwrap();
    let second = tokio::task::spawn_blocking(move || home.run(&["catalog.csv"]));
    let files = first.next().await.unwrap();
    assert_eq!(files.len(), 1);
    let ended = second.await.unwrap();
    assert_eq!((ended.code, ended.all().as_str()), (0, "[0]"));
    assert_eq!(files[0].file_name(), expected.file_name());
    assert!(files[0].is_absolute());
}
