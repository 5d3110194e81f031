//! The answer to a batch with records that the schema refuses: a line for each thing that is wrong.
//!
//! There may be far more lines than records, and they are many times as long as what they are about. So they are made
//! from the records when the client is ready for them, a piece at a time.

use std::{
    fmt,
    ops::{ControlFlow, Range},
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::Frame;
use serde_json::Value;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    body::RequestBody,
    store::{AttributeTypes, inconsistent},
};
use crate::domain::{
    dataset::Dataset,
    json, message,
    schema::Schema,
    validate::{Violation, WrittenRecord},
};

/// A piece of the answer ends with the line that makes it larger than this many bytes, and than the body: a long record is
/// gone through from its start for each.
const PIECE: usize = 64 << 10;
/// The most lines on one record. No record of documented size has as many fields.
const MOST_LINES: usize = 10_000;
/// The lines end with the one that makes the answer larger than this many bytes.
const MOST_BYTES: usize = 32 << 20;

/// Records of which at least one is refused.
pub(crate) struct RejectedBatch {
    body: RequestBody,
    dataset: Dataset,
    /// Where the records stand in the body.
    records: Vec<Range<usize>>,
    /// The custom attributes that must have these types.
    types: AttributeTypes,
    next: NextLine,
    piece: usize,
    written: usize,
    is_cut: bool,
}

/// Where the next piece begins.
#[derive(Clone, Copy)]
enum NextLine {
    Start,
    /// After so many lines on a record.
    Record {
        record: usize,
        lines: usize,
    },
    Ended,
}

impl RejectedBatch {
    /// A batch; the records are texts within the body.
    pub(crate) fn new<'a>(
        dataset: Dataset,
        records: impl Iterator<Item = &'a str>,
        types: AttributeTypes,
        body: RequestBody,
    ) -> Self {
        let start = body.as_ptr().addr();
        let range = |text: &str| {
            let start = text.as_ptr().addr().saturating_sub(start);
            start..start + text.len()
        };
        Self {
            records: records.map(range).collect(),
            piece: body.len().max(PIECE),
            body,
            dataset,
            types,
            next: NextLine::Start,
            written: 0,
            is_cut: false,
        }
    }

    /// The answer, with its first piece.
    pub(crate) fn begin(mut self) -> RejectionBody {
        let first = self.piece();
        let rest = (!matches!(self.next, NextLine::Ended)).then(|| Box::new(self));
        RejectionBody { first, rest }
    }

    fn piece(&mut self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PIECE);
        if matches!(self.next, NextLine::Start) {
            let message = Value::from(message::summary(self.dataset));
            out.extend_from_slice(format!(r#"{{"errors":true,"message":{message},"data":["#).as_bytes());
            self.next = NextLine::Record { record: 0, lines: 0 };
        }
        while let NextLine::Record { record, lines } = self.next
            && out.len() < self.piece
        {
            self.next = match self.records.get(record).cloned() {
                Some(text) if self.written < MOST_BYTES => self.lines_of(record, text, lines, &mut out),
                left => {
                    self.is_cut |= left.is_some();
                    self.end(&mut out);
                    NextLine::Ended
                }
            };
        }
        self.written += out.len();
        out
    }

    fn end(&self, out: &mut Vec<u8>) {
        let cut = format!(
            r#"],"left_out":"There is more to say: at most {MOST_LINES} lines on a record and {} MiB are answered"}}"#,
            MOST_BYTES >> 20
        );
        out.extend_from_slice(if self.is_cut { cut.as_bytes() } else { b"]}" });
    }

    /// Writes the lines on a record after the first `skipped`, as far as the piece goes.
    fn lines_of(&mut self, record: usize, text: Range<usize>, skipped: usize, out: &mut Vec<u8>) -> NextLine {
        let next = NextLine::Record {
            record: record + 1,
            lines: 0,
        };
        let text = self.body.get(text).and_then(|text| str::from_utf8(text).ok());
        let Some(Ok(read)) = text.map(WrittenRecord::read) else {
            return next;
        };
        let (dataset, piece, is_first) = (self.dataset, self.piece, self.written == 0);
        let mut lines = 0_usize;
        let mut see = |violation: Violation| {
            if lines == MOST_LINES || out.len() >= piece {
                return ControlFlow::Break(());
            }
            lines += 1;
            if lines > skipped {
                if !(is_first && out.ends_with(b"[")) {
                    out.push(b',');
                }
                json::write_string(&message::render(dataset, record, &violation), out);
            }
            ControlFlow::Continue(())
        };
        let checked = read.check(Schema::of(dataset), &mut see);
        let checked = match checked {
            ControlFlow::Continue(()) => inconsistent(&self.types, dataset, &read, &mut see),
            ControlFlow::Break(()) => checked,
        };
        match checked {
            ControlFlow::Continue(()) => next,
            ControlFlow::Break(()) if lines == MOST_LINES => {
                self.is_cut = true;
                next
            }
            ControlFlow::Break(()) => NextLine::Record { record, lines },
        }
    }
}

impl fmt::Debug for RejectedBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedBatch")
            .field("records", &self.records.len())
            .finish_non_exhaustive()
    }
}

/// An answer that may go on after its first piece.
#[derive(Debug)]
pub(crate) struct RejectionBody {
    first: Vec<u8>,
    rest: Option<Box<RejectedBatch>>,
}

impl From<RejectionBody> for Body {
    fn from(body: RejectionBody) -> Self {
        match body.rest {
            None => Self::from(body.first),
            Some(rest) => Self::new(Pieces {
                first: Some(body.first),
                state: PieceState::Waiting(rest),
            }),
        }
    }
}

/// The pieces as the client reads them. One that reads slowly holds no thread.
struct Pieces {
    first: Option<Vec<u8>>,
    state: PieceState,
}

enum PieceState {
    Waiting(Box<RejectedBatch>),
    Writing(JoinHandle<(Vec<u8>, Box<RejectedBatch>)>),
    Ended,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = tokio::task::JoinError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first.into()))));
        }
        let mut writing = match std::mem::replace(&mut self.state, PieceState::Ended) {
            PieceState::Ended => return Poll::Ready(None),
            PieceState::Writing(writing) => writing,
            PieceState::Waiting(mut batch) => spawn_blocking(move || {
                let piece = batch.piece();
                (piece, batch)
            }),
        };
        let Poll::Ready(written) = Pin::new(&mut writing).poll(context) else {
            self.state = PieceState::Writing(writing);
            return Poll::Pending;
        };
        let (piece, batch) = match written {
            Ok(written) => written,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        if !matches!(batch.next, NextLine::Ended) {
            self.state = PieceState::Waiting(batch);
        }
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }
}
