//! Whatever is asked for, a panic ends it: with one event, which says so where it was asked for.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Reporter, failure,
    task::{PANICKED, WorkResult, apart, blocking, supervise},
};
use crate::{
    check::{Checked, check, suggest},
    domain::{
        cell_query::{CellQuery, CellText, Replacement},
        dataset::Dataset,
        filter::ValueTest,
        ids::DocumentId,
        issue::Cause,
        mapping::Mapping,
        progress::Progress,
        recipe::{ReadOptions, Recipe},
        rows::RowSet,
        rules::{Levels, Rule},
        text_query::TextQuery,
    },
    frame::{Edits, Frame, OpenOptions, Shown, SortBy},
    message::{
        Command, EndedUpload, Event, Generation, KeepCommand, KeepEvent, NewUpload, ReportKind, Request, RevertOrder,
        RunHandles, SettingsCommand, StoredCommand, StoredEvent, Table, TableCommand, TableEvent, UploadCommand,
        UploadEvent, UploadWatch, WorkError,
    },
    ops::guard::Consent,
    settings::Environment,
    upload::{BatchLimits, Report, RowStates, SettledRows, UploadId, UploadTally, WriteOptions},
};

const REQUEST: Request = Request {
    document: DocumentId(7),
    generation: Generation(3),
};
const UPLOAD: UploadId = UploadId(5);
const ENVIRONMENT: &str = "Shop";

/// A table, and what is found in it.
struct CheckedTable {
    table: Table,
    mapping: Mapping,
    checked: Arc<Checked>,
}

impl CheckedTable {
    fn new() -> Self {
        let frame = Frame::from_text("catalog.csv", "product_id\nA\n", &OpenOptions::default()).unwrap();
        let edits = Edits::default();
        let mapping = suggest(&frame, &edits, None).unwrap().mapping;
        let checked = check(&frame, &edits, &mapping, &Progress::default()).unwrap();
        Self {
            table: Table {
                frame: Arc::new(frame),
                edits: Arc::new(edits),
            },
            mapping,
            checked: Arc::new(checked),
        }
    }

    fn table(&self) -> Table {
        self.table.clone()
    }

    fn checked(&self) -> Arc<Checked> {
        Arc::clone(&self.checked)
    }

    fn of_table(&self) -> Vec<Command> {
        let commands = vec![
            TableCommand::Open {
                path: path(),
                options: OpenOptions::default(),
                dataset: None,
                levels: Levels::default(),
                progress: Arc::default(),
            },
            TableCommand::Check {
                table: self.table(),
                mapping: self.mapping.clone(),
                levels: Levels::default(),
                progress: Arc::default(),
            },
            TableCommand::Prove {
                table: self.table(),
                mapping: self.mapping.clone(),
                wanted: Vec::new(),
                progress: Arc::default(),
            },
            TableCommand::Recheck {
                table: self.table(),
                checked: self.checked(),
                rows: RowSet::default(),
            },
            TableCommand::Repair {
                table: self.table(),
                checked: self.checked(),
                causes: vec![Cause {
                    rule: Rule::ALL[0],
                    column: Some(0),
                    hint: None,
                }],
                offers: Vec::new(),
            },
            TableCommand::Sort {
                table: self.table(),
                plan: self.checked().shared_plan(),
                by: vec![SortBy {
                    column: 0,
                    descending: false,
                }],
                search: Generation(4),
                progress: Arc::default(),
            },
            TableCommand::Filter {
                table: self.table(),
                plan: self.checked().shared_plan(),
                wanted: vec![(0, ValueTest::Empty)],
                search: Generation(5),
                progress: Arc::default(),
            },
            TableCommand::CountValues {
                table: self.table(),
                plan: self.checked().shared_plan(),
                column: 0,
                search: Generation(6),
                progress: Arc::default(),
            },
            TableCommand::Find {
                table: self.table(),
                plan: self.checked().shared_plan(),
                shown: Shown::default(),
                query: query(),
                search: Generation(7),
                progress: Arc::default(),
            },
            TableCommand::CountReplace {
                table: self.table(),
                plan: self.checked().shared_plan(),
                shown: Shown::default(),
                replacement: replacement(),
                search: Generation(9),
                progress: Arc::default(),
            },
            TableCommand::Replace {
                table: self.table(),
                plan: self.checked().shared_plan(),
                checked: None,
                shown: Shown::default(),
                replacement: replacement(),
                search: Generation(10),
                progress: Arc::default(),
            },
            TableCommand::FindRow {
                table: self.table(),
                text: "A".to_owned(),
                id_column: Some(0),
                search: Generation(8),
                progress: Arc::default(),
            },
            TableCommand::PreviewImport {
                path: path(),
                options: OpenOptions::default(),
                search: Generation(9),
                progress: Arc::default(),
            },
            TableCommand::SaveCopy {
                table: self.table(),
                path: path(),
            },
            TableCommand::Export {
                table: self.table(),
                checked: self.checked(),
                path: path(),
            },
        ];
        let commands = commands.into_iter();
        commands.map(|command| Command::Table(REQUEST, command)).collect()
    }

