//! `tatami wipe`: everything that is stored, or everything of one data set.

use std::{io::Write as _, process::ExitCode};

use super::{
    Ended,
    failure::Failure,
    target::{self, Target, TargetArgs},
    text::{self, BOLD, GREEN, YELLOW, counted, grouped},
};
use crate::{
    api::Wiped,
    domain::{dataset::Dataset, progress::Progress},
};

const EXAMPLES: &str = "\
Examples:
  tatami wipe --confirm local
  tatami wipe --dataset products --confirm local
  tatami wipe --environment Shop --confirm Shop --production
  tatami wipe --url https://api.askmiso.com --key-env SHOP_KEY --confirm api.askmiso.com

The name to confirm is that of the environment: local for this machine, the host of --url, or the name given to \
--environment. The API cannot list interactions; there, those of all stored users are deleted, and what cannot be \
known is said. Ends with 1 when something may be left.";

/// The arguments of `tatami wipe`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WipeArgs {
    /// Only products, interactions or users [default: all three]
    #[arg(long, value_name = "DATASET")]
    dataset: Option<Dataset>,
    /// The environment's name, to show that this one is meant
    #[arg(long, value_name = "ENVIRONMENT")]
    confirm: String,
    /// Wipe also when it is a Production environment
    #[arg(long)]
    production: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// How many records of a data set there are; `None`: nobody knows.
type Count = Option<u64>;

/// Counts, deletes, and counts again.
pub(super) fn run(args: &WipeArgs) -> Ended {
    let target = args.target.find()?;
    if args.confirm != target.name {
        return Err(Failure::said(format!(
            "this is the environment {}, not \"{}\"; to wipe it, give --confirm {}",
            target.shown(),
            args.confirm,
            target.name
        )));
    }
    if target.is_guarded && !args.production {
        return Err(Failure::said(format!(
            "{} is a Production environment: what customers see would be gone; to wipe it all the same, add --production",
            target.shown()
        )));
    }
    // Interactions first: without the extension they are found through the users that are still there.
    let datasets = match args.dataset {
        Some(dataset) => vec![dataset],
        None => vec![Dataset::Interactions, Dataset::Users, Dataset::Products],
    };
    target::block_on(async {
        let mut rest = false;
        say(&format!("{BOLD}{}{BOLD:#}", text::safe(&target.shown())))?;
        for dataset in datasets {
            let before = count(&target, dataset).await?;
            say(&match before {
                Some(before) => format!("  {:<13} {} stored", dataset.name(), grouped(before)),
                None => format!("  {:<13} cannot be counted on this server", dataset.name()),
            })?;
            if before != Some(0) {
                wipe(&target, dataset).await?;
            }
            match count(&target, dataset).await? {
                Some(0) => say(&format!("                {GREEN}none are left{GREEN:#}"))?,
                Some(left) => {
                    rest = true;
                    say(&format!(
                        "                {YELLOW}{} still stored; wipe again{YELLOW:#}",
                        grouped(left)
                    ))?;
                }
                None => {
                    rest = true;
                    say(&format!(
                        "                {YELLOW}whether any are left cannot be known: the API does not list interactions{YELLOW:#}"
                    ))?;
                }
            }
        }
        Ok(ExitCode::from(u8::from(rest)))
    })
}

async fn count(target: &Target, dataset: Dataset) -> Result<Count, Failure> {
    if let Some(counts) = target.counts().await? {
        return Ok(Some(counts.of(dataset)));
    }
    if dataset == Dataset::Interactions {
        return Ok(None);
    }
    let ids = target
        .client
        .ids(dataset, None)
        .await
        .map_err(|error| target.explain(error))?;
    Ok(Some(ids.len() as u64))
}

async fn wipe(target: &Target, dataset: Dataset) -> Result<(), Failure> {
    let wiped = target.client.wipe(dataset, &Progress::default()).await;
    say(&match wiped.map_err(|error| target.explain(error))? {
        Wiped::Records(deleted) => format!("                {} deleted", grouped(deleted)),
        Wiped::OfUsers(users) => format!(
            "                those of {} are deleted; those of visitors and of users that are not stored cannot be found",
            counted(users, "stored user", "stored users")
        ),
    })
}

/// A line at once: a wipe takes its time.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = text::told();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
