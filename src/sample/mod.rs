//! Made-up data of a made-up shop, Kumoya, which sells Japanese home goods: any number of products, interactions and
//! users, with the mistakes people really make in a part of them. The same [`Spec`] gives the same bytes; interactions
//! refer to the products and users of the same seed.

mod amount;
mod date;
mod interaction;
mod line;
mod mistake;
mod product;
mod shipped;
mod shop;
mod spread;
mod user;
mod visit;

use std::{
    fmt,
    io::{self, Write},
    str::FromStr,
};

use crate::domain::{dataset::Dataset, progress::Progress};

pub use self::{mistake::Mistake, shipped::SHIPPED};

use self::{line::RecordLine, spread::Spread, visit::Visits};

/// Bytes gathered before they are handed to the writer.
const CHUNK: usize = 256 * 1024;

/// What to write: equal specs give equal bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// The data set of all records.
    pub dataset: Dataset,
    /// How many records the file has.
    pub rows: u64,
    /// How many of a hundred records carry a mistake, 0 to 100; see [`Spec::bad_rows`].
    pub bad_percent: f64,
    /// Another seed gives another shop.
    pub seed: u64,
    /// CSV or JSON lines: the columns differ.
    pub format: SampleFormat,
}

impl Spec {
    /// How many records carry a mistake, one each: `bad_percent` of the rows, rounded.
    pub(crate) fn bad_rows(&self) -> u64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and nobody asks for 2^52 rows"
        )]
        let bad = (self.rows as f64 * self.bad_percent / 100.0).round() as u64;
        bad.min(self.rows)
    }

    /// The rows that carry a mistake, ascending, and which one: each kind that the data set and the format can show
    /// comes up equally often.
    pub fn mistakes(&self) -> impl Iterator<Item = (u64, Mistake)> + use<> {
        let kinds = Mistake::of(self.dataset, self.format);
        Spread::new(self.rows, self.bad_rows(), self.seed)
            .zip(kinds.into_iter().cycle())
            // The first row has no earlier one to repeat.
            .map(|(row, mistake)| match mistake {
                Mistake::RepeatedId if row == 0 => (row, Mistake::MissingId),
                _ => (row, mistake),
            })
    }
}

/// How a sample file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleFormat {
    /// Comma-separated values with a header row, as a shop's back office exports them.
    Csv,
    /// One JSON record a line, as the API takes them.
    JsonLines,
}

impl SampleFormat {
    /// The name on the command line, which is also the file extension: `csv`, `jsonl`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name given is none of the formats samples are written in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("samples are not written as \"{0}\"; choose csv or jsonl")]
pub struct UnknownSampleFormat(pub String);

impl FromStr for SampleFormat {
    type Err = UnknownSampleFormat;

    fn from_str(name: &str) -> Result<Self, UnknownSampleFormat> {
        [Self::Csv, Self::JsonLines]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownSampleFormat(name.to_owned()))
    }
}

/// How many products and users the interactions of a file of `rows` records refer to: the first ones of the catalog and
/// of the users of the same seed. A shop with 5,000 interactions has 600 products and 400 users.
pub(crate) fn shop_size(rows: u64) -> (u64, u64) {
    (
        (rows.saturating_mul(12) / 100).max(1),
        (rows.saturating_mul(8) / 100).max(1),
    )
}

/// Writes the sample, record by record: memory does not grow with its size. Progress counts rows.
/// Fails when the writer does, or when the work is cancelled.
pub fn write(spec: &Spec, progress: &Progress, out: &mut dyn Write) -> io::Result<()> {
    progress.restart(spec.rows);
    let mut line = RecordLine::new(spec.format);
    if spec.format == SampleFormat::Csv {
        line.header(match spec.dataset {
            Dataset::Products => product::COLUMNS,
            Dataset::Interactions => interaction::COLUMNS,
            Dataset::Users => user::COLUMNS,
        });
    }
    let mut visits = Visits::new(spec.seed, spec.rows);
    let mut mistakes = spec.mistakes().peekable();
    let mut last_good = None;
    let mut reported = 0;
    for row in 0..spec.rows {
        let mistake = mistakes.next_if(|(bad, _)| *bad == row).map(|(_, mistake)| mistake);
        // A repeated id is that of the nearest good row above; when there is none, the id is missing instead.
        let (mistake, twin) = match (mistake, last_good) {
            (Some(Mistake::RepeatedId), None) => (Some(Mistake::MissingId), row),
            (Some(Mistake::RepeatedId), Some(good)) => (mistake, good),
            _ => (mistake, row),
        };
        match spec.dataset {
            Dataset::Products => product::write(&mut line, spec.seed, row, twin, mistake),
            Dataset::Users => user::write(&mut line, spec.seed, row, twin, mistake),
            Dataset::Interactions => interaction::write(&mut line, spec.seed, &visits.next(row), mistake),
        }
        line.end();
        if mistake.is_none() {
            last_good = Some(row);
        }
        if line.bytes().len() >= CHUNK {
            if progress.is_cancelled() {
                return Err(io::Error::other("stopped"));
            }
            out.write_all(line.bytes())?;
            line.clear();
            progress.add(row + 1 - reported);
            reported = row + 1;
        }
    }
    out.write_all(line.bytes())?;
    progress.add(spec.rows - reported);
    out.flush()
}

