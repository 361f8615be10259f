//! A real device beside its model.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use trunkline_behaviour::{Model, Models, Residual, Twin, Watch};

use crate::support::{model, object};

/// A twin that is written as a device and a person write it.
#[derive(Default)]
struct Document {
    desired: Map<String, Value>,
    desired_times: Map<String, Value>,
    reported: Map<String, Value>,
    reported_times: Map<String, Value>,
    second: i64,
}

impl Document {
    fn report(&mut self, second: i64, change: Value) -> &mut Self {
        let (state, times) = (&mut self.reported, &mut self.reported_times);
        write(state, times, second, change);
        self.second = second;
        self
    }

    fn want(&mut self, second: i64, change: Value) -> &mut Self {
        let (state, times) = (&mut self.desired, &mut self.desired_times);
        write(state, times, second, change);
        self.second = second;
        self
    }

    fn twin(&self) -> Twin<'_> {
        Twin {
            desired: &self.desired,
            desired_times: &self.desired_times,
            reported: &self.reported,
            reported_times: &self.reported_times,
            second: self.second,
        }
    }

    fn begin(&self, model: &Arc<Model>) -> Watch {
        Watch::begin(Arc::clone(model), "pump-7", &self.twin())
    }
}

fn write(
    state: &mut Map<String, Value>,
    times: &mut Map<String, Value>,
    second: i64,
    change: Value,
) {
    for (name, value) in object(change) {
        if value.is_null() {
            state.remove(&name);
            times.remove(&name);
        } else {
            state.insert(name.clone(), value);
            times.insert(name, second.into());
        }
    }
}

fn pump() -> Arc<Model> {
    Models::new().of("pump").unwrap()
}

fn named<'w>(watch: &'w Watch, field: &str) -> Option<&'w Residual> {
    watch.residuals().find(|residual| &*residual.field == field)
}

/// What was reported of a field and what was expected, or nothing where it has no residual.
fn pair(watch: &Watch, field: &str) -> Option<(f64, f64)> {
    named(watch, field).map(|residual| (residual.reported, residual.expected))
}

/// A model that counts seconds, has two states and is a little random.
const COUNTING: &str = "[inputs]\nspeed = { default = 1 }\n[variables]\n\
    count = { start = 0, next = \"count + dt * speed + noise(50) + uniform(-9, 9)\" }\n\
    offset = { start = \"uniform(0, 4)\" }\n\
    loud = { start = false, next = \"count > 100 or chance(0.4)\" }\n\
    [states.low]\ntransitions = [{ when = \"count >= 50\", to = \"high\" }]\n[states.high]\n\
    [report]\ncount = \"round(count, 1)\"\nstate = \"state\"\nloud = \"loud\"\nspeed = \"speed\"\ndouble = \"2 * count\"\nshifted = \"count + offset\"\n";

#[test]
fn a_pump_that_warms_up_is_expected_to() {
    let mut twin = Document::default();
    twin.want(1_000, json!({"speed": 1500, "enabled": true}))
        .report(1_000, json!({"state": "running", "speed": 1500, "enabled": true, "temperature": 21, "flow": 12.1}));
    let mut watch = twin.begin(&pump());
    assert_eq!(watch.residuals().count(), 0, "nothing was expected yet");
    // As warm as it is after ten minutes under this load: 21 + 53.2 * (1 - exp(-600 / 480)).
    twin.report(1_600, json!({"temperature": 59, "flow": 12.1}));
    assert!(watch.see(&twin.twin()));
    let temperature = named(&watch, "temperature").unwrap();
    assert_eq!((temperature.since, temperature.changed), (1_000, 1_600));
    assert!((temperature.expected - 59.0).abs() < 0.5, "{temperature:?}");
    // It runs all the time, though nobody reports its speed of rotation.
    let (reported, expected) = pair(&watch, "flow").unwrap();
    assert!((reported - expected).abs() < 0.2, "{expected}");
    // Too hot by far.
    twin.report(1_605, json!({"temperature": 80}));
    assert!(watch.see(&twin.twin()));
    let (reported, expected) = pair(&watch, "temperature").unwrap();
    assert!((20.0..22.0).contains(&(reported - expected)), "{expected}");
    let flow = named(&watch, "flow").unwrap();
    assert_eq!(flow.changed, 1_600, "it was not reported again");
}