    fn of_uploads(&self) -> Vec<Command> {
        let commands = vec![
            UploadCommand::Preview {
                request: REQUEST,
                table: self.table(),
                checked: self.checked(),
                environment: ENVIRONMENT.to_owned(),
                progress: Arc::default(),
            },
            UploadCommand::Compare {
                request: REQUEST,
                table: self.table(),
                checked: self.checked(),
                row: 4,
                environment: ENVIRONMENT.to_owned(),
            },
            UploadCommand::Start {
                request: REQUEST,
                upload: Box::new(self.new_upload()),
                handles: handles(),
            },
            UploadCommand::Resume {
                request: REQUEST,
                upload: UPLOAD,
                consent: Consent::default(),
                handles: handles(),
            },
            UploadCommand::PreviewUndo {
                upload: UPLOAD,
                progress: Arc::default(),
            },
            UploadCommand::Undo {
                order: RevertOrder::GoOn(UPLOAD),
                consent: Consent::default(),
                handles: handles(),
            },
            UploadCommand::DiscardSnapshot(UPLOAD),
            UploadCommand::Report {
                ended: Box::new(self.ended()),
                path: path(),
                what: ReportKind::Report,
            },
            UploadCommand::ReportPast {
                upload: UPLOAD,
                path: path(),
                what: ReportKind::Rows,
            },
            UploadCommand::List,
            UploadCommand::SetAside(UPLOAD),
        ];
        commands.into_iter().map(Command::Upload).collect()
    }

    fn of_settings(&self) -> Vec<Command> {
        let commands = vec![
            SettingsCommand::SaveEnvironment {
                environment: Environment::local(),
                key: None,
                confirmed: None,
            },
            SettingsCommand::RemoveEnvironment(ENVIRONMENT.to_owned()),
            SettingsCommand::SaveLevels(Levels::default()),
            SettingsCommand::SaveRecipe(self.recipe()),
            SettingsCommand::ForgetRecipe(Vec::new()),
            SettingsCommand::ExportRecipe(self.recipe(), Arc::clone(&self.table.frame), path()),
            SettingsCommand::ReadRecipe(REQUEST.document, path()),
            SettingsCommand::UnpackSamples,
        ];
        commands.into_iter().map(Command::Settings).collect()
    }

    fn new_upload(&self) -> NewUpload {
        NewUpload {
            table: self.table(),
            options: OpenOptions::default(),
            mapping: self.mapping.clone(),
            checked: self.checked(),
            environment: ENVIRONMENT.to_owned(),
            consent: Consent::default(),
            limits: BatchLimits::recommended(Dataset::Products),
            write_options: WriteOptions::default(),
            dry_run: false,
        }
    }

    fn ended(&self) -> EndedUpload {
        EndedUpload {
            table: self.table(),
            checked: self.checked(),
            report: Report {
                id: Some(UPLOAD),
                tally: UploadTally::default(),
                states: RowStates::default(),
                settled: SettledRows::default(),
                rejected: Vec::new(),
                duration: Duration::ZERO,
                bytes: 0,
                requests: 0,
                dry_run: false,
                superseded: 0,
                repeated_ids: 0,
                read_back: None,
                stopped: None,
            },
            environment: ENVIRONMENT.to_owned(),
        }
    }

    fn recipe(&self) -> Box<Recipe> {
        Box::new(Recipe {
            name: "catalog.csv".to_owned(),
            saved: String::new(),
            read: ReadOptions::default(),
            columns: self.table.frame.columns().to_vec(),
            mapping: self.mapping.clone(),
            levels: Levels::default(),
        })
    }
}