/// A well-mixed number out of a seed, a purpose and an index (`SplitMix64`), to seed a record's own generator with.
fn mix(seed: u64, purpose: u64, index: u64) -> u64 {
    let mut z = seed
        .wrapping_add(purpose.wrapping_mul(0xA076_1D64_78BD_642F))
        .wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(spec: &Spec) -> String {
        let mut out = Vec::new();
        write(spec, &Progress::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn spec(dataset: Dataset, format: SampleFormat) -> Spec {
        Spec {
            dataset,
            rows: 700,
            bad_percent: 10.0,
            seed: 3,
            format,
        }
    }

    #[test]
    fn csv_rows_have_as_many_cells_as_the_header() {
        for dataset in Dataset::ALL {
            let text = made(&spec(dataset, SampleFormat::Csv));
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 700, "{dataset}");
        }
    }

    #[test]
    fn json_lines_are_objects() {
        for dataset in Dataset::ALL {
            let text = made(&spec(dataset, SampleFormat::JsonLines));
            assert_eq!(text.lines().count(), 700, "{dataset}");
            for line in text.lines() {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(value.is_object());
            }
        }
    }

    #[test]
    fn the_same_spec_gives_the_same_bytes_and_another_seed_others() {
        for dataset in Dataset::ALL {
            let one = spec(dataset, SampleFormat::Csv);
            assert_eq!(made(&one), made(&one));
            assert_ne!(made(&one), made(&Spec { seed: 4, ..one }));
        }
    }

    #[test]
    fn mistakes_are_as_many_as_asked_for_and_spread() {
        let spec = spec(Dataset::Products, SampleFormat::Csv);
        let rows: Vec<_> = spec.mistakes().map(|(row, _)| row).collect();
        assert_eq!(rows.len(), 70);
        assert!(rows.is_sorted_by(|a, b| a < b));
        assert!(
            rows.iter()
                .zip((0..).step_by(10))
                .all(|(row, start)| (start..start + 10).contains(row))
        );
        let none = Spec {
            bad_percent: 0.0,
            ..spec
        };
        assert_eq!(none.mistakes().count(), 0);
        let all = Spec {
            bad_percent: 100.0,
            ..spec
        };
        assert_eq!(all.mistakes().count(), 700);
        assert!(!made(&all).is_empty());
    }

    #[test]
    fn a_row_without_a_mistake_does_not_depend_on_how_many_there_are() {
        let bad = spec(Dataset::Users, SampleFormat::Csv);
        let good = made(&Spec {
            bad_percent: 0.0,
            ..bad
        });
        let differing = made(&bad).lines().zip(good.lines()).filter(|(a, b)| a != b).count();
        assert_eq!(differing, 70);
    }

    #[test]
    fn interactions_refer_to_the_catalog_and_the_users() {
        let interactions = made(&Spec {
            bad_percent: 0.0,
            ..spec(Dataset::Interactions, SampleFormat::JsonLines)
        });
        let (products, users) = shop_size(700);
        let skus: Vec<_> = (0..products).map(|index| product::sku(3, index)).collect();
        let ids: Vec<_> = (0..users).map(|index| user::id(3, index)).collect();
        let mut types = std::collections::BTreeSet::new();
        for line in interactions.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            types.insert(value["type"].as_str().unwrap().to_owned());
            for id in value["product_ids"].as_array().into_iter().flatten() {
                assert!(skus.iter().any(|sku| sku == id.as_str().unwrap()), "{id}");
            }
            if let Some(id) = value["user_id"].as_str() {
                assert!(ids.iter().any(|known| known == id), "{id}");
            }
        }
        assert!(types.len() > 20, "{types:?}");
    }

    #[test]
    fn a_cancelled_sample_stops() {
        let progress = Progress::default();
        progress.cancel();
        let large = Spec {
            rows: 1_000_000,
            ..spec(Dataset::Products, SampleFormat::Csv)
        };
        assert!(write(&large, &progress, &mut Vec::new()).is_err());
    }
}
