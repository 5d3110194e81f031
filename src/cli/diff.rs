//! `tatami diff`: two files, two environments, or a file and an environment, held against each other.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde_json::{Value, json, value::RawValue};

use super::{
    CommandResult,
    failure::Failure,
    input::{FileArgs, Input},
    target::{self, Target, TargetArgs},
    text::{self, BOLD, DIM, GREEN, RED, YELLOW, counted, grouped, safe},
};
use crate::{
    domain::{dataset::Dataset, progress::Progress},
    ops::diff::{self, Diff, DiffError, DiffSide, DifferenceKind, FieldDifference, RecordDifference, SideCounts},
    settings::Paths,
};

const EXAMPLES: &str = "\
Examples:
  tatami diff catalog.csv env:local
  tatami diff catalog.csv env:Shop --limit 100
  tatami diff env:Stage env:Shop --dataset products --key-env STAGE_KEY --key-env SHOP_KEY
  tatami diff monday.csv tuesday.csv --json | jq 'select(.in == \"both\")'

An environment is env: and its name, or the address of its API. Records are compared as they would be sent: numbers as \
numbers, lists in order, custom attributes one by one; rows with errors are left out, and of rows with the same id the last \
one counts. Ends with 0 when both are the same, 1 when they are not or when that cannot be known of all records, 2 when it \
failed.";

/// Differences that are read again at a time.
const PORTION: usize = 1000;
/// Differences of a kind that are shown to people unless they want others.
const SHOWN: usize = 20;
/// Characters of a value that are shown to people.
const VALUE_CHARS: usize = 60;

/// The arguments of `tatami diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DiffArgs {
    /// A file, - for standard input, env:NAME, or the address of an API
    #[arg(value_name = "A")]
    first: String,
    /// What it is held against
    #[arg(value_name = "B")]
    second: String,
    /// The variable that holds the key of an environment; given twice: of the first, then of the second
    #[arg(long, value_name = "VARIABLE")]
    key_env: Vec<String>,
    /// Send keys over http:// to another machine
    #[arg(long)]
    allow_http: bool,
    /// Show at most so many records of each kind of difference [default: 20; with --json all]
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    /// Write a line of JSON with the counts, then one for each record that differs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: FileArgs,
}

/// What is compared.
enum ComparedSide {
    File(Box<Input>),
    Environment(Box<Target>),
}

impl ComparedSide {
    fn as_ref(&self) -> DiffSide<'_> {
        match self {
            Self::File(input) => DiffSide::Table(input.table()),
            Self::Environment(target) => DiffSide::Stored(&target.connection),
        }
    }

    /// For people.
    fn name(&self) -> String {
        match self {
            Self::File(input) => input.name(),
            Self::Environment(target) => target.shown(),
        }
    }

    fn failure(&self, error: crate::ops::Error) -> Failure {
        match self {
            Self::File(_) => error.into(),
            Self::Environment(target) => target.failure(error),
        }
    }
}

/// Compares, and says what differs.
pub(super) fn run(args: &DiffArgs) -> CommandResult {
    let sides = sides(args)?;
    let dataset = dataset(args, &sides)?;
    let paths = Paths::find()?;
    let failed = |DiffError { side, error }: DiffError| match &sides {
        [first, _] if side == 0 => first.failure(error),
        [_, second] => second.failure(error),
    };
    target::block_on(async {
        let progress = Progress::default();
        let [first, second] = &sides;
        let comparing = diff::diff([first.as_ref(), second.as_ref()], dataset, &paths, &progress);
        let diff = text::watched_async("Comparing", &progress, comparing)
            .await
            .map_err(failed)?;
        let mut out = text::stdout();
        if args.json {
            writeln!(out, "{}", counts_as_json(&diff, dataset, &sides))?;
        } else {
            counts(&diff, dataset, &sides, &mut out)?;
        }
        for kind in DifferenceKind::ALL {
            let all = usize::try_from(diff.count(kind)).unwrap_or(usize::MAX);
            let most = args.limit.unwrap_or(if args.json { all } else { SHOWN }).min(all);
            if !args.json && most > 0 {
                heading(kind, most, all, &mut out)?;
            }
            let mut start = 0;
            while start < most {
                let end = most.min(start + PORTION);
                for difference in diff.read(kind, start..end).await.map_err(failed)? {
                    if args.json {
                        writeln!(out, "{}", as_json(kind, &difference)?)?;
                    } else {
                        show(kind, &difference, &mut out)?;
                    }
                }
                start = end;
            }
        }
        out.flush()?;
        Ok(ExitCode::from(u8::from(!diff.is_same())))
    })
}

