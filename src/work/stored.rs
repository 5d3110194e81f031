//! Work on what is stored in an environment.

use super::{
    Reporter,
    environments::Connections,
    task::{WorkResult, said},
};
use crate::{
    domain::{dataset::Dataset, number::grouped, progress::Progress},
    message::{Event, StoredCommand, StoredEvent, WorkError, WorkErrorKind},
    ops::{
        self,
        delete::Deleted,
        guard::{ChangeKind, Permit},
        list::KnownIds,
        sent::SentIds,
        wipe::{self, Wiped, WipedKnown},
    },
    settings::Paths,
};

pub(super) async fn perform(
    environment: String,
    command: StoredCommand,
    environments: &Connections,
    reporter: &Reporter,
) -> WorkResult {
    let (connection, paths) = (environments.connect(&environment)?, environments.paths());
    let event = match command {
        StoredCommand::List(dataset) => match ops::list::ids(&connection, paths, dataset, None).await? {
            KnownIds::Listed(ids) => StoredEvent::Listed(dataset, Ok(ids)),
            KnownIds::Sent(SentIds { ids, forgotten }) => StoredEvent::ListedSent {
                dataset,
                ids,
                caveat: format!(
                    "The server has no list of {dataset}: these are the ids that this machine sent there. Some may be gone, \
                     and others stored{}.",
                    of_forgotten(forgotten)
                ),
            },
        },
        StoredCommand::Get(dataset, id) => {
            let record = Ok(ops::get::get(&connection, dataset, &id).await?);
            StoredEvent::Got { dataset, id, record }
        }
        StoredCommand::ListInteractions { after } => {
            let page = ops::list::interactions(&connection, after).await?;
            let records = page.interactions.into_iter().map(|interaction| interaction.record);
            StoredEvent::Interactions {
                page: Ok((records.collect(), page.next)),
                first: after.is_none(),
            }
        }
        StoredCommand::Delete { dataset, ids, consent } => {
            let permit = connection.allow(ChangeKind::Delete, &consent)?;
            let Deleted { deleted, .. } = ops::delete::delete(&permit, paths, dataset, &ids).await?;
            StoredEvent::Deleted(dataset, Ok(deleted))
        }
        StoredCommand::Wipe { consent, progress } => {
            let permit = connection.allow(ChangeKind::Delete, &consent)?;
            StoredEvent::Wiped(wipe(&permit, paths, &progress).await)
        }
        StoredCommand::Rehearse(faults) => StoredEvent::Rehearsing(Ok(match faults {
            Some(faults) => ops::rehearse::set_faults(&connection, &faults).await?,
            None => ops::rehearse::faults(&connection).await?,
        })),
        StoredCommand::Count => {
            let counts = ops::count::count_all(&connection).await.into_iter();
            let counts = counts.map(|(dataset, count)| (dataset, count.map_err(|error| said(&error.into()))));
            StoredEvent::Counted(counts.collect())
        }
    };
    reporter.report(Event::Stored(environment, event)).await;
    Ok(())
}

/// What was deleted of the data sets, or why not all was. Those that were not begun when somebody stopped it are left out.
async fn wipe(permit: &Permit, paths: &Paths, progress: &Progress) -> Vec<(Dataset, Result<u64, WorkError>)> {
    let mut outcome = Vec::new();
    for dataset in wipe::ORDER {
        if progress.is_cancelled() {
            break;
        }
        let wiped = wipe::wipe(permit, paths, dataset, progress, &mut |_| {}).await;
        let deleted = match wiped.map(|wiped| wiped.wiped) {
            Ok(Wiped::Records(deleted)) => Ok(deleted),
            Ok(Wiped::OfUsers(users)) => Err(partly(format!(
                "Those of {} stored users are deleted; others cannot be found, as the API does not list interactions",
                grouped(users)
            ))),
            Ok(Wiped::OfKnownUsers { users, forgotten }) => Err(partly(format!(
                "Those of {} users that this machine sent are deleted; others cannot be found, as the API does not list \
                 interactions{}",
                grouped(users),
                of_forgotten(forgotten)
            ))),
            Ok(Wiped::Known(known)) => Err(partly(of_known(dataset, known))),
            Err(error) => Err(said(&error.into())),
        };
        outcome.push((dataset, deleted));
    }
    outcome
}

/// What was not done because the server does not offer it.
const fn partly(reason: String) -> WorkError {
    WorkError {
        reason,
        kind: WorkErrorKind::Unsupported,
    }
}

/// What was deleted where the server has no list.
fn of_known(dataset: Dataset, known: WipedKnown) -> String {
    let WipedKnown {
        asked,
        deleted,
        forgotten,
    } = known;
    if asked == 0 {
        return format!(
            "This machine knows of no {} that it sent; others cannot be found, as the server has no list of {dataset}{}",
            dataset.noun(1),
            of_forgotten(forgotten)
        );
    }
    let done = match deleted {
        Some(deleted) => format!("{} were deleted", grouped(deleted)),
        None => "all were asked to be deleted".to_owned(),
    };
    format!(
        "Of {} {} that this machine sent {done}; others cannot be found, as the server has no list of {dataset}{}",
        grouped(asked),
        dataset.noun(asked),
        of_forgotten(forgotten)
    )
}

/// What is not known any more of what this machine sent, to follow a sentence.
fn of_forgotten(uploads: u64) -> String {
    match uploads {
        0 => String::new(),
        1 => "; what one upload sent is not known any more".to_owned(),
        many => format!("; what {} uploads sent is not known any more", grouped(many)),
    }
}
