//! `tatami columns`: where the columns of files go, why, and what their values suggest.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    process::ExitCode,
};

use super::{
    CommandResult,
    input::InputArgs,
    mapping,
    text::{self, BOLD, CYAN, DIM, quoted, safe, shorten},
};
use crate::{
    check::{self, Suggested},
    domain::{
        cell::{Cell, OwnedCell},
        mapping::{OfferKind, Reason, Target},
        number::grouped,
        progress::Progress,
        proposal::Proof,
        transform::Transform,
    },
    frame::{Edits, Frame, FrameError},
    ops::open,
};

const EXAMPLES: &str = "\
Examples:
  tatami columns catalog.csv                                      fields, confidence, reasons, proposed transforms
  tatami columns catalog.csv --transform price=decimal-comma      what a transform would do to all rows
  tatami recipe export catalog.csv --accept > catalog.json        all of it as a recipe";

/// Widest column name and value shown.
const WIDEST: usize = 40;

/// The arguments of `tatami columns`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ColumnsArgs {
    #[command(flatten)]
    input: InputArgs,
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
        file(frame, &suggested, &mut out)?;
    }
    out.flush()?;
    for failure in &tables.failures {
        text::complain(&failure.to_string());
    }
    Ok(ExitCode::from(if tables.failures.is_empty() { 0 } else { 2 }))
}

fn file(frame: &Frame, suggested: &Suggested, out: &mut dyn Write) -> Result<(), super::Failure> {
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
    let proof = |column: usize, transform: &Transform| {
        let proven = proofs.iter().find(|(at, known, _)| *at == column && known == transform);
        proven.map(|(.., proof)| proof)
    };
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
        for offer in offers.iter().filter(|offer| offer.column == at) {
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
            .map(|value| shorten(&safe(value), 24).into_owned())
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
