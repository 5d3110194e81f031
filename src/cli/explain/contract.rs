//! Which of the API's documents records are held to, where we differ from it, and how another one differs.

use std::{
    io::{self, Write},
    path::Path,
};

use super::paragraph;
use crate::{
    cli::{
        failure::Failure,
        text::{self, BOLD, CYAN, DIM},
    },
    domain::{
        contract::{Difference, DocumentChange, Published},
        dataset::Dataset,
        schema::Schema,
    },
    settings::NamedFile,
};

/// A larger file is no description of an API.
const MOST_BYTES: u64 = 64 << 20;

/// Says which version is held to, and what is taken beyond it.
pub(super) fn explain(out: &mut dyn Write) -> io::Result<()> {
    let contract = &Schema::of(Dataset::Products).contract;
    writeln!(out, "{BOLD}{}, version {}{BOLD:#}", contract.document, contract.version)?;
    paragraph(
        "Records are held to it field by field: checked in a file, before an upload, and by the local server alike. What it \
         does not say, but the guide, the prose or the official clients do, is taken all the same:",
        "",
        out,
    )?;
    writeln!(out)?;
    let all = Dataset::ALL.map(|dataset| (dataset, &Schema::of(dataset).contract.differences));
    for difference in all.iter().flat_map(|(_, differences)| differences.iter()).fold(
        Vec::<&crate::domain::schema::NamedDifference>::new(),
        |mut known, difference| {
            if known.iter().all(|other| other.name != difference.name) {
                known.push(difference);
            }
            known
        },
    ) {
        let has = |dataset: &Dataset| {
            Schema::of(*dataset)
                .contract
                .differences
                .iter()
                .any(|other| other.name == difference.name)
        };
        let datasets: Vec<&str> = Dataset::ALL
            .iter()
            .filter(|dataset| has(dataset))
            .map(|dataset| dataset.name())
            .collect();
        writeln!(
            out,
            "  {CYAN}{}{CYAN:#} {DIM}({}){DIM:#}",
            difference.name,
            datasets.join(", ")
        )?;
        for (name, words) in [("taken", &difference.says), ("source", &difference.source)] {
            write!(out, "      {DIM}{name:<8}{DIM:#}")?;
            paragraph(words, "              ", out)?;
        }
        writeln!(out, "      {DIM}{:<8}{DIM:#}--rule {}=error", "refuse", difference.name)?;
    }
    writeln!(
        out,
        "\nHow a newer document differs: {CYAN}tatami explain contract --against FILE.json{CYAN:#}"
    )
}

/// Lists what a published document has that ours has not, and the other way round.
pub(super) fn compare(file: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let other = read(file)?;
    let ours = Published::ours().map_err(|error| Failure::said(error.to_string()))?;
    let changes = ours.changes(&other);
    let version = &Schema::of(Dataset::Products).contract.version;
    let shown = text::safe(&file.display().to_string()).into_owned();
    if changes.is_empty() {
        writeln!(out, "{shown} wants the same of every field as version {version}.")?;
        return Ok(());
    }
    let count = text::counted(changes.len() as u64, "difference", "differences");
    writeln!(out, "{shown} has {count} from version {version}:")?;
    for dataset in Dataset::ALL {
        let mut of_dataset = changes.iter().filter(|change| change.dataset == dataset).peekable();
        if of_dataset.peek().is_some() {
            writeln!(out, "\n{BOLD}{}{BOLD:#}", dataset.title())?;
        }
        for change in of_dataset {
            write_change(change, out)?;
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Published, Failure> {
    let failed = |reason: &dyn std::fmt::Display| {
        Failure::said(format!(
            "{} cannot be compared: {reason}",
            text::safe(&file.display().to_string())
        ))
    };
    let text = NamedFile::text(file, MOST_BYTES).map_err(|error| failed(&error))?;
    text.parse().map_err(|error| failed(&error))
}

fn write_change(change: &DocumentChange, out: &mut dyn Write) -> io::Result<()> {
    let path = text::safe(&change.path);
    let kinds = if change.kinds.is_empty() {
        String::new()
    } else {
        format!(" of {}", change.kinds.join(", "))
    };
    match &change.what {
        Difference::Added(words) => writeln!(out, "  {CYAN}+ {path}{CYAN:#}{kinds}: {words}"),
        Difference::Removed(words) => writeln!(out, "  {CYAN}- {path}{CYAN:#}{kinds}: {words}"),
        Difference::Changed { from, to } => writeln!(out, "  {CYAN}~ {path}{CYAN:#}{kinds}: {from} becomes {to}"),
    }
}
