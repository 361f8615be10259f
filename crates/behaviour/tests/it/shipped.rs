//! The models that come with the platform.

use serde_json::{Map, Value, json};
use trunkline_behaviour::{Model, State, Step, shipped};

use crate::support::object;

fn model(kind: &str) -> Model {
    let files = shipped();
    let (name, text) = files
        .iter()
        .find(|(name, _)| name.ends_with(&format!("/{kind}.toml")))
        .unwrap();
    let model = Model::read(name, text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!((model.kind(), model.name()), (kind, kind));
    model
}

/// The steps of `hours`.
fn run(model: &Model, state: &mut State, desired: &Value, hours: f64) -> Vec<Step> {
    let (every, desired) = (model.every().as_secs_f64(), object(desired.clone()));
    let count = (hours * 3_600.0 / every) as usize;
    (0..count)
        .map(|_| model.step(state, &desired, every))
        .collect()
}

fn field(step: &Step, name: &str) -> f64 {
    step.telemetry.as_ref().unwrap()[name].as_f64().unwrap()
}

#[test]
fn all_of_them_can_be_read() {
    assert_eq!(shipped().len(), 4);
    for (name, text) in shipped() {
        let model = Model::read(name, text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(model.topic("x"), Some("dt/x/telemetry".into()));
        let mut state = model.start("x", 1);
        let step = model.step(&mut state, &Map::new(), model.every().as_secs_f64());
        assert!(
            step.telemetry.is_some() && step.reported.is_some(),
            "{name}"
        );
    }
}

#[test]
fn a_pump_runs_warm_and_one_that_is_driven_too_hard_switches_itself_off() {
    let model = model("pump");
    let mut state = model.start("pump-7", 7);
    let steps = run(&model, &mut state, &json!({"speed": 1500}), 2.0);
    let last = steps.last().unwrap();
    assert!(
        (60.0..85.0).contains(&field(last, "temperature")),
        "{last:?}"
    );
    assert!((11.0..13.0).contains(&field(last, "flow")), "{last:?}");
    assert!(steps.iter().all(|step| step.transition.is_none()));
    let steps = run(&model, &mut state, &json!({"speed": 2400}), 2.0);
    let went: Vec<_> = steps
        .iter()
        .filter_map(|step| step.transition.as_ref())
        .collect();
    assert_eq!(&*went[0].to, "overheated");
    assert_eq!(&*went[1].to, "running");
    let hottest = steps.iter().map(|step| field(step, "temperature"));
    assert!(hottest.fold(0.0, f64::max) < 95.0);
    run(&model, &mut state, &json!({"enabled": false}), 1.0);
    assert_eq!(state.state(), Some("stopped"));
    assert!(state.variable("rpm").unwrap() < 1.0);
}

#[test]
fn a_thermostat_keeps_the_room_as_it_is_wanted() {
    let model = model("thermostat");
    let mut state = model.start("room-1", 7);
    run(&model, &mut state, &json!({"target": 22}), 12.0);
    let steps = run(&model, &mut state, &json!({"target": 22}), 24.0);
    for step in &steps {
        assert!((21.0..23.5).contains(&field(step, "room")), "{step:?}");
    }
    let heated = steps
        .iter()
        .filter(|step| step.transition.is_some())
        .count();
    assert!((10..2_000).contains(&heated), "{heated}");
    run(&model, &mut state, &json!({"window_open": true}), 6.0);
    assert_eq!(state.state(), Some("idle"));
    assert!(state.variable("room").unwrap() < 18.0);
}

#[test]
fn a_meter_counts_and_is_silent_now_and_then() {
    let model = model("meter");
    let mut state = model.start("meter-1", 7);
    let before = state.variable("energy").unwrap();
    let steps = run(&model, &mut state, &json!({}), 48.0);
    let used = state.variable("energy").unwrap() - before;
    assert!((5.0..60.0).contains(&used), "{used} kWh in two days");
    let silent = steps.iter().filter(|step| step.telemetry.is_none()).count();
    assert!((20..150).contains(&silent), "{silent} of {}", steps.len());
    let told: Vec<f64> = steps
        .iter()
        .filter(|step| step.telemetry.is_some())
        .map(|step| field(step, "energy"))
        .collect();
    assert!(told.is_sorted());
    let throttled = run(&model, &mut state, &json!({"limit": 300}), 24.0);
    let most = throttled
        .iter()
        .filter(|step| step.telemetry.is_some())
        .map(|step| field(step, "power"));
    assert!(most.fold(0.0, f64::max) <= 300.0);
}

#[test]
fn a_gateway_with_too_little_power_is_heard_badly() {
    let model = model("gateway");
    let mut state = model.start("gateway-1", 7);
    let steps = run(&model, &mut state, &json!({}), 24.0);
    assert!(steps.iter().all(|step| step.transition.is_none()));
    let lost = steps.iter().map(|step| field(step, "lost"));
    assert!(lost.fold(0.0, f64::max) < 0.3);
    let steps = run(&model, &mut state, &json!({"transmit": 2}), 24.0);
    let went: Vec<_> = steps
        .iter()
        .filter_map(|step| step.transition.as_ref())
        .collect();
    assert_eq!(&*went[0].to, "degraded");
    assert!(steps.iter().all(|step| field(step, "lost") <= 1.0));
    run(&model, &mut state, &json!({"maintenance": true}), 1.0);
    assert_eq!(state.state(), Some("maintenance"));
    assert!(state.variable("temperature").unwrap() > 45.0);
    run(&model, &mut state, &json!({}), 6.0);
    assert_eq!(state.state(), Some("online"));
}

#[test]
fn a_model_tells_what_it_reads_and_what_it_sends() {
    let model = model("thermostat");
    assert_eq!(
        model.inputs().collect::<Vec<_>>(),
        ["target", "window_open"]
    );
    assert_eq!(
        model.fields().collect::<Vec<_>>(),
        ["room", "outside", "present", "heating", "battery"]
    );
}

#[test]
fn the_residual_of_a_healthy_pump_is_small_and_of_a_sick_one_is_not() {
    let model = model("pump");
    let (mut pump, mut twin) = (model.start("pump-7", 7), model.start("pump-7", 99));
    let desired = object(json!({"speed": 1500}));
    let mut residual = |sickness: f64| {
        let mut largest: f64 = 0.0;
        for _ in 0..120 {
            let expected = model.predict(&twin, &desired, 5.0).unwrap();
            model.step(&mut twin, &desired, 5.0);
            model.step(&mut pump, &desired, 5.0);
            let real = pump.variable("temperature").unwrap() + sickness;
            let expected = expected.variables["temperature"].as_f64().unwrap();
            largest = largest.max((real - expected).abs());
            model.observe(
                &mut twin,
                &object(json!({"temperature": pump.variable("temperature")})),
            );
        }
        largest
    };
    assert!(residual(0.0) < 2.0);
    assert!(residual(10.0) > 9.0);
}

/// Whoever kept a seed gets the same devices again, on any machine and after any update of the platform.
#[test]
fn a_seed_is_a_promise() {
    let model = model("pump");
    let mut state = model.start("pump-7", 7);
    let told: Vec<String> = run(&model, &mut state, &json!({"speed": 1500}), 1.0)
        .iter()
        .map(|step| step.telemetry.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(
        told[0],
        r#"{"temperature":21.11,"pressure":1.598,"flow":8.53,"power":0.892,"vibration":0.573,"state":"running"}"#
    );
    assert_eq!(
        told[719],
        r#"{"temperature":75.43,"pressure":3.114,"flow":12.01,"power":2.473,"vibration":0.969,"state":"running"}"#
    );
}
