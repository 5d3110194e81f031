//! `tatami ids`: the ids of what is stored.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    id_list::IdFormat,
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
  tatami ids users --format nul | xargs -0 -n 1 echo
  tatami ids users --url https://api.askmiso.com --key-env SHOP_KEY

As text, an id with a line break or the like would be read as another; such a list is refused, and needs another --format.
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
    /// How to write the ids: one a line, one JSON text a line, or with a NUL behind each
    #[arg(long, value_enum, default_value_t)]
    format: IdFormat,
    #[command(flatten)]
    target: TargetArgs,
}

/// Writes the ids.
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
    let mut out = text::raw_stdout();
    // A program gets the ids as they are, so that it can give them back; a terminal must not obey them.
    if io::stdout().is_terminal() {
        show(args.format, known.ids(), &mut out)?;
    } else {
        // Before anything is written: whoever reads must not act on a part.
        args.format
            .check(known.ids())
            .map_err(|error| Failure::said(error.to_string()))?;
        args.format.write(known.ids(), &mut out)?;
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

/// Writes ids for people, with escapes for what moves the cursor.
fn show(format: IdFormat, ids: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        IdFormat::Text | IdFormat::Nul => {
            let shown: Vec<String> = ids.iter().map(|id| text::safe(id).into_owned()).collect();
            format.write(&shown, out)
        }
        IdFormat::Jsonl => {
            let mut json = Vec::new();
            format.write(ids, &mut json)?;
            let json = String::from_utf8_lossy(&json);
            json.lines().try_for_each(|line| writeln!(out, "{}", text::safe(line)))
        }
    }
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
