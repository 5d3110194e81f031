//! `tatami ids`: the ids of what is stored.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    target::{self, TargetArgs},
    text::{self, counted},
};
use crate::{
    domain::dataset::Dataset,
    ops::{
        list::{self, KnownIds},
        sent::SentIds,
    },
    settings::Paths,
};

const EXAMPLES: &str = "\
Examples:
  tatami ids products | wc -l
  tatami ids products --type book
  tatami ids users --url https://api.askmiso.com --key-env SHOP_KEY

Where the server has no list, the ids are those that this machine sent there. Ends with 1 then, as some may be gone, and \
others stored.";

/// The arguments of `tatami ids`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct IdsArgs {
    /// products or users; interactions have no ids
    #[arg(value_name = "DATASET")]
    dataset: Dataset,
    /// Only products of this type
    #[arg(long = "type", value_name = "TYPE")]
    record_type: Option<String>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Writes one id a line.
pub(super) fn run(args: &IdsArgs) -> CommandResult {
    if args.dataset == Dataset::Interactions {
        return Err(Failure::said("interactions have no ids; products and users have"));
    }
    let target = args.target.find()?;
    let paths = Paths::find()?;
    let known = target::block_on(async {
        let known = list::ids(&target.connection, &paths, args.dataset, args.record_type.as_deref()).await;
        known.map_err(|error| target.failure(error))
    })?;
    // A program gets the ids as they are, so that it can give them back; a terminal must not obey them.
    let is_read_by_people = io::stdout().is_terminal();
    let mut out = text::raw_stdout();
    for id in known.ids() {
        if is_read_by_people {
            writeln!(out, "{}", text::safe(id))?;
        } else {
            writeln!(out, "{id}")?;
        }
    }
    out.flush()?;
    Ok(match known {
        KnownIds::Listed(_) => ExitCode::SUCCESS,
        KnownIds::Sent(sent) => {
            text::remark(&caveat(args.dataset, &sent));
            ExitCode::from(1)
        }
    })
}

/// What cannot be known of ids that no server listed.
fn caveat(dataset: Dataset, sent: &SentIds) -> String {
    let forgotten = match sent.forgotten {
        0 => String::new(),
        uploads => format!(
            "; what {} sent is not known any more",
            counted(uploads, "other upload", "other uploads")
        ),
    };
    format!(
        "The server has no list of {dataset}: these are the ids that this machine sent there. Some may be gone, and others \
         stored{forgotten}"
    )
}