#[test]
fn a_pump_is_in_motion_from_the_first_report_on() {
    let mut twin = Document::default();
    let report = json!({"state": "running", "temperature": 70, "flow": 12.1});
    twin.report(1_000, report.clone());
    let mut watch = twin.begin(&pump());
    twin.report(1_001, report);
    watch.see(&twin.twin());
    for field in ["flow", "temperature", "state"] {
        let (reported, expected) = pair(&watch, field).unwrap();
        assert!((reported - expected).abs() < 0.2, "{field}: {expected}");
    }
}

#[test]
fn what_was_not_reported_before_is_left_out() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(100, json!({"count": 10, "unknown": 4}));
    let mut watch = twin.begin(&model);
    twin.report(
        110,
        json!({"count": 20, "double": 40, "loud": false, "unknown": 5}),
    );
    watch.see(&twin.twin());
    let fields: Vec<&str> = watch.residuals().map(|residual| &*residual.field).collect();
    assert_eq!(fields, ["count"]);
    assert_eq!(pair(&watch, "count"), Some((20.0, 20.0)));
    twin.report(120, json!({"double": 70, "loud": true}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "double"), Some((70.0, 60.0)));
    assert_eq!(pair(&watch, "loud"), Some((1.0, 0.0)));
    assert_eq!(named(&watch, "count").unwrap().changed, 110);
    // What goes, and what is of another kind, has no residual; it begins anew.
    twin.report(130, json!({"double": null, "count": "many"}));
    assert!(watch.see(&twin.twin()));
    let fields: Vec<&str> = watch.residuals().map(|residual| &*residual.field).collect();
    assert_eq!(fields, ["loud"]);
    assert!(!watch.see(&twin.twin()));
    twin.report(140, json!({"double": 100}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "double"), None);
}

#[test]
fn noise_and_chance_play_no_part() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 0, "loud": false, "shifted": 0}));
    let mut watches = ["a", "b"].map(|thing| Watch::begin(Arc::clone(&model), thing, &twin.twin()));
    twin.report(49, json!({"count": 50, "loud": true, "shifted": 60}));
    for watch in &mut watches {
        watch.see(&twin.twin());
        assert_eq!(pair(watch, "count"), Some((50.0, 49.0)));
        assert_eq!(pair(watch, "loud"), Some((1.0, 0.0)));
        assert_eq!(pair(watch, "shifted"), Some((60.0, 51.0)));
    }
}

#[test]
fn a_state_is_its_place_among_the_states() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 40, "state": "low"}));
    let mut watch = twin.begin(&model);
    twin.report(5, json!({"count": 45, "state": "high"}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "state"), Some((1.0, 0.0)));
    // Put right by what was reported, it stays there.
    twin.report(10, json!({"count": 50, "state": "high"}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "state"), Some((1.0, 1.0)));
    twin.report(15, json!({"state": "broken"}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "state"), None, "the model has no such state");
}

