//! Fleets that are run ahead.

use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::{Map, json};
use trunkline_simulator::{
    Change, Length, Outcome, Progress, Row, Scenario, ScenarioError, Selector, Twin,
};

use crate::support::{object, shipped_model, toy};

const TWO_HOURS: Length = Length::Time(Duration::from_secs(7_200));

fn pumps(count: usize) -> Scenario {
    let things = (0..count).map(|number| Twin {
        name: format!("pump-{number}"),
        kind: "pump".into(),
        desired: object(json!({"speed": 1500})),
        reported: Map::new(),
    });
    Scenario {
        models: vec![shipped_model("pump"), shipped_model("meter")],
        things: things.collect(),
        changes: Vec::new(),
        length: TWO_HOURS,
        bucket: None,
        seed: 7,
    }
}

fn change(text: &str) -> Change {
    Change::read(Selector::Kind("pump".into()), text).unwrap()
}

fn run(scenario: Scenario) -> Outcome {
    scenario.run(|_| ControlFlow::Continue(())).unwrap()
}

fn refusal(scenario: Scenario) -> ScenarioError {
    scenario.run(|_| ControlFlow::Continue(())).unwrap_err()
}

fn last<'o>(outcome: &'o Outcome, field: &str) -> &'o Row {
    let mut rows = outcome.rows.iter().rev();
    rows.find(|row| &*row.field == field).unwrap()
}

#[test]
fn pumps_that_are_driven_harder_overheat() {
    let mut scenario = pumps(50);
    scenario.changes = vec![change("desired.speed=2500")];
    let calm = run(scenario.unchanged());
    let hard = run(scenario);
    assert_eq!((calm.seconds, calm.bucket_seconds), (7_200.0, 120.0));
    assert_eq!(calm.transitions, []);
    let running = |outcome: &Outcome| {
        let mut ends = outcome.ends.iter();
        ends.find(|ending| &*ending.state == "running")
            .unwrap()
            .things
    };
    assert_eq!(running(&calm), 50);
    assert!(running(&hard) < 50);
    assert_eq!(
        hard.ends.iter().map(|ending| ending.things).sum::<u64>(),
        50
    );
    let overheated = &hard.transitions[1];
    assert_eq!(
        (&*overheated.from, &*overheated.to),
        ("running", "overheated")
    );
    assert_eq!(overheated.things, 50);
    assert!(overheated.count > 100, "{overheated:?}");
    assert!(last(&calm, "temperature").max < 86.0 && last(&hard, "temperature").max > 86.0);
}

#[test]
fn rows_say_how_a_field_was_over_time() {
    let outcome = run(pumps(10));
    // Sixty parts of the time and five fields; the state is no number.
    assert_eq!(outcome.rows.len(), 60 * 5);
    let row = &outcome.rows[0];
    assert_eq!(
        (row.time, &*row.kind, &*row.field),
        (0.0, "pump", "temperature")
    );
    // Ten pumps, and 24 steps of five seconds.
    assert_eq!(row.count, 240);
    assert_eq!(outcome.rows[5].time, 120.0);
    for row in &outcome.rows {
        assert!(row.min <= row.mean && row.mean <= row.max, "{row:?}");
        assert!(row.min <= row.p95 && row.p95 <= row.max, "{row:?}");
    }
    let temperatures = outcome
        .rows
        .iter()
        .filter(|row| &*row.field == "temperature");
    assert!(temperatures.map(|row| row.mean as i64).is_sorted());
}

/// The figures are those of the messages themselves.
#[test]
fn messages_and_bytes_are_those_that_would_be_sent() {
    let mut scenario = pumps(1);
    scenario.length = Length::Steps(20);
    let outcome = run(scenario);
    let model = shipped_model("pump");
    let (mut state, desired) = (model.start("pump-0", 7), object(json!({"speed": 1500})));
    let (mut messages, mut bytes) = (0, 0);
    let mut send = |topic: &str, payload: String| {
        messages += 1;
        let rest = 2 + topic.len() + 2 + 1 + payload.len();
        bytes += (1 + if rest < 128 { 1 } else { 2 } + rest) as u64;
    };
    for _ in 0..20 {
        let step = model.step(&mut state, &desired, 5.0);
        if let Some(reported) = step.reported {
            let report = json!({"state": {"reported": reported}});
            send("$aws/things/pump-0/shadow/update", report.to_string());
        }
        send("dt/pump-0/telemetry", step.telemetry.unwrap().to_string());
    }
    let traffic = &outcome.traffic[0];
    assert_eq!((traffic.things, traffic.steps), (1, 20));
    assert_eq!((traffic.messages, traffic.bytes), (messages, bytes));
}

#[test]
fn the_same_scenario_has_the_same_outcome_and_another_seed_another() {
    let one = run(pumps(20));
    assert_eq!(one, run(pumps(20)));
    // Whoever stands beside it changes nothing about a thing.
    let mut reversed = pumps(20);
    reversed.things.reverse();
    let reversed = run(reversed);
    assert_eq!(one.traffic, reversed.traffic);
    let mut other = pumps(20);
    other.seed = 8;
    assert!(one.rows != run(other).rows);
}

