//! What the app's state promises: actions and events in, commands out. No window, no threads.

use std::{path::PathBuf, sync::Arc};

use tatami::{
    check::{Checked, check, check_by, prove, suggest},
    domain::{
        dataset::Dataset,
        ids::DocumentId,
        issue::{Cause, Severity},
        mapping::Mapping,
        progress::Progress,
        rules::{Level, Levels, Rule},
    },
    frame::{Edits, Frame, OpenOptions, Order, SortBy},
    message::{
        Command, Event, Request, SettingsCommand, SettingsEvent, StoredCommand, TableCommand, TableEvent,
        UploadCommand, UploadEvent,
    },
    session::{
        Action, Dialog, Document, Filter, FilterAction, MappingAction, Phase, Place, Refusal, Session, SettingsAction,
        StoredAction, TableAction, TableView, UploadAction,
    },
    settings::{Environment, EnvironmentKind},
    upload::WriteOptions,
};

const CATALOG: &str = "product_id,title,price\nA,Lamp,12.50\nB,Mat,\"7,50\"\nC,Bowl,\"3,20\"\n,Cup,4\nA,Lamp,13\n";

/// A session with a file that has been opened and checked, as the background would.
fn opened(text: &str) -> (Session, DocumentId) {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let [Command::Table(request, TableCommand::Open { .. })] = commands[..] else {
        panic!("{commands:?}")
    };
    let frame = Arc::new(Frame::from_text("catalog.csv", text, &OpenOptions::default()).unwrap());
    let suggested = suggest(&frame, &Edits::default(), None).unwrap();
    let mapping = suggested.mapping.clone();
    let opened = TableEvent::Opened {
        frame: Arc::clone(&frame),
        suggested,
    };
    session.on(Event::Table(request, opened));
    let checked = Arc::new(check(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap());
    session.on(Event::Table(request, TableEvent::Checked(checked)));
    (session, request.document)
}

/// Performs the commands that concern tables as the background would, until there are no more.
fn perform(session: &mut Session, mut commands: Vec<Command>) {
    while let Some(command) = commands.pop() {
        let (request, command) = match command {
            Command::Table(request, command) => (request, command),
            Command::Settings(SettingsCommand::SaveRecipe(_) | SettingsCommand::ForgetRecipe(_)) => continue,
            other => panic!("unexpected {other:?}"),
        };
        let event = match command {
            TableCommand::Recheck { table, checked, rows } => {
                let mut checked = Checked::clone(&checked);
                checked.recheck(&table.frame, &table.edits, &rows).unwrap();
                TableEvent::Rechecked(Arc::new(checked))
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
            other => panic!("unexpected {other:?}"),
        };
        commands.extend(session.on(Event::Table(request, event)));
    }
}

fn document(session: &Session, doc: DocumentId) -> &Document {
    session.find(doc).unwrap()
}

fn view(session: &Session, doc: DocumentId) -> &TableView {
    document(session, doc).view().unwrap()
}

fn errors(session: &Session, doc: DocumentId) -> u64 {
    document(session, doc).count(Severity::Error)
}

#[test]
fn a_file_is_opened_checked_and_counted() {
    let (session, doc) = opened(CATALOG);
    let document = document(&session, doc);
    assert_eq!((document.phase(), document.dataset), (Phase::Ready, Dataset::Products));
    assert_eq!((errors(&session, doc), document.count(Severity::Warning)), (3, 1));
    let open = document.open().unwrap();
    assert_eq!((open.sendable_rows(), open.rows_with_errors()), (2, 3));
    assert_eq!(session.place, Place::Document(doc));
}

#[test]
fn answers_to_older_requests_are_dropped() {
    let (mut session, doc) = opened(CATALOG);
    let stale = Request {
        document: doc,
        generation: document(&session, doc).generation,
    };
    let commands = session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Users)));
    let checked = check(
        &Frame::from_text("x.csv", "product_id\nA\n", &OpenOptions::default()).unwrap(),
        &Edits::default(),
        &Mapping::suggest(Dataset::Products, &["product_id".to_owned()], false),
        &Progress::default(),
    );
    session.on(Event::Table(stale, TableEvent::Checked(Arc::new(checked.unwrap()))));
    assert_eq!(document(&session, doc).phase(), Phase::Checking);
    perform(&mut session, commands);
    assert_eq!(
        (document(&session, doc).phase(), session.dataset()),
        (Phase::Ready, Dataset::Users)
    );
}

