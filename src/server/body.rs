//! Reading a request's body, up to a limit and not for ever.

use std::{
    future::poll_fn,
    ops::Deref,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::{answer::RequestFailure, environment::ServedEnvironment};

/// How much of a body that is too large is read and thrown away, in multiples of the limit.
const PATIENCE: usize = 8;
/// How long a client may pause while it sends a body.
const PAUSE: Duration = Duration::from_secs(30);
/// How long a client may take for the whole body.
const WHOLE: Duration = Duration::from_mins(5);
/// The most bytes that are set aside before any have come.
const AT_ONCE: usize = 1 << 20;
/// How many bodies of the largest size are kept at once.
const BODIES: usize = 4;

/// The whole body. One that is too large, or has no room, is still taken off the wire (up to eight times the limit): a
/// client that is cut off while it writes sees a broken connection, not the answer.
pub(super) async fn read(body: Body, environment: &ServedEnvironment) -> Result<RequestBody, RequestFailure> {
    let mut room = BodyRoom::of(environment);
    let bytes = read_within(body, environment.max_body, Some(&mut room)).await?;
    Ok(RequestBody {
        bytes: bytes.into(),
        _room: Arc::new(room),
    })
}

/// A body of at most `limit` bytes, kept in the room that it has, if that is bounded.
pub(super) async fn read_within(
    body: Body,
    limit: usize,
    mut room: Option<&mut BodyRoom>,
) -> Result<Vec<u8>, RequestFailure> {
    let mut body = body;
    let mut refused = None;
    let deadline = Instant::now() + WHOLE;
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // A length that was only announced takes nothing yet.
    let mut bytes = Vec::with_capacity(if expected <= limit { expected.min(AT_ONCE) } else { 0 });
    let mut seen = 0_usize;
    loop {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        let pause = deadline.min(Instant::now() + PAUSE);
        let next = timeout_at(pause, next).await.map_err(|_| RequestFailure::Stalled)?;
        let Some(frame) = next else { break };
        let frame =
            frame.map_err(|error| RequestFailure::Unreadable(format!("The request body broke off: {error}")))?;
        let Ok(chunk) = frame.into_data() else { continue };
        seen = seen.saturating_add(chunk.len());
        if seen > limit {
            refused = Some(RequestFailure::TooLarge(limit));
        } else if let Some(room) = &mut room
            && refused.is_none()
        {
            refused = room.take(chunk.len()).err();
        }
        if refused.is_none() {
            if bytes.capacity() - bytes.len() < chunk.len() {
                let announced = if expected <= limit { expected } else { 0 };
                let doubled = (bytes.len() * 2).min(announced.max(bytes.len() + bytes.len() / 2));
                bytes.reserve_exact(doubled.max(seen) - bytes.len());
            }
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
            if let Some(room) = &mut room {
                room.release();
            }
        }
        if seen > limit.saturating_mul(PATIENCE) {
            break;
        }
    }
    refused.map_or(Ok(bytes), Err)
}

/// The bytes of a body, while they are needed.
#[derive(Clone)]
pub(super) struct RequestBody {
    bytes: Bytes,
    _room: Arc<BodyRoom>,
}

impl Deref for RequestBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a body takes of the memory that an environment has for all bodies at once.
pub(super) struct BodyRoom {
    environment: Arc<AtomicUsize>,
    most: usize,
    taken: usize,
}

impl BodyRoom {
    fn of(environment: &ServedEnvironment) -> Self {
        Self {
            environment: Arc::clone(&environment.body_bytes),
            most: environment.max_body.saturating_mul(BODIES),
            taken: 0,
        }
    }

    fn take(&mut self, bytes: usize) -> Result<(), RequestFailure> {
        let taken = self.environment.fetch_add(bytes, Ordering::Relaxed);
        self.taken += bytes;
        if taken.saturating_add(bytes) > self.most {
            return Err(RequestFailure::Crowded);
        }
        Ok(())
    }

    /// Leaves all that was taken to others.
    fn release(&mut self) {
        let taken = std::mem::take(&mut self.taken);
        self.environment.fetch_sub(taken, Ordering::Relaxed);
    }
}

impl Drop for BodyRoom {
    fn drop(&mut self) {
        self.release();
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