#[test]
fn a_scenario_begins_where_the_fleet_is() {
    let mut scenario = pumps(3);
    scenario.length = Length::Steps(1);
    scenario.changes = vec![
        change("reported.temperature=80"),
        change("reported.state=stopped"),
    ];
    scenario.changes.push(change("desired.enabled=false"));
    let outcome = run(scenario);
    assert!(last(&outcome, "temperature").min > 75.0);
    let stopped = outcome
        .ends
        .iter()
        .find(|ending| &*ending.state == "stopped");
    assert_eq!(stopped.unwrap().things, 3);
}

#[test]
fn kinds_run_beside_one_another_and_one_without_a_model_is_left_out() {
    let mut scenario = pumps(2);
    for (name, kind) in [("meter-1", "meter"), ("door-1", "door"), ("door-2", "door")] {
        scenario.things.push(Twin {
            name: name.into(),
            kind: kind.into(),
            desired: Map::new(),
            reported: Map::new(),
        });
    }
    let outcome = run(scenario);
    assert_eq!(outcome.left_out, 2);
    let steps: Vec<_> = outcome
        .traffic
        .iter()
        .map(|one| (&*one.kind, one.steps))
        .collect();
    assert_eq!(steps, [("pump", 2 * 1_440), ("meter", 480)]);
    let counted = |kind: &str, field: &str| -> u64 {
        let rows = outcome.rows.iter();
        let rows = rows.filter(|row| &*row.kind == kind && &*row.field == field);
        rows.map(|row| row.count).sum()
    };
    assert_eq!(counted("pump", "power"), 2 * 1_440);
    // A meter is silent now and then.
    assert!((460..=480).contains(&counted("meter", "power")));
}

/// A model without telemetry shows its variables.
#[test]
fn variables_stand_in_for_telemetry() {
    let text = "kind = \"toy\"\nevery = \"1s\"\n[variables]\nx = { start = 0, next = \"x + 1\" }\n[report]\nx = \"x\"\n";
    let model = trunkline_behaviour::Model::read("behaviour/toy.toml", text).unwrap();
    let mut scenario = pumps(1);
    scenario.models = vec![model];
    scenario.things[0].kind = "toy".into();
    scenario.length = Length::Time(Duration::from_secs(10));
    scenario.bucket = Some(Duration::from_secs(5));
    let outcome = run(scenario);
    let rows: Vec<_> = outcome
        .rows
        .iter()
        .map(|row| (row.time, row.min, row.mean, row.max))
        .collect();
    assert_eq!(rows, [(0.0, 1.0, 3.0, 5.0), (5.0, 6.0, 8.0, 10.0)]);
    assert_eq!((outcome.traffic[0].messages, outcome.ends.len()), (10, 0));
}

#[test]
fn it_says_how_far_it_is_and_can_be_stopped() {
    let mut seen = Vec::new();
    let outcome = pumps(50).run(|progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    });
    assert!(outcome.is_ok());
    assert!(seen.len() >= 3 && seen.iter().map(|one| one.done).is_sorted());
    let all = Progress {
        done: 72_000,
        total: 72_000,
    };
    assert_eq!(seen.last(), Some(&all));
    let stopped = pumps(50).run(|progress| {
        assert!(progress.done < 72_000);
        ControlFlow::Break(())
    });
    assert_eq!(stopped, Err(ScenarioError::Stopped));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let with = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = pumps(2);
        change(&mut scenario);
        refusal(scenario)
    };
    assert_eq!(with(&|one| one.things.clear()), ScenarioError::Nothing);
    assert_eq!(with(&|one| one.models.clear()), ScenarioError::Nothing);
    let many = with(&|one| one.length = Length::Steps(25_000_001));
    assert_eq!(many, ScenarioError::TooManySteps(50_000_002));
    assert!(many.to_string().contains("50000000"));
    let endless = with(&|one| one.length = Length::Steps(u64::MAX));
    assert_eq!(endless, ScenarioError::TooManySteps(u64::MAX));
    assert_eq!(
        with(&|one| one.length = Length::Steps(0)),
        ScenarioError::TooShort
    );
    let short = with(&|one| one.length = Length::Time(Duration::from_secs(4)));
    assert_eq!(short, ScenarioError::TooShort);
    assert_eq!(
        with(&|one| one.bucket = Some(Duration::ZERO)),
        ScenarioError::Bucket
    );
    let fine = with(&|one| one.bucket = Some(Duration::from_secs(7)));
    assert_eq!(fine, ScenarioError::TooManyBuckets(1_029));
    let twice = with(&|one| one.things[1].name = "pump-0".into());
    assert_eq!(twice, ScenarioError::Twice("pump-0".into()));
    let two = with(&|one| one.models = vec![toy(), toy()]);
    assert_eq!(two, ScenarioError::TwoModels("toy".into()));
    let unmet = with(&|one| {
        let nobody = Selector::Name("pump-9".into());
        one.changes = vec![
            change("desired.speed=1"),
            Change::read(nobody, "desired.speed=1").unwrap(),
        ];
    });
    assert_eq!(unmet, ScenarioError::Unmet("desired.speed=1".into()));
    let crowd = pumps(200_001);
    assert_eq!(refusal(crowd), ScenarioError::TooManyThings(200_001));
}
