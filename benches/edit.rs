//! One cell edited in 1,000,000 products: the time until its problems are up to date. Goal: 16 ms.
//!
//! `cargo bench --bench edit`; sizes: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod common;

use common::{Outcome, SampleFile, Times, amount, peak, restart_peak, rows, runs};
use tatami::{
    check::check,
    domain::{cell::OwnedCell, dataset::Dataset, issue::Severity, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    sample::{SampleFormat, Spec},
};

/// Edits a run; the rows are all over the file.
const EDITS: u32 = 100;

fn main() -> Outcome {
    let spec = Spec {
        dataset: Dataset::Products,
        rows: rows(1_000_000),
        bad_percent: 3.0,
        seed: 1,
        format: SampleFormat::Csv,
    };
    let file = SampleFile::make(&spec)?;
    let progress = Progress::default();
    let frame = Frame::open(file.path(), &OpenOptions::default(), &progress)?;
    let mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
    let mut edits = Edits::default();
    let mut checked = check(&frame, &edits, &mapping, &progress)?;
    restart_peak();
    for path in ["sale_price", "product_id", "custom_attributes.season"] {
        let column = mapping.column_of(path).ok_or("a column of the sample is not matched")?;
        let column = u32::try_from(column)?;
        let mut times = Times::default();
        let before = checked.issues.count(Severity::Error);
        for edit in 0..u32::try_from(runs())? * EDITS {
            let row = edit.wrapping_mul(2_654_435_761) % frame.len();
            let text = if edit % 2 == 0 { "19,90" } else { "21.50" };
            times.measure(|| {
                edits.set(row, column, Some(OwnedCell::Text(text.into())));
                checked.recheck(&frame, &edits, &[row])
            })?;
        }
        println!(
            "  {path:24} median {:.3} ms, 99 of 100 within {:.3} ms; {before} errors before, {} after",
            times.median() * 1e3,
            times.percentile(99) * 1e3,
            checked.issues.count(Severity::Error)
        );
    }
    println!("  peak memory while editing {}", amount(peak()));
    Ok(())
}
