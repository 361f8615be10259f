//! Statistics of a field.

use super::quantile::Quantiles;

/// What is kept of the values of a field.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub(super) count: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    sum: f64,
    quantiles: Quantiles,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: 0.0,
            quantiles: Quantiles::default(),
        }
    }
}

impl Statistics {
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += value;
        self.quantiles.add(value);
    }

    /// The mean, which is between the smallest and the largest even where the sum is too large for a number.
    pub(super) fn mean(&self) -> f64 {
        (self.sum / self.count.max(1) as f64).clamp(self.min, self.max)
    }

    pub(super) fn p95(&self) -> f64 {
        let found = self.quantiles.at(0.95).unwrap_or(self.max);
        found.clamp(self.min, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_summed_up() {
        let mut statistics = Statistics::default();
        (1..=100).for_each(|value| statistics.add(f64::from(value)));
        assert_eq!(
            (statistics.count, statistics.min, statistics.max),
            (100, 1.0, 100.0)
        );
        assert_eq!(statistics.mean(), 50.5);
        assert!((statistics.p95() - 95.0).abs() < 0.95);
        let mut huge = Statistics::default();
        huge.add(f64::MAX);
        huge.add(f64::MAX);
        assert_eq!((huge.mean(), huge.p95()), (f64::MAX, f64::MAX));
    }
}
