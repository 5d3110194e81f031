//! Where the mistakes go: one in each of as many equal stretches of the rows, at a place the seed decides.

use super::mix;

/// The rows that carry a mistake, ascending.
#[derive(Debug)]
pub(super) struct Spread {
    rows: u64,
    bad: u64,
    seed: u64,
    next: u64,
}

impl Spread {
    /// Spreads `bad` mistakes, at most `rows`, over `rows` rows.
    pub(super) const fn new(rows: u64, bad: u64, seed: u64) -> Self {
        Self {
            rows,
            bad,
            seed,
            next: 0,
        }
    }

    /// Where a stretch starts.
    fn start(&self, stretch: u64) -> u64 {
        let start = u128::from(stretch) * u128::from(self.rows) / u128::from(self.bad.max(1));
        u64::try_from(start).unwrap_or(self.rows)
    }
}

impl Iterator for Spread {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let stretch = (self.next < self.bad).then_some(self.next)?;
        self.next += 1;
        let (start, end) = (self.start(stretch), self.start(stretch + 1));
        Some(start + mix(self.seed, 7, stretch) % (end - start).max(1))
    }
}
