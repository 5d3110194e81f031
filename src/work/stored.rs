//! Work with an environment: upload, list, read, delete, wipe, count.

use std::{collections::HashSet, sync::Arc};

use super::{Reporter, environments::Connections, task::Outcome};
use crate::{
    api::{Client, IDS_A_REQUEST, Wiped},
    domain::{dataset::Dataset, number::grouped, progress::Progress},
    message::{Event, StoredCommand, StoredEvent},
};

/// Interactions on a page.
const PAGE: u32 = 200;

pub(super) async fn perform(
    environment: String,
    command: StoredCommand,
    connections: &Connections,
    reporter: &Reporter,
) -> Outcome {
    let event = match command {
        StoredCommand::List(dataset) => {
            let client = connections.client(&environment)?;
            StoredEvent::Listed(dataset, Ok(client.ids(dataset, None).await?))
        }
        StoredCommand::Get(dataset, id) => {
            let client = connections.client(&environment)?;
            let record = Ok(client.get(dataset, &id).await?);
            StoredEvent::Got { dataset, id, record }
        }
        StoredCommand::ListInteractions { after } => {
            let client = connections.client(&environment)?;
            let page = client.list_interactions(after, PAGE).await?;
            let records = page.interactions.into_iter().map(|interaction| interaction.record);
            StoredEvent::Interactions {
                page: Ok((records.collect(), page.next)),
                first: after.is_none(),
            }
        }
        StoredCommand::Delete(dataset, ids) => {
            StoredEvent::Deleted(dataset, delete(connections, &environment, dataset, &ids).await)
        }
        StoredCommand::Wipe { progress } => StoredEvent::Wiped(wipe(connections, &environment, &progress).await),
        StoredCommand::Rehearse(faults) => {
            let client = connections.client(&environment)?;
            StoredEvent::Rehearsing(Ok(match faults {
                Some(faults) => client.set_faults(&faults).await?,
                None => client.faults().await?,
            }))
        }
        StoredCommand::Count => StoredEvent::Counted(counts(&connections.client(&environment)?).await),
    };
    reporter.report(Event::Stored(environment, event)).await;
    Ok(())
}

async fn delete(connections: &Connections, environment: &str, dataset: Dataset, ids: &[String]) -> Result<u64, String> {
    let client = connections.client(environment)?;
    let mut deleted = 0;
    let mut unconfirmed = Vec::new();
    for some in ids.chunks(IDS_A_REQUEST) {
        let outcome = match dataset {
            Dataset::Interactions => client.delete_interactions_of(some).await,
            Dataset::Products | Dataset::Users => client.delete(dataset, some).await,
        };
        let outcome = outcome.map_err(|error| format!("{error}; {deleted} were deleted before"))?;
        match outcome.deleted {
            Some(count) => deleted += count,
            None => unconfirmed.extend_from_slice(some),
        }
    }
    if !unconfirmed.is_empty() && dataset != Dataset::Interactions {
        // A server that does not say how many: those it no longer lists are gone.
        let left = client.ids(dataset, None).await.map_err(|error| error.to_string())?;
        let left: HashSet<String> = left.into_iter().collect();
        deleted += unconfirmed.iter().filter(|id| !left.contains(*id)).count() as u64;
    }
    Ok(deleted)
}

async fn wipe(
    connections: &Connections,
    environment: &str,
    progress: &Arc<Progress>,
) -> Vec<(Dataset, Result<u64, String>)> {
    let client = match connections.client(environment) {
        Ok(client) => client,
        Err(reason) => return Dataset::ALL.map(|dataset| (dataset, Err(reason.clone()))).to_vec(),
    };
    let mut outcome = Vec::new();
    // Interactions of known users must go before the users, while their ids can still be listed.
    for dataset in [Dataset::Interactions, Dataset::Products, Dataset::Users] {
        let deleted = match client.wipe(dataset, progress).await {
            Ok(Wiped::Records(deleted)) => Ok(deleted),
            Ok(Wiped::OfUsers(users)) => Err(format!(
                "Those of {} stored users are deleted; others cannot be found, as the API does not list interactions",
                grouped(users)
            )),
            Err(error) => Err(error.to_string()),
        };
        outcome.push((dataset, deleted));
    }
    outcome
}

/// The number of records a data set: from the local server's own endpoint, elsewhere by listing ids; interactions
/// cannot be counted there.
async fn counts(client: &Client) -> Vec<(Dataset, Result<Option<u64>, String>)> {
    match client.counts().await {
        Ok(Some(counts)) => Dataset::ALL
            .map(|dataset| (dataset, Ok(Some(counts.of(dataset)))))
            .to_vec(),
        Ok(None) => {
            let mut all = Vec::new();
            for dataset in Dataset::ALL {
                let count = if dataset == Dataset::Interactions {
                    Ok(None)
                } else {
                    let ids = client.ids(dataset, None).await;
                    ids.map(|ids| Some(ids.len() as u64)).map_err(|error| error.to_string())
                };
                all.push((dataset, count));
            }
            all
        }
        Err(error) => Dataset::ALL.map(|dataset| (dataset, Err(error.to_string()))).to_vec(),
    }
}
