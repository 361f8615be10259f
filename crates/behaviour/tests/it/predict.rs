//! What a real device should report.

use serde_json::{Map, Value, json};

use crate::support::{model, object, reporting, steps};

const WARMING: &str = "[inputs]\nspeed = { default = 0 }\n[variables]\n\
    hidden = { start = 3 }\n\
    temperature = { start = 20, next = \"temperature + dt * speed / 100 + noise(5) + uniform(-1, 3) * 0\", max = 100 }\n\
    hot = { start = false, next = \"temperature > 60 or chance(0.4)\" }\n\
    [states.cold]\ntransitions = [{ when = \"temperature >= 60\", to = \"hot\" }]\n[states.hot]\ntransitions = [{ when = \"in_state >= 30\", to = \"cold\" }]\n\
    [report]\ntemperature = \"round(temperature, 1)\"\nstate = \"state\"\nhot = \"hot\"\ndouble = \"2 * temperature\"\n";

#[test]
fn what_is_expected_follows_what_was_reported() {
    let model = model(WARMING);
    let mut twin = model.start("pump-7", 1);
    model.observe(
        &mut twin,
        &object(
            json!({"temperature": 40.5, "state": "cold", "hot": false, "double": 7, "other": 1}),
        ),
    );
    let before = twin.clone();
    let desired = object(json!({"speed": 150}));
    let expected = model.predict(&twin, &desired, 12.0).unwrap();
    assert_eq!(twin, before, "a prediction changes nothing");
    assert_eq!(
        Value::Object(expected.reported),
        json!({"temperature": 58.5, "state": "cold", "hot": false, "double": 117})
    );
    assert_eq!(
        Value::Object(expected.variables),
        json!({"hidden": 3, "temperature": 58.5, "hot": false})
    );
    let later = model.predict(&twin, &desired, 20.0).unwrap();
    assert_eq!(later.reported["temperature"], json!(70.5));
    assert_eq!(
        (later.state.as_deref(), &later.reported["hot"]),
        (Some("hot"), &json!(true))
    );
    let now = model.predict(&twin, &desired, 0.0).unwrap();
    assert_eq!(now.reported["temperature"], json!(40.5));
}

#[test]
fn what_cannot_be_is_not_observed() {
    let model = model(WARMING);
    let mut twin = model.start("pump-7", 1);
    let before = twin.clone();
    for reported in [
        json!({"temperature": "hot"}),
        json!({"temperature": null}),
        json!({"temperature": true, "hot": 1}),
        json!({"state": "burning"}),
        json!({"state": 1}),
        json!({"double": 50}),
    ] {
        model.observe(&mut twin, &object(reported));
        assert_eq!(twin, before);
    }
    model.observe(&mut twin, &object(json!({"temperature": 1e9})));
    assert_eq!(twin.variable("temperature"), Some(100.0));
}

#[test]
fn an_observed_state_lasts_from_when_it_began() {
    let model = model(WARMING);
    let mut twin = model.start("pump-7", 1);
    let hot = object(json!({"temperature": 90, "state": "hot"}));
    model.observe(&mut twin, &hot);
    assert_eq!(twin.state(), Some("hot"));
    let expected = model.predict(&twin, &Map::new(), 30.0).unwrap();
    assert_eq!(expected.state.as_deref(), Some("cold"));
    steps(&model, &mut twin, &json!({}), 2);
    model.observe(&mut twin, &hot);
    let expected = model.predict(&twin, &Map::new(), 20.0).unwrap();
    assert_eq!(
        expected.state.as_deref(),
        Some("cold"),
        "ten seconds of it are over"
    );
}

#[test]
fn a_prediction_without_chance_is_what_happens() {
    let model = reporting(
        "a = { start = 1, next = \"a + dt * (speed - a) / 7\" }",
        "a",
    );
    let mut state = model.start("p", 1);
    let desired = json!({"speed": 9});
    let expected = model
        .predict(&state, &object(desired.clone()), 50.0)
        .unwrap();
    steps(&model, &mut state, &desired, 10);
    assert_eq!(expected.variables["a"].as_f64(), state.variable("a"));
}

#[test]
fn nothing_is_expected_of_what_is_too_far_away() {
    let model = reporting("a = { start = 0, next = \"a + 1\" }", "a");
    let state = model.start("p", 1);
    let expected = |seconds| model.predict(&state, &Map::new(), seconds);
    assert_eq!(expected(50_000.0).unwrap().reported["x"], json!(10_000));
    assert_eq!(expected(12.0).unwrap().reported["x"], json!(3));
    assert_eq!(expected(15.000_000_000_1).unwrap().reported["x"], json!(3));
    assert_eq!(expected(-1.0).unwrap().reported["x"], json!(0));
    for seconds in [50_001.0, f64::NAN, f64::INFINITY] {
        assert_eq!(expected(seconds), None);
    }
}
