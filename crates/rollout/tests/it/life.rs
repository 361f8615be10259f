//! A service from its first release on.

use std::time::Duration;

use trunkline_rollout::{
    Counts, Deployment, Finding, Judgement, Kind, Line, Mode, Plan, Refusal, ReleaseId, Sight,
    Sights, State, Step,
};

use crate::chance::{deployment, release};

const WITHIN: Duration = Duration::from_secs(10);
const SECOND: u64 = 1_000;

pub(crate) fn plan() -> Plan {
    Plan {
        steps: vec![
            Step {
                percent: 5,
                pause: 60 * SECOND,
            },
            Step {
                percent: 25,
                pause: 120 * SECOND,
            },
        ],
        bake: 600 * SECOND,
        answers: 50,
        warm: 3_600 * SECOND,
        within: 10 * SECOND,
    }
}

fn new(number: u128) -> Deployment {
    Deployment::new(
        deployment(number),
        Kind::Release,
        release(number),
        plan(),
        "ada".into(),
    )
}

/// What is seen where `ready` are, and the judge has `answers`.
fn sights(ready: &[u128], answers: u64) -> Sights {
    Sights {
        releases: ready
            .iter()
            .map(|one| (release(*one), Sight::Ready))
            .collect(),
        finding: Some(Finding {
            judgements: Vec::new(),
            answers,
        }),
        routed: true,
    }
}

fn shares(line: &Line, sights: &Sights) -> Vec<(ReleaseId, u8)> {
    line.wanted(sights).shares.into_iter().collect()
}

/// A line at which release 1 serves.
fn served() -> Line {
    let mut line = Line::default();
    line.release(new(1)).unwrap();
    line.look(SECOND, &sights(&[1], 0));
    assert_eq!(line.serving, Some(release(1)));
    line
}

#[test]
fn the_first_release_serves_once_it_is_well() {
    let mut line = Line::default();
    let changed = line.release(new(1)).unwrap();
    assert_eq!(changed.last().unwrap().state, State::Fetching);
    let nothing = Sights::default();
    assert_eq!(line.wanted(&nothing).modes[&release(1)], Mode::Fetched);
    let mut here = Sights::default();
    here.releases.insert(release(1), Sight::Here);
    line.look(SECOND, &here);
    assert_eq!(line.wanted(&here).modes[&release(1)], Mode::Live);
    assert!(shares(&line, &here).is_empty());
    let changed = line.look(SECOND, &sights(&[1], 0));
    assert_eq!(changed[0].state, State::Settled);
    assert_eq!(shares(&line, &sights(&[1], 0)), [(release(1), 100)]);
}

#[test]
fn a_good_one_goes_step_by_step() {
    let mut line = served();
    line.release(new(2)).unwrap();
    let ready = sights(&[1, 2], 60);
    line.look(SECOND, &ready);
    assert_eq!(shares(&line, &ready), [(release(1), 95), (release(2), 5)]);
    assert!(line.look(59 * SECOND, &ready).is_empty());
    line.look(SECOND, &ready);
    assert_eq!(shares(&line, &ready), [(release(1), 75), (release(2), 25)]);
    line.look(120 * SECOND, &ready);
    assert_eq!(shares(&line, &ready), [(release(1), 10), (release(2), 90)]);
    let changed = line.look(600 * SECOND, &ready);
    assert_eq!(changed[0].state, State::Settled);
    assert_eq!(changed[0].reason, "60 answers, and no worse than before");
    let wanted = line.wanted(&ready);
    assert_eq!(
        wanted.shares.into_iter().collect::<Vec<_>>(),
        [(release(2), 100)]
    );
    assert_eq!(wanted.modes[&release(1)], Mode::Parked);
    line.look(3_600 * SECOND, &ready);
    assert!(!line.wanted(&ready).modes.contains_key(&release(1)));
}

