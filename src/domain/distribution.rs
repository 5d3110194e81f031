//! How the numbers or moments of a column are spread.

/// The most bins of a histogram.
const BINS: u32 = 20;

/// What the values of a distribution are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Numbers.
    Number,
    /// Moments, in seconds since 1970 in UTC.
    Time,
}

/// Values from the least to the most, and how many there are in each stretch between.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// What the values are.
    pub scale: Scale,
    /// The least value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// Their mean.
    pub mean: f64,
    /// The values that a quarter, half and three quarters of all are not above.
    pub quartiles: [f64; 3],
    /// How many values are in each bin; see [`Self::bin`].
    pub bins: Vec<u64>,
    step: f64,
}

impl Distribution {
    /// The distribution of finite values, each with how often it is there; `None` when there are none.
    pub fn of(scale: Scale, mut values: Vec<(f64, u64)>) -> Option<Self> {
        values.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        let (least, most) = (values.first()?.0, values.last()?.0);
        let total: u64 = values.iter().map(|(_, count)| count).sum();
        let is_few = values.iter().all(|(value, _)| value.fract() == 0.0) && most - least < f64::from(BINS);
        let (step, count) = if is_few {
            (1.0, most - least + 1.0)
        } else {
            ((most - least) / f64::from(BINS), f64::from(BINS))
        };
        let mut distribution = Self {
            scale,
            least,
            most,
            mean: mean(&values, total),
            quartiles: [1, 2, 3].map(|quarter| quantile(&values, (total * quarter).div_ceil(4))),
            bins: vec![0; whole(count)],
            step,
        };
        for (value, count) in values {
            let at = distribution.bin_of(value);
            if let Some(bin) = distribution.bins.get_mut(at) {
                *bin += count;
            }
        }
        Some(distribution)
    }

    fn bin_of(&self, value: f64) -> usize {
        whole((value - self.least) / self.step).min(self.bins.len().saturating_sub(1))
    }

    /// From which value on a bin goes, and up to which one. A value at the upper end is in the next bin, but that of the
    /// last one; where every bin is a whole number, both ends are that.
    #[expect(clippy::cast_precision_loss, reason = "there are few bins")]
    pub fn bin(&self, at: usize) -> (f64, f64) {
        let from = self.least + self.step * at as f64;
        if self.has_whole_bins() {
            (from, from)
        } else if at + 1 >= self.bins.len() {
            (from, self.most)
        } else {
            (from, self.least + self.step * (at + 1) as f64)
        }
    }

    /// Whether every bin is one whole number.
    #[expect(clippy::float_cmp, reason = "the step is set, not worked out")]
    pub fn has_whole_bins(&self) -> bool {
        self.step == 1.0 && self.most - self.least < f64::from(BINS)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no more digits")]
fn mean(values: &[(f64, u64)], total: u64) -> f64 {
    values
        .iter()
        .map(|(value, count)| value * (*count as f64 / total as f64))
        .sum()
}

/// The value that stands at a place, counted from 1, when all stand in a row.
fn quantile(values: &[(f64, u64)], place: u64) -> f64 {
    let mut seen = 0;
    let at = values.iter().find(|(_, count)| {
        seen += count;
        seen >= place
    });
    at.or(values.last()).map_or(0.0, |(value, _)| *value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there are few bins, and the distance to the least value is not negative"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Distribution {
        Distribution::of(Scale::Number, values.iter().map(|value| (*value, 1)).collect()).unwrap()
    }

    proptest! {
        /// Whatever the values, every one is in the bin that says so, and quartiles are those of sorting all of them.
        #[test]
        fn bins_hold_what_they_say(values in prop::collection::vec(-1000.0..1000.0_f64, 1..60), whole in any::<bool>()) {
            let values: Vec<f64> = values.into_iter().map(|value| if whole { value.round() } else { value }).collect();
            let found = of(&values);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for (at, count) in found.bins.iter().enumerate() {
                let (from, to) = found.bin(at);
                // An end that is worked out may be off by a rounding.
                let near = |value: f64, end: f64| (value - end).abs() < 1e-9;
                let is_at_end = |value: &&f64| near(**value, from) || near(**value, to);
                let inside = values.iter().filter(|value| **value > from && **value < to && !is_at_end(value)).count() as u64;
                let at_ends = values.iter().filter(is_at_end).count() as u64;
                prop_assert!((inside..=inside + at_ends).contains(count), "{inside} {count} {at_ends}");
            }
            prop_assert_eq!(found.bins.iter().sum::<u64>(), values.len() as u64);
            let quarter = sorted[(sorted.len()).div_ceil(4) - 1];
            let half = sorted[(sorted.len() * 2).div_ceil(4) - 1];
            prop_assert_eq!((found.quartiles[0], found.quartiles[1]), (quarter, half));
            let count = f64::from(u32::try_from(values.len()).unwrap());
            let mean = values.iter().sum::<f64>() / count;
            prop_assert!((found.mean - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn few_whole_numbers_have_a_bin_each() {
        let found = of(&[1.0, 5.0, 1.0, 3.0]);
        assert_eq!(found.bins, [2, 0, 1, 0, 1]);
        assert_eq!((found.bin(2), found.has_whole_bins()), ((3.0, 3.0), true));
        assert_eq!((found.least, found.most, found.quartiles), (1.0, 5.0, [1.0, 1.0, 3.0]));
        let one = of(&[2.5, 2.5]);
        assert_eq!(one.bins.iter().sum::<u64>(), 2);
        assert_eq!(Distribution::of(Scale::Time, Vec::new()), None);
    }
}
