//! The sample files that come with the project, `assets/samples`: what they were made from.

use std::io::{self, Write};

use super::{SampleFormat, Spec, write};
use crate::domain::{dataset::Dataset, progress::Progress};

/// The seed of the shipped shop.
const SEED: u64 = 20_260_105;

/// Lines after the last record of the catalog, as hands and scripts leave them: a description with a comma and no
/// quotes, which makes a cell too many, and a quote inside quotes that was not doubled.
const BROKEN_LINES: &str = "\
NO-99001-IND,Ōmi noren curtain in indigo,Hung in a doorway, it parts two rooms without a door.,Textiles > Curtains,\
49.90,https://cdn.kumoya.example/products/99001/main-1200x1200.jpg,https://www.kumoya.example/p/noren-curtain-indigo-99001,Aoi \
Textiles,IN_STOCK,NEW,indigo,handmade,2025-06-02T09:30:00Z,summer
SH-99002-NAT,\"Nara shoji screen, 72\" high\",Three panels on brass hinges.,Furniture > Screens,399.00,\
https://cdn.kumoya.example/products/99002/main-1200x1200.jpg,https://www.kumoya.example/p/shoji-screen-natural-99002,Mokume,\
IN_STOCK,NEW,natural,zen,2025-06-02T09:31:00Z,all year
";

/// A sample file that comes with the project.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shipped {
    /// Its name in `assets/samples`.
    pub name: &'static str,
    /// What it was made from.
    pub spec: Spec,
    /// What was put after the last record: lines that cannot be read as records.
    pub broken: &'static str,
}

/// The sample files that come with the project.
pub const SHIPPED: [Shipped; 3] = [
    shipped("catalog.csv", Dataset::Products, 600, SampleFormat::Csv, BROKEN_LINES),
    shipped(
        "interactions.jsonl",
        Dataset::Interactions,
        5000,
        SampleFormat::JsonLines,
        "",
    ),
    shipped("users.csv", Dataset::Users, 400, SampleFormat::Csv, ""),
];

const fn shipped(
    name: &'static str,
    dataset: Dataset,
    rows: u64,
    format: SampleFormat,
    broken: &'static str,
) -> Shipped {
    Shipped {
        name,
        spec: Spec {
            dataset,
            rows,
            bad_percent: 5.0,
            seed: SEED,
            format,
        },
        broken,
    }
}

impl Shipped {
    /// Writes the file again, byte by byte as it was shipped.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write(&self.spec, &Progress::default(), out)?;
        out.write_all(self.broken.as_bytes())
    }
}
