//! Reading a request's body, up to a limit and not for ever.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::body::{Body, Bytes, HttpBody as _};
use tokio::time::timeout;

use super::answer::RequestFailure;

/// How much of a body that is too large is read and thrown away, in multiples of the limit.
const PATIENCE: usize = 8;
/// How long a client may pause while it sends a body.
const PAUSE: Duration = Duration::from_secs(30);

/// The whole body. One that is too large is still taken off the wire (up to eight times the limit): a client that is
/// cut off while it writes sees a broken connection, not the 413.
pub(super) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, RequestFailure> {
    let mut body = body;
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(if expected <= limit { expected } else { 0 });
    let mut seen = 0_usize;
    loop {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let next = timeout(PAUSE, next).await.map_err(|_| RequestFailure::Stalled)?;
        let Some(frame) = next else { break };
        let frame =
            frame.map_err(|error| RequestFailure::Unreadable(format!("The request body broke off: {error}")))?;
        let Ok(chunk) = frame.into_data() else { continue };
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
        if seen > limit.saturating_mul(PATIENCE) {
            break;
        }
    }
    if seen > limit {
        Err(RequestFailure::TooLarge(limit))
    } else {
        Ok(bytes)
    }
}

/// Reads and drops a body that is not needed, so that the client gets to read the answer.
pub(super) async fn discard(body: Body, limit: usize) {
    let mut body = body;
    let mut seen = 0_usize;
    while seen <= limit.saturating_mul(PATIENCE) {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        match timeout(PAUSE, next).await {
            Ok(Some(Ok(frame))) => seen = seen.saturating_add(frame.data_ref().map_or(0, Bytes::len)),
            _ => break,
        }
    }
}