#[test]
fn edits_are_checked_and_can_be_taken_back() {
    let (mut session, doc) = opened(CATALOG);
    let commands = session.act(Action::Table(doc, TableAction::Edit(vec![(1, 2, "7.50".to_owned())])));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 2);
    let commands = session.act(Action::Table(doc, TableAction::Undo));
    perform(&mut session, commands);
    assert_eq!(
        (errors(&session, doc), document(&session, doc).is_changed()),
        (3, false)
    );
    let commands = session.act(Action::Table(doc, TableAction::Redo));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 2);
    // A new change discards what could have been made again.
    let commands = session.act(Action::Table(doc, TableAction::Undo));
    perform(&mut session, commands);
    let commands = session.act(Action::Table(doc, TableAction::Edit(vec![(3, 0, "D".to_owned())])));
    perform(&mut session, commands);
    assert_eq!(document(&session, doc).can_undo_redo(), (true, false));
    assert_eq!(errors(&session, doc), 2);
}

#[test]
fn edits_while_a_check_runs_are_not_lost() {
    let (mut session, doc) = opened(CATALOG);
    let mut first = session.act(Action::Table(doc, TableAction::Edit(vec![(1, 2, "7.50".to_owned())])));
    assert_eq!(first.len(), 1);
    let second = session.act(Action::Table(doc, TableAction::Edit(vec![(2, 2, "3.20".to_owned())])));
    assert!(second.is_empty(), "the second waits for the first");
    perform(&mut session, std::mem::take(&mut first));
    assert_eq!(errors(&session, doc), 1);
}

#[test]
fn a_repaired_row_stays_while_the_filter_is_on() {
    let (mut session, doc) = opened(CATALOG);
    session.act(Action::Table(doc, TableAction::Filter(Filter::Problems)));
    assert_eq!(view(&session, doc).shown_rows(), 4);
    let commands = session.act(Action::Table(doc, TableAction::Edit(vec![(1, 2, "7.50".to_owned())])));
    perform(&mut session, commands);
    assert_eq!(view(&session, doc).shown_rows(), 4);
    session.act(Action::Table(doc, TableAction::Filter(Filter::Problems)));
    assert_eq!(view(&session, doc).shown_rows(), 3);
}

#[test]
fn the_cursor_goes_along_when_rows_are_sorted() {
    let (mut session, doc) = opened(CATALOG);
    let by = SortBy {
        column: 0,
        descending: true,
    };
    let commands = session.act(Action::Table(doc, TableAction::Sort(vec![by])));
    let [Command::Table(request, TableCommand::Sort { search, .. })] = commands[..] else {
        panic!("{commands:?}")
    };
    let order = Ok(Order::new([2, 1, 0, 4, 3].into()));
    session.on(Event::Table(request, TableEvent::Sorted { search, order }));
    assert_eq!(view(&session, doc).cursor, (2, 0));
    assert_eq!(view(&session, doc).file_row(4), Some(3));
    session.take_reveal(doc);
    session.act(Action::Table(doc, TableAction::Sort(Vec::new())));
    assert_eq!(session.take_reveal(doc), Some((2, 0)));
}

