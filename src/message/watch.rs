//! The state of a running upload, of which only the latest counts: read every frame, written at every answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::upload::{UploadTally, UploadUpdate};

/// What an upload is doing at this moment.
#[derive(Debug)]
pub struct UploadWatch {
    state: Mutex<UploadState>,
}

/// A reading of [`UploadWatch`].
#[derive(Clone, Debug)]
pub(crate) struct UploadState {
    /// When it began.
    pub started: Instant,
    /// The rows by state.
    pub tally: UploadTally,
    /// Bytes of bodies that were answered.
    pub bytes: u64,
    /// The pause before another try.
    pub waiting: Option<Waiting>,
    /// How many requests the server has taken and not processed, when that takes it long.
    pub pending: u64,
    /// Rows the service refused since the last reading, with its words.
    pub refused: Vec<(u32, Vec<String>)>,
}

/// A pause before another try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Why, for people.
    pub reason: String,
    /// When the next try begins.
    pub until: Instant,
    /// The try that failed, from 1.
    pub(crate) attempt: u32,
    /// How many there are at most.
    pub of: u32,
}

impl UploadWatch {
    /// The state of an upload before anything is sent.
    pub(crate) fn new(rows: u64) -> Self {
        let tally = UploadTally {
            all: rows,
            waiting: rows,
            ..UploadTally::default()
        };
        let state = UploadState {
            started: Instant::now(),
            tally,
            bytes: 0,
            waiting: None,
            pending: 0,
            refused: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Notes what happened.
    pub fn note(&self, event: UploadUpdate) {
        let mut state = self.lock();
        match event {
            UploadUpdate::Progress { tally, bytes, .. } => {
                state.tally = tally;
                state.bytes = bytes;
            }
            UploadUpdate::Resumed => state.waiting = None,
            UploadUpdate::Pending { requests } => state.pending = requests,
            UploadUpdate::Rejected { row, lines } => state.refused.push((row, lines)),
            UploadUpdate::Waiting {
                pause,
                reason,
                attempt,
                of,
            } => {
                state.waiting = Some(Waiting {
                    reason,
                    until: Instant::now() + pause,
                    attempt,
                    of,
                });
            }
        }
    }

    /// The state now. Refused rows are handed out once.
    pub(crate) fn read(&self) -> UploadState {
        let mut state = self.lock();
        let refused = std::mem::take(&mut state.refused);
        UploadState {
            refused,
            ..state.clone()
        }
    }

    /// The state now, without the refused rows, which stay for [`Self::read`].
    pub(crate) fn look(&self) -> UploadState {
        let state = self.lock();
        UploadState {
            started: state.started,
            tally: state.tally,
            bytes: state.bytes,
            waiting: state.waiting.clone().filter(|waiting| waiting.until > Instant::now()),
            pending: state.pending,
            refused: Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, UploadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UploadState {
    /// Whether the server has answered for some rows.
    pub(crate) const fn has_begun(&self) -> bool {
        let UploadTally {
            stored,
            rejected,
            unchanged,
            ..
        } = self.tally;
        stored + rejected + unchanged > 0
    }

    /// Rows a second that were settled so far, those left out included.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people needs no more digits")]
    pub(crate) fn rate(&self) -> f64 {
        let settled = self.tally.all - self.tally.waiting;
        settled as f64 / self.started.elapsed().as_secs_f64().max(0.001)
    }

    /// How long the rest will take at the rate so far; `None` before there is a rate.
    #[expect(clippy::cast_precision_loss, reason = "an estimate for people needs no more digits")]
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let rate = self.rate();
        (rate > 0.0).then(|| Duration::from_secs_f64((self.tally.waiting as f64 / rate).min(1e9)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_shown_until_it_is_over_or_somebody_hurries() {
        let watch = UploadWatch::new(10);
        let wait = |pause: Duration| {
            watch.note(UploadUpdate::Waiting {
                pause,
                reason: "busy".to_owned(),
                attempt: 1,
                of: 5,
            });
        };
        wait(Duration::from_mins(1));
        // Answers to other requests still come in.
        let tally = UploadTally::default();
        watch.note(UploadUpdate::Progress {
            tally,
            bytes: 0,
            requests: 1,
        });
        assert_eq!(watch.look().waiting.map(|waiting| waiting.attempt), Some(1));
        watch.note(UploadUpdate::Resumed);
        assert_eq!(watch.look().waiting, None);
        wait(Duration::ZERO);
        assert_eq!(watch.look().waiting, None);
    }
}
