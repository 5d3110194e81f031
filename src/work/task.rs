//! How work is run, so that none of it can die unseen: whatever fails or panics ends as an event.

use std::{error::Error, panic::resume_unwind};

use tokio::{runtime::Handle, task::JoinError};
use tokio_util::sync::CancellationToken;

use super::Reporter;
use crate::{
    api::ApiError,
    message::{Event, WorkError, WorkErrorKind},
    ops::{self, full_disk},
    settings::Paths,
    upload::Stopped,
};

/// Why work fails; it is said where the work was asked for.
pub(super) type AnyError = Box<dyn Error + Send + Sync>;

/// How work ends; an error is reported by [`supervise`].
pub(super) type WorkResult = Result<(), AnyError>;

/// Makes the event that ends what a command had begun; it is given the reason.
pub(super) type FailureEvent = Box<dyn FnOnce(WorkError) -> Event + Send>;

/// The message for a panic. Most come from a library that meets a hostile file.
pub(super) const PANICKED: &str =
    "Something here could not be handled; please report it, with the file if there is one";

/// Runs work to its end, and reports its failure.
pub(super) async fn supervise(
    reporter: &Reporter,
    failure: FailureEvent,
    work: impl Future<Output = WorkResult> + Send + 'static,
) {
    let error = match tokio::spawn(work).await {
        Ok(Err(error)) => said(&error),
        Err(error) if error.is_panic() => PANICKED.into(),
        // The work has reported its own end, or the app closes.
        Ok(Ok(())) | Err(_) => return,
    };
    reporter.report(failure(error)).await;
}

/// A failure as the window hears of it.
pub(super) fn said(error: &AnyError) -> WorkError {
    WorkError {
        reason: without_codes(&error.to_string()),
        kind: match of_api(error) {
            Some(ApiError::Unsupported { .. } | ApiError::NoList { .. }) => WorkErrorKind::Unsupported,
            Some(ApiError::Unauthorized) => WorkErrorKind::KeyRejected,
            _ => WorkErrorKind::Other,
        },
    }
}

/// What the system said, without the number that it has for that: `(os error 2)`.
fn without_codes(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((code, rest)) if code.chars().all(|digit| digit.is_ascii_digit()) => plain.push_str(rest),
            Some(_) | None => plain.extend([" (os error ", part]),
        }
    }
    plain
}

fn of_api(error: &AnyError) -> Option<&ApiError> {
    let of_ops = || match error.downcast_ref() {
        Some(ops::Error::Api(error) | ops::Error::Stopped(Stopped::Api(error) | Stopped::Unreadable(error))) => {
            Some(error)
        }
        _ => None,
    };
    error.downcast_ref().or_else(of_ops)
}

/// The failure with what helps against it, where a full disk is its cause.
pub(super) fn advised(error: AnyError, paths: &Paths) -> AnyError {
    match full_disk::advice(&*error, paths) {
        Some(advice) => format!("{error}. {advice}").into(),
        None => error,
    }
}

/// Work that reads, writes or computes: on a thread that may block.
pub(super) async fn blocking(work: impl FnOnce() -> WorkResult + Send + 'static) -> WorkResult {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| match JoinError::try_into_panic(error) {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Ok(()),
    })
}

/// Work that waits for the network and, in between, for the ledger's disk or the keychain: on a thread of its own, so
/// that the network of others is not held up.
pub(super) async fn apart(
    work: impl Future<Output = WorkResult> + Send + 'static,
    closing: CancellationToken,
) -> WorkResult {
    let runtime = Handle::current();
    blocking(move || runtime.block_on(closing.run_until_cancelled(work)).unwrap_or(Ok(()))).await
}
