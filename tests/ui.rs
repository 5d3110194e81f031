//! The whole window as people and screen readers meet it, over the real background and its local server; no display.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use eframe::egui::{Context, Key, Modifiers, ViewportEvent, ViewportId, vec2};
use egui_kittest::{Harness, kittest::Queryable as _};
use tatami::{
    domain::{dataset::Dataset, ids::DocumentId, issue::Severity},
    frame::OpenOptions,
    message::ReportKind,
    session::{Action, Document, Filter, MappingAction, Phase, Place, StoredAction, TableAction, UploadAction},
    settings::Paths,
    ui::{
        app::App,
        files::{DialogAnswer, FileDialogs, Purpose},
        theme,
    },
    upload::WriteOptions,
    work::Backend,
};

const CATALOG: &str = "product_id,title,sale_price\n\
    A1,Walnut desk lamp,12.50\n\
    A2,Hinoki bath stool,\"7,50\"\n\
    A3,Brass card holder,\"3,20\"\n\
    A4,Linen throw,cheap\n\
    A5,Tatami cushion,19.90\n";

/// Long enough for the slowest machine; nothing here is waited for in vain.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Answers that stand in for the system's dialogs.
#[derive(Clone, Default)]
struct Prepared(Arc<Mutex<Vec<DialogAnswer>>>, Arc<Mutex<Vec<PathBuf>>>);

impl FileDialogs for Prepared {
    fn ask(&mut self, _: &Context, purpose: Purpose, _: &str) {
        let paths = self.1.lock().unwrap().drain(..).collect::<Vec<_>>();
        self.0.lock().unwrap().push(DialogAnswer {
            purpose,
            unavailable: paths.is_empty(),
            paths,
        });
    }

    fn answer(&mut self) -> Option<DialogAnswer> {
        self.0.lock().unwrap().pop()
    }
}

/// The whole window over the real background.
pub struct World {
    pub harness: Harness<'static, App>,
    files: Prepared,
    folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with(Vec::new())
    }

    pub fn with(files: Vec<PathBuf>) -> Self {
        Self::over(tempfile::tempdir().unwrap(), files)
    }

    /// A window over what is kept in a folder.
    pub fn over(folder: tempfile::TempDir, files: Vec<PathBuf>) -> Self {
        let paths = Paths::under(folder.path());
        let prepared = Prepared::default();
        let dialogs = Box::new(prepared.clone());
        let harness = Harness::builder()
            .with_size(vec2(1280.0, 800.0))
            .with_step_dt(0.1)
            .with_context_setup(theme::install)
            .build_eframe(move |cc| {
                let ctx = cc.egui_ctx.clone();
                let backend = Backend::start(paths.clone(), Arc::new(move || ctx.request_repaint())).unwrap();
                App::new(&cc.egui_ctx, backend, dialogs, Some(paths), files)
            });
        let mut world = Self {
            harness,
            files: prepared,
            folder,
        };
        world.until("the local server listens", |app| app.session().local_address.is_some());
        world
    }

    /// The window closed and opened again.
    pub fn restarted(self) -> Self {
        let Self { harness, folder, .. } = self;
        drop(harness);
        Self::over(folder, Vec::new())
    }

    /// A window with the small catalog, checked.
    pub fn opened() -> Self {
        let mut world = Self::new();
        let path = world.write("catalog.csv", CATALOG);
        world.harness.state_mut().act(Action::Open(vec![path]));
        world.settled();
        world
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Has the next file dialog answered with a path.
    pub fn choose(&self, path: PathBuf) {
        self.files.1.lock().unwrap().push(path);
    }

    /// Shows frames until something holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&App) -> bool) {
        let began = Instant::now();
        while !holds(self.harness.state()) {
            assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
            self.wait();
        }
        self.frames();
    }

    /// Shows a frame a moment later. The window's clock goes as the real one meanwhile, not a step a frame: what
    /// is shown for some seconds is still there when the machine is busy.
    pub fn wait(&mut self) {
        let moment = Duration::from_millis(5);
        std::thread::sleep(moment);
        let now = self.harness.ctx.input(|input| input.time);
        self.harness.input_mut().time = Some(now + moment.as_secs_f64());
        self.harness.step();
        self.harness.input_mut().time = None;
    }

    /// Shows frames until something is said.
    pub fn until_seen(&mut self, label: &str) {
        let began = Instant::now();
        while !self.sees(label) {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {label}");
            self.wait();
        }
    }

    /// Asks for the upload of the shown file, presses the button, and waits for the end.
    pub fn upload(&mut self, button: &str) {
        if self.harness.state().session().dialog.is_none() {
            self.press(Modifiers::COMMAND, Key::U);
        }
        self.click(button);
        self.until("the upload ends", |app| {
            let upload = app.session().document().unwrap().upload.as_ref();
            upload.is_some_and(|upload| upload.report.is_some())
        });
    }

    /// Shows frames until all files are checked and nothing is being checked again.
    pub fn settled(&mut self) {
        self.until("the files are checked", |app| {
            let documents = &app.session().documents;
            !documents.is_empty() && documents.iter().all(|document| document.phase() == Phase::Ready)
        });
    }

    /// Asks the window to close.
    pub fn quit(&mut self) {
        let window = self.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        window.events.push(ViewportEvent::Close);
        self.frames();
    }

    pub fn frames(&mut self) {
        self.harness.run_steps(6);
    }

    pub fn document(&self) -> &Document {
        self.harness.state().session().document().unwrap()
    }

    pub fn errors(&self) -> u64 {
        self.document().count(Severity::Error)
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.frames();
    }

    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.frames();
    }

    pub fn sees(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }
}