#[test]
fn problems_are_walked_in_both_directions() {
    let (mut session, doc) = opened(CATALOG);
    let mut walk = |action| {
        session.act(Action::Table(doc, action));
        view(&session, doc).cursor
    };
    // The first row's id appears again further down.
    assert_eq!(walk(TableAction::NextProblem), (1, 2));
    assert_eq!(walk(TableAction::NextProblem), (2, 2));
    assert_eq!(walk(TableAction::NextProblem), (3, 0));
    assert_eq!(walk(TableAction::NextProblem), (3, 0), "there is no further one");
    assert_eq!(walk(TableAction::PreviousProblem), (2, 2));
    assert_eq!(walk(TableAction::PreviousProblem), (1, 2));
    assert_eq!(walk(TableAction::PreviousProblem), (0, 0));
}

#[test]
fn a_mapping_is_changed_checked_and_taken_back() {
    let (mut session, doc) = opened(CATALOG);
    let map = |path: Option<&str>| {
        Action::Mapping(
            doc,
            MappingAction::Map {
                column: 2,
                path: path.map(str::to_owned),
                custom_type: None,
            },
        )
    };
    let commands = session.act(map(None));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 1);
    let commands = session.act(Action::Table(doc, TableAction::Undo));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 3);
    assert!(session.act(map(Some("nothing"))).is_empty());
    assert!(
        session
            .notices
            .iter()
            .any(|notice| notice.text.contains("no field \"nothing\""))
    );
}

#[test]
fn an_upload_is_asked_for_and_marks_refused_rows() {
    let (mut session, doc) = opened(CATALOG);
    session.act(Action::Upload(UploadAction::Ask(doc)));
    assert_eq!(session.dialog, Some(Dialog::Upload(doc)));
    let commands = session.act(Action::Upload(UploadAction::Start {
        doc,
        write_options: WriteOptions::default(),
        dry_run: false,
    }));
    let [
        Command::Upload(UploadCommand::Start {
            request,
            upload,
            handles,
        }),
    ] = &commands[..]
    else {
        panic!("{commands:?}")
    };
    assert_eq!(upload.environment, "Local");
    let lines = vec!["data.0.title is invalid. Too dull.".to_owned()];
    handles
        .watch
        .note(tatami::upload::UploadUpdate::Rejected { row: 4, lines });
    session.read_watches();
    let refused = document(&session, doc)
        .checked()
        .unwrap()
        .issues
        .of_row(4)
        .find(|c| c.rule == Rule::Refused);
    assert_eq!(refused.map(|cause| cause.column), Some(Some(1)));
    assert!(session.is_busy());
    let failed = UploadEvent::Failed(*request, "no network".into());
    session.on(Event::Upload(failed));
    assert!(!session.is_busy());
    assert_eq!(
        session.notices.last().map(|notice| notice.text.as_str()),
        Some("no network")
    );
}

#[test]
fn a_wipe_needs_the_environments_name() {
    let mut session = Session::default();
    session.act(Action::Stored(StoredAction::AskWipe));
    assert_eq!(session.dialog, Some(Dialog::Wipe));
    assert!(
        session
            .act(Action::Stored(StoredAction::Wipe {
                typed: "Loca".to_owned()
            }))
            .is_empty()
    );
    let commands = session.act(Action::Stored(StoredAction::Wipe {
        typed: "Local".to_owned(),
    }));
    assert!(
        matches!(&commands[..], [Command::Stored(environment, StoredCommand::Wipe { .. })] if environment == "Local")
    );
}

