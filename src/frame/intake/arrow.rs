//! Arrow IPC, as a file and as a stream, a record batch at a time.

use std::io::{self, Read};

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};

use super::{OriginStep, bytes::ByteColumns, damaged, records};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

const WHAT: &str = "an Arrow file";

/// The names of the formats.
pub(super) const FILE: &str = "Arrow";
pub(super) const STREAM: &str = "Arrow stream";

/// Writes the records of a file as JSON lines.
pub(super) fn file(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let open = |progress| {
        let reader = FileReader::try_new(source.reader(progress), None);
        reader.map_err(|error| refused(source, progress, &error))
    };
    let silent = Progress::default();
    let first = open(&silent)?;
    let schema = first.schema();
    let bytes = judge(&schema, first, source, progress)?;
    write(open(progress)?, &bytes, source, spool, progress)?;
    Ok(OriginStep::Records(FILE))
}

/// Writes the records of a stream as JSON lines.
pub(super) fn stream(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<OriginStep, FrameError> {
    let silent = Progress::default();
    let first = StreamReader::try_new(source.reader(&silent), None);
    let first = first.map_err(|error| refused(source, progress, &error))?;
    let schema = first.schema();
    let bytes = judge(&schema, first, source, progress)?;
    let batches = StreamReader::try_new(Tail::new(source.reader(progress)), None);
    let mut batches = batches.map_err(|error| refused(source, progress, &error))?;
    write(&mut batches, &bytes, source, spool, progress)?;
    // The reader takes the end of the file for the end of the stream, so that a truncated stream is noticed here.
    if !spool.is_full() && batches.get_ref().is_passed {
        return Err(source.refused(
            "it begins as an Arrow stream, but ends without the mark of its end: it may be cut off; get the whole file",
        ));
    }
    Ok(OriginStep::Records(STREAM))
}

/// Judges the columns of bytes, in a pass of its own where there are any.
fn judge(
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    source: &Source,
    progress: &Progress,
) -> Result<ByteColumns, FrameError> {
    let mut bytes = ByteColumns::default();
    if ByteColumns::may_be_in(schema) {
        for batch in batches {
            if progress.is_cancelled() {
                return Err(FrameError::Cancelled);
            }
            bytes.note(&batch.map_err(|error| refused(source, progress, &error))?);
        }
    }
    Ok(bytes)
}

fn write(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    bytes: &ByteColumns,
    source: &Source,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<(), FrameError> {
    let before = spool.len();
    for batch in batches {
        let batch = batch.map_err(|error| refused(source, progress, &error))?;
        records::write(&batch, bytes, source, spool)?;
        if spool.is_full() {
            return Ok(());
        }
    }
    if spool.len() == before {
        return Err(source.refused("it is an Arrow file without a record; choose one with records"));
    }
    Ok(())
}

fn refused(source: &Source, progress: &Progress, error: &ArrowError) -> FrameError {
    match error {
        ArrowError::NotYetImplemented(what) => source.refused(format!(
            "it is an Arrow file with something that cannot be read yet ({what}); export it as CSV"
        )),
        error => damaged(source, progress, WHAT, error),
    }
}

/// A reader that notes when it is asked for more than there is: the stream then has no end mark.
struct Tail<R> {
    reader: R,
    is_passed: bool,
}

impl<R> Tail<R> {
    const fn new(reader: R) -> Self {
        Self {
            reader,
            is_passed: false,
        }
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.is_passed |= len == 0 && !buffer.is_empty();
        Ok(len)
    }
}