#[test]
fn an_empty_window_says_what_belongs_here() {
    let mut world = World::new();
    assert!(world.sees("Drop a file of products here"));
    assert!(world.sees("Environment Local, on this computer"));
    world.click("Interactions");
    assert!(world.sees("Drop a file of interactions here"));
    world.press(Modifiers::COMMAND, Key::Num3);
    assert!(world.sees("Drop a file of users here"));
}

#[test]
fn a_chosen_file_opens_as_a_table() {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.files.1.lock().unwrap().push(path);
    world.click("Open…");
    world.settled();
    assert!(world.sees("Table of 5 rows and 3 columns"));
    assert!(world.sees("row 2, title: Walnut desk lamp"));
    assert!(world.sees("row 5, sale_price: cheap"));
    assert!(world.sees("error: 2 × Numbers with a decimal comma in sale_price"));
    assert!(world.sees("catalog.csv, 3 errors"));
}

#[test]
fn a_doubtful_file_asks_above_the_table_what_its_records_are() {
    let mut world = World::new();
    let path = world.write("list.csv", "id,name\n1,Ada\n2,Bert\n");
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.settled();
    assert!(world.sees("What are these records?") && world.sees("Table of 2 rows and 2 columns"));
    assert!(world.sees("name: Ada, Bert"));
    world.press(Modifiers::COMMAND, Key::U);
    assert_eq!(world.harness.state().session().dialog, None);
    world.click("They are users");
    world.settled();
    assert!(!world.sees("What are these records?"));
    assert_eq!(world.document().view().unwrap().mapping.dataset, Dataset::Users);
    world.press(Modifiers::COMMAND, Key::U);
    assert!(world.harness.state().session().dialog.is_some());
}

#[test]
fn a_file_is_read_in_another_way_from_the_status_line() {
    let mut world = World::opened();
    assert!(world.sees("Table of 5 rows and 3 columns") && world.sees("Comma") && world.sees("Double quotes"));
    world.click("Header");
    world.click("The first line is a record");
    world.settled();
    assert!(world.sees("Table of 6 rows and 3 columns") && world.sees("No header"));
    world.click("No header");
    world.click("As recognised");
    world.settled();
    assert!(world.sees("Table of 5 rows and 3 columns"));
}

#[test]
fn a_copy_is_the_file_but_for_the_changes() {
    let mut world = World::opened();
    let copy = world.folder.path().join("copy.csv");
    let doc = world.document().id;
    let cells = vec![(0, 1, "Lamp, \"new\"".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    world.files.1.lock().unwrap().push(copy.clone());
    world.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    world.until("the copy is written", |_| copy.exists());
    let expected = CATALOG.lines().enumerate().map(|(at, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        match (at, cells.as_slice()) {
            (1, [id, _, rest @ ..]) => format!("{id},\"Lamp, \"\"new\"\"\",{}\n", rest.join(",")),
            _ => format!("{line}\n"),
        }
    });
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), expected.collect::<String>());
    assert!(world.sees("The copy is written to"));
}