#[test]
fn without_answers_it_waits_and_then_asks() {
    let mut line = served();
    line.release(new(2)).unwrap();
    line.look(SECOND, &sights(&[1, 2], 0));
    let few = sights(&[1, 2], 49);
    assert!(line.look(600 * SECOND, &few).is_empty());
    let unasked = Sights {
        finding: None,
        ..few.clone()
    };
    let changed = line.look(60 * SECOND, &unasked);
    assert_eq!(changed[0].state, State::Held);
    assert_eq!(changed[0].reason, "the judge could not be asked");
    assert_eq!(shares(&line, &few), [(release(1), 95), (release(2), 5)]);
    assert_eq!(line.skip("looks fine").unwrap().percent(), 25);
    line.hold("lunch").unwrap();
    assert_eq!(line.hold("again"), Err(Refusal::Is(State::Held)));
    assert_eq!(line.resume("go on").unwrap().state, State::Canary);
    line.hold("the weekend").unwrap();
    let changed = line.look(24 * 3_600 * SECOND, &few);
    assert_eq!(
        (changed[0].state, changed[0].reason.as_str()),
        (State::RollingBack, "nobody decided in time")
    );
}

#[test]
fn a_bad_one_is_taken_back_with_the_numbers() {
    let mut line = served();
    line.release(new(2)).unwrap();
    line.look(SECOND, &sights(&[1, 2], 0));
    let mut bad = sights(&[1, 2], 10);
    let judgement = Judgement {
        canary: Counts::new(40, 9),
        baseline: Counts::new(760, 1),
        evidence: 9.0,
        needed: 4.6,
        at: Some(2),
    };
    bad.finding.as_mut().unwrap().judgements = vec![("errors".into(), judgement)];
    bad.routed = false;
    let changed = line.look(SECOND, &bad);
    assert_eq!(changed[0].state, State::RollingBack);
    assert_eq!(
        changed[0].reason,
        "it does worse by the rule `errors`: 9 of 40 answers against 1 of 760"
    );
    assert_eq!(
        changed[0].finding.as_ref().unwrap().judgements[0]
            .1
            .canary
            .bad,
        9
    );
    assert_eq!(shares(&line, &bad), [(release(1), 100)]);
    let changed = line.look(SECOND, &sights(&[1, 2], 10));
    assert_eq!(changed[0].state, State::RolledBack);
    assert!(changed[0].reason.contains("`errors`"));
    assert!(line.warm[0].taken_back);
}

#[test]
fn one_that_does_not_start_gets_nothing() {
    for (sight, reason) in [
        (Sight::Failed("it ended with 1".into()), "it ended with 1"),
        (Sight::Here, "it was not well within 10 s"),
    ] {
        let mut line = served();
        line.release(new(2)).unwrap();
        let mut seen = sights(&[1], 0);
        seen.releases.insert(release(2), Sight::Here);
        line.look(SECOND, &seen);
        seen.releases.insert(release(2), sight);
        let changed = line.look(15 * SECOND, &seen);
        assert_eq!(
            (changed[0].state, changed[0].reason.as_str()),
            (State::Failed, reason)
        );
        assert_eq!(shares(&line, &seen), [(release(1), 100)]);
    }
}

#[test]
fn back_again_and_undone() {
    let mut line = served();
    line.release(new(2)).unwrap();
    let ready = sights(&[1, 2], 60);
    for _ in 0..4 {
        line.look(600 * SECOND, &ready);
    }
    assert_eq!(line.serving, Some(release(2)));
    let none = line.roll_back(deployment(9), Some(release(2)), WITHIN, "ada", "");
    assert_eq!(none, Err(Refusal::Serves));
    line.roll_back(deployment(3), None, WITHIN, "ada", "prices are wrong")
        .unwrap();
    assert_eq!(shares(&line, &ready), [(release(2), 100)]);
    let changed = line.look(1, &ready);
    assert_eq!(
        (changed[0].state, changed[0].reason.as_str()),
        (State::Settled, "prices are wrong")
    );
    assert_eq!(shares(&line, &ready), [(release(1), 100)]);
    // What was taken back is not what one goes back to.
    let again = line.roll_back(deployment(4), None, WITHIN, "ada", "");
    assert_eq!(again, Err(Refusal::NothingBefore));
    line.promote(deployment(5), release(2), WITHIN, "ada", "they were right")
        .unwrap();
    line.look(1, &ready);
    assert_eq!(
        (line.serving, line.warm[0].release),
        (Some(release(2)), release(1))
    );
    assert!(!line.warm[0].taken_back);
}

