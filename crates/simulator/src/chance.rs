//! Randomness that is a function of the seed and of what it is for.

use xxhash_rust::xxh3::Xxh3;

/// A number from 0 up to and without 1 for `parts`, such as a thing's name and what is drawn for it.
pub(crate) fn unit(seed: u64, parts: &[&str]) -> f64 {
    let mut hash = Xxh3::with_seed(seed);
    for part in parts {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    (hash.digest() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_depends_on_everything_and_on_nothing_else() {
        let one = unit(1, &["pump-1", "silent"]);
        assert_eq!(one, unit(1, &["pump-1", "silent"]));
        for other in [
            unit(2, &["pump-1", "silent"]),
            unit(1, &["pump-2", "silent"]),
            unit(1, &["pump-1s", "ilent"]),
            unit(1, &["pump-1", "drift"]),
        ] {
            assert!(one != other);
        }
        let below = (0..10_000)
            .filter(|number| unit(7, &[&number.to_string()]) < 0.1)
            .count();
        assert!((900..1_100).contains(&below), "{below}");
    }
}