#[test]
fn guarded_environments_must_be_unlocked_before_deleting() {
    let mut session = Session::default();
    let production = Environment {
        name: "Shop".to_owned(),
        kind: EnvironmentKind::Production,
        base_url: "https://api.example.com".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    session.on(Event::Settings(SettingsEvent::Started {
        environments: vec![Environment::local(), production],
        recent: Vec::new(),
        recent_recipes: Vec::new(),
        levels: Levels::default(),
        limits: Dataset::ALL.map(tatami::upload::BatchLimits::recommended),
    }));
    session.act(Action::Settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
    session.act(Action::Stored(StoredAction::AskWipe));
    assert_eq!(session.dialog, None);
    let said = |session: &Session| session.notices.last().map(|notice| notice.text.clone());
    assert_eq!(
        said(&session).unwrap(),
        "Shop is locked; unlock it in the menu Environment"
    );
    session.act(Action::Stored(StoredAction::Unlock));
    session.act(Action::Stored(StoredAction::AskWipe));
    assert_eq!(session.dialog, Some(Dialog::Wipe));
    // What was unlocked is this environment, not the next one.
    session.act(Action::CloseDialog);
    session.act(Action::Settings(SettingsAction::ChooseEnvironment("Local".to_owned())));
    session.act(Action::Settings(SettingsAction::SwitchEnvironment("Shop".to_owned())));
    assert!(session.may_delete());
    // A wipe that runs stays in sight, and can be stopped: no other begins meanwhile.
    let wipe =
        |session: &mut Session, name: &str| session.act(Action::Stored(StoredAction::Wipe { typed: name.to_owned() }));
    assert!(wipe(&mut session, "Local").is_empty());
    assert_eq!(
        said(&session).unwrap(),
        "Nothing is deleted before Shop is typed as it is written"
    );
    assert_eq!(wipe(&mut session, "Shop").len(), 1);
    session.act(Action::Settings(SettingsAction::ChooseEnvironment("Local".to_owned())));
    assert!(wipe(&mut session, "Local").is_empty());
    assert_eq!(said(&session).unwrap(), "Everything in Shop is being deleted already");
    assert!(
        session
            .stored
            .wipe
            .as_ref()
            .is_some_and(|wipe| wipe.environment == "Shop")
    );
}

#[test]
fn a_changed_document_is_not_closed_without_asking() {
    let (mut session, doc) = opened(CATALOG);
    session.act(Action::Table(
        doc,
        TableAction::Edit(vec![(0, 1, "Lantern".to_owned())]),
    ));
    session.act(Action::Table(doc, TableAction::Close));
    assert_eq!(session.dialog, Some(Dialog::Close(doc)));
    session.act(Action::Table(doc, TableAction::CloseAnyway));
    assert!(session.documents.is_empty());
    assert_eq!(session.place, Place::Empty(Dataset::Products));
}

/// Errors and warnings after the rules were weighed.
fn weighed(session: &mut Session, doc: DocumentId, action: Action) -> (u64, u64) {
    let mut commands = session.act(action);
    assert!(
        matches!(commands.remove(0), Command::Settings(SettingsCommand::SaveLevels(levels)) if levels == session.levels)
    );
    perform(session, commands);
    let document = document(session, doc);
    assert_eq!(document.phase(), Phase::Ready);
    (document.count(Severity::Error), document.count(Severity::Warning))
}

#[test]
fn rules_are_weighed_for_all_files_and_kept() {
    let (mut session, doc) = opened("product_id,title,price\nA,<b>Lamp</b>,1\nB,Mat,x\nA,Mat,3\nA,Mug,4\na,Cup,2\n");
    let counts = |session: &Session| {
        let document = document(session, doc);
        (document.count(Severity::Error), document.count(Severity::Warning))
    };
    assert_eq!(counts(&session), (1, 7));
    let set = |rule, level| Action::Settings(SettingsAction::SetLevel(rule, level));
    assert_eq!(
        weighed(&mut session, doc, set(Rule::Markup, Level::Error)),
        (2, 4),
        "what is left out replaces nothing"
    );
    assert_eq!(weighed(&mut session, doc, set(Rule::AlikeIds, Level::Off)), (2, 1));
    assert_eq!(weighed(&mut session, doc, set(Rule::RepeatedId, Level::Off)), (2, 0));
    // What is switched off stays so when cells change.
    let commands = session.act(Action::Table(doc, TableAction::Edit(vec![(1, 0, "a".to_owned())])));
    perform(&mut session, commands);
    assert_eq!(counts(&session), (2, 0));
    assert_eq!(
        weighed(&mut session, doc, Action::Settings(SettingsAction::ResetLevels)),
        (1, 7)
    );
    assert!(session.act(Action::Settings(SettingsAction::ResetLevels)).is_empty());
    assert!(session.act(set(Rule::Type, Level::Off)).is_empty());
    // A file opened before the settings were read is checked again once they are.
    let mut levels = Levels::default();
    levels.set(Rule::AlikeIds, Level::Off).unwrap();
    let started = SettingsEvent::Started {
        environments: vec![Environment::local()],
        recent: Vec::new(),
        recent_recipes: Vec::new(),
        levels,
        limits: Dataset::ALL.map(tatami::upload::BatchLimits::recommended),
    };
    let commands = session.on(Event::Settings(started));
    perform(&mut session, commands);
    assert_eq!(counts(&session), (1, 3));
}

const MESSY: &str = "\
product_id,title,betrag,availability,created_at
A,Lamp,\"12,50 €\",in stock,03/04/2024
B,Mat,\"1.299,00 €\",sold out,05/04/2024
C,Bowl,\"7,00 €\",in stock,06/04/2024
";

/// The recipe that is kept by these commands.
fn kept(commands: &mut Vec<Command>) -> Option<Box<tatami::domain::recipe::Recipe>> {
    let at = commands
        .iter()
        .position(|command| matches!(command, Command::Settings(SettingsCommand::SaveRecipe(_))))?;
    match commands.remove(at) {
        Command::Settings(SettingsCommand::SaveRecipe(recipe)) => Some(recipe),
        _ => None,
    }
}

#[test]
fn suggestions_are_accepted_kept_and_taken_back() {
    let (mut session, doc) = opened(MESSY);
    assert_eq!(errors(&session, doc), 6);
    let clear = |session: &Session| {
        let offers = &view(session, doc).offers;
        (offers.iter().filter(|offer| offer.is_clear()).count(), offers.len())
    };
    assert_eq!(clear(&session), (2, 3));
    let mut commands = session.act(Action::Mapping(doc, MappingAction::AcceptAll));
    let recipe = kept(&mut commands).unwrap();
    assert_eq!(recipe.columns.len(), 5);
    perform(&mut session, commands);
    // The dates can be read in two orders: that is asked.
    assert_eq!((errors(&session, doc), clear(&session)), (3, (0, 1)));
    let commands = session.act(Action::Mapping(
        doc,
        MappingAction::Transform {
            column: 4,
            transform: Some("date:day-first".parse().unwrap()),
        },
    ));
    perform(&mut session, commands);
    assert_eq!((errors(&session, doc), clear(&session)), (0, (0, 0)));
    let proof = view(&session, doc)
        .proof(4, &"date:day-first".parse().unwrap())
        .cloned();
    assert!(proof.is_some_and(|proof| proof.is_exact && proof.fits == 3 && proof.misfits == 0));
    for expect in [3, 6] {
        let mut commands = session.act(Action::Table(doc, TableAction::Undo));
        assert!(kept(&mut commands).is_some());
        perform(&mut session, commands);
        assert_eq!(errors(&session, doc), expect);
    }
    let commands = session.act(Action::Table(doc, TableAction::Redo));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 3);
}

#[test]
fn recipes_are_applied_told_and_forgotten() {
    let (mut session, doc) = opened(MESSY);
    let mut commands = session.act(Action::Mapping(doc, MappingAction::AcceptAll));
    let recipe = kept(&mut commands).unwrap();
    let (mut session, doc) = opened(&MESSY.replace("title,", "name of it,"));
    let path = PathBuf::from("recipe.json");
    let commands = session.on(Event::Settings(SettingsEvent::RecipeRead {
        document: doc,
        recipe,
        path: path.clone(),
    }));
    assert_eq!(session.recent_recipes, [path]);
    perform(&mut session, commands);
    let told = view(&session, doc)
        .recipe
        .as_ref()
        .map(tatami::domain::recipe::Applied::words);
    assert_eq!(
        told.as_deref(),
        Some("Recipe for catalog.csv applied; the file lacks title; the recipe does not know name of it")
    );
    let commands = session.act(Action::Mapping(doc, MappingAction::StartAfresh));
    assert!(commands.iter().any(
        |command| matches!(command, Command::Settings(SettingsCommand::ForgetRecipe(columns)) if columns.len() == 5)
    ));
    perform(&mut session, commands);
    let mut commands = session.act(Action::Mapping(doc, MappingAction::StartAfresh));
    assert!(kept(&mut commands).is_none());
    perform(&mut session, commands);
    assert_eq!(view(&session, doc).recipe, None);
    assert_eq!(errors(&session, doc), 6);
}

#[test]
fn a_field_can_have_the_same_value_everywhere() {
    let (mut session, doc) = opened("product_ids,user_id\nA,u\n");
    let commands = session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Interactions)));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 1);
    let set = |value: &str| {
        Action::Mapping(
            doc,
            MappingAction::SetConstant {
                path: "type".to_owned(),
                value: Some(value.to_owned()),
            },
        )
    };
    assert!(session.act(set("looked at")).is_empty());
    assert_eq!(
        session.notices.last().map(|notice| notice.text.as_str()),
        Some("type cannot be “looked at” in every record: the field does not take that value")
    );
    let commands = session.act(set("click"));
    perform(&mut session, commands);
    assert_eq!(errors(&session, doc), 0);
}

