//! Arrow IPC, as a file and as a stream, a record batch at a time.

use polars::prelude::{DataFrame, PolarsResult};
use polars_arrow::{
    array::Array,
    io::ipc::read::{FileReader, StreamReader, StreamState, read_file_metadata, read_stream_metadata},
    record_batch::RecordBatchT,
};

use super::{Step, damaged, records};
use crate::{
    domain::progress::Progress,
    frame::{FrameError, OpenOptions, source::Source, spool::Spool},
};

type Batch = RecordBatchT<Box<dyn Array>>;

/// Writes the records of a file as JSON lines.
pub(super) fn file(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let mut reader = source.reader(progress);
    let metadata =
        read_file_metadata(&mut reader).map_err(|error| damaged(source, progress, "an Arrow file", &error))?;
    let batches = FileReader::new(reader, metadata, None, None);
    write(batches, source, spool, progress)?;
    Ok(Step::Records("Arrow"))
}

/// Writes the records of a stream as JSON lines.
pub(super) fn stream(
    source: &Source,
    _: &OpenOptions,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<Step, FrameError> {
    let mut reader = source.reader(progress);
    let metadata =
        read_stream_metadata(&mut reader).map_err(|error| damaged(source, progress, "an Arrow file", &error))?;
    let mut ended_early = false;
    let batches = StreamReader::new(reader, metadata, None).map_while(|state| match state {
        Ok(StreamState::Some(batch)) => Some(Ok(batch)),
        // The end of the file, but not of the stream.
        Ok(StreamState::Waiting) => {
            ended_early = true;
            None
        }
        Err(error) => Some(Err(error)),
    });
    write(batches, source, spool, progress)?;
    if ended_early {
        return Err(source.refused(
            "it begins as an Arrow stream, but ends without the mark of its end: it may be cut off; get the whole file",
        ));
    }
    Ok(Step::Records("Arrow stream"))
}

fn write(
    batches: impl Iterator<Item = PolarsResult<Batch>>,
    source: &Source,
    spool: &mut Spool,
    progress: &Progress,
) -> Result<(), FrameError> {
    let before = spool.len();
    for batch in batches {
        let frame = DataFrame::from(batch.map_err(|error| damaged(source, progress, "an Arrow file", &error))?);
        records::write(&frame, source, spool)?;
        if spool.is_full() {
            return Ok(());
        }
    }
    if spool.len() == before {
        return Err(source.refused("it is an Arrow file without a record; choose one with records"));
    }
    Ok(())
}
