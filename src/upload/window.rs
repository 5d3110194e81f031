//! How many requests may be under way at once, and how soon the next may leave.

use std::time::{Duration, Instant};

/// How hard an upload may press.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Requests under way at once, at most.
    pub requests: usize,
    /// Rows a second, at most; `None`: as many as the server takes.
    pub rows_a_second: Option<f64>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            requests: 8,
            rows_a_second: None,
        }
    }
}

/// Up to here every good answer allows one request more; above it takes a whole round of them.
const QUICK: f64 = 4.0;

/// Grows by one for every round of good answers, and is halved when the server has trouble: many clients that do so
/// share a server evenly.
#[derive(Debug)]
pub(super) struct Window {
    pace: Pace,
    size: f64,
    /// Counts the halvings: requests that left before the last one are no reason for another.
    round: u64,
    held_until: Option<Instant>,
    next_free: Option<Instant>,
}

impl Window {
    /// One request at first.
    pub(super) const fn new(pace: Pace) -> Self {
        Self {
            pace,
            size: 1.0,
            round: 0,
            held_until: None,
            next_free: None,
        }
    }

    /// Requests that may be under way.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and a number of requests"
    )]
    pub(super) const fn size(&self) -> usize {
        self.size as usize
    }

    /// The round in which a request leaves.
    pub(super) const fn round(&self) -> u64 {
        self.round
    }

    /// An answer was good.
    pub(super) fn on_success(&mut self) {
        let step = if self.size < QUICK { 1.0 } else { 1.0 / self.size };
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let most = self.pace.requests.max(1) as f64;
        self.size = (self.size + step).min(most);
    }

    /// A request that left in `round` met trouble; nothing leaves for a while.
    pub(super) fn on_trouble(&mut self, round: u64, until: Instant) {
        if round == self.round {
            self.size = (self.size / 2.0).max(1.0);
            self.round += 1;
        }
        self.held_until = self.held_until.max(Some(until));
    }

    /// Whoever waits need not wait any longer.
    pub(super) const fn hurry(&mut self) {
        self.held_until = None;
    }

    /// When the next request may leave, if that is later than `now`.
    pub(super) fn wait(&self, now: Instant) -> Option<Instant> {
        self.held_until.max(self.next_free).filter(|until| *until > now)
    }

    /// So many rows leave.
    pub(super) fn on_sent(&mut self, rows: usize, now: Instant) {
        if let Some(rate) = self.pace.rows_a_second.filter(|rate| *rate > 0.0) {
            #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
            let pause = Duration::try_from_secs_f64(rows as f64 / rate).unwrap_or(Duration::from_hours(1));
            self.next_free = Some(self.next_free.unwrap_or(now).max(now) + pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_slowly_and_is_halved_once_a_round() {
        let now = Instant::now();
        let mut window = Window::new(Pace::default());
        let mut sizes = vec![window.size()];
        for _ in 0..40 {
            window.on_success();
            sizes.push(window.size());
        }
        assert_eq!(sizes[..4], [1, 2, 3, 4]);
        assert_eq!((sizes[8], sizes.last()), (5, Some(&8)));
        let round = window.round();
        for _ in 0..8 {
            window.on_trouble(round, now + Duration::from_secs(2));
        }
        assert_eq!(window.size(), 4);
        assert_eq!(window.wait(now), Some(now + Duration::from_secs(2)));
        window.hurry();
        assert_eq!(window.wait(now), None);
        for _ in 0..8 {
            window.on_trouble(window.round(), now);
        }
        assert_eq!(window.size(), 1);
    }

    #[test]
    fn a_rate_spaces_requests() {
        let now = Instant::now();
        let mut window = Window::new(Pace {
            rows_a_second: Some(50.0),
            ..Pace::default()
        });
        window.on_sent(100, now);
        window.on_sent(100, now);
        assert_eq!(window.wait(now), Some(now + Duration::from_secs(4)));
        assert_eq!(window.wait(now + Duration::from_secs(4)), None);
    }
}
