//! What holds whatever happens.

use std::collections::BTreeSet;

use proptest::prelude::*;
use trunkline_landing::{ChangeId, Kind, Settings};

use crate::driver::{Driver, Plot};
use crate::truth::{NONE, Trouble};

const TROUBLE: Trouble = Trouble {
    bad: 8,
    conflicts: 2,
    clashes: 2,
    flakes: 3,
};

fn plot(kind: Kind, seed: u64, changes: u64) -> Plot {
    Plot {
        seed,
        kind,
        trouble: TROUBLE,
        changes,
        at_once: false,
        couples: false,
        amends: 12,
        withdrawals: 6,
        priorities: true,
        foreign: 6,
        pauses: 6,
        crashes: 2,
    }
}

/// Those that landed, and those that were refused.
fn end(plot: Plot) -> (BTreeSet<ChangeId>, BTreeSet<ChangeId>) {
    let end = Driver::new(plot).run();
    let own = end.landed.iter().filter(|one| one.change.0 < 1 << 40);
    (own.map(|one| one.change).collect(), end.refused)
}

/// How many later changes may land before one that they share projects with.
fn overtaking(kind: Kind) -> u64 {
    match kind {
        Kind::GreenKey => Settings::default().overtaking,
        _ => 0,
    }
}

fn kinds() -> impl proptest::strategy::Strategy<Value = Kind> {
    proptest::sample::select(Kind::ALL.to_vec())
}

#[test]
fn ten_thousand_changes_land_or_are_refused_and_trunk_is_never_red() {
    for (kind, changes) in Kind::ALL
        .into_iter()
        .zip([1_000, 1_000, 1_000, 1_000, 10_000])
    {
        let end = Driver::new(plot(kind, 42, changes)).run();
        let own = end.landed.iter().filter(|one| one.change.0 < 1 << 40);
        assert_eq!(
            own.count() + end.refused.len(),
            changes as usize,
            "{kind:?}"
        );
        assert!(end.flakes > 0, "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn every_strategy_is_safe_whatever_happens(
        seed: u64,
        kind in kinds(),
        bad in 0_u64..40,
        conflicts in 0_u64..15,
        clashes in 0_u64..15,
        flakes in 0_u64..20,
        crashes in 0_u64..20,
    ) {
        let trouble = Trouble { bad, conflicts, clashes, flakes };
        Driver::new(Plot { trouble, crashes, ..plot(kind, seed, 60) }).run();
    }

    #[test]
    fn equal_events_have_equal_orders(seed: u64, kind in kinds()) {
        let one = Driver::new(plot(kind, seed, 40)).run();
        let other = Driver::new(plot(kind, seed, 40)).run();
        prop_assert_eq!((one.orders, one.runs), (other.orders, other.runs));
    }

    #[test]
    fn a_crash_changes_nothing_in_the_end(seed: u64, kind in kinds(), crashes in 1_u64..60) {
        let calm = Plot {
            trouble: Trouble { conflicts: 0, clashes: 0, ..TROUBLE },
            amends: 0,
            withdrawals: 0,
            crashes: 0,
            ..plot(kind, seed, 50)
        };
        prop_assert_eq!(end(calm), end(Plot { crashes, ..calm }));
    }

    #[test]
    fn sound_changes_all_land(seed: u64, kind in kinds()) {
        let sound = Plot { trouble: Trouble { flakes: 8, ..NONE }, withdrawals: 0, ..plot(kind, seed, 40) };
        let (landed, refused) = end(sound);
        prop_assert_eq!((landed.len(), refused.len()), (40, 0));
    }

    #[test]
    fn no_change_is_overtaken_by_more_than_it_may_be(seed: u64, kind in kinds(), priorities: bool) {
        let sound = Plot { trouble: NONE, amends: 0, withdrawals: 0, priorities, ..plot(kind, seed, 80) };
        let end = Driver::new(sound).run();
        prop_assert!(end.overtaken <= overtaking(kind), "{}", end.overtaken);
    }

    #[test]
    fn which_of_two_in_conflict_lands_does_not_depend_on_crashes(seed: u64, kind in kinds(), crashes in 1_u64..60) {
        let calm = Plot {
            trouble: Trouble { clashes: 0, conflicts: 60, bad: 10, flakes: 0 },
            couples: kind == Kind::GreenKey,
            at_once: true,
            amends: 0,
            withdrawals: 0,
            crashes: 0,
            foreign: 0,
            ..plot(kind, seed, 24)
        };
        prop_assert_eq!(end(calm), end(Plot { crashes, ..calm }));
    }
}
