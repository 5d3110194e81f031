//! Opening, mapping and checking a file: 1,000,000 products as CSV, 2,000,000 interactions as JSON lines, 3 % bad.
//! Goals: at most half the time polars takes to read the CSV as text; at most 100 MB + 24 bytes a record of memory.
//!
//! `cargo bench --bench read_check`; sizes: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod common;

use std::{error::Error, hint::black_box};

use common::{Outcome, SampleFile, Times, bytes, peak, peak_text, restart_peak, rows, runs};
use tatami::{
    check::check,
    domain::{dataset::Dataset, issue::Severity, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    sample::{SampleFormat, Spec},
};

fn main() -> Outcome {
    let rows = rows(1_000_000);
    for (dataset, rows, format) in [
        (Dataset::Products, rows, SampleFormat::Csv),
        (Dataset::Interactions, rows * 2, SampleFormat::JsonLines),
    ] {
        let spec = Spec {
            dataset,
            rows,
            bad_percent: 3.0,
            seed: 1,
            format,
        };
        report(&spec)?;
    }
    Ok(())
}

fn report(spec: &Spec) -> Outcome {
    let file = SampleFile::make(spec)?;
    let (mut opening, mut checking, mut both) = (Times::default(), Times::default(), Times::default());
    restart_peak();
    let mut errors = 0;
    for _ in 0..runs() {
        errors = both.measure(|| read_check(spec, &file, &mut opening, &mut checking))?;
    }
    println!("  open            {:8.3} s (median of {})", opening.median(), runs());
    println!("  map and check   {:8.3} s", checking.median());
    println!(
        "  together        {:8.3} s; {errors} rows with errors of {}",
        both.median(),
        spec.rows
    );
    println!(
        "  peak memory     {} (goal {})",
        peak_text(),
        bytes(100_000_000 + 24 * spec.rows)
    );
    if peak().is_some_and(|peak| peak > 100_000_000 + 24 * spec.rows) {
        println!("  that is more memory than the goal");
    }
    Ok(())
}

/// Opens, maps and checks; returns how many rows have errors.
fn read_check(
    spec: &Spec,
    file: &SampleFile,
    opening: &mut Times,
    checking: &mut Times,
) -> Result<u64, Box<dyn Error>> {
    let progress = Progress::default();
    let frame = opening.measure(|| Frame::open(file.path(), &OpenOptions::default(), &progress))?;
    let checked = checking.measure(|| {
        let is_json = spec.format == SampleFormat::JsonLines;
        let mapping = Mapping::suggest(Mapping::recognise(frame.columns()), frame.columns(), is_json);
        check(&frame, &Edits::default(), &mapping, &progress)
    })?;
    Ok(black_box(checked.issues.rows_with(Severity::Error).len()))
}
