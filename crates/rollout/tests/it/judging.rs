//! How often the judge is wrong, and how soon it is right.

use trunkline_rollout::{Counts, History, Judgement, Window, dispersion, judge};

use crate::chance::Chance;

const ALPHA: f64 = 0.01;
const RUNS: u64 = 400;
/// Half an hour, with a look every ten seconds.
const WINDOWS: usize = 180;
/// Requests in ten seconds at 50 a second, of which a tenth goes to the canary.
const REQUESTS: u64 = 500;

#[derive(Clone, Copy)]
struct World {
    /// The share of bad answers of both sides.
    share: f64,
    /// How many bad answers come together.
    clump: u64,
    /// The share of windows in which what both sides need is down, and the share of bad answers then.
    bursts: (f64, f64),
}

impl World {
    fn side(self, chance: &mut Chance, requests: u64, share: f64) -> Counts {
        let clumps = chance.binomial(requests / self.clump, share);
        Counts::new(requests, clumps * self.clump)
    }

    fn window(self, chance: &mut Chance, times: f64) -> Window {
        let share = if chance.share() < self.bursts.0 {
            self.bursts.1
        } else {
            self.share
        };
        Window {
            canary: self.side(chance, REQUESTS / 10, share * times),
            baseline: self.side(chance, REQUESTS - REQUESTS / 10, share),
        }
    }

    /// What the six hours before show.
    fn history(self, chance: &mut Chance) -> History {
        let windows: Vec<_> = (0..2_160)
            .map(|_| {
                let both = self.window(chance, 1.0);
                both.baseline.plus(both.canary)
            })
            .collect();
        History {
            counts: windows
                .iter()
                .fold(Counts::default(), |all, one| all.plus(*one)),
            dispersion: dispersion(&windows),
        }
    }

    fn run(self, seed: u64, times: f64) -> Judgement {
        let mut chance = Chance(seed);
        let history = self.history(&mut chance);
        let windows: Vec<_> = (0..WINDOWS)
            .map(|_| self.window(&mut chance, times))
            .collect();
        judge(&windows, &history, ALPHA)
    }

    fn wrong(self) -> usize {
        (0..RUNS)
            .filter(|seed| self.run(*seed, 1.0).is_worse())
            .count()
    }
}

const QUIET: World = World {
    share: 0.001,
    clump: 1,
    bursts: (0.0, 0.0),
};

#[test]
fn a_release_that_is_as_good_is_hardly_ever_taken_back() {
    let most = (RUNS as f64 * ALPHA) as usize;
    let worlds = [
        ("quiet", QUIET),
        (
            "some errors",
            World {
                share: 0.01,
                ..QUIET
            },
        ),
        ("clumps of four", World { clump: 4, ..QUIET }),
        ("clumps of ten", World { clump: 10, ..QUIET }),
        (
            "shared bursts",
            World {
                bursts: (0.02, 0.3),
                ..QUIET
            },
        ),
    ];
    for (name, world) in worlds {
        let wrong = world.wrong();
        assert!(wrong <= most, "{name}: {wrong} of {RUNS}");
    }
}

#[test]
fn one_that_is_fifty_times_as_bad_is_found_within_thirty_seconds() {
    let mut found: Vec<_> = (0..RUNS)
        .map(|seed| QUIET.run(seed, 50.0).at.expect("it is found"))
        .collect();
    found.sort_unstable();
    let seconds = |place: usize| (found[place] + 1) * 10;
    assert!(
        seconds(found.len() / 2) <= 30,
        "{}",
        seconds(found.len() / 2)
    );
    assert!(
        seconds(found.len() * 9 / 10) <= 40,
        "{}",
        seconds(found.len() * 9 / 10)
    );
}

#[test]
fn one_that_is_five_times_as_bad_is_found_in_time() {
    let found = (0..RUNS).filter(|seed| QUIET.run(*seed, 5.0).is_worse());
    assert!(found.count() as f64 >= 0.95 * RUNS as f64);
}

#[test]
fn alone_it_is_held_against_history() {
    let mut chance = Chance(7);
    let history = QUIET.history(&mut chance);
    let mut alone = |times: f64| {
        let windows: Vec<_> = (0..WINDOWS)
            .map(|_| Window {
                canary: QUIET.side(&mut chance, REQUESTS, QUIET.share * times),
                baseline: Counts::default(),
            })
            .collect();
        judge(&windows, &history, ALPHA).at
    };
    let wrong = (0..RUNS).filter(|_| alone(1.0).is_some()).count();
    assert!(wrong <= (RUNS as f64 * ALPHA) as usize, "{wrong}");
    assert!(alone(50.0).expect("it is found") < 3);
}