#[test]
fn without_a_dialog_the_path_is_typed() {
    let mut world = World::new();
    let path = world.write("catalog.csv", CATALOG);
    world.click("Open…");
    assert!(world.sees("This system shows no file dialogs here"));
    let field = world
        .harness
        .get_by_role_and_label(eframe::egui::accesskit::Role::TextInput, "Path of the file");
    field.focus();
    field.type_text(&path.display().to_string());
    world.frames();
    world.click("Open file");
    world.settled();
    assert_eq!(world.document().path, path);
}

#[test]
fn typing_over_a_cell_repairs_it_and_undo_brings_it_back() {
    let mut world = World::opened();
    assert_eq!(world.errors(), 3);
    let doc = world.document().id;
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::JumpTo(3, 2)));
    world.frames();
    world.harness.event(eframe::egui::Event::Text("8".to_owned()));
    world.frames();
    world.press(Modifiers::NONE, Key::Enter);
    world.until("the row is checked again", |app| {
        app.session().document().unwrap().count(Severity::Error) == 2
    });
    assert!(world.sees("row 5, sale_price: 8, edited"));
    assert!(world.sees("1 changed cell"));
    world.press(Modifiers::COMMAND, Key::Z);
    world.until("the row is checked again", |app| {
        app.session().document().unwrap().count(Severity::Error) == 3
    });
    assert!(world.sees("row 5, sale_price: cheap"));
    world.press(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    world.until("the change is made again", |app| {
        app.session().document().unwrap().count(Severity::Error) == 2
    });
}

#[test]
fn f8_walks_from_problem_to_problem() {
    let mut world = World::opened();
    let mut places = Vec::new();
    for _ in 0..3 {
        world.press(Modifiers::NONE, Key::F8);
        places.push(world.document().view().unwrap().cursor);
    }
    assert_eq!(places, [(1, 2), (2, 2), (3, 2)]);
    world.press(Modifiers::SHIFT, Key::F8);
    assert_eq!(world.document().view().unwrap().cursor, (2, 2));
}

#[test]
fn rows_with_problems_are_shown_alone() {
    let mut world = World::opened();
    world.click("Only rows with problems (3)");
    assert_eq!(world.document().filter(), Filter::Problems);
    assert!(world.sees("Table of 3 rows"));
    assert!(!world.sees("row 2, title: Walnut desk lamp"));
    world.click("Only rows with problems (3)");
    assert!(world.sees("Table of 5 rows"));
}

#[test]
fn the_cell_at_the_cursor_is_repaired_by_its_shortcut() {
    let mut world = World::opened();
    world.press(Modifiers::NONE, Key::F8);
    world.press(Modifiers::COMMAND, Key::Period);
    world.until("one is gone", |app| {
        app.session().document().unwrap().count(Severity::Error) == 2
    });
    assert!(world.sees("row 3, sale_price: 7.50, edited"));
}

#[test]
fn the_inspector_shows_the_record_and_its_problems() {
    let mut world = World::opened();
    world.press(Modifiers::NONE, Key::F8);
    assert!(world.sees("\"product_id\": \"A2\""));
    assert!(world.sees("Left out until its errors are repaired"));
    world.click("Problems, 1");
    assert!(world.sees("data.0.sale_price is invalid"));
}

