//! `tatami columns`: where the columns of files go, why, and what their values suggest.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::ControlFlow,
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    input::InputArgs,
    mapping,
    text::{self, BOLD, CYAN, DIM, quoted, safe, shorten},
};
use crate::{
    check::{self, Suggested},
    domain::{
        cell::{Cell, OwnedCell},
        mapping::{Offer, OfferKind, Reason, Target},
        number::grouped,
        progress::Progress,
        proposal::Proof,
        transform::Transform,
    },
    frame::{ColumnSummary, Edits, Frame, FrameError},
    ops::{open, summary::summarize},
};

const EXAMPLES: &str = "\
Examples:
  tatami columns catalog.csv                                      fields, confidence, reasons, proposed transforms
  tatami columns catalog.csv --values                             what every column holds
  tatami columns catalog.csv --transform price=decimal-comma      what a transform would do to all rows
  tatami recipe export catalog.csv --accept > catalog.json        all of it as a recipe";

/// Widest column name and value shown.
const WIDEST: usize = 40;
/// Widest value among others in a line.
const WIDEST_OF_MANY: usize = 24;

/// The arguments of `tatami columns`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ColumnsArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Say of every column what it holds: how many different values, how many rows without one, the smallest and the
    /// largest number, the most frequent values; reads the rows once more, those of a large file for each column
    #[arg(long)]
    values: bool,
}

/// Shows what was asked for.
pub(super) fn run(args: &ColumnsArgs) -> CommandResult {
    let tables = args.input.read()?;
    let mut out = text::stdout();
    for (at, frame) in tables.frames.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let suggested = open::suggest(frame, &tables.request, &|_| {})?;
        mapping::remark_differences(frame, &suggested);
        let summaries = summaries(args, frame)?;
        file(frame, &suggested, &summaries, &mut out)?;
    }
    out.flush()?;
    let code = ExitCode::from(if tables.failures.is_empty() { 0 } else { 2 });
    for failure in tables.failures {
        Failure::from(failure).complain();
    }
    Ok(code)
}

/// What the columns hold; nothing when that is not wanted.
fn summaries(args: &ColumnsArgs, frame: &Frame) -> Result<Vec<ColumnSummary>, FrameError> {
    if !args.values {
        return Ok(Vec::new());
    }
    let progress = Progress::default();
    text::watched("Counting values", &progress, || {
        summarize(frame, &Edits::default(), &progress)
    })
}

fn file(
    frame: &Frame,
    suggested: &Suggested,
    summaries: &[ColumnSummary],
    out: &mut dyn Write,
) -> Result<(), super::Failure> {
    let Suggested { mapping, samples, .. } = suggested;
    let (rows, columns) = (u64::from(frame.len()), frame.columns());
    let name = frame.path().display().to_string();
    let all = text::counted(columns.len() as u64, "column", "columns");
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}: {}, {}, {all}",
        safe(&name),
        mapping.dataset,
        text::counted(rows, "row", "rows")
    )?;
    let offers = mapping.offers(columns, samples);
    let progress = Progress::default();
    let mut wanted: Vec<(usize, Transform)> = Vec::new();
    for (column, target) in mapping.targets.iter().enumerate() {
        wanted.extend(target.transform.clone().map(|transform| (column, transform)));
    }
    for offer in &offers {
        if let OfferKind::Transform(proposal) = &offer.kind {
            wanted.push((offer.column, proposal.transform.clone()));
            wanted.extend(
                proposal
                    .alternative
                    .iter()
                    .map(|(transform, _)| (offer.column, transform.clone())),
            );
        }
    }
    let prove = || check::prove(frame, &Edits::default(), mapping, &wanted, &progress);
    let proofs = if wanted.is_empty() {
        Vec::new()
    } else {
        text::watched("Trying transforms", &progress, prove)?
    };
    let mut proofs_of: HashMap<usize, Vec<(&Transform, &Proof)>> = HashMap::new();
    for (column, transform, proof) in &proofs {
        proofs_of.entry(*column).or_default().push((transform, proof));
    }
    let proof = |column: usize, transform: &Transform| {
        let mut proven = proofs_of.get(&column)?.iter();
        proven.find(|(known, _)| *known == transform).map(|(_, proof)| *proof)
    };
    let mut offers_of: HashMap<usize, Vec<&Offer>> = HashMap::new();
    for offer in &offers {
        offers_of.entry(offer.column).or_default().push(offer);
    }
    let plan = mapping.plan(&check::likely_types(mapping, samples));
    let first = first_row(frame)?;
    let first: Vec<Cell<'_>> = first.iter().map(OwnedCell::as_cell).collect();
    let width = columns
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDEST);
    for (at, (name, target)) in columns.iter().zip(&mapping.targets).enumerate() {
        let shown = safe(name);
        write!(out, "  {:<width$} {}", shorten(&shown, WIDEST), goes(target))?;
        if rows > 0 && target.path.is_some() {
            match plan.value(at, &first) {
                Some(json) => write!(out, ": {}", shorten(&safe(&json), WIDEST))?,
                None => write!(out, "{DIM}: nothing in the first row{DIM:#}")?,
            }
        }
        writeln!(out)?;
        if let Some(summary) = summaries.get(at) {
            holds(summary, target, out)?;
        }
        if let Some((separator, before, after)) = plan
            .part(at)
            .zip(samples.get(at))
            .and_then(|(part, sample)| part.cut(sample))
        {
            let (before, after) = (safe(&before), safe(&after));
            let (before, after) = (shorten(&before, WIDEST), shorten(&after, WIDEST));
            writeln!(
                out,
                "      {DIM}lists are cut at {separator} as in {before} → {after}{DIM:#}"
            )?;
        }
        if let Some(transform) = &target.transform {
            says(&transform.title(), proof(at, transform), "", out)?;
        }
        for offer in offers_of.get(&at).into_iter().flatten() {
            match &offer.kind {
                OfferKind::Field {
                    path,
                    confidence,
                    reason,
                } => writeln!(
                    out,
                    "      {CYAN}suggested{CYAN:#}: {path} {DIM}({}, confidence {confidence}){DIM:#}; --map {}",
                    reason.words(),
                    quoted(&format!("{name}={path}"))
                )?,
                OfferKind::Constant { path, value } => {
                    let because = "the records say that something happened, but not what";
                    writeln!(
                        out,
                        "      {CYAN}suggested{CYAN:#}: {path} is always {value} {DIM}({because}){DIM:#}"
                    )?;
                    writeln!(
                        out,
                        "        --transform {}",
                        quoted(&format!("{path}=constant:{value}"))
                    )?;
                }
                OfferKind::Transform(proposal) => {
                    let choice = |transform: &Transform| quoted(&format!("{name}={transform}"));
                    let word = if proposal.alternative.is_some() {
                        "either"
                    } else {
                        "suggested"
                    };
                    says(&proposal.title(), proof(at, &proposal.transform), word, out)?;
                    writeln!(out, "        --transform {}", choice(&proposal.transform))?;
                    if let Some((other, _)) = &proposal.alternative {
                        says(&other.title(), proof(at, other), "or", out)?;
                        writeln!(out, "        --transform {}", choice(other))?;
                    }
                }
            }
        }
    }
    for constant in &mapping.constants {
        writeln!(
            out,
            "  {DIM}no column{DIM:#} → {} {DIM}(always {}){DIM:#}",
            constant.path,
            safe(&constant.value)
        )?;
    }
    Ok(())
}

