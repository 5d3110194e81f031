//! `tatami wipe`: everything that is stored, or everything of one data set.

use std::{io::Write as _, process::ExitCode};

use super::{
    CommandResult,
    failure::Failure,
    target::{self, TargetArgs},
    text::{self, BOLD, GREEN, YELLOW, counted, grouped},
};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    ops::{
        guard::{ChangeKind, Consent, Guard},
        wipe::{self, WipeStep, Wiped, WipedKnown},
    },
    settings::Paths,
};

const EXAMPLES: &str = "\
Examples:
  tatami wipe --confirm local
  tatami wipe --dataset products --confirm local
  tatami wipe --environment Shop --confirm Shop --production
  tatami wipe --url https://api.askmiso.com --key-env SHOP_KEY --confirm api.askmiso.com

The name to confirm is that of the environment: local for the server of tatami serve, the name under which it was set up, \
or the host of --url; tatami whoami says it. The API cannot list interactions; there, those of all stored users are deleted, and what cannot be \
known is said. Where the server has no list of users either, those are deleted that this machine sent there. Ends with 1 \
when something may be left.";

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

/// Counts, deletes, and counts again.
pub(super) fn run(args: &WipeArgs) -> CommandResult {
    let target = args.target.find()?;
    let allowed = target
        .connection
        .allow(ChangeKind::Delete, &Consent::named(&args.confirm));
    let permit = allowed.map_err(|error| target::refused(&error))?;
    if target.connection.guard() == Guard::Production && !args.production {
        return Err(Failure::said(format!(
            "{} is a Production environment: what customers see would be gone; to wipe it all the same, add --production",
            target.connection.described()
        )));
    }
    let datasets = match args.dataset {
        Some(dataset) => vec![dataset],
        None => wipe::ORDER.to_vec(),
    };
    let paths = Paths::find()?;
    target::block_on(async {
        let mut is_empty = true;
        say(&format!("{BOLD}{}{BOLD:#}", text::safe(&target.connection.described())))?;
        for dataset in datasets {
            let mut said = Ok(());
            let mut on_step = |step| {
                // Records do not stay because a line cannot be written.
                if said.is_ok() {
                    said = say(&line(step));
                }
            };
            let wiped = wipe::wipe(&permit, &paths, dataset, &Progress::default(), &mut on_step).await;
            let wiped = wiped.map_err(|error| target.failure(error))?;
            said?;
            is_empty &= wiped.left == Some(0);
        }
        Ok(ExitCode::from(u8::from(!is_empty)))
    })
}

fn line(step: WipeStep) -> String {
    match step {
        WipeStep::Counted(dataset, Some(before)) => format!("  {:<13} {} stored", dataset.name(), grouped(before)),
        WipeStep::Counted(dataset, None) => format!("  {:<13} cannot be counted on this server", dataset.name()),
        WipeStep::Wiped(_, Wiped::Records(deleted)) => format!("                {} deleted", grouped(deleted)),
        WipeStep::Wiped(_, Wiped::OfUsers(users)) => format!(
            "                those of {} are deleted; those of visitors and of users that are not stored cannot be found",
            counted(users, "stored user", "stored users")
        ),
        WipeStep::Wiped(dataset, Wiped::Known(known)) => of_known(dataset, known),
        WipeStep::Wiped(_, Wiped::OfKnownUsers { users, forgotten }) => format!(
            "                those of {} that this machine sent are deleted; those of visitors and of other users cannot be \
             found{}",
            counted(users, "user", "users"),
            of_forgotten(forgotten)
        ),
        WipeStep::Left(_, Some(0)) => format!("                {GREEN}none are left{GREEN:#}"),
        WipeStep::Left(_, Some(left)) => {
            format!(
                "                {YELLOW}{} still stored; wipe again{YELLOW:#}",
                grouped(left)
            )
        }
        WipeStep::Left(Dataset::Interactions, None) => format!(
            "                {YELLOW}whether any are left cannot be known: the API does not list interactions{YELLOW:#}"
        ),
        WipeStep::Left(dataset, None) => format!(
            "                {YELLOW}whether any are left cannot be known: this server has no list of {dataset}{YELLOW:#}"
        ),
    }
}

/// What was done where the server has no list.
fn of_known(dataset: Dataset, known: WipedKnown) -> String {
    let WipedKnown {
        asked,
        deleted,
        forgotten,
    } = known;
    if asked == 0 {
        return format!(
            "                this machine knows of no {} that it sent; others cannot be found{}",
            dataset.noun(1),
            of_forgotten(forgotten)
        );
    }
    let sent = counted(asked, dataset.noun(1), dataset.noun(2));
    let done = match deleted {
        Some(deleted) => format!("{} deleted", grouped(deleted)),
        None => "asked to delete them".to_owned(),
    };
    format!(
        "                this machine sent {sent}: {done}; others cannot be found{}",
        of_forgotten(forgotten)
    )
}

/// What is not known any more of what this machine sent, to follow a sentence.
fn of_forgotten(uploads: u64) -> String {
    if uploads == 0 {
        return String::new();
    }
    format!(
        "\n                what {} sent is not known any more: the file has changed, and no copy was kept",
        counted(uploads, "upload", "uploads")
    )
}

/// A line at once: a wipe takes its time.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = text::lenient_stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