#[test]
fn an_upload_ends_with_sums_that_add_up() {
    let mut world = World::opened();
    world.press(Modifiers::COMMAND, Key::U);
    assert!(world.sees("Local"));
    let doc = world.document().id;
    let write_options = WriteOptions::recommended(Dataset::Products);
    world.harness.state_mut().act(Action::Upload(UploadAction::Start {
        doc,
        write_options,
        dry_run: false,
    }));
    world.until("the upload ends", |app| {
        let upload = app.session().document().unwrap().upload.as_ref();
        upload.is_some_and(|upload| upload.report.is_some())
    });
    assert!(world.sees("Upload ended: 2 products stored in Local"));
    for part in ["2 stored", "0 rejected", "3 left out", "= 5 rows"] {
        assert!(world.sees(part), "{part}");
    }
    world.until("the stored records are counted", |app| {
        app.session().stored.set(Dataset::Products).count.value() == Some(&Some(2))
    });
    // What is not stored any more is not called so.
    let documents = &world.harness.state().session().documents;
    assert!(
        documents
            .iter()
            .all(|document| document.name() != "prices.csv" || document.upload.is_none())
    );
    assert!(world.sees("Stored products, 2"));
    world.click("Show what is stored");
    assert_eq!(world.harness.state().session().place, Place::Stored(Dataset::Products));
    world.until("the ids are there", |app| {
        app.session().stored.set(Dataset::Products).ids.value().is_some()
    });
    assert!(world.sees("A1"));
}

#[test]
fn an_upload_says_what_it_would_destroy_and_is_taken_back() {
    let mut world = World::opened();
    world.upload("Upload 2 products to Local");
    let prices = world.write("prices.csv", "product_id,sale_price\nA1,9.99\nA5,19.90\nNEW,1\n");
    world.harness.state_mut().act(Action::Open(vec![prices]));
    world.settled();
    world.press(Modifiers::COMMAND, Key::U);
    world.until("it is compared", |app| {
        let comparison = app.session().document().unwrap().comparison();
        comparison.is_some_and(|comparison| comparison.outcome.is_some())
    });
    assert!(world.sees("2 products would lose fields"));
    world.click("Show what changes…");
    world.until("the record is there", |app| {
        let comparison = app.session().document().unwrap().comparison();
        comparison.is_some_and(|comparison| {
            let shown = comparison.shown.as_ref();
            shown.is_some_and(|(_, record)| record.value().is_some())
        })
    });
    for part in ["− title", "~ sale_price", "12.50", "9.99"] {
        assert!(world.sees(part), "{part}");
    }
    world.click("Merge with what is stored");
    assert!(!world.sees("− title"));
    world.click("Back");
    assert!(world.sees("2 products keep what the file does not have"));
    world.click("Leave out the one that is the same already");
    world.upload("Upload 2 products to Local");
    assert!(world.sees("Upload ended: 2 products stored in Local"));

    // The report of it, as a web page.
    let page = world.folder.path().join("report.html");
    world.files.1.lock().unwrap().push(page.clone());
    world.click("Save…");
    world.click("Report as a web page…");
    world.until("the report is written", |_| page.exists());
    assert!(
        std::fs::read_to_string(&page)
            .unwrap()
            .contains("Upload 2 of prices.csv")
    );

    world.click("Uploads");
    world.click("prices.csv");
    assert!(world.sees("What was there before ("));
    assert!(world.sees(") until 20"));
    world.click("Undo…");
    world.until("it is known what an undo does", |app| {
        app.session().undo.as_ref().is_some_and(|undo| undo.preview.is_some())
    });
    world.click("Undo 2 changes in Local");
    world.until("it is undone", |app| {
        let run = app.session().undo.as_ref().and_then(|undo| undo.run.as_ref());
        run.is_some_and(|run| run.report.is_some())
    });
    assert!(world.sees("2 undone + 0 as before = 2"));
    world.until("the stored records are counted", |app| {
        app.session().stored.set(Dataset::Products).count.value() == Some(&Some(2))
    });
    world
        .harness
        .state_mut()
        .act(Action::Show(Place::Stored(Dataset::Products)));
    world.harness.state_mut().act(Action::Stored(StoredAction::ShowRecord(
        Dataset::Products,
        "A1".to_owned(),
    )));
    world.until("the record is there", |app| {
        let shown = app.session().stored.set(Dataset::Products).record.as_ref();
        shown.is_some_and(|(_, record)| record.value().is_some())
    });
    assert!(world.sees("12.50"));
}

#[test]
fn rows_with_problems_are_saved() {
    let mut world = World::opened();
    let path = world.folder.path().join("bad.csv");
    world.files.1.lock().unwrap().push(path.clone());
    world.press(Modifiers::COMMAND, Key::E);
    world.until("the rows are written", |_| path.exists());
    world.until_seen("3 rows with problems written");
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 4, "{written}");
    world.click("Dismiss");
    assert!(!world.sees("3 rows with problems written"));
}