/// The environment that an argument names.
fn environment(argument: &str) -> Option<(Option<String>, Option<String>)> {
    if let Some(name) = argument.strip_prefix("env:") {
        return Some((Some(name.to_owned()), None));
    }
    let is_address = argument.starts_with("http://") || argument.starts_with("https://");
    is_address.then(|| (None, Some(argument.to_owned())))
}

fn sides(args: &DiffArgs) -> Result<[ComparedSide; 2], Failure> {
    let mut keys = args.key_env.iter();
    let mut files: Vec<PathBuf> = Vec::new();
    let targets = [&args.first, &args.second].map(|argument| {
        let Some((name, url)) = environment(argument) else {
            files.push(argument.into());
            return Ok(None);
        };
        let target = TargetArgs::of((name, url), keys.next().cloned(), args.allow_http);
        target.find().map(Some)
    });
    let [first, second] = targets;
    let (first, second) = (first?, second?);
    if keys.next().is_some() {
        return Err(Failure::said(
            "--key-env is given once for each environment, in their order",
        ));
    }
    if files.iter().filter(|file| *file == Path::new("-")).count() > 1 {
        return Err(Failure::said("standard input can be only one of both"));
    }
    let mut inputs = if files.is_empty() {
        Vec::new()
    } else {
        args.reading.open(&files)?.collect::<Result<Vec<_>, _>>()?
    }
    .into_iter();
    let mut side = |target: Option<Target>| match target {
        Some(target) => Ok(ComparedSide::Environment(Box::new(target))),
        None => inputs
            .next()
            .map(|input| ComparedSide::File(Box::new(input)))
            .ok_or_else(|| Failure::said("a file could not be opened")),
    };
    Ok([side(first)?, side(second)?])
}

/// What both are to hold.
fn dataset(args: &DiffArgs, sides: &[ComparedSide; 2]) -> Result<Dataset, Failure> {
    let mut held = sides.iter().filter_map(|side| match side {
        ComparedSide::File(input) => Some(input.dataset()),
        ComparedSide::Environment(_) => None,
    });
    let dataset = match (held.next(), held.next(), args.reading.dataset()) {
        (Some(first), Some(second), _) if first != second => {
            return Err(Failure::said(format!(
                "one file holds {first}, the other {second}; if that is not so, say what both hold with --dataset"
            )));
        }
        (Some(dataset), _, _) | (None, _, Some(dataset)) => dataset,
        (None, _, None) => {
            return Err(Failure::said(
                "say what is to be compared: --dataset products or --dataset users",
            ));
        }
    };
    match dataset {
        Dataset::Products | Dataset::Users => Ok(dataset),
        Dataset::Interactions => Err(Failure::said(
            "interactions have no ids by which they could be compared; products and users have",
        )),
    }
}

/// What a kind of difference is called.
const fn title(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::OnlyFirst => "only in A",
        DifferenceKind::OnlySecond => "only in B",
        DifferenceKind::Changed => "changed from A to B",
    }
}

fn counts(diff: &Diff<'_>, dataset: Dataset, sides: &[ComparedSide; 2], out: &mut dyn Write) -> Result<(), Failure> {
    let [first, second] = sides;
    writeln!(
        out,
        "{}: {BOLD}{}{BOLD:#} (A) with {BOLD}{}{BOLD:#} (B)",
        dataset.title(),
        safe(&first.name()),
        safe(&second.name())
    )?;
    for kind in DifferenceKind::ALL {
        let count = diff.count(kind);
        let style = if count == 0 { DIM } else { YELLOW };
        writeln!(out, "  {style}{:>11} {}{style:#}", grouped(count), title(kind))?;
    }
    writeln!(out, "  {GREEN}{:>11} the same{GREEN:#}", grouped(diff.same()))?;
    for (side, counts) in sides.iter().zip(diff.side_counts()) {
        gaps(&side.name(), counts, dataset, out)?;
    }
    Ok(())
}

