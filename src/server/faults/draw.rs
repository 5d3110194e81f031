//! Which faults meet a request: a function of the seed and the request's number alone.

use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::domain::faults::{FaultKind, Faults};

/// The faults that one request meets.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    faults: Faults,
    number: u64,
}

impl Draw {
    /// The draw of the nth request, counted from 1.
    pub(super) fn new(faults: &Faults, number: u64) -> Self {
        Self {
            faults: faults.clone(),
            number,
        }
    }

    /// Whether the fault happens; faults are drawn independently of each other.
    pub(super) fn happens(&self, kind: FaultKind) -> bool {
        // A number below 1 is below every probability of 1, and none is below 0.
        self.number(kind.name()) < self.faults.of(kind)
    }

    /// How long a slow answer is held back.
    pub(super) fn latency(&self) -> Duration {
        let most = Duration::from_millis(self.faults.latency_ms);
        most / 2 + (most / 2).mul_f64(self.number("how long"))
    }

    /// Seconds to wait after a 429.
    pub(super) const fn retry_after(&self) -> u64 {
        self.faults.retry_after_s
    }

    /// One of `choices` ways to fail.
    pub(super) fn pick(&self, choices: u64) -> u64 {
        self.hash("which") % choices.max(1)
    }

    /// How many bytes of an answer of that length are sent before it breaks off; never all of them.
    pub(super) fn kept(&self, length: usize) -> usize {
        usize::try_from(self.hash("how far")).unwrap_or(0) % length.max(1)
    }

    /// A number that is at least 0 and below 1.
    fn number(&self, what: &str) -> f64 {
        let bits = u32::try_from(self.hash(what) >> 32).unwrap_or(u32::MAX);
        f64::from(bits) / (f64::from(u32::MAX) + 1.0)
    }

    fn hash(&self, what: &str) -> u64 {
        let mut bytes = self.number.to_le_bytes().to_vec();
        bytes.extend_from_slice(what.as_bytes());
        xxh3_64_with_seed(&bytes, self.faults.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(faults: &Faults, kind: FaultKind) -> Vec<u64> {
        let happens = |number: &u64| Draw::new(faults, *number).happens(kind);
        (1..=10_000).filter(happens).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_about_as_often_as_asked() {
        let faults = Faults::default()
            .with(FaultKind::DropAfter, 0.1)
            .with(FaultKind::NotJson, 0.1)
            .with(FaultKind::TooMany, 1.0);
        let dropped = happened(&faults, FaultKind::DropAfter);
        assert_eq!(happened(&faults, FaultKind::DropAfter), dropped);
        assert!((900..1100).contains(&dropped.len()), "{}", dropped.len());
        let both = happened(&faults, FaultKind::NotJson);
        let both = both.iter().filter(|number| dropped.contains(number)).count();
        assert!((50..200).contains(&both), "independent: {both}");
        let other = Faults {
            seed: 2,
            ..faults.clone()
        };
        assert_ne!(happened(&other, FaultKind::DropAfter), dropped);
        assert_eq!(happened(&faults, FaultKind::TooMany).len(), 10_000);
        assert_eq!(happened(&faults, FaultKind::Truncate).len(), 0);
    }
}
