//! Where records end, in whatever they are written.

use super::{
    Format,
    csv::CsvSplitter,
    index::FoundRecord,
    json_list::{Around, ArraySplitter, Body, LineSplitter},
    sniff::Sniffed,
};

/// Finds the records of a text, block by block.
#[derive(Debug)]
pub(super) enum Splitter {
    Csv(CsvSplitter),
    Lines(LineSplitter),
    Array(ArraySplitter),
}

impl Splitter {
    pub(super) fn new(sniffed: &Sniffed) -> Self {
        let line = sniffed.line;
        match sniffed.format {
            Format::Csv(csv) => Self::Csv(CsvSplitter::new(csv, line)),
            Format::JsonLines => Self::Lines(LineSplitter { line }),
            Format::JsonArray | Format::JsonData | Format::JsonObjects | Format::JsonRows { .. } => {
                Self::Array(ArraySplitter {
                    line,
                    around: match sniffed.depth() {
                        _ if sniffed.is_bare => Around::Nothing,
                        0 => Around::Array,
                        depth => Around::Body(Body::new(depth)),
                    },
                    closed: false,
                })
            }
        }
    }

    /// Blank lines so far, where they are counted.
    pub(super) const fn blank(&self) -> u64 {
        match self {
            Self::Csv(csv) => csv.blank,
            Self::Lines(_) | Self::Array(_) => 0,
        }
    }

    /// The file line that the next byte stands on, from 1.
    pub(super) const fn line(&self) -> u64 {
        match self {
            Self::Csv(csv) => csv.line,
            Self::Lines(lines) => lines.line,
            Self::Array(array) => array.line,
        }
    }

    /// Finds the complete records in `buffer`, which starts where a record does. Returns how many bytes they took.
    pub(super) fn split(&mut self, buffer: &[u8], last: bool, found: &mut Vec<FoundRecord>) -> usize {
        match self {
            Self::Csv(csv) => csv.split(buffer, last, found),
            Self::Lines(lines) => lines.split(buffer, last, found),
            Self::Array(array) => array.split(buffer, last, found),
        }
    }
}
