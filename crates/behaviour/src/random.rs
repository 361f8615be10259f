//! Randomness that depends on nothing but where it is asked for: the counter-based generator Philox 4x32 with ten rounds.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What sets one thing of one run apart from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(u64);

/// Where numbers come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chance {
    /// From the key, for one step.
    Drawn { key: Key, step: u64 },
    /// There is none: everything is at its mean.
    Mean,
}

impl Key {
    pub(crate) fn new(seed: u64, thing: &str) -> Self {
        Self(xxh3_64_with_seed(thing.as_bytes(), seed))
    }

    /// Two numbers from 0 up to and without 1, for a step and a place in the model.
    fn draw(self, step: u64, site: u32) -> [f64; 2] {
        let block = philox(words(step, site), halves(self.0));
        let unit = |low: u32, high: u32| {
            let bits = u64::from(high) << 32 | u64::from(low);
            (bits >> 11) as f64 / (1_u64 << 53) as f64
        };
        [unit(block[0], block[1]), unit(block[2], block[3])]
    }
}

impl Chance {
    /// A number from `least` up to `most`, each as likely.
    pub(crate) fn uniform(self, site: u32, least: f64, most: f64) -> f64 {
        let part = match self {
            Self::Drawn { key, step } => key.draw(step, site)[0],
            Self::Mean => 0.5,
        };
        least + (most - least) * part
    }

    /// A number of the normal distribution around 0.
    pub(crate) fn normal(self, site: u32, sigma: f64) -> f64 {
        match self {
            Self::Drawn { key, step } => {
                let [one, other] = key.draw(step, site);
                let length = (-2.0 * libm::log(1.0 - one)).sqrt();
                sigma * length * libm::cos(std::f64::consts::TAU * other)
            }
            Self::Mean => 0.0,
        }
    }

    /// Whether what happens with the probability `p` does; where there is no chance, what is likelier than not.
    pub(crate) fn happens(self, site: u32, p: f64) -> bool {
        match self {
            Self::Drawn { key, step } => key.draw(step, site)[0] < p,
            Self::Mean => p > 0.5,
        }
    }
}

const fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

const fn words(step: u64, site: u32) -> [u32; 4] {
    let [low, high] = halves(step);
    [low, high, site, 0]
}

/// The generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
const fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let mut round = 0;
    while round < 10 {
        let [low_one, high_one] = halves(0xD251_1F53 * counter[0] as u64);
        let [low_other, high_other] = halves(0xCD9E_8D57 * counter[2] as u64);
        counter = [
            high_other ^ counter[1] ^ key[0],
            low_other,
            high_one ^ counter[3] ^ key[1],
            low_one,
        ];
        key = [
            key[0].wrapping_add(0x9E37_79B9),
            key[1].wrapping_add(0xBB67_AE85),
        ];
        round += 1;
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the generator was published with.
    #[test]
    fn the_generator_is_the_published_one() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn numbers_are_spread_as_they_should_be() {
        let key = Key::new(7, "pump-7");
        let count = 20_000;
        let drawn = |site: u32| (0..count).map(move |step| (Chance::Drawn { key, step }, site));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let uniform: Vec<f64> = drawn(1)
            .map(|(chance, site)| chance.uniform(site, 2.0, 4.0))
            .collect();
        assert!(uniform.iter().all(|value| (2.0..4.0).contains(value)));
        assert!((mean(&uniform) - 3.0).abs() < 0.02);
        let normal: Vec<f64> = drawn(2)
            .map(|(chance, site)| chance.normal(site, 3.0))
            .collect();
        let squares: Vec<f64> = normal.iter().map(|value| value * value).collect();
        assert!(mean(&normal).abs() < 0.1 && (mean(&squares).sqrt() - 3.0).abs() < 0.1);
        let within = normal.iter().filter(|value| value.abs() < 3.0).count() as f64 / count as f64;
        assert!((within - 0.6827).abs() < 0.02, "{within}");
        let happened = drawn(3)
            .filter(|(chance, site)| chance.happens(*site, 0.25))
            .count();
        assert!((happened as f64 / count as f64 - 0.25).abs() < 0.02);
    }

    #[test]
    fn steps_sites_things_and_seeds_differ() {
        let draw = |seed, thing, step, site| {
            let key = Key::new(seed, thing);
            Chance::Drawn { key, step }
                .uniform(site, 0.0, 1.0)
                .to_bits()
        };
        let all = [
            draw(1, "a", 1, 1),
            draw(2, "a", 1, 1),
            draw(1, "b", 1, 1),
            draw(1, "a", 2, 1),
            draw(1, "a", 1 << 32 | 1, 1),
            draw(1, "a", 1, 2),
        ];
        assert_eq!(std::collections::HashSet::from(all).len(), all.len());
        assert_eq!(draw(1, "a", 1, 1), all[0]);
    }

    #[test]
    fn without_chance_everything_is_at_its_mean() {
        assert_eq!(Chance::Mean.uniform(1, 2.0, 4.0), 3.0);
        assert_eq!(Chance::Mean.normal(1, 5.0), 0.0);
        assert!(Chance::Mean.happens(1, 0.51) && !Chance::Mean.happens(1, 0.5));
    }
}
