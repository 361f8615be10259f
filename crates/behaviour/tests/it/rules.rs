//! One test for each rule of the language and of a step.

use serde_json::{Value, json};
use trunkline_behaviour::State;

use crate::support::{first, model, object, reporting, steps};

/// What the expression gives in the first step; nothing where it has no value.
fn gives(expression: &str) -> Option<Value> {
    let variables = "a = { start = 3, next = \"a + 1\" }\nb = { start = false }";
    first(&reporting(variables, expression))
        .reported
        .map(|mut reported| reported.remove("x").unwrap())
}

#[test]
fn expressions_reckon() {
    for (expression, wanted) in [
        ("1 + 2 * 3 - 4 / 2", json!(5)),
        ("(1 + 2) * -3", json!(-9)),
        ("7 % 4 + 0.5", json!(3.5)),
        ("10 - 3 - 2", json!(5)),
        ("a", json!(4)),
        ("previous(a)", json!(3)),
        ("b", json!(false)),
        ("speed * 2", json!(4)),
        ("t + dt", json!(10)),
        ("if(a > 3 and on, 1, 2)", json!(1)),
        ("if(a < 3 or not on, 1, if(b, 2, 3))", json!(3)),
        ("a = 4", json!(true)),
        ("a != 4 or a <> 5", json!(true)),
        ("a <= 4 and a >= 4 and not (a < 4)", json!(true)),
        ("b = false", json!(true)),
        ("true and false or true", json!(true)),
        ("not true or true", json!(true)),
        ("min(a, 2, 7)", json!(2)),
        ("max(a, 2, 7)", json!(7)),
        ("abs(-2.5)", json!(2.5)),
        ("sin(0) + cos(0)", json!(1)),
        ("round(sin(pi / 6), 6)", json!(0.5)),
        ("exp(0) + log(1)", json!(1)),
        ("sqrt(16)", json!(4)),
        ("power(2, 10)", json!(1024)),
        ("floor(-1.5) + ceil(1.2)", json!(0)),
        ("round(2.345, 2)", json!(2.35)),
        ("round(-2.5)", json!(-3)),
        ("clamp(9, 1, 5)", json!(5)),
        ("clamp(-9, 1, 5)", json!(1)),
        ("noise(0)", json!(0)),
        ("uniform(4, 4)", json!(4)),
        ("chance(1)", json!(true)),
        ("chance(0)", json!(false)),
        ("1e3 + .5", json!(1000.5)),
        ("9007199254740993", json!(9_007_199_254_740_992.0)),
    ] {
        assert_eq!(gives(expression), Some(wanted), "{expression}");
    }
}

#[test]
fn what_is_no_finite_number_has_no_value() {
    for expression in [
        "1 / 0",
        "0 / 0",
        "1 / (1 / 0)",
        "7 % 0",
        "sqrt(-1)",
        "log(0)",
        "exp(1000)",
        "power(0, -1)",
        "1e300 * 1e300 * 0",
        "1e308 + 1e308 > 0",
        "not (1 / 0 > 5)",
        "min(1, 1 / 0)",
        "uniform(-1e308, 1e308 * 9)",
        "noise(1e308 * 10)",
        "if(1 / 0 > 1, 2, 3)",
    ] {
        assert_eq!(gives(expression), None, "{expression}");
    }
    for (expression, wanted) in [
        ("if(a = 0, 0, 12 / a)", json!(3)),
        ("if(a != 0, 12, 12 / 0)", json!(12)),
        ("a = 0 and 1 / 0 > 1", json!(false)),
        ("a != 0 or 1 / 0 > 1", json!(true)),
    ] {
        assert_eq!(gives(expression), Some(wanted), "{expression}");
    }
}

#[test]
fn a_variable_without_a_value_keeps_the_one_it_had() {
    let model = model(
        "[variables]\na = { start = 2, next = \"a - 1\" }\nb = { start = 8, next = \"8 / a\" }\n\
         c = { start = \"1 / 0\" }\nd = { start = 5, next = \"d * 1e200\", max = 50 }\n\
         [report]\na = \"a\"\nb = \"b\"\nc = \"c\"\nd = \"d\"\n",
    );
    let mut state = model.start("p", 1);
    let told: Vec<_> = steps(&model, &mut state, &json!({}), 3)
        .into_iter()
        .map(|step| step.reported.map(Value::Object).unwrap_or_default())
        .collect();
    assert_eq!(
        told,
        [
            json!({"a": 1, "b": 8, "c": 0, "d": 50}),
            json!({"a": 0}),
            json!({"a": -1, "b": -8})
        ]
    );
}

