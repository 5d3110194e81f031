//! Faults on demand: what is made to go wrong with a request, and how it looks on the wire.
//!
//! - [`draw`]: which faults meet the nth request; the same seed gives the same ones
//! - [`wreck`]: broken connections, truncated answers, pages of a proxy
//!
//! Faults before storing leave the store as it was; faults after storing let the request do its work, and spoil the
//! answer. Only the API's own endpoints are hit, and only once the key is right.

mod draw;
pub(super) mod wreck;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{answer::RequestFailure, body, environment::ServedEnvironment};
use crate::domain::faults::{FaultKind, Faults};
use draw::Draw;

/// The faults of an environment while it is served, and how many requests they have met.
#[derive(Debug, Default)]
pub(super) struct FaultStage(Mutex<Played>);

#[derive(Debug, Default)]
struct Played {
    faults: Faults,
    requests: u64,
}

/// Marks a request whose task is to fail later.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailsLater;

/// Marks an upload that is only checked, and answered as if it were stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoresNothing;

impl FaultStage {
    pub(super) fn new(faults: Faults) -> Self {
        Self(Mutex::new(Played { faults, requests: 0 }))
    }

    /// The faults, and how many requests they have met since they were set.
    pub(super) fn now(&self) -> (Faults, u64) {
        let played = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (played.faults.clone(), played.requests)
    }

    /// Sets other faults; requests are counted from the first again.
    pub(super) fn set(&self, faults: Faults) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Played { faults, requests: 0 };
    }

    pub(super) fn task_delay(&self) -> Duration {
        let played = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_millis(played.faults.task_delay_ms)
    }

    /// Counts a request, and draws what happens to it.
    fn next(&self) -> Draw {
        let mut played = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        played.requests += 1;
        Draw::new(&played.faults, played.requests)
    }
}

/// Draws the faults that the request meets, and applies them before and after it is handled.
pub(super) async fn inject(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    mut request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with("/v1/") {
        return next.run(request).await;
    }
    let draw = environment.stage.next();
    if draw.happens(FaultKind::Latency) {
        tokio::time::sleep(draw.latency()).await;
    }
    let early = if draw.happens(FaultKind::TooMany) {
        Some(RequestFailure::TooMany(draw.retry_after()).into_response())
    } else if draw.happens(FaultKind::Unavailable) {
        Some(wreck::unavailable(draw.pick(4)))
    } else if draw.happens(FaultKind::BotBlocked) {
        Some(wreck::bot_blocked())
    } else {
        None
    };
    if let Some(answer) = early {
        // A client that is cut off while it still writes sees a broken connection instead of the answer.
        body::discard(request.into_body(), environment.max_body).await;
        return answer;
    }
    if draw.happens(FaultKind::DropBefore) {
        return wreck::cut();
    }
    if draw.happens(FaultKind::TaskFails) {
        request.extensions_mut().insert(FailsLater);
    }
    if draw.happens(FaultKind::NotStored) {
        request.extensions_mut().insert(StoresNothing);
    }
    let uploads = request.method() == Method::POST;
    let answer = next.run(request).await;
    if draw.happens(FaultKind::DropAfter) {
        return wreck::cut();
    }
    if uploads && answer.status() == StatusCode::UNPROCESSABLE_ENTITY && draw.happens(FaultKind::VagueRejection) {
        return wreck::vague(draw.pick(3));
    }
    if draw.happens(FaultKind::NotJson) {
        return wreck::page(answer.status());
    }
    if draw.happens(FaultKind::Truncate) {
        return wreck::truncate(answer, |length| draw.kept(length)).await;
    }
    answer
}
