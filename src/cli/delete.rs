//! `tatami delete`: some of what is stored.

use std::{
    collections::HashSet,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{
    CommandResult,
    confirm::{self, ConfirmArgs},
    failure::Failure,
    id_list::IdFormat,
    target::{self, TargetArgs},
    text::{self, BOLD, counted},
};
use crate::{
    domain::dataset::Dataset,
    ops::{self, delete::DeleteError},
    settings::{NamedFile, Paths},
};

/// More ids are more than one list of them.
const MOST_BYTES: u64 = 1 << 30;

const EXAMPLES: &str = "\
Examples:
  tatami delete products 123ABC-S-Black
  tatami delete users --ids-from gone.txt --yes
  tatami ids products --type book | tatami delete products --ids-from - --yes
  tatami ids users --format nul | tatami delete users --ids-from - --format nul --yes
  tatami delete interactions u1 u2        all interactions of these users

Production, and what counts as it, needs --confirm with the environment's name.

Ends with 1 when some of the ids were not there or are still there, or when that cannot be known.";

/// The arguments of `tatami delete`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DeleteArgs {
    /// products, users, or interactions (then the ids are those of users)
    #[arg(value_name = "DATASET")]
    dataset: Dataset,
    /// The ids of the records
    #[arg(value_name = "ID", required_unless_present = "ids_from")]
    ids: Vec<String>,
    /// A file with ids, one a line unless --format says otherwise, or - for standard input
    #[arg(long, value_name = "FILE")]
    ids_from: Option<PathBuf>,
    /// How the ids stand in it: one a line, one JSON text a line, or with a NUL behind each
    #[arg(long, value_enum, default_value_t, requires = "ids_from")]
    format: IdFormat,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Deletes after it was told to.
pub(super) fn run(args: &DeleteArgs) -> CommandResult {
    let is_taken = args.ids_from.as_deref().is_some_and(is_standard_input);
    args.target.ensure_input_is_free(is_taken)?;
    let ids = gather(args)?;
    if ids.is_empty() {
        return Err(Failure::said("there are no ids to delete"));
    }
    let target = args.target.find()?;
    let count = ids.len() as u64;
    let what = match args.dataset {
        Dataset::Interactions => format!("all interactions of {}", counted(count, "user", "users")),
        dataset => counted(count, dataset.noun(1), dataset.noun(2)),
    };
    let saying = (format!("Delete {what} from"), format!("delete {what} from"));
    // The answer would come from where the ids came from.
    let permit = confirm::may_delete(&args.confirm, &target, (&saying.0, &saying.1), is_taken)?;
    let Some(permit) = permit else {
        text::remark("Nothing was deleted");
        return Ok(ExitCode::from(1));
    };
    let paths = Paths::find()?;
    let outcome = target::block_on(async {
        let outcome = ops::delete::delete(&permit, &paths, args.dataset, &ids).await;
        outcome.map_err(|DeleteError { error, deleted }| match deleted {
            0 => target.failure(error),
            deleted => Failure::said(format!(
                "{}; {} deleted before",
                target.failure(error),
                counted(deleted, "record was", "records were")
            )),
        })
    })?;
    let mut out = text::lenient_stdout();
    let missing = outcome.not_found.unwrap_or(0);
    let mut is_unknown = false;
    match outcome.deleted {
        Some(deleted) => {
            let records = counted(deleted, args.dataset.noun(1), args.dataset.noun(2));
            writeln!(
                out,
                "Deleted {BOLD}{records}{BOLD:#} from {}",
                text::safe(&target.shown())
            )?;
        }
        None if args.dataset != Dataset::Interactions => {
            is_unknown = true;
            writeln!(
                out,
                "Asked {} to delete {BOLD}{what}{BOLD:#}; whether they are gone cannot be known",
                text::safe(&target.shown())
            )?;
        }
        // A server that deleted interactions need not know how many.
        None => {
            writeln!(out, "Deleted {BOLD}{what}{BOLD:#} from {}", text::safe(&target.shown()))?;
        }
    }
    if missing > 0 {
        writeln!(out, "{} not there", counted(missing, "id was", "ids were"))?;
    }
    // Users whose interactions are deleted are not counted with these.
    let left = match outcome.deleted {
        Some(deleted) if args.dataset != Dataset::Interactions => count.saturating_sub(deleted + missing),
        Some(_) | None => 0,
    };
    if left > 0 {
        writeln!(out, "{} not deleted", counted(left, "record was", "records were"))?;
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(missing + left > 0 || is_unknown)))
}

/// The ids, each once, in the order they were given.
fn gather(args: &DeleteArgs) -> Result<Vec<String>, Failure> {
    let mut ids = args.ids.clone();
    if let Some(path) = &args.ids_from {
        let name = if is_standard_input(path) {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let failed = |error: &dyn std::error::Error| Failure::said(format!("{name} cannot be read: {error}"));
        let text = read(path).map_err(|error| failed(&error))?;
        ids.extend(args.format.read(&text).map_err(|error| failed(&error))?);
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn read(path: &Path) -> io::Result<String> {
    if !is_standard_input(path) {
        return NamedFile::text(path, MOST_BYTES);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}