#[test]
fn variables_are_updated_in_the_order_of_the_file() {
    let model = model(
        "[variables]\nz = { start = 1, next = \"z + a\" }\na = { start = 10, next = \"z + previous(z)\" }\n\
         [report]\nz = \"z\"\na = \"a\"\n",
    );
    let told = first(&model).reported.unwrap();
    assert_eq!(Value::Object(told), json!({"z": 11, "a": 12}));
}

#[test]
fn starts_see_what_is_above_them() {
    let model = model(
        "[parameters]\np = 4\n[variables]\na = { start = \"p * 2\" }\nb = { start = \"a + uniform(1, 2)\", min = 0, max = 9.5 }\n[report]\nb = \"b\"\n",
    );
    let of = |thing: &str| model.start(thing, 1).variable("b").unwrap();
    assert!((9.0..=9.5).contains(&of("x")) && of("x").to_bits() != of("y").to_bits());
    assert_eq!(model.start("x", 1).variable("a"), Some(8.0));
    assert_eq!(model.start("x", 1).variable("c"), None);
}

#[test]
fn inputs_come_from_what_is_desired() {
    let model = model(
        "[inputs]\nspeed = { from = \"motor.speed\", default = 5, min = 0, max = 10 }\non = { default = false }\n\
         [report]\nspeed = \"speed\"\non = \"on\"\n",
    );
    let mut state = model.start("p", 1);
    let mut told = |desired: Value| {
        let step = steps(&model, &mut state, &desired, 1).remove(0);
        step.reported.map(Value::Object)
    };
    assert_eq!(told(json!({})), Some(json!({"speed": 5, "on": false})));
    assert_eq!(
        told(json!({"motor": {"speed": 99}, "on": true})),
        Some(json!({"speed": 10, "on": true}))
    );
    assert_eq!(
        told(json!({"motor": {"speed": 99}, "on": "yes"})),
        Some(json!({"on": false}))
    );
    assert_eq!(told(json!({"motor": {"speed": 10}})), None);
}

#[test]
fn transitions_are_tried_in_their_order_one_a_step() {
    let model = model(
        "[variables]\nx = { start = 0, next = \"x + 1\" }\n\
         [states.low]\ntransitions = [{ when = \"x > 100\", to = \"never\" }, { when = \"x >= 2\", to = \"high\" }, { when = \"true\", to = \"low2\" }]\n\
         [states.high]\ntransitions = [{ when = \"in_state >= 10\", to = \"low\" }]\n\
         [states.low2]\ntransitions = [{ when = \"true\", to = \"low\" }]\n[states.never]\n\
         [report]\nstate = \"state\"\n[telemetry]\ntopic = \"{thing}\"\n[telemetry.fields]\nis_high = \"state = 'high'\"\nin_state = \"in_state\"\n",
    );
    let states: Vec<&str> = model.states().collect();
    assert_eq!(states, ["low", "high", "low2", "never"]);
    let mut state = model.start("p", 1);
    assert_eq!(state.state(), Some("low"));
    let steps = steps(&model, &mut state, &json!({}), 6);
    let went: Vec<_> = steps
        .iter()
        .map(|step| step.transition.as_ref().map(|to| (&*to.from, &*to.to)))
        .collect();
    assert_eq!(
        went,
        [
            Some(("low", "low2")),
            Some(("low2", "low")),
            Some(("low", "high")),
            None,
            Some(("high", "low")),
            Some(("low", "high")),
        ]
    );
    assert_eq!(
        steps[3].telemetry,
        Some(json!({"is_high": true, "in_state": 5}))
    );
    assert_eq!(steps[3].reported, None);
    assert_eq!(steps[4].reported, Some(object(json!({"state": "low"}))));
    assert_eq!(state.state(), Some("high"));
}