#[test]
fn a_doubtful_data_set_is_asked_for_before_anything_is_sent() {
    let (mut session, doc) = opened("id,name\n1,Ada\n2,Bert\n");
    let asked = |session: &Session| {
        let choices = view(session, doc).question.iter().flatten();
        choices.map(|choice| choice.dataset).collect::<Vec<_>>()
    };
    assert_eq!(asked(&session).len(), Dataset::ALL.len());
    let likeliest = document(&session, doc).dataset;
    assert_eq!(asked(&session).first(), Some(&likeliest));
    let commands = session.act(Action::Upload(UploadAction::Ask(doc)));
    assert!(commands.is_empty() && session.dialog.is_none());
    // A mapping that nobody has chosen a data set for is not kept either.
    let mut commands = session.act(Action::Mapping(
        doc,
        MappingAction::Map {
            column: 1,
            path: None,
            custom_type: None,
        },
    ));
    assert!(kept(&mut commands).is_none());
    perform(&mut session, commands);
    let mut commands = session.act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Users)));
    assert!(kept(&mut commands).is_some());
    perform(&mut session, commands);
    assert!(asked(&session).is_empty());
    session.act(Action::Upload(UploadAction::Ask(doc)));
    assert!(session.dialog.is_some());
    if likeliest != Dataset::Users {
        let commands = session.act(Action::Table(doc, TableAction::Undo));
        perform(&mut session, commands);
        assert_eq!(asked(&session).len(), Dataset::ALL.len());
    }
}

