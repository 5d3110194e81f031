//! What a failed command is reported as: the event that ends what the command had begun in the window.

use super::task::FailureEvent;
use crate::{
    domain::dataset::Dataset,
    message::{
        Command, Event, KeepCommand, KeepEvent, Request, SettingsCommand, StoredCommand, StoredEvent, TableCommand,
        TableEvent, UploadCommand, UploadEvent, WorkError,
    },
};

pub(super) fn of(command: &Command) -> FailureEvent {
    match command {
        Command::Table(request, command) => of_table(*request, command),
        Command::Upload(command) => of_upload(command),
        Command::Stored(environment, command) => of_stored(environment.clone(), command),
        Command::Settings(command) => of_settings(command),
        Command::Keep(KeepCommand::Save { .. }) => Box::new(|error| Event::Keep(KeepEvent::Failed(error))),
    }
}

fn of_table(request: Request, command: &TableCommand) -> FailureEvent {
    match command {
        TableCommand::Open { .. } | TableCommand::Check { .. } | TableCommand::Recheck { .. } => {
            Box::new(move |error| Event::Table(request, TableEvent::Failed(error.reason)))
        }
        &TableCommand::Sort { search, .. } => Box::new(move |error| {
            let order = Err(error);
            Event::Table(request, TableEvent::Sorted { search, order })
        }),
        &TableCommand::Filter { search, .. } => Box::new(move |error| {
            let rows = Err(error);
            Event::Table(request, TableEvent::Filtered { search, rows })
        }),
        &TableCommand::CountValues { search, .. } => Box::new(move |error| {
            let values = Err(error);
            Event::Table(request, TableEvent::CountedValues { search, values })
        }),
        &TableCommand::Find { search, .. } => Box::new(move |error| {
            let places = Err(error);
            Event::Table(request, TableEvent::Found { search, places })
        }),
        &TableCommand::CountReplace { search, .. } => Box::new(move |error| {
            let count = Err(error);
            Event::Table(request, TableEvent::CountedReplace { search, count })
        }),
        &TableCommand::Replace { search, .. } => Box::new(move |error| {
            let replaced = Err(error);
            Event::Table(request, TableEvent::Replaced { search, replaced })
        }),
        &TableCommand::FindRow { search, .. } => Box::new(move |error| {
            let row = Err(error);
            Event::Table(request, TableEvent::FoundRow { search, row })
        }),
        &TableCommand::PreviewImport { search, .. } => Box::new(move |error| {
            let preview = Err(error);
            Event::Table(request, TableEvent::ImportPreviewed { search, preview })
        }),
        &TableCommand::Statistics { search, .. } => Box::new(move |error| {
            let found = Err(error);
            Event::Table(request, TableEvent::Statistics { search, found })
        }),
        TableCommand::SaveCopy { .. } => {
            Box::new(move |error| Event::Table(request, TableEvent::NotCopied(error.reason)))
        }
        TableCommand::Prove { .. } | TableCommand::Repair { .. } | TableCommand::Export { .. } => Box::new(problem),
    }
}

fn of_upload(command: &UploadCommand) -> FailureEvent {
    match command {
        &UploadCommand::Preview { request, .. } => {
            Box::new(move |error| Event::Upload(UploadEvent::Previewed(request, Err(error))))
        }
        &UploadCommand::Compare { request, row, .. } => Box::new(move |error| {
            Event::Upload(UploadEvent::Compared {
                request,
                row,
                outcome: Err(error),
            })
        }),
        &(UploadCommand::Start { request, .. } | UploadCommand::Resume { request, .. }) => {
            Box::new(move |error| Event::Upload(UploadEvent::Failed(request, error)))
        }
        &UploadCommand::PreviewUndo { upload, .. } => {
            Box::new(move |error| Event::Upload(UploadEvent::UndoPreviewed(upload, Err(error))))
        }
        UploadCommand::Undo { .. } => Box::new(|error| Event::Upload(UploadEvent::Undone(Err(error)))),
        UploadCommand::List => Box::new(|error| Event::Upload(UploadEvent::Listed(Err(error)))),
        UploadCommand::Check => Box::new(|error| Event::Upload(UploadEvent::Examined(Err(error)))),
        UploadCommand::Repair
        | UploadCommand::DiscardSnapshot(_)
        | UploadCommand::Report { .. }
        | UploadCommand::ReportPast { .. }
        | UploadCommand::SetAside(_) => Box::new(problem),
    }
}

fn of_stored(environment: String, command: &StoredCommand) -> FailureEvent {
    let event: Box<dyn FnOnce(WorkError) -> StoredEvent + Send> = match command {
        &StoredCommand::List(dataset) => Box::new(move |error| StoredEvent::Listed(dataset, Err(error))),
        StoredCommand::Get(dataset, id) => {
            let (dataset, id) = (*dataset, id.clone());
            Box::new(move |error| StoredEvent::Got {
                dataset,
                id,
                record: Err(error),
            })
        }
        StoredCommand::ListInteractions { after } => {
            let first = after.is_none();
            Box::new(move |error| StoredEvent::Interactions {
                page: Err(error),
                first,
            })
        }
        &StoredCommand::Delete { dataset, .. } => Box::new(move |error| StoredEvent::Deleted(dataset, Err(error))),
        StoredCommand::Wipe { .. } => {
            Box::new(|error| StoredEvent::Wiped(Dataset::ALL.map(|dataset| (dataset, Err(error.clone()))).to_vec()))
        }
        StoredCommand::Count => {
            Box::new(|error| StoredEvent::Counted(Dataset::ALL.map(|dataset| (dataset, Err(error.clone()))).to_vec()))
        }
        StoredCommand::Rehearse(_) => Box::new(|error| StoredEvent::Rehearsing(Err(error))),
    };
    Box::new(move |error| Event::Stored(environment, event(error)))
}

fn of_settings(command: &SettingsCommand) -> FailureEvent {
    match command {
        SettingsCommand::SaveEnvironment { .. }
        | SettingsCommand::RemoveEnvironment(_)
        | SettingsCommand::SaveLevels(_)
        | SettingsCommand::SaveRecipe(_)
        | SettingsCommand::ForgetRecipe(_)
        | SettingsCommand::ExportRecipe(..)
        | SettingsCommand::ReadRecipe(..)
        | SettingsCommand::UnpackSamples => Box::new(problem),
    }
}

fn problem(error: WorkError) -> Event {
    Event::Problem(error.reason)
}