fn first_row(frame: &Frame) -> Result<Vec<OwnedCell>, FrameError> {
    let mut first = Vec::new();
    frame.scan(0..frame.len().min(1), &Edits::default(), &mut |_, cells| {
        first = cells.iter().map(|cell| cell.to_owned_cell()).collect();
        ControlFlow::Break(())
    })?;
    Ok(first)
}

fn goes(target: &Target) -> String {
    let Some(path) = &target.path else {
        return match target.reason {
            Reason::Secret(_) => format!("{DIM}{}{DIM:#}", target.reason.words()),
            _ => format!("{DIM}left out{DIM:#}"),
        };
    };
    let sure = target
        .reason
        .confidence()
        .map(|confidence| format!(", confidence {confidence}"));
    format!(
        "→ {} {DIM}({}{}){DIM:#}",
        safe(path),
        target.reason.words(),
        sure.unwrap_or_default()
    )
}

/// What a column holds. Of secrets that are left out, only how many.
fn holds(summary: &ColumnSummary, target: &Target, out: &mut dyn Write) -> io::Result<()> {
    let present = summary.rows - summary.missing;
    if present == 0 {
        return writeln!(out, "      {DIM}no values{DIM:#}");
    }
    let differ = present > 1 && summary.distinct == present;
    let all = if differ { "all " } else { "" };
    write!(out, "      {all}{} different, ", grouped(summary.distinct))?;
    match summary.missing {
        0 => write!(out, "none missing")?,
        missing => write!(out, "{} missing", grouped(missing))?,
    }
    if target.path.is_none() && matches!(target.reason, Reason::Secret(_)) {
        return writeln!(out);
    }
    if let Some((least, most)) = summary.range.as_ref().filter(|_| summary.distinct > 1) {
        write!(
            out,
            ", {} to {}",
            shorten(least, WIDEST_OF_MANY),
            shorten(most, WIDEST_OF_MANY)
        )?;
    }
    // Five of many that come once say nothing.
    if !differ {
        let top = summary
            .top
            .iter()
            .map(|(value, count)| format!("{} ({})", one_of_many(value), grouped(*count)));
        let mut most: Vec<String> = top.collect();
        if (most.len() as u64) < summary.distinct {
            most.push("…".to_owned());
        }
        write!(out, "; most: {}", most.join(", "))?;
    }
    writeln!(out)
}

/// A value among others, in quotes where nobody would see it otherwise.
fn one_of_many(value: &str) -> String {
    let shown = safe(value);
    let shown = shorten(&shown, WIDEST_OF_MANY);
    if value.is_empty() || value.trim() != value {
        return format!("“{shown}”");
    }
    shown.into_owned()
}

/// A transform with its proof: how many values fit, and what becomes of some.
fn says(title: &str, proof: Option<&Proof>, word: &str, out: &mut dyn Write) -> io::Result<()> {
    let word = if word.is_empty() {
        String::new()
    } else {
        format!("{CYAN}{word}{CYAN:#}: ")
    };
    write!(out, "      {word}{}", safe(title))?;
    let Some(proof) = proof else {
        return writeln!(out);
    };
    write!(out, ", {} of {} values fit", grouped(proof.fits), grouped(proof.all()))?;
    if !proof.odd.is_empty() {
        let odd: Vec<String> = proof
            .odd
            .iter()
            .map(|value| shorten(&safe(value), WIDEST_OF_MANY).into_owned())
            .collect();
        write!(out, ", not {}", odd.join(", "))?;
    }
    writeln!(out)?;
    for (before, after) in proof.examples.iter().take(2) {
        let (before, after) = (safe(before), safe(after));
        writeln!(
            out,
            "        {DIM}{} → {}{DIM:#}",
            shorten(&before, WIDEST),
            shorten(&after, WIDEST)
        )?;
    }
    Ok(())
}