/// What each action says when it is refused, one a line.
fn refusals(session: &mut Session, actions: Vec<(&str, Action)>) -> String {
    let mut lines = Vec::new();
    for (name, action) in actions {
        session.notices.clear();
        let commands = session.act(action);
        assert!(commands.is_empty(), "{name}: {commands:?}");
        let told: Vec<&str> = session.notices.iter().map(|notice| notice.text.as_str()).collect();
        lines.push(format!("{name}: {}", told.join(" | ")));
    }
    lines.join("\n")
}

/// Everything that can be wanted of a table.
fn of_table(doc: DocumentId) -> Vec<(&'static str, Action)> {
    let cells = vec![(0, 1, "Lamp".to_owned())];
    let cause = Cause {
        rule: Rule::Required,
        column: Some(0),
        hint: None,
    };
    vec![
        ("edit", Action::Table(doc, TableAction::Edit(cells))),
        ("repair", Action::Table(doc, TableAction::Repair(cause))),
        ("undo", Action::Table(doc, TableAction::Undo)),
        ("redo", Action::Table(doc, TableAction::Redo)),
        ("filter", Action::Table(doc, TableAction::Filter(Filter::Problems))),
        (
            "filter a column",
            Action::Table(doc, TableAction::FilterColumns(FilterAction::Again)),
        ),
        ("sort", Action::Table(doc, TableAction::Sort(Vec::new()))),
        ("next problem", Action::Table(doc, TableAction::NextProblem)),
        ("jump to a cause", Action::Table(doc, TableAction::JumpToCause(cause))),
        (
            "save a copy",
            Action::Table(doc, TableAction::SaveCopy("copy.csv".into())),
        ),
        (
            "export problems",
            Action::Table(doc, TableAction::ExportProblems("bad.csv".into())),
        ),
        (
            "export a recipe",
            Action::Mapping(doc, MappingAction::ExportRecipe("recipe.toml".into())),
        ),
        ("start afresh", Action::Mapping(doc, MappingAction::StartAfresh)),
        ("accept all", Action::Mapping(doc, MappingAction::AcceptAll)),
        ("ask for an upload", Action::Upload(UploadAction::Ask(doc))),
        (
            "upload",
            Action::Upload(UploadAction::Start {
                doc,
                write_options: WriteOptions::default(),
                dry_run: false,
            }),
        ),
    ]
}