/// What of a side was not compared.
fn gaps(name: &str, counts: SideCounts, dataset: Dataset, out: &mut dyn Write) -> Result<(), Failure> {
    let name = safe(name);
    if counts.left_out > 0 {
        let rows = rows_are(counts.left_out, &name);
        writeln!(
            out,
            "  {YELLOW}{rows} left out because of errors{YELLOW:#}; tatami check says which"
        )?;
    }
    if counts.replaced > 0 {
        let rows = rows_are(counts.replaced, &name);
        writeln!(out, "  {DIM}{rows} replaced by a later row with the same id{DIM:#}")?;
    }
    if counts.unaddressable > 0 {
        let records = counted(counts.unaddressable, dataset.noun(1), dataset.noun(2));
        writeln!(
            out,
            "  {YELLOW}{records} of {name} cannot be asked for{YELLOW:#}, because no address can carry such an id"
        )?;
    }
    if counts.is_unlisted {
        writeln!(
            out,
            "  {YELLOW}{name} has no list of {dataset}{YELLOW:#}: those were looked for that this machine sent there or the \
             other side has; others may be stored"
        )?;
    }
    if counts.has_no_list_yet {
        writeln!(
            out,
            "  {YELLOW}{name} has no list of {dataset} yet{YELLOW:#}, as it stores none or was filled a moment ago: those were \
             looked for that the other side has; others may be stored"
        )?;
    }
    Ok(())
}

/// `1 row of catalog.csv is`.
pub(super) fn rows_are(count: u64, name: &str) -> String {
    let (rows, are) = match count {
        1 => ("row", "is"),
        _ => ("rows", "are"),
    };
    format!("{} {rows} of {name} {are}", grouped(count))
}

fn heading(kind: DifferenceKind, shown: usize, all: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let part = if shown < all {
        format!(" (the first {} of {})", grouped(shown as u64), grouped(all as u64))
    } else {
        String::new()
    };
    writeln!(out, "{BOLD}{}{BOLD:#}{DIM}{part}{DIM:#}", title(kind))?;
    Ok(())
}

fn show(kind: DifferenceKind, difference: &RecordDifference, out: &mut dyn Write) -> Result<(), Failure> {
    let RecordDifference { id, fields } = difference;
    writeln!(out, "  {}", safe(id))?;
    if kind == DifferenceKind::Changed && fields.is_empty() {
        writeln!(
            out,
            "    {DIM}somebody has changed it meanwhile; it is the same now{DIM:#}"
        )?;
    }
    for FieldDifference { path, first, second } in fields {
        let value = |value: &Option<String>| {
            let value = value.as_deref().map(|json| safe(json).into_owned());
            value.map_or_else(
                || "nothing".to_owned(),
                |json| text::shorten(&json, VALUE_CHARS).into_owned(),
            )
        };
        writeln!(
            out,
            "    {}: {RED}{}{RED:#} → {GREEN}{}{GREEN:#}",
            safe(path),
            value(first),
            value(second)
        )?;
    }
    Ok(())
}

fn counts_as_json(diff: &Diff<'_>, dataset: Dataset, sides: &[ComparedSide; 2]) -> Value {
    let [first, second] = sides;
    let [of_first, of_second] = diff.side_counts().map(|counts| {
        json!({
            "left_out": counts.left_out,
            "replaced": counts.replaced,
            "unaddressable": counts.unaddressable,
            "unlisted": counts.is_unlisted || counts.has_no_list_yet,
        })
    });
    json!({
        "dataset": dataset.name(),
        "a": {"name": first.name(), "not_compared": of_first},
        "b": {"name": second.name(), "not_compared": of_second},
        "only_in_a": diff.count(DifferenceKind::OnlyFirst),
        "only_in_b": diff.count(DifferenceKind::OnlySecond),
        "changed": diff.count(DifferenceKind::Changed),
        "same": diff.same(),
    })
}

/// A record that differs; numbers keep their digits.
fn as_json(kind: DifferenceKind, difference: &RecordDifference) -> Result<String, Failure> {
    #[derive(serde::Serialize)]
    struct FieldLine<'a> {
        field: &'a str,
        a: Option<Box<RawValue>>,
        b: Option<Box<RawValue>>,
    }
    #[derive(serde::Serialize)]
    struct DifferenceLine<'a> {
        id: &'a str,
        r#in: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<FieldLine<'a>>,
    }
    let raw = |json: &Option<String>| json.clone().map(RawValue::from_string).transpose();
    let fields = difference.fields.iter().map(|FieldDifference { path, first, second }| {
        Ok(FieldLine {
            field: path,
            a: raw(first)?,
            b: raw(second)?,
        })
    });
    let record = DifferenceLine {
        id: &difference.id,
        r#in: match kind {
            DifferenceKind::OnlyFirst => "a",
            DifferenceKind::OnlySecond => "b",
            DifferenceKind::Changed => "both",
        },
        fields: fields.collect::<Result<_, serde_json::Error>>()?,
    };
    Ok(serde_json::to_string(&record)?)
}
