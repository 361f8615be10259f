//! What a change of a lock means to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use trunkline_lockfile::{Lock, affected_members, closure, closures, read};

/// Packages by number: which others each needs, and which members need which.
#[derive(Clone, Debug)]
struct World {
    needs: Vec<BTreeSet<usize>>,
    members: Vec<BTreeSet<usize>>,
    versions: Vec<u32>,
}

impl World {
    /// All that `member` reaches, found by growing a set until it stays the same.
    fn reach(&self, member: usize) -> BTreeSet<usize> {
        let mut reached = self.members[member].clone();
        loop {
            let more: BTreeSet<usize> = reached
                .iter()
                .flat_map(|place| self.needs[*place].iter().copied())
                .collect();
            let before = reached.len();
            reached.extend(more);
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// A `Cargo.lock` whose packages are in the order of `order`.
    fn cargo(&self, order: &[usize]) -> Lock {
        let mut text = String::from("version = 4\n");
        let list = |needs: &BTreeSet<usize>| {
            let all: Vec<_> = needs.iter().map(|need| format!("\"p{need}\"")).collect();
            all.join(", ")
        };
        for place in order {
            let entry = match place.checked_sub(self.needs.len()) {
                Some(member) => format!(
                    "[[package]]\nname = \"m{member}\"\nversion = \"0.1.0\"\ndependencies = [{}]\n",
                    list(&self.members[member])
                ),
                None => format!(
                    "[[package]]\nname = \"p{place}\"\nversion = \"1.0.{}\"\nsource = \"registry+e\"\nchecksum = \"c{place}\"\ndependencies = [{}]\n",
                    self.versions[*place],
                    list(&self.needs[*place])
                ),
            };
            text.push_str(&entry);
        }
        read("Cargo.lock", text.as_bytes()).unwrap()
    }

    /// A lock of npm, all packages beside one another.
    fn npm(&self) -> Lock {
        let list = |needs: &BTreeSet<usize>| {
            let all: Vec<_> = needs
                .iter()
                .map(|need| format!("\"p{need}\":\"*\""))
                .collect();
            all.join(",")
        };
        let mut text = String::from("{\"lockfileVersion\":3,\"packages\":{\"\":{}");
        for (place, needs) in self.members.iter().enumerate() {
            write!(
                text,
                ",\"m{place}\":{{\"dependencies\":{{{}}}}}",
                list(needs)
            )
            .unwrap();
        }
        for (place, needs) in self.needs.iter().enumerate() {
            let (version, needs) = (self.versions[place], list(needs));
            write!(
                text,
                ",\"node_modules/p{place}\":{{\"version\":\"1.0.{version}\",\"dependencies\":{{{needs}}}}}"
            )
            .unwrap();
        }
        text.push_str("}}");
        read("package-lock.json", text.as_bytes()).unwrap()
    }
}

fn world() -> impl Strategy<Value = World> {
    (1_usize..20, 1_usize..5).prop_flat_map(|(packages, members)| {
        let some = || prop::collection::btree_set(0..packages, 0..4);
        (
            prop::collection::vec(some(), packages),
            prop::collection::vec(some(), members),
            prop::collection::vec(0_u32..9, packages),
        )
            .prop_map(|(needs, members, versions)| World {
                needs,
                members,
                versions,
            })
    })
}

fn world_and_order() -> impl Strategy<Value = (World, Vec<usize>)> {
    world().prop_flat_map(|world| {
        let all: Vec<usize> = (0..world.needs.len() + world.members.len()).collect();
        (Just(world), Just(all).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_the_file_does_not_count((world, order) in world_and_order()) {
        let all: Vec<usize> = (0..order.len()).collect();
        prop_assert_eq!(closures(&world.cargo(&all)), closures(&world.cargo(&order)));
    }

    #[test]
    fn a_new_version_touches_exactly_those_who_reach_it(world in world(), chosen in any::<prop::sample::Index>()) {
        let chosen = chosen.index(world.needs.len());
        let mut newer = world.clone();
        newer.versions[chosen] += 10;
        let touched: BTreeSet<String> = (0..world.members.len())
            .filter(|member| world.reach(*member).contains(&chosen))
            .map(|member| format!("m{member}"))
            .collect();
        let all: Vec<usize> = (0..world.needs.len() + world.members.len()).collect();
        prop_assert_eq!(&affected_members(&world.cargo(&all), &newer.cargo(&all)), &touched);
        prop_assert_eq!(&affected_members(&world.npm(), &newer.npm()), &touched);
    }

    #[test]
    fn no_text_makes_a_reader_fall_over(
        text in "[a-z@/:\"{}\\[\\], \\n=.0-9-]{0,200}",
        file in prop::sample::select(vec![
            "Cargo.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "go.sum", "uv.lock", "poetry.lock",
        ]),
    ) {
        if let Ok(lock) = read(file, text.as_bytes()) {
            let places = lock.packages.len();
            prop_assert!(lock.roots.values().flatten().all(|place| *place < places));
        }
    }
}

#[test]
fn a_member_comes_and_goes() {
    let world = |members: usize| World {
        needs: vec![BTreeSet::new()],
        members: vec![BTreeSet::from([0]); members],
        versions: vec![1],
    };
    let (one, two) = (world(1).npm(), world(2).npm());
    assert_eq!(affected_members(&one, &two), BTreeSet::from(["m1".into()]));
    assert_eq!(affected_members(&two, &one), BTreeSet::from(["m1".into()]));
    assert_eq!(closure(&one, "m0"), closure(&two, "m1"));
}

#[test]
fn a_long_chain_and_a_large_circle_are_walked_without_recursion() {
    let length = 50_000;
    let needs: Vec<BTreeSet<usize>> = (0..length)
        .map(|place| BTreeSet::from([(place + 1) % length]))
        .collect();
    let world = World {
        needs,
        members: vec![BTreeSet::from([7])],
        versions: vec![0; length],
    };
    assert_eq!(world.npm().reachable("m0").len(), length);
    let all: BTreeMap<_, _> = closures(&world.npm());
    assert_eq!(all.len(), 2);
}
