//! What holds whatever happens.

use std::time::Duration;

use proptest::prelude::*;
use trunkline_rollout::{
    Deployment, Finding, Judgement, Kind, Line, ReleaseId, Sight, Sights, State,
};

use crate::chance::{deployment, release};
use crate::life::plan;

/// Something that happens to a service.
#[derive(Clone, Debug)]
enum Step {
    Release,
    RollBack(Option<u128>),
    Promote(u128),
    Hold,
    Resume,
    Skip,
    Pin(bool),
    Look(u64, Vec<u8>, Option<(u64, bool)>, bool),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let number = 1..8_u128;
    let sight = prop::collection::vec(0..5_u8, 8);
    let finding = prop::option::of((0..100_u64, prop::bool::weighted(0.1)));
    prop_oneof![
        3 => Just(Step::Release),
        1 => prop::option::of(number.clone()).prop_map(Step::RollBack),
        1 => number.prop_map(Step::Promote),
        1 => Just(Step::Hold),
        1 => Just(Step::Resume),
        1 => Just(Step::Skip),
        1 => any::<bool>().prop_map(Step::Pin),
        10 => (1..300_000_u64, sight, finding, any::<bool>()).prop_map(|(passed, sights, finding, routed)| Step::Look(passed, sights, finding, routed)),
        1 => Just(Step::Restart),
    ]
}

fn sights(kinds: &[u8], finding: Option<(u64, bool)>, routed: bool) -> Sights {
    let sight = |kind: u8| match kind {
        0 => Sight::Absent,
        1 => Sight::Here,
        2 => Sight::Failed("it ended with 1".into()),
        _ => Sight::Ready,
    };
    let all = kinds.iter().enumerate();
    Sights {
        releases: all
            .map(|(place, kind)| (release(place as u128 + 1), sight(*kind)))
            .collect(),
        finding: finding.map(|(answers, bad)| {
            let judgement = Judgement {
                at: bad.then_some(0),
                ..Judgement::default()
            };
            Finding {
                judgements: vec![("errors".into(), judgement)],
                answers,
            }
        }),
        routed,
    }
}

fn apply(line: &mut Line, step: &Step, at: u128, seen: &mut Sights) -> Vec<Deployment> {
    let within = Duration::from_secs(10);
    let id = deployment(at);
    match step {
        Step::Release => {
            let new = Deployment::new(id, Kind::Release, release(at % 8), plan(), "ada".into());
            line.release(new).unwrap_or_default()
        }
        Step::RollBack(to) => line
            .roll_back(id, to.map(release), within, "ada", "")
            .unwrap_or_default(),
        Step::Promote(to) => line
            .promote(id, release(*to), within, "ada", "")
            .unwrap_or_default(),
        Step::Hold => line.hold("wait").into_iter().collect(),
        Step::Resume => line.resume("go on").into_iter().collect(),
        Step::Skip => line.skip("go on").into_iter().collect(),
        Step::Pin(pinned) => {
            line.pinned = pinned.then(|| "the fair".into());
            Vec::new()
        }
        Step::Look(passed, kinds, finding, routed) => {
            *seen = sights(kinds, *finding, *routed);
            line.look(*passed, seen)
        }
        Step::Restart => {
            let text = serde_json::to_string(&*line).unwrap();
            *line = serde_json::from_str(&text).unwrap();
            Vec::new()
        }
    }
}

/// What holds at every moment.
fn check(line: &Line, seen: &Sights) {
    let wanted = line.wanted(seen);
    let together: u32 = wanted
        .shares
        .values()
        .map(|percent| u32::from(*percent))
        .sum();
    assert!(
        together == 100 || line.serving.is_none() && together == 0,
        "{together}"
    );
    for share in wanted.shares.keys() {
        assert_eq!(
            wanted.modes[share],
            trunkline_rollout::Mode::Live,
            "what gets requests runs"
        );
    }
    let ready = |one: &ReleaseId| seen.releases.get(one) == Some(&Sight::Ready);
    if wanted.shares.keys().any(ready) {
        assert!(
            wanted.shares.keys().all(ready),
            "requests go to what can take them"
        );
    }
    if let Some(active) = &line.active {
        assert!(!active.state.is_end() && active.state != State::Queued);
        assert!(line.serving.is_some() || !active.state.has_requests());
        if active.state == State::RollingBack && line.serving != Some(active.release) {
            assert!(
                !wanted.shares.contains_key(&active.release)
                    || !line.serving.as_ref().is_some_and(ready)
            );
        }
    }
    assert!(line.warm.len() <= 2);
    assert!(
        line.warm
            .iter()
            .all(|warm| Some(warm.release) != line.serving)
    );
}

proptest! {
    #[test]
    fn it_holds_whatever_happens(steps in prop::collection::vec(step(), 1..80)) {
        let mut line = Line::default();
        let mut seen = Sights::default();
        let mut ended = std::collections::BTreeSet::new();
        for (at, step) in steps.iter().enumerate() {
            for changed in apply(&mut line, step, at as u128 + 1, &mut seen) {
                prop_assert!(!ended.contains(&changed.id), "what has ended has ended");
                if changed.state.is_end() {
                    prop_assert!(!changed.reason.is_empty());
                    ended.insert(changed.id);
                }
            }
            check(&line, &seen);
        }
    }

    #[test]
    fn nothing_is_ever_stuck(steps in prop::collection::vec(step(), 1..40), last in prop::collection::vec(0..5_u8, 8)) {
        let mut line = Line::default();
        let mut seen = Sights::default();
        for (at, step) in steps.iter().enumerate() {
            apply(&mut line, step, at as u128 + 1, &mut seen);
        }
        // Whatever is seen from now on, as long as nobody does anything: it comes to an end.
        let seen = sights(&last, None, false);
        for _ in 0..20 {
            line.look(24 * 3_600_000, &seen);
        }
        prop_assert!(line.active.is_none() && line.next.is_none(), "{:?}", line.active);
    }

    #[test]
    fn going_back_goes_at_once(steps in prop::collection::vec(step(), 1..40)) {
        let mut line = Line::default();
        let mut seen = Sights::default();
        for (at, step) in steps.iter().enumerate() {
            apply(&mut line, step, at as u128 + 1, &mut seen);
        }
        let on_its_way = line.active.as_ref().map(|active| active.release);
        let within = Duration::from_secs(10);
        if line.roll_back(deployment(1_000), None, within, "ada", "").is_ok() {
            let serving = line.serving.unwrap();
            let all_ready = sights(&[3; 8], None, false);
            if let Some(left) = on_its_way.filter(|left| *left != serving) {
                prop_assert!(!line.wanted(&all_ready).shares.contains_key(&left));
            }
        }
    }
}
