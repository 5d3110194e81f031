//! `tatami ids`: the ids of what is stored.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    target::{self, TargetArgs},
    text,
};
use crate::{domain::dataset::Dataset, ops};

const EXAMPLES: &str = "\
Examples:
  tatami ids products | wc -l
  tatami ids products --type book
  tatami ids users --url https://api.askmiso.com --key-env SHOP_KEY";

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
    let ids = target::block_on(async {
        let ids = ops::list::ids(&target.connection, args.dataset, args.record_type.as_deref()).await;
        ids.map_err(|error| target.explain(error))
    })?;
    // A program gets the ids as they are, so that it can give them back; a terminal must not obey them.
    let is_read_by_people = io::stdout().is_terminal();
    let mut out = text::raw_stdout();
    for id in ids {
        if is_read_by_people {
            writeln!(out, "{}", text::safe(&id))?;
        } else {
            writeln!(out, "{id}")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
