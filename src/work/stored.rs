//! Work with an environment: upload, list, read, delete, wipe, count.

use std::{collections::HashSet, sync::Arc};

use super::{Command, Event, Reporter, environments::Connections, undo, uploads};
use crate::{
    api::{Client, IDS_A_REQUEST, Wiped},
    domain::{dataset::Dataset, number::grouped, progress::Progress},
};

/// Interactions on a page.
const PAGE: u32 = 200;

pub(super) async fn perform(command: Command, connections: &Connections, reporter: &Reporter) {
    match command {
        Command::Preview { .. }
        | Command::Compare { .. }
        | Command::Upload { .. }
        | Command::Resume { .. }
        | Command::ListUploads
        | Command::SetAside(_)
        | Command::DiscardSnapshot(_) => {
            uploads::perform(command, connections, reporter).await;
        }
        Command::PreviewUndo { .. } | Command::Undo { .. } => undo::perform(command, connections, reporter).await,
        Command::List { environment, dataset } => {
            let ids = match connections.client(&environment) {
                Ok(client) => client.ids(dataset, None).await.map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            reporter
                .report(Event::Listed {
                    environment,
                    dataset,
                    ids,
                })
                .await;
        }
        Command::Get {
            environment,
            dataset,
            id,
        } => {
            let record = match connections.client(&environment) {
                Ok(client) => client.get(dataset, &id).await.map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            reporter
                .report(Event::Got {
                    environment,
                    dataset,
                    id,
                    record,
                })
                .await;
        }
        Command::ListInteractions { environment, after } => {
            let page = match connections.client(&environment) {
                Ok(client) => client
                    .list_interactions(after, PAGE)
                    .await
                    .map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            let page = page.map(|page| {
                let records = page
                    .interactions
                    .into_iter()
                    .map(|interaction| interaction.record)
                    .collect();
                (records, page.next)
            });
            reporter
                .report(Event::Interactions {
                    environment,
                    page,
                    first: after.is_none(),
                })
                .await;
        }
        Command::Delete {
            environment,
            dataset,
            ids,
        } => {
            let outcome = delete(connections, &environment, dataset, &ids).await;
            reporter
                .report(Event::Deleted {
                    environment: environment.clone(),
                    dataset,
                    outcome,
                })
                .await;
            count(connections, reporter, environment).await;
        }
        Command::Wipe { environment, progress } => {
            let outcome = wipe(connections, &environment, &progress).await;
            reporter
                .report(Event::Wiped {
                    environment: environment.clone(),
                    outcome,
                })
                .await;
            count(connections, reporter, environment).await;
        }
        Command::Rehearse { environment, faults } => {
            let answer = match (connections.client(&environment), faults) {
                (Ok(client), Some(faults)) => client.set_faults(&faults).await.map_err(|error| error.to_string()),
                (Ok(client), None) => client.faults().await.map_err(|error| error.to_string()),
                (Err(reason), _) => Err(reason),
            };
            reporter.report(Event::Rehearsing(answer)).await;
        }
        Command::Count { environment } => count(connections, reporter, environment).await,
        _ => {}
    }
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

pub(super) async fn count(connections: &Connections, reporter: &Reporter, environment: String) {
    let counts = match connections.client(&environment) {
        Ok(client) => counts(&client).await,
        Err(reason) => Dataset::ALL.map(|dataset| (dataset, Err(reason.clone()))).to_vec(),
    };
    reporter.report(Event::Counted { environment, counts }).await;
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
