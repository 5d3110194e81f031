//! How much time passes, while the machine sleeps too.

use std::time::{Duration, Instant, SystemTime};

/// The two clocks as they were last looked at: one stands still while the machine sleeps, the other one can be set.
#[derive(Debug)]
pub(super) struct Clocks {
    steady: Instant,
    date: SystemTime,
}

impl Clocks {
    pub(super) fn new() -> Self {
        Self {
            steady: Instant::now(),
            date: SystemTime::now(),
        }
    }

    /// What has passed since the last look, by the clock that went further. What a clock is set back does not count, and
    /// makes up for nothing that passes later.
    pub(super) fn advance(&mut self, steady: Instant, date: SystemTime) -> Duration {
        let by_date = date.duration_since(self.date).unwrap_or_default();
        let passed = steady.saturating_duration_since(self.steady).max(by_date);
        (self.steady, self.date) = (steady, date);
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn time_passes_by_whichever_clock_goes_on() {
        let mut clocks = Clocks::new();
        let (mut steady, mut date) = (clocks.steady, clocks.date);
        // Asleep for hours: only the date goes on.
        date += 300 * MINUTE;
        assert_eq!(clocks.advance(steady, date), 300 * MINUTE);
        // What passes afterwards counts, though the steady clock is hours behind.
        steady += MINUTE;
        assert_eq!(clocks.advance(steady, date), MINUTE);
        // Set back, and going on from there.
        date -= 200 * MINUTE;
        assert_eq!(clocks.advance(steady, date), Duration::ZERO);
        date += MINUTE;
        assert_eq!(clocks.advance(steady, date), MINUTE);
    }
}
