//! When to try again.

use std::time::Duration;

use crate::api::ApiError;

/// The longest pause: an hour, whatever the server or the settings say.
const LONGEST: Duration = Duration::from_hours(1);

/// How often and how soon a failed request is tried again.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Tries of one request, the first included.
    pub max_tries: u32,
    /// The pause after the first try; it doubles with every further one.
    pub base: Duration,
    /// The longest pause of our own choice.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// Five tries over about ten seconds.
    fn default() -> Self {
        Self {
            max_tries: 5,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// The pause after the `tries`-th failed try (from 1), or `None` when it is not worth another.
    /// `random` is between 0 and 1: many clients that failed together must not come back together.
    pub(crate) fn pause_after(&self, tries: u32, error: &ApiError, random: f64) -> Option<Duration> {
        self.pause(tries, error, random).filter(|_| error.retryable())
    }

    /// The same, whatever kind of error it is.
    pub(super) fn pause(&self, tries: u32, error: &ApiError, random: f64) -> Option<Duration> {
        (tries < self.max_tries).then(|| self.compute_delay(tries, error.retry_after(), random))
    }

    /// Doubling pauses with up to a half more at random, never shorter than what the server asks for.
    fn compute_delay(&self, tries: u32, retry_after: Option<Duration>, random: f64) -> Duration {
        let doubled = self
            .base
            .saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
        let jittered = doubled
            .min(self.cap)
            .min(LONGEST)
            .mul_f64(1.0 + 0.5 * random.clamp(0.0, 1.0));
        let asked = retry_after.unwrap_or_default().min(LONGEST);
        jittered.max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_honour_the_server() {
        let policy = RetryPolicy::default();
        let pauses: Vec<u128> = (1..9)
            .map(|tries| policy.compute_delay(tries, None, 0.0).as_millis())
            .collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(policy.compute_delay(2, None, 1.0), Duration::from_millis(1500));
        assert_eq!(
            policy.compute_delay(1, Some(Duration::from_secs(9)), 1.0),
            Duration::from_secs(9)
        );
        assert_eq!(policy.compute_delay(99, Some(Duration::MAX), 0.0), LONGEST);
    }

    #[test]
    fn tries_are_bounded() {
        let policy = RetryPolicy::default();
        let busy = ApiError::TooMany { retry_after: None };
        assert!(policy.pause_after(4, &busy, 0.0).is_some());
        assert_eq!(policy.pause_after(5, &busy, 0.0), None);
        assert_eq!(policy.pause_after(1, &ApiError::Unauthorized, 0.0), None);
    }
}