/// A copy, the rows with problems, the recipe, the report and the rows that were not stored.
#[test]
#[cfg(unix)]
fn what_the_window_writes_is_the_persons_own_and_whole() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let mut world = World::opened();
    world.upload("Upload 2 products to Local");
    let doc = world.document().id;
    let plain = world.write("plain", "");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let writes: [fn(DocumentId, PathBuf) -> Action; 5] = [
        |doc, path| Action::Table(doc, TableAction::SaveCopy(path)),
        |doc, path| Action::Table(doc, TableAction::ExportProblems(path)),
        |doc, path| Action::Mapping(doc, MappingAction::ExportRecipe(path)),
        |doc, path| Action::Upload(UploadAction::SaveReport(doc, ReportKind::Report, path)),
        |doc, path| Action::Upload(UploadAction::SaveReport(doc, ReportKind::Rows, path)),
    ];
    for (at, write) in writes.iter().enumerate() {
        let new = world.folder.path().join(format!("new-{at}.csv"));
        let old = world.write(&format!("old-{at}.csv"), "old");
        fs::set_permissions(&old, fs::Permissions::from_mode(0o604)).unwrap();
        for path in [&new, &old] {
            world.harness.state_mut().act(write(doc, path.clone()));
        }
        world.until("both are written", |_| {
            new.exists() && fs::read_to_string(&old).unwrap() != "old"
        });
        assert_eq!((mode(&new), mode(&old)), (mode(&plain), 0o604), "{at}");
        assert_eq!(fs::read(&new).unwrap(), fs::read(&old).unwrap());
        let itself = world.folder.path().join("catalog.csv");
        let notices: Vec<u64> = world.harness.state().session().notices.iter().map(|it| it.id).collect();
        for notice in notices {
            world.harness.state_mut().act(Action::DismissNotice(notice));
        }
        world.harness.state_mut().act(write(doc, itself.clone()));
        world.until("it is refused", |app| {
            let mut notices = app.session().notices.iter();
            notices.any(|notice| notice.text.contains("an opened file is never changed itself"))
        });
        assert_eq!(fs::read_to_string(&itself).unwrap(), CATALOG);
    }
    // The rows cannot be read any more: what stands where they should go stays.
    world.write("catalog.csv", "something else");
    let old = world.write("old.csv", "old");
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::SaveCopy(old.clone())));
    world.until("it fails", |app| {
        let mut notices = app.session().notices.iter();
        notices.any(|notice| notice.text.contains("has changed since it was opened"))
    });
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    let names = fs::read_dir(world.folder.path()).unwrap();
    let names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.starts_with(".tmp")), "{names:?}");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let mut world = World::new();
    let path = world.folder.path().join("photo.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    world.harness.state_mut().act(Action::Open(vec![path]));
    world.until("the file fails", |app| {
        matches!(app.session().document().unwrap().phase(), Phase::Failed(_))
    });
    assert!(world.sees("photo.png cannot be opened"));
    assert!(world.sees("Open again"));
}

#[test]
fn a_file_that_is_not_there_is_said_and_not_listed() {
    let mut world = World::opened();
    let (shown, path) = (world.document().id, world.folder.path().join("missing.csv"));
    world.harness.state_mut().act(Action::Open(vec![path.clone()]));
    world.until("it is said", |app| !app.session().notices.is_empty());
    let said = format!("There is no file {}", path.display());
    assert!(world.sees(&said) && !world.sees("os error"));
    assert_eq!(world.harness.state().session().documents.len(), 1);
    assert_eq!(world.document().id, shown, "what was shown before is shown again");
}

