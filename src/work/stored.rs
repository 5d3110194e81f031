//! Work on what is stored in an environment.

use super::{Reporter, environments::Connections, task::WorkResult};
use crate::{
    domain::{dataset::Dataset, number::grouped, progress::Progress},
    message::{Event, StoredCommand, StoredEvent, WorkError},
    ops::{
        self, Connection,
        delete::Deleted,
        wipe::{self, Wiped},
    },
};

pub(super) async fn perform(
    environment: String,
    command: StoredCommand,
    environments: &Connections,
    reporter: &Reporter,
) -> WorkResult {
    let connection = environments.connect(&environment)?;
    let event = match command {
        StoredCommand::List(dataset) => {
            StoredEvent::Listed(dataset, Ok(ops::list::ids(&connection, dataset, None).await?))
        }
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
        StoredCommand::Delete(dataset, ids) => {
            let Deleted { deleted, .. } = ops::delete::delete(&connection, dataset, &ids).await?;
            StoredEvent::Deleted(dataset, Ok(deleted.unwrap_or(0)))
        }
        StoredCommand::Wipe { progress } => StoredEvent::Wiped(wipe(&connection, &progress).await),
        StoredCommand::Rehearse(faults) => StoredEvent::Rehearsing(Ok(match faults {
            Some(faults) => ops::rehearse::set_faults(&connection, &faults).await?,
            None => ops::rehearse::faults(&connection).await?,
        })),
        StoredCommand::Count => {
            let counts = ops::count::count_all(&connection).await.into_iter();
            let counts = counts.map(|(dataset, count)| (dataset, count.map_err(|error| error.to_string().into())));
            StoredEvent::Counted(counts.collect())
        }
    };
    reporter.report(Event::Stored(environment, event)).await;
    Ok(())
}

/// What was deleted of the data sets, or why not all was. Those that were not begun when somebody stopped it are left out.
async fn wipe(connection: &Connection, progress: &Progress) -> Vec<(Dataset, Result<u64, WorkError>)> {
    let mut outcome = Vec::new();
    for dataset in wipe::ORDER {
        if progress.is_cancelled() {
            break;
        }
        let wiped = wipe::wipe(connection, dataset, progress, &mut |_| {}).await;
        let deleted = match wiped.map(|wiped| wiped.wiped) {
            Ok(Wiped::Records(deleted)) => Ok(deleted),
            Ok(Wiped::OfUsers(users)) => Err(format!(
                "Those of {} stored users are deleted; others cannot be found, as the API does not list interactions",
                grouped(users)
            )
            .into()),
            Err(error) => Err(error.to_string().into()),
        };
        outcome.push((dataset, deleted));
    }
    outcome
}
