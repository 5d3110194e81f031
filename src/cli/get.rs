//! `tatami get`: what is stored, whole.

use std::{io::Write as _, process::ExitCode};

use super::{
    CommandResult,
    failure::Failure,
    target::{self, TargetArgs},
    text,
};
use crate::{domain::dataset::Dataset, ops};

const EXAMPLES: &str = "\
Examples:
  tatami get products 123ABC-S-Black
  tatami get users u1 u2 --raw | jq .city

Ends with 1 when a record is not there.";

/// The arguments of `tatami get`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct GetArgs {
    /// products or users; single interactions cannot be asked for
    #[arg(value_name = "DATASET")]
    dataset: Dataset,
    /// The ids of the records
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// One line a record, as the server sends it
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Writes the records.
pub(super) fn run(args: &GetArgs) -> CommandResult {
    if args.dataset == Dataset::Interactions {
        return Err(Failure::said(
            "interactions have no ids to ask for; products and users have",
        ));
    }
    let target = args.target.find()?;
    target::block_on(async {
        let mut out = text::raw_stdout();
        let mut all_there = true;
        for id in &args.ids {
            let record = ops::get::get(&target.connection, args.dataset, id).await;
            let record = record.map_err(|error| target.explain(error))?;
            match record {
                Some(record) if args.raw => writeln!(out, "{record}")?,
                Some(record) => writeln!(out, "{}", text::pretty_json(&record))?,
                None => {
                    out.flush()?;
                    text::complain(&format!(
                        "there is no {} \"{id}\" in {}",
                        args.dataset.noun(1),
                        target.connection.name()
                    ));
                    all_there = false;
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(!all_there)))
    })
}
