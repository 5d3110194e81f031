//! What a failed command is reported as: the event that ends what the command had begun in the window.

use super::task::Failure;
use crate::{
    domain::dataset::Dataset,
    message::{
        Command, Event, Request, SettingsCommand, StoredCommand, StoredEvent, TableCommand, TableEvent, UploadCommand,
        UploadEvent,
    },
};

pub(super) fn of(command: &Command) -> Failure {
    match command {
        Command::Table(request, command) => of_table(*request, command),
        Command::Upload(command) => of_upload(command),
        Command::Stored(environment, command) => of_stored(environment.clone(), command),
        Command::Settings(command) => of_settings(command),
    }
}

fn of_table(request: Request, command: &TableCommand) -> Failure {
    match command {
        TableCommand::Open { .. } | TableCommand::Check { .. } | TableCommand::Recheck { .. } => {
            Box::new(move |reason| Event::Table(request, TableEvent::Failed(reason)))
        }
        TableCommand::Prove { .. }
        | TableCommand::Repair { .. }
        | TableCommand::Sort { .. }
        | TableCommand::SaveCopy { .. }
        | TableCommand::Export { .. } => Box::new(Event::Problem),
    }
}

fn of_upload(command: &UploadCommand) -> Failure {
    match command {
        &UploadCommand::Preview { request, .. } => {
            Box::new(move |reason| Event::Upload(UploadEvent::Previewed(request, Err(reason))))
        }
        &UploadCommand::Compare { request, row, .. } => Box::new(move |reason| {
            Event::Upload(UploadEvent::Compared {
                request,
                row,
                outcome: Err(reason),
            })
        }),
        &(UploadCommand::Start { request, .. } | UploadCommand::Resume { request, .. }) => {
            Box::new(move |reason| Event::Upload(UploadEvent::Failed(request, reason)))
        }
        &UploadCommand::PreviewUndo { upload, .. } => {
            Box::new(move |reason| Event::Upload(UploadEvent::UndoPreviewed(upload, Err(reason))))
        }
        UploadCommand::Undo { .. } => Box::new(|reason| Event::Upload(UploadEvent::Undone(Err(reason)))),
        UploadCommand::List => Box::new(|reason| Event::Upload(UploadEvent::Listed(Err(reason)))),
        UploadCommand::DiscardSnapshot(_)
        | UploadCommand::Report { .. }
        | UploadCommand::ReportPast { .. }
        | UploadCommand::SetAside(_) => Box::new(Event::Problem),
    }
}

fn of_stored(environment: String, command: &StoredCommand) -> Failure {
    let event: Box<dyn FnOnce(String) -> StoredEvent + Send> = match command {
        &StoredCommand::List(dataset) => Box::new(move |reason| StoredEvent::Listed(dataset, Err(reason))),
        StoredCommand::Get(dataset, id) => {
            let (dataset, id) = (*dataset, id.clone());
            Box::new(move |reason| StoredEvent::Got {
                dataset,
                id,
                record: Err(reason),
            })
        }
        StoredCommand::ListInteractions { after } => {
            let first = after.is_none();
            Box::new(move |reason| StoredEvent::Interactions {
                page: Err(reason),
                first,
            })
        }
        &StoredCommand::Delete(dataset, _) => Box::new(move |reason| StoredEvent::Deleted(dataset, Err(reason))),
        StoredCommand::Wipe { .. } => {
            Box::new(|reason| StoredEvent::Wiped(Dataset::ALL.map(|dataset| (dataset, Err(reason.clone()))).to_vec()))
        }
        StoredCommand::Count => {
            Box::new(|reason| StoredEvent::Counted(Dataset::ALL.map(|dataset| (dataset, Err(reason.clone()))).to_vec()))
        }
        StoredCommand::Rehearse(_) => Box::new(|reason| StoredEvent::Rehearsing(Err(reason))),
    };
    Box::new(move |reason| Event::Stored(environment, event(reason)))
}

fn of_settings(command: &SettingsCommand) -> Failure {
    match command {
        SettingsCommand::SaveEnvironment { .. }
        | SettingsCommand::RemoveEnvironment(_)
        | SettingsCommand::SaveLevels(_)
        | SettingsCommand::SaveRecipe(_)
        | SettingsCommand::ForgetRecipe(_)
        | SettingsCommand::ExportRecipe(..)
        | SettingsCommand::ReadRecipe(..)
        | SettingsCommand::UnpackSamples => Box::new(Event::Problem),
    }
}