#[test]
fn only_what_has_changed_enough_is_reported() {
    let model = model(
        "[variables]\nx = { start = 0, next = \"x + 0.25\" }\n[report]\nfine = \"x\"\ncoarse = { value = \"x\", change = 0.5 }\n",
    );
    let mut state = model.start("p", 1);
    let coarse: Vec<_> = steps(&model, &mut state, &json!({}), 5)
        .into_iter()
        .map(|step| {
            let reported = step.reported.unwrap();
            assert!(reported.contains_key("fine"));
            reported.get("coarse").cloned()
        })
        .collect();
    assert_eq!(
        coarse,
        [
            Some(json!(0.25)),
            None,
            Some(json!(0.75)),
            None,
            Some(json!(1.25))
        ]
    );
}

#[test]
fn telemetry_may_be_silent() {
    let model = model(
        "[variables]\nx = { start = 0, next = \"x + 1\" }\n[telemetry]\ntopic = \"dt/{thing}/{kind}\"\nwhen = \"x % 2 = 0\"\n[telemetry.fields]\nx = \"x\"\nbroken = \"1 / (x - 4)\"\n",
    );
    let mut state = model.start("p", 1);
    let told: Vec<_> = steps(&model, &mut state, &json!({}), 4)
        .into_iter()
        .map(|step| step.telemetry)
        .collect();
    assert_eq!(
        told,
        [
            None,
            Some(json!({"x": 2, "broken": -0.5})),
            None,
            Some(json!({"x": 4}))
        ]
    );
    assert_eq!(model.topic("pump-7").as_deref(), Some("dt/pump-7/pump"));
    assert_eq!(model.topic("a/b"), None);
}

#[test]
fn fields_keep_the_order_of_the_file() {
    let model = model("[telemetry]\ntopic = \"t\"\n[telemetry.fields]\nz = 1\na = 2\nm = true\n");
    let told = first(&model).telemetry.unwrap();
    assert_eq!(told.to_string(), r#"{"z":1,"a":2,"m":true}"#);
}

#[test]
fn seconds_that_are_none_are_no_seconds() {
    let model = reporting("a = { start = 0, next = \"a + dt\" }", "a");
    let mut state = model.start("p", 1);
    for seconds in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        model.step(&mut state, &object(json!({})), seconds);
        assert_eq!((state.variable("a"), state.seconds()), (Some(0.0), 0.0));
    }
    model.step(&mut state, &object(json!({})), 1e300);
    assert_eq!(state.seconds(), 366.0 * 86_400.0);
    assert_eq!(state.steps(), 5);
}

#[test]
fn a_state_is_taken_up_by_a_newer_model() {
    let old = model(
        "[variables]\na = { start = 1, next = \"a + 1\" }\nb = { start = true }\ngone = { start = 3 }\n\
         [states.one]\ntransitions = [{ when = \"true\", to = \"two\" }]\n[states.two]\n[report]\na = \"a\"\n",
    );
    let mut state = old.start("p", 1);
    steps(&old, &mut state, &json!({}), 3);
    let new = model(
        "[variables]\nnew = { start = 7 }\nb = { start = 5 }\na = { start = 1, next = \"a + 1\", max = 4.5 }\n\
         [states.three]\n[states.two]\n[report]\na = \"a\"\nb = \"b\"\nnew = \"new\"\nstate = \"state\"\n",
    );
    let step = steps(&new, &mut state, &json!({}), 1).remove(0);
    assert_eq!(
        step.reported.map(Value::Object),
        Some(json!({"a": 4.5, "b": 1, "new": 7, "state": "two"}))
    );
    assert_eq!((state.steps(), state.variable("gone")), (4, None));
    let other = model("[states.other]\n[report]\nstate = \"state\"\n");
    let step = steps(&other, &mut state, &json!({}), 1).remove(0);
    assert_eq!(step.reported, Some(object(json!({"state": "other"}))));
}

#[test]
fn a_kept_state_says_what_it_is() {
    let model = reporting(
        "a = { start = 0.1, next = \"a + 0.2\" }\nb = { start = true }",
        "a",
    );
    let mut state = model.start("pump-7", u64::MAX);
    steps(&model, &mut state, &json!({}), 1);
    let text = serde_json::to_string(&state).unwrap();
    assert!(
        text.contains(r#""thing":"pump-7","seed":18446744073709551615"#)
            && text.contains(r#"["a",0.30000000000000004],["b",1.0]"#),
        "{text}"
    );
    let read: State = serde_json::from_str(&text).unwrap();
    assert_eq!(read, state);
    assert_eq!((state.thing(), state.state()), ("pump-7", None));
}
