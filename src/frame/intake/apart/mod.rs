//! Conversions by libraries that a damaged or hostile file can make allocate without bounds, abort or run for ever. They
//! run in a process of their own, with limits of memory and time, so that ours survives: `tatami convert REQUEST` reads
//! the file from standard input, writes its text to standard output, and [`News`] to standard error.
//!
//! Where no program was named, as in tests of the library, they run in this process.

mod child;
mod parent;

pub(crate) use child::convert_input;
pub use parent::convert_with;
pub(super) use parent::{convert, names};

use serde::{Deserialize, Serialize};

use super::{Conversion, OriginStep, archive, arrow, origin::Sheet, parquet, workbook};

/// The formats that are converted in a process of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Foreign {
    /// An archive, or a workbook, which is one.
    Zip,
    OldExcel,
    Parquet,
    Arrow,
    ArrowStream,
}

impl Foreign {
    fn conversion(self) -> Conversion {
        match self {
            Self::Zip => archive::unpack,
            Self::OldExcel => workbook::old_excel,
            Self::Parquet => parquet::convert,
            Self::Arrow => arrow::file,
            Self::ArrowStream => arrow::stream,
        }
    }
}

/// What the process is asked for.
#[derive(Debug, Serialize, Deserialize)]
struct ConvertRequest {
    job: Job,
    /// The sheet of a workbook.
    sheet: Option<String>,
    /// The file in an archive.
    member: Option<String>,
    /// How much text is of use, in bytes; `None`: all.
    most: Option<u64>,
    /// How much memory it may take, in bytes; `None`: what there is.
    memory: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Job {
    Convert(Foreign),
    /// The names in an archive.
    Names,
}

/// What the process tells, a line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
enum News {
    /// How far it is, many times a second: bytes read, and bytes written.
    At { done: u64, written: u64 },
    /// So many bytes of text will come at least.
    Expects(u64),
    /// It has ended well, after its last text.
    Ended(ConversionOutcome),
    /// It refuses the file, for a reason that completes `… cannot be opened: `.
    Refused(String),
}

/// What came of a job.
#[derive(Debug, Serialize, Deserialize)]
enum ConversionOutcome {
    Names(Vec<String>),
    Member { name: String, members: Vec<String> },
    Sheet(Sheet),
    Records(String),
}

impl ConversionOutcome {
    /// What a conversion made; the steps that never run apart have no form here.
    fn of(step: OriginStep) -> Option<Self> {
        match step {
            OriginStep::Member { name, members } => Some(Self::Member { name, members }),
            OriginStep::Sheet(sheet) => Some(Self::Sheet(sheet)),
            OriginStep::Records(name) => Some(Self::Records(name.to_owned())),
            OriginStep::Unpacked(_) | OriginStep::Members(_) => None,
        }
    }

    fn step(self) -> Option<OriginStep> {
        match self {
            Self::Member { name, members } => Some(OriginStep::Member { name, members }),
            Self::Sheet(sheet) => Some(OriginStep::Sheet(sheet)),
            Self::Records(name) => {
                let known = [parquet::NAME, arrow::FILE, arrow::STREAM];
                known.into_iter().find(|known| *known == name).map(OriginStep::Records)
            }
            Self::Names(_) => None,
        }
    }
}