fn of_stored() -> Vec<Command> {
    let commands = vec![
        StoredCommand::List(Dataset::Users),
        StoredCommand::Get(Dataset::Products, "A".to_owned()),
        StoredCommand::ListInteractions { after: None },
        StoredCommand::ListInteractions { after: Some(9) },
        StoredCommand::Delete {
            dataset: Dataset::Interactions,
            ids: vec!["u".to_owned()],
            consent: Consent::default(),
        },
        StoredCommand::Wipe {
            consent: Consent::default(),
            progress: Arc::default(),
        },
        StoredCommand::Count,
        StoredCommand::Rehearse(None),
    ];
    let commands = commands.into_iter();
    commands
        .map(|command| Command::Stored(ENVIRONMENT.to_owned(), command))
        .collect()
}

fn path() -> PathBuf {
    PathBuf::from("catalog.csv")
}

fn handles() -> RunHandles {
    RunHandles {
        progress: Arc::default(),
        control: Arc::default(),
        watch: Arc::new(UploadWatch::new(1)),
    }
}

/// Whether an event ends what the command had begun, and says that it panicked.
fn ends(command: &Command, event: &Event) -> bool {
    match command {
        Command::Table(request, command) => table_ends(*request, command, event),
        Command::Upload(command) => upload_ends(command, event),
        Command::Stored(asked, command) => {
            matches!(event, Event::Stored(environment, event) if environment == asked && stored_ends(command, event))
        }
        Command::Settings(
            SettingsCommand::SaveEnvironment { .. }
            | SettingsCommand::RemoveEnvironment(_)
            | SettingsCommand::SaveLevels(_)
            | SettingsCommand::SaveRecipe(_)
            | SettingsCommand::ForgetRecipe(_)
            | SettingsCommand::ExportRecipe(..)
            | SettingsCommand::ReadRecipe(..)
            | SettingsCommand::UnpackSamples,
        ) => is_problem(event),
        Command::Keep(KeepCommand::Save { .. }) => {
            matches!(event, Event::Keep(KeepEvent::Failed(error)) if *error == PANICKED.into())
        }
    }
}

fn query() -> CellQuery {
    CellQuery {
        text: TextQuery::new("lamp").unwrap(),
        column: None,
        within: CellText::Written,
    }
}

fn replacement() -> Replacement {
    Replacement {
        query: query(),
        with: "mat".to_owned(),
    }
}

fn table_ends(asked: Request, command: &TableCommand, event: &Event) -> bool {
    match command {
        TableCommand::Open { .. } | TableCommand::Check { .. } | TableCommand::Recheck { .. } => {
            matches!(event, Event::Table(request, TableEvent::Failed(reason)) if *request == asked && reason == PANICKED)
        }
        TableCommand::Sort {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::Sorted { search, order })
                if *request == asked && search == asked_search && panicked(order))
        }
        TableCommand::Filter {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::Filtered { search, rows })
                if *request == asked && search == asked_search && panicked(rows))
        }
        TableCommand::CountValues {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::CountedValues { search, values })
                if *request == asked && search == asked_search && panicked(values))
        }
        TableCommand::Find {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::Found { search, places })
                if *request == asked && search == asked_search && panicked(places))
        }
        TableCommand::CountReplace {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::CountedReplace { search, count })
                if *request == asked && search == asked_search && panicked(count))
        }
        TableCommand::Replace {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::Replaced { search, replaced })
                if *request == asked && search == asked_search && panicked(replaced))
        }
        TableCommand::FindRow {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::FoundRow { search, row })
                if *request == asked && search == asked_search && panicked(row))
        }
        TableCommand::PreviewImport {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::ImportPreviewed { search, preview })
                if *request == asked && search == asked_search && panicked(preview))
        }
        TableCommand::Statistics {
            search: asked_search, ..
        } => {
            matches!(event, Event::Table(request, TableEvent::Statistics { search, found })
                if *request == asked && search == asked_search && panicked(found))
        }
        TableCommand::SaveCopy { .. } => {
            matches!(event, Event::Table(request, TableEvent::NotCopied(reason)) if *request == asked && reason == PANICKED)
        }
        TableCommand::Prove { .. } | TableCommand::Repair { .. } | TableCommand::Export { .. } => is_problem(event),
    }
}

