//! `tatami recipe`: recipes shown, kept and shared.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    input::InputArgs,
    mapping,
    output::OutputArgs,
    text::{self, BOLD, CYAN, DIM, safe},
};
use crate::{
    domain::{mapping::Reason, recipe::Recipe},
    frame::{Frame, OpenOptions},
    ops::open::{self, RecipeSource},
    settings::{Paths, are_one_file, recipes},
};

const EXAMPLES: &str = "\
Examples:
  tatami recipe export catalog.csv --accept > catalog.json    what is suggested for a file, as a recipe
  tatami recipe show catalog.json                             a recipe in words
  tatami recipe import catalog.json                           the window finds it when such a file is opened
  tatami recipe list                                          the recipes that are kept
  tatami check catalog.csv --recipe catalog.json              use it";

/// The arguments of `tatami recipe`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RecipeArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say what a recipe does, or the one that is kept for a file
    Show {
        /// A recipe, or a file with data
        file: PathBuf,
    },
    /// Write the recipe for a file: the one that is kept, or what is suggested
    Export(Box<RecipeExportArgs>),
    /// Keep a recipe, so that it is found when a file with its columns is opened
    Import {
        /// The recipe
        file: PathBuf,
    },
    /// List the recipes that are kept
    List,
}

#[derive(Debug, clap::Args)]
struct RecipeExportArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Accept everything that is suggested, likely, and needs no choice; what it is, is said
    #[arg(long)]
    accept: bool,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    replace: OutputArgs,
}

/// Does what was asked for.
pub(super) fn run(args: &RecipeArgs) -> CommandResult {
    let mut out = text::stdout();
    match &args.what {
        What::Show { file } => show(&find(file)?, &mut out)?,
        What::Export(args) => export(args, &mut out)?,
        What::Import { file } => {
            let recipe = recipes::read(file)?;
            recipes::save(&Paths::find()?, &recipe)?;
            let columns = text::counted(recipe.columns.len() as u64, "column", "columns");
            writeln!(out, "Kept: files with its {columns} will be mapped by it in the window")?;
        }
        What::List => list(&mut out)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// A recipe's file, or the recipe that is kept for a file with data.
fn find(file: &Path) -> Result<Recipe, Failure> {
    let refused = match recipes::read(file) {
        Ok(recipe) => return Ok(recipe),
        Err(refused) => refused,
    };
    let is_json = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let Ok(frame) = Frame::open_head(file, &OpenOptions::default()) else {
        return Err(refused.into());
    };
    match recipes::find(&Paths::find()?, frame.columns())? {
        Some(recipe) => Ok(recipe),
        None if is_json => Err(refused.into()),
        None => Err(Failure::said(format!(
            "no recipe is kept for files with the columns of {}; tatami recipe export makes one",
            file.display()
        ))),
    }
}

fn show(recipe: &Recipe, out: &mut dyn Write) -> io::Result<()> {
    let name = if recipe.name.is_empty() {
        "Recipe"
    } else {
        recipe.name.as_str()
    };
    writeln!(out, "{BOLD}{}{BOLD:#}: {}", safe(name), recipe.mapping.dataset)?;
    if let Some(delimiter) = recipe.read.delimiter {
        writeln!(
            out,
            "  {DIM}read with{DIM:#} {} between cells",
            match delimiter {
                '\t' => "tabs".to_owned(),
                other if recipe.read.doubled => format!("{other}{other}"),
                other => other.to_string(),
            }
        )?;
    }
    if let Some(encoding) = &recipe.read.encoding {
        writeln!(out, "  {DIM}read as{DIM:#} {}", safe(encoding))?;
    }
    let width = recipe
        .columns
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    for (column, target) in recipe.columns.iter().zip(&recipe.mapping.targets) {
        let column = safe(column);
        match &target.path {
            None => writeln!(out, "  {column:<width$} {DIM}left out{DIM:#}")?,
            Some(path) => {
                let kind = target
                    .custom_type
                    .map(|kind| format!(", {}", kind.name()))
                    .unwrap_or_default();
                let transform = target
                    .transform
                    .as_ref()
                    .map(|transform| format!(" {CYAN}{}{CYAN:#}", safe(&transform.to_string())));
                writeln!(
                    out,
                    "  {column:<width$} → {}{kind}{}",
                    safe(path),
                    transform.unwrap_or_default()
                )?;
            }
        }
    }
    for constant in recipe.constants() {
        writeln!(
            out,
            "  {DIM}always{DIM:#} {} = {}",
            safe(&constant.path),
            safe(&constant.value)
        )?;
    }
    for choice in recipe.levels.written() {
        writeln!(out, "  {DIM}rule{DIM:#} {choice}")?;
    }
    Ok(())
}

fn export(args: &RecipeExportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        let is_read = |path: &Path| args.input.files.iter().any(|file| are_one_file(file, path));
        args.replace.ensure_free(path, is_read)?;
    }
    let tables = args.input.read()?;
    if let Some(failure) = tables.failures.into_iter().next() {
        return Err(failure.into());
    }
    let [frame] = tables.frames.as_slice() else {
        return Err(Failure::said(
            "give one file: a recipe is for files with the same columns".to_owned(),
        ));
    };
    let kept = recipes::find(&Paths::find()?, frame.columns())?.filter(|_| args.input.is_plain());
    let mut request = tables.request;
    let mut read = request.options.to_recipe();
    let mut levels = request.levels;
    if let Some(kept) = kept {
        levels = args.input.weigh(kept.levels)?;
        read.clone_from(&kept.read);
        request.recipe = RecipeSource::Given(Box::new(kept));
    }
    let mut suggested = open::suggest(frame, &request, &|_| {})?;
    mapping::remark_differences(frame, &suggested);
    if args.accept {
        for offer in suggested.mapping.accept_all(frame.columns(), &suggested.samples) {
            text::remark(&format!(
                "accepted: {}",
                offer.sentence(frame.columns(), &suggested.samples)
            ));
        }
    }
    for target in &mut suggested.mapping.targets {
        target.reason = Reason::Recipe;
    }
    let name = frame.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let recipe = Recipe {
        name: name.unwrap_or_default(),
        saved: String::new(),
        read,
        columns: frame.columns().to_vec(),
        mapping: suggested.mapping,
        levels,
    };
    match &args.output {
        Some(path) => recipes::write(path, args.replace.existing(), &recipe, |path| frame.comes_from(path))?,
        None => out.write_all(recipe.to_json().as_bytes())?,
    }
    Ok(())
}

fn list(out: &mut dyn Write) -> Result<(), Failure> {
    let kept = recipes::list(&Paths::find()?)?;
    if kept.is_empty() {
        writeln!(
            out,
            "No recipes are kept yet; the window keeps one when columns are mapped, and so does tatami recipe import"
        )?;
    }
    for (path, recipe) in kept {
        let columns = text::counted(recipe.columns.len() as u64, "column", "columns");
        let day = recipe.saved.get(..10).unwrap_or_default();
        writeln!(
            out,
            "{BOLD}{}{BOLD:#}: {}, {columns}, {day}",
            safe(&recipe.name),
            recipe.mapping.dataset
        )?;
        writeln!(out, "  {DIM}{}{DIM:#}", safe(&path.display().to_string()))?;
    }
    Ok(())
}