#[test]
fn a_file_that_would_fill_the_memory_asks_first_and_what_is_open_stays_as_it_is() {
    tatami::frame::convert_with(crate::common::program());
    let mut world = World::opened();
    let catalog = world.document().id;
    let edit = TableAction::Edit(vec![(3, 2, "8".to_owned())]);
    world.harness.state_mut().act(Action::Table(catalog, edit));
    let path = world.write("bomb.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![path.clone()]));
    world.settled();
    let bomb = world.document().id;
    let little = OpenOptions {
        allow_unpacked: Some(1_000_000),
        ..OpenOptions::default()
    };
    let asks = |world: &mut World| {
        std::fs::write(&path, crate::common::files::parquet_bomb()).unwrap();
        let action = TableAction::SetOptions(little.clone());
        world.harness.state_mut().act(Action::Table(bomb, action));
        world.until("it asks", |app| {
            app.session().document().unwrap().options_anyway().is_some()
        });
        assert!(world.sees("bomb.csv is opened only if that is meant: its conversion takes more than"));
        let kept = world.harness.state().session().find(catalog).unwrap();
        assert_eq!(
            (kept.phase(), kept.can_undo_redo(), kept.count(Severity::Error)),
            (Phase::Ready, (true, false), 2)
        );
    };
    asks(&mut world);
    // What is allowed is opened.
    std::fs::write(&path, crate::common::files::gzip(CATALOG.as_bytes())).unwrap();
    world.click("Open anyway");
    world.settled();
    assert_eq!(world.document().options.allow_unpacked, Some(u64::MAX));
    asks(&mut world);
    world.click("Cancel");
    let documents = &world.harness.state().session().documents;
    assert_eq!(
        documents.iter().map(|document| document.id).collect::<Vec<_>>(),
        [catalog]
    );
}

#[test]
fn the_shipped_samples_open_with_their_mistakes() {
    let samples = crate::common::in_repository("assets/samples");
    let mut world = World::with(vec![samples.join("catalog.csv"), samples.join("users.csv")]);
    world.settled();
    let documents = &world.harness.state().session().documents;
    let errors: Vec<u64> = documents
        .iter()
        .map(|document| document.count(Severity::Error))
        .collect();
    assert!(errors.iter().all(|errors| *errors > 0), "{errors:?}");
    assert!(world.sees("users.csv, "));
}

#[test]
fn a_changed_file_asks_before_it_closes() {
    let mut world = World::opened();
    let doc = world.document().id;
    let cells = vec![(0, 2, "13".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    world.frames();
    world.press(Modifiers::COMMAND, Key::W);
    assert_eq!(world.harness.state().session().documents.len(), 1);
    assert!(world.harness.state().session().dialog.is_some());
}

#[test]
fn one_kind_of_problem_is_shown_alone_until_its_chip_is_closed() {
    let mut world = World::opened();
    world.harness.get_all_by_label("Show rows").next().unwrap().click();
    world.frames();
    assert!(matches!(world.document().filter(), Filter::Cause(_)));
    assert!(world.sees("sale_price: Numbers with a decimal comma"));
    assert!(world.sees("Table of 2 rows"));
    world.harness.get_all_by_label("Show all rows").next().unwrap().click();
    world.frames();
    assert!(world.sees("Table of 5 rows"));
}

#[test]
fn the_columns_take_the_place_of_the_table() {
    let mut world = World::opened();
    // One suggestion waits there.
    world.click("Columns… (1)");
    assert!(!world.sees("Table of 5 rows"));
    assert!(world.sees("Reset mapping"));
    world.click("Columns… (1)");
    assert!(world.sees("Table of 5 rows"));
    // Esc leaves it too, and the next file begins with its table.
    world.click("Columns… (1)");
    world.press(Modifiers::NONE, Key::Escape);
    assert!(world.sees("Table of 5 rows"));
    world.click("Columns… (1)");
    let other = world.write("other.csv", CATALOG);
    world.harness.state_mut().act(Action::Open(vec![other]));
    world.settled();
    assert!(world.sees("Table of 5 rows") && !world.sees("Reset mapping"));
}

#[test]
fn a_window_with_changes_asks_before_it_closes() {
    let mut world = World::opened();
    let doc = world.document().id;
    let cells = vec![(0, 2, "13".to_owned())];
    world
        .harness
        .state_mut()
        .act(Action::Table(doc, TableAction::Edit(cells)));
    world.quit();
    assert!(world.sees("Quit Tatami?"));
    assert!(world.sees("catalog.csv: 1 changed cell is kept"));
    world.click("Cancel");
    assert!(!world.sees("Quit Tatami?"));
}