#[test]
fn going_back_beats_all_that_waits() {
    let mut line = served();
    line.release(new(2)).unwrap();
    let ready = sights(&[1, 2], 0);
    line.look(SECOND, &ready);
    line.release(new(3)).unwrap();
    let changed = line
        .roll_back(deployment(4), None, WITHIN, "ada", "")
        .unwrap();
    let states: Vec<_> = changed.iter().map(|one| (one.release, one.state)).collect();
    assert_eq!(
        states,
        [
            (release(3), State::Aborted),
            (release(2), State::RollingBack)
        ]
    );
    assert_eq!(shares(&line, &ready), [(release(1), 100)]);
    let again = line.roll_back(deployment(5), None, WITHIN, "ada", "");
    assert_eq!(again, Err(Refusal::Is(State::RollingBack)));
}

#[test]
fn the_way_back_is_not_cut_off_by_what_lands_meanwhile() {
    let mut line = served();
    line.release(new(2)).unwrap();
    let ready = sights(&[1, 2], 60);
    for _ in 0..4 {
        line.look(600 * SECOND, &ready);
    }
    // Release 1 has to be started first.
    let mut cold = sights(&[2], 0);
    cold.releases.insert(release(1), Sight::Here);
    line.roll_back(deployment(3), None, WITHIN, "ada", "")
        .unwrap();
    line.look(SECOND, &cold);
    let changed = line.release(new(4)).unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].state, State::Queued);
    let again = line.roll_back(deployment(5), None, WITHIN, "ada", "");
    assert_eq!(again, Err(Refusal::Is(State::Starting)));
    line.look(SECOND, &sights(&[1, 2], 0));
    assert_eq!(line.serving, Some(release(1)));
    let ended = line.end("the service is gone");
    assert_eq!(ended[0].state, State::Aborted);
    assert_eq!(line, Line::default());
}

#[test]
fn newer_ones_take_the_place_of_those_that_wait() {
    let mut line = served();
    line.release(new(2)).unwrap();
    let changed = line.release(new(3)).unwrap();
    assert_eq!(changed[0].state, State::Superseded);
    line.look(SECOND, &sights(&[1, 3], 0));
    assert_eq!(line.active.as_ref().unwrap().state, State::Canary);
    line.release(new(4)).unwrap();
    let changed = line.release(new(5)).unwrap();
    assert_eq!(
        (changed[0].release, changed[0].state),
        (release(4), State::Superseded)
    );
    line.hold("wait").unwrap();
    let changed = line.release(new(6)).unwrap();
    assert_eq!(changed[1].state, State::RollingBack);
    line.pinned = Some("the fair".into());
    assert_eq!(
        line.release(new(7)),
        Err(Refusal::Pinned("the fair".into()))
    );
}

#[test]
fn requests_go_to_what_can_take_them() {
    let mut line = served();
    line.release(new(2)).unwrap();
    line.look(SECOND, &sights(&[1, 2], 0));
    let mut down = sights(&[2], 0);
    down.releases.insert(release(1), Sight::Here);
    assert_eq!(shares(&line, &down), [(release(2), 100)]);
    let nothing = sights(&[], 0);
    assert_eq!(shares(&line, &nothing), [(release(1), 95), (release(2), 5)]);
}
