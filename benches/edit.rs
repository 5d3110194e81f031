//! One cell edited in 1,000,000 products, as the window does it: what was found before stays on screen while the row is
//! checked again, and so do the changes that the worker reads. The time until the new problems can be shown, and the old
//! ones are dropped. Goal: 1 ms.
//!
//! `cargo bench --bench edit`; sizes: see `common`.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod common;

use std::sync::Arc;

use common::{Outcome, SampleFile, Times, amount, peak, restart_peak, rows, runs};
use tatami::{
    check::check,
    domain::{cell::OwnedCell, dataset::Dataset, issue::Severity, mapping::Mapping, progress::Progress, rows::RowSet},
    frame::{Edits, Frame, FrameError, OpenOptions},
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
    let mut edits = Arc::new(Edits::default());
    let mut shown = Arc::new(check(&frame, &edits, &mapping, &progress)?);
    restart_peak();
    for path in ["sale_price", "product_id", "custom_attributes.season"] {
        let column = mapping.column_of(path).ok_or("a column of the sample is not matched")?;
        let column = u32::try_from(column)?;
        let mut times = Times::default();
        let before = shown.issues.count(Severity::Error);
        for edit in 0..u32::try_from(runs())? * EDITS {
            let row = edit.wrapping_mul(2_654_435_761) % frame.len();
            let text = if edit % 2 == 0 { "19,90" } else { "21.50" };
            times.measure(|| {
                Arc::make_mut(&mut edits).set(row, column, Some(OwnedCell::Text(text.into())));
                let (checked, edits) = (Arc::clone(&shown), Arc::clone(&edits));
                let mut checked = Arc::unwrap_or_clone(checked);
                checked.recheck(&frame, &edits, &RowSet::of_row(row))?;
                shown = Arc::new(checked);
                Ok::<_, FrameError>(())
            })?;
        }
        println!(
            "  {path:24} median {:.3} ms, 99 of 100 within {:.3} ms; {before} errors before, {} after",
            times.median() * 1e3,
            times.percentile(99) * 1e3,
            shown.issues.count(Severity::Error)
        );
    }
    println!("  peak memory while editing {}", amount(peak()));
    Ok(())
}