#[test]
fn what_cannot_be_done_yet_says_why() {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let [Command::Table(request, _)] = &commands[..] else {
        panic!("{commands:?}")
    };
    let doc = request.document;
    insta::assert_snapshot!(refusals(&mut session, of_table(doc)), @r"
    edit: Cells can be changed once the file is open and no upload runs
    repair: The file is still being read
    undo: The file is still being read
    redo: The file is still being read
    filter: The file is still being read
    filter a column: The file is still being read
    sort: The file is still being read
    next problem: The file is still being read
    jump to a cause: The file is still being read
    save a copy: The file is still being read
    export problems: The file is still being read
    export a recipe: The file is still being read
    start afresh: The file is still being read
    accept all: The file is still being read
    ask for an upload: The file is still being read
    upload: The file is still being read
    ");
    session.act(Action::Table(doc, TableAction::Cancel));
    insta::assert_snapshot!(refusals(&mut session, of_table(doc)), @r"
    edit: Cells can be changed once the file is open and no upload runs
    repair: The file could not be read
    undo: The file could not be read
    redo: The file could not be read
    filter: The file could not be read
    filter a column: The file could not be read
    sort: The file could not be read
    next problem: The file could not be read
    jump to a cause: The file could not be read
    save a copy: The file could not be read
    export problems: The file could not be read
    export a recipe: The file could not be read
    start afresh: The file could not be read
    accept all: The file could not be read
    ask for an upload: The file could not be read
    upload: The file could not be read
    ");
    insta::assert_snapshot!(refusals(&mut session, of_table(DocumentId(99))), @r"
    edit: This file is no longer open
    repair: This file is no longer open
    undo: This file is no longer open
    redo: This file is no longer open
    filter: This file is no longer open
    filter a column: This file is no longer open
    sort: This file is no longer open
    next problem: This file is no longer open
    jump to a cause: This file is no longer open
    save a copy: This file is no longer open
    export problems: This file is no longer open
    export a recipe: This file is no longer open
    start afresh: This file is no longer open
    accept all: This file is no longer open
    ask for an upload: This file is no longer open
    upload: This file is no longer open
    ");
}

#[test]
fn what_cannot_be_done_now_says_why() {
    let (mut session, doc) = opened("product_id,title\nA,Lamp\n");
    let actions = vec![
        ("undo", Action::Table(doc, TableAction::Undo)),
        ("redo", Action::Table(doc, TableAction::Redo)),
        ("next problem", Action::Table(doc, TableAction::NextProblem)),
        ("previous problem", Action::Table(doc, TableAction::PreviousProblem)),
    ];
    insta::assert_snapshot!(refusals(&mut session, actions), @r"
    undo: There is nothing to undo
    redo: There is nothing to redo
    next problem: There is no further problem
    previous problem: There is no further problem
    ");
    let write_options = WriteOptions::default();
    let dry_run = false;
    assert_eq!(
        session
            .act(Action::Upload(UploadAction::Start {
                doc,
                write_options,
                dry_run
            }))
            .len(),
        1
    );
    let actions = vec![
        (
            "edit",
            Action::Table(doc, TableAction::Edit(vec![(0, 1, "Mat".to_owned())])),
        ),
        ("undo", Action::Table(doc, TableAction::Undo)),
        ("ask for an upload", Action::Upload(UploadAction::Ask(doc))),
        (
            "upload",
            Action::Upload(UploadAction::Start {
                doc,
                write_options,
                dry_run,
            }),
        ),
        ("dismiss the upload", Action::Upload(UploadAction::Dismiss(doc))),
        (
            "weigh a rule",
            Action::Settings(SettingsAction::SetLevel(Rule::Untitled, Level::Off)),
        ),
    ];
    insta::assert_snapshot!(refusals(&mut session, actions), @r"
    edit: Cells can be changed once the file is open and no upload runs
    undo: An upload of this file is running
    ask for an upload: An upload of this file is running
    upload: An upload of this file is running
    dismiss the upload: An upload of this file is running
    weigh a rule: Rules can be weighed differently once no upload runs
    ");
    assert!(!document(&session, doc).is_changed());
}

#[test]
fn the_first_rows_stay_when_reading_is_stopped() {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let [Command::Table(request, _)] = commands[..] else {
        panic!("{commands:?}")
    };
    let doc = request.document;
    let frame = Arc::new(Frame::from_text("catalog.csv", CATALOG, &OpenOptions::default()).unwrap());
    let suggested = || suggest(&frame, &Edits::default(), None).unwrap();
    let head = TableEvent::Head {
        frame: Arc::clone(&frame),
        suggested: suggested(),
    };
    session.on(Event::Table(request, head));
    assert_eq!(
        (document(&session, doc).phase(), view(&session, doc).rows()),
        (Phase::Opening, 5)
    );
    session.act(Action::Table(doc, TableAction::MoveCursor(3, 1)));
    session.act(Action::Table(doc, TableAction::Cancel));
    let whole = TableEvent::Opened {
        frame: Arc::clone(&frame),
        suggested: suggested(),
    };
    session.on(Event::Table(request, whole));
    let document = document(&session, doc);
    assert_eq!(
        document.phase(),
        Phase::Failed("Stopped before the whole file was checked")
    );
    assert_eq!(document.view().map(|view| view.cursor), Some((3, 1)));
    assert_eq!(document.open().err(), Some(Refusal::Failed));
}

#[test]
fn a_data_set_chosen_before_the_first_rows_are_there_is_kept() {
    let mut session = Session::default();
    let commands = session.act(Action::Open(vec![PathBuf::from("catalog.csv")]));
    let [Command::Table(request, _)] = commands[..] else {
        panic!("{commands:?}")
    };
    let doc = request.document;
    assert!(
        session
            .act(Action::Mapping(doc, MappingAction::SetDataset(Dataset::Users)))
            .is_empty()
    );
    let frame = Arc::new(Frame::from_text("catalog.csv", CATALOG, &OpenOptions::default()).unwrap());
    let suggested = suggest(&frame, &Edits::default(), None).unwrap();
    assert_eq!(suggested.mapping.dataset, Dataset::Products);
    let commands = session.on(Event::Table(request, TableEvent::Opened { frame, suggested }));
    let [Command::Table(_, TableCommand::Check { mapping, .. })] = &commands[..] else {
        panic!("{commands:?}")
    };
    assert_eq!(mapping.dataset, Dataset::Users);
    assert_eq!(document(&session, doc).dataset, Dataset::Users);
    assert_eq!(view(&session, doc).question, None);
}