#[test]
fn nothing_is_expected_after_too_many_steps_and_the_next_report_is_compared_again() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 0}));
    let mut watch = twin.begin(&model);
    twin.report(50_000, json!({"count": 1}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((1.0, 50_000.0)));
    twin.report(100_001, json!({"count": 5}));
    assert!(watch.see(&twin.twin()));
    assert_eq!(watch.residuals().count(), 0);
    twin.report(100_011, json!({"count": 15}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((15.0, 15.0)));
    // That something else is wanted meanwhile does not bring it nearer.
    twin.want(200_000, json!({"speed": 2}));
    watch.see(&twin.twin());
    twin.report(200_005, json!({"count": 7}));
    watch.see(&twin.twin());
    assert_eq!(watch.residuals().count(), 0);
    twin.report(200_010, json!({"count": 17}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((17.0, 17.0)));
}

#[test]
fn a_pump_that_was_away_for_long_is_as_it_says() {
    let mut twin = Document::default();
    twin.report(0, json!({"state": "stopped", "enabled": false, "flow": 0}));
    let mut watch = twin.begin(&pump());
    let running = json!({"state": "running", "enabled": true, "flow": 12.1});
    twin.report(1_000_000, running.clone());
    watch.see(&twin.twin());
    assert_eq!(watch.residuals().count(), 0);
    twin.report(1_000_001, running);
    watch.see(&twin.twin());
    let (reported, expected) = pair(&watch, "flow").unwrap();
    assert!((reported - expected).abs() < 0.2, "{expected}");
}

#[test]
fn what_is_wanted_counts_from_when_it_is_wanted() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 0}));
    let mut watch = twin.begin(&model);
    twin.want(10, json!({"speed": 3}));
    assert!(!watch.see(&twin.twin()), "no report, no residual");
    twin.report(20, json!({"count": 40}));
    watch.see(&twin.twin());
    let count = named(&watch, "count").unwrap();
    assert_eq!((count.expected, count.since, count.changed), (40.0, 0, 20));
    // The same where both are seen at once.
    twin.want(25, json!({"speed": 1}))
        .report(30, json!({"count": 60}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((60.0, 60.0)));
}

#[test]
fn a_device_that_nobody_told_anything_goes_by_what_it_says_itself() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 0, "speed": 4}));
    let mut watch = twin.begin(&model);
    twin.report(10, json!({"count": 40, "speed": 4}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((40.0, 40.0)));
    assert_eq!(pair(&watch, "speed"), Some((4.0, 4.0)));
    twin.want(10, json!({"speed": 2}));
    watch.see(&twin.twin());
    twin.report(20, json!({"count": 60, "speed": 4}));
    watch.see(&twin.twin());
    assert_eq!(pair(&watch, "count"), Some((60.0, 60.0)));
    assert_eq!(pair(&watch, "speed"), Some((4.0, 2.0)));
}

#[test]
fn reports_that_are_seen_at_once_are_told_apart_by_their_seconds() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(0, json!({"count": 0, "state": "low", "double": 0}));
    let mut watch = twin.begin(&model);
    twin.report(10, json!({"count": 30}))
        .report(20, json!({"double": 90, "state": "low"}));
    watch.see(&twin.twin());
    let count = named(&watch, "count").unwrap();
    assert_eq!((count.expected, count.since, count.changed), (10.0, 0, 10));
    let double = named(&watch, "double").unwrap();
    assert_eq!(
        (double.expected, double.since, double.changed),
        (80.0, 10, 20)
    );
    assert!(
        !watch.see(&twin.twin()),
        "the same twin twice is as good as once"
    );
    // In the same second, what is otherwise than before is another report.
    twin.report(20, json!({"double": 80}));
    assert!(watch.see(&twin.twin()));
    let double = named(&watch, "double").unwrap();
    assert_eq!((double.reported, double.expected), (80.0, 80.0));
    assert_eq!((double.since, double.changed), (20, 20));
}

#[test]
fn a_clock_that_goes_back_lets_no_time_pass() {
    let model = Arc::new(model(COUNTING));
    let mut twin = Document::default();
    twin.report(1_000, json!({"count": 5}));
    let mut watch = twin.begin(&model);
    twin.report(900, json!({"count": 6}));
    watch.see(&twin.twin());
    let count = named(&watch, "count").unwrap();
    assert_eq!(
        (count.expected, count.since, count.changed),
        (5.0, 1_000, 1_000)
    );
}
