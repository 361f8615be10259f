//! Quantiles of many values in little memory.

/// Bits of a number that are not looked at: what is left is the exponent and six bits of the fraction, so that numbers which are taken for
/// the same differ by less than 1.6 per cent, and from the middle between them by less than one.
const IGNORED: u32 = 46;

/// Counts of numbers that are about the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Quantiles {
    counts: Vec<(i32, u64)>,
    total: u64,
}

impl Quantiles {
    pub(super) fn add(&mut self, value: f64) {
        let key = key(value);
        self.total += 1;
        match self.counts.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(place) => {
                if let Some((_, count)) = self.counts.get_mut(place) {
                    *count += 1;
                }
            }
            Err(place) => self.counts.insert(place, (key, 1)),
        }
    }

    /// The smallest number that a share `part` of all does not exceed, to within one per cent; nothing where there is none.
    pub(super) fn at(&self, part: f64) -> Option<f64> {
        let rank = (self.total as f64 * part).ceil().max(1.0);
        let mut seen = 0;
        for (key, count) in &self.counts {
            seen += count;
            if seen as f64 >= rank {
                return Some(middle(*key));
            }
        }
        None
    }
}

/// Orders numbers as their order is, those that are about the same with one key.
fn key(value: f64) -> i32 {
    if value == 0.0 {
        return 0;
    }
    // Seventeen bits at most.
    let size = (value.abs().to_bits() >> IGNORED) as i32 + 1;
    if value < 0.0 { -size } else { size }
}

fn middle(key: i32) -> f64 {
    if key == 0 {
        return 0.0;
    }
    let size = u64::from(key.unsigned_abs());
    let (low, high) = (
        f64::from_bits((size - 1) << IGNORED),
        f64::from_bits(size << IGNORED),
    );
    let middle = if high.is_finite() {
        low.midpoint(high)
    } else {
        low
    };
    if key < 0 { -middle } else { middle }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_quantile_is_within_a_percent(
            values in prop::collection::vec(prop_oneof![-1e6_f64..1e6, -1.0_f64..1.0, Just(0.0)], 1..300),
            part in 0.0_f64..1.0,
        ) {
            let mut quantiles = Quantiles::default();
            values.iter().for_each(|value| quantiles.add(*value));
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let rank = (sorted.len() as f64 * part).ceil().max(1.0) as usize;
            let (exact, found) = (sorted[rank - 1], quantiles.at(part).unwrap());
            prop_assert!((found - exact).abs() <= exact.abs() * 0.01, "{found} for {exact}");
        }

        #[test]
        fn keys_have_the_order_of_numbers(one in any::<f64>(), other in any::<f64>()) {
            if one < other {
                prop_assert!(key(one) <= key(other));
            }
        }
    }

    #[test]
    fn the_ends_of_what_numbers_can_be_are_no_trouble() {
        assert_eq!(Quantiles::default().at(0.95), None);
        for value in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -0.0] {
            let mut quantiles = Quantiles::default();
            quantiles.add(value);
            assert!(quantiles.at(0.95).unwrap().is_finite());
        }
    }
}