fn upload_ends(command: &UploadCommand, event: &Event) -> bool {
    use UploadEvent::{Compared, Examined, Failed, Listed, Previewed, UndoPreviewed, Undone};
    match command {
        UploadCommand::Preview { request: asked, .. } => {
            matches!(event, Event::Upload(Previewed(request, outcome)) if request == asked && panicked(outcome))
        }
        UploadCommand::Compare {
            request: asked,
            row: of,
            ..
        } => {
            matches!(event, Event::Upload(Compared { request, row, outcome })
                if (request, row) == (asked, of) && panicked(outcome))
        }
        UploadCommand::Start { request: asked, .. } | UploadCommand::Resume { request: asked, .. } => {
            matches!(event, Event::Upload(Failed(request, error)) if request == asked && *error == PANICKED.into())
        }
        UploadCommand::PreviewUndo { upload: asked, .. } => {
            matches!(event, Event::Upload(UndoPreviewed(upload, outcome)) if upload == asked && panicked(outcome))
        }
        UploadCommand::Undo { .. } => matches!(event, Event::Upload(Undone(outcome)) if panicked(outcome)),
        UploadCommand::List => matches!(event, Event::Upload(Listed(outcome)) if panicked(outcome)),
        UploadCommand::Check => matches!(event, Event::Upload(Examined(outcome)) if panicked(outcome)),
        UploadCommand::Repair
        | UploadCommand::DiscardSnapshot(_)
        | UploadCommand::Report { .. }
        | UploadCommand::ReportPast { .. }
        | UploadCommand::SetAside(_) => is_problem(event),
    }
}

fn stored_ends(command: &StoredCommand, event: &StoredEvent) -> bool {
    match command {
        StoredCommand::List(of) => {
            matches!(event, StoredEvent::Listed(dataset, outcome) if dataset == of && panicked(outcome))
        }
        StoredCommand::Get(of, asked) => {
            matches!(event, StoredEvent::Got { dataset, id, record } if (dataset, id) == (of, asked) && panicked(record))
        }
        StoredCommand::ListInteractions { after } => {
            matches!(event, StoredEvent::Interactions { page, first } if *first == after.is_none() && panicked(page))
        }
        StoredCommand::Delete { dataset: of, .. } => {
            matches!(event, StoredEvent::Deleted(dataset, outcome) if dataset == of && panicked(outcome))
        }
        StoredCommand::Wipe { .. } => matches!(event, StoredEvent::Wiped(outcomes) if all_panicked(outcomes)),
        StoredCommand::Count => matches!(event, StoredEvent::Counted(outcomes) if all_panicked(outcomes)),
        StoredCommand::Rehearse(_) => matches!(event, StoredEvent::Rehearsing(outcome) if panicked(outcome)),
    }
}

fn is_problem(event: &Event) -> bool {
    matches!(event, Event::Problem(reason) if reason == PANICKED)
}

fn panicked<T>(outcome: &Result<T, WorkError>) -> bool {
    outcome.as_ref().is_err_and(|error| *error == PANICKED.into())
}

/// Whether it is said of every data set.
fn all_panicked<T>(outcomes: &[(Dataset, Result<T, WorkError>)]) -> bool {
    let datasets: Vec<Dataset> = outcomes.iter().map(|(dataset, _)| *dataset).collect();
    datasets == Dataset::ALL && outcomes.iter().all(|(_, outcome)| panicked(outcome))
}

/// Everything that is reported when a command's work, run where such work runs, is this.
async fn reported(command: &Command, work: fn() -> WorkResult) -> Vec<Event> {
    let (events, mut inbox) = mpsc::channel(8);
    let reporter = Reporter {
        events,
        wake: Arc::new(|| ()),
    };
    let failure = failure::of(command);
    match command {
        Command::Table(..) | Command::Settings(_) | Command::Keep(_) => {
            supervise(&reporter, failure, blocking(work)).await;
        }
        Command::Upload(_) | Command::Stored(..) => {
            let work = apart(async move { work() }, CancellationToken::new());
            supervise(&reporter, failure, work).await;
        }
    }
    drop(reporter);
    let mut all = Vec::new();
    while let Some(event) = inbox.recv().await {
        all.push(event);
    }
    all
}

#[tokio::test]
async fn every_command_that_panics_ends_as_its_failure() {
    let subject = CheckedTable::new();
    let commands = [
        subject.of_table(),
        subject.of_uploads(),
        of_stored(),
        subject.of_settings(),
        vec![Command::Keep(KeepCommand::Save {
            turn: 1,
            all: Vec::new(),
        })],
    ];
    for command in commands.iter().flatten() {
        let events = reported(command, || panic!("a hostile file")).await;
        assert!(
            matches!(&events[..], [event] if ends(command, event)),
            "{command:?}: {events:?}"
        );
        let events = reported(command, || Ok(())).await;
        assert!(events.is_empty(), "{command:?} reports its own end: {events:?}");
    }
}
