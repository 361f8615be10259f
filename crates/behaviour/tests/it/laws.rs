//! What holds for any model, any device and any number of steps.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trunkline_behaviour::{Model, State, Step, shipped};

use crate::support::{model, object};

fn models() -> Vec<Model> {
    let read = |(name, text): (&str, &str)| Model::read(name, text).unwrap();
    shipped().map(read).into()
}

/// What may be wanted of any of the shipped models.
fn desired() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        (-1e4..1e4_f64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!("x")),
        Just(Value::Null),
    ];
    let name = prop_oneof![
        Just("speed"),
        Just("enabled"),
        Just("target"),
        Just("window_open"),
        Just("limit"),
    ];
    prop::collection::vec((name, value), 0..4).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect()
    })
}

fn line(step: &Step) -> String {
    let (telemetry, reported) = (json!(step.telemetry), json!(step.reported));
    format!("{telemetry} {reported} {:?}", step.transition)
}

/// Expressions of any shape, over what `reporting` has.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("previous(b)".to_owned()),
        Just("t".to_owned()),
        Just("speed".to_owned()),
        Just("0".to_owned()),
        Just("1e300".to_owned()),
        (-9..9_i32).prop_map(|number| format!("({number})")),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), "[-+*/%]")
                .prop_map(|((one, other), operator)| format!("({one} {operator} {other})")),
            (pair.clone(), "min|max|power|uniform")
                .prop_map(|((one, other), name)| format!("{name}({one}, {other})")),
            (
                inner.clone(),
                "sin|cos|exp|log|sqrt|abs|floor|ceil|noise|round"
            )
                .prop_map(|(one, name)| format!("{name}({one})")),
            (pair.clone(), inner.clone(), "[<>=]").prop_map(|((one, other), third, sign)| format!(
                "if({one} {sign} {other} and not chance(0.3), {third}, {one})"
            )),
            (pair, inner)
                .prop_map(|((one, other), third)| format!("clamp({one}, {other}, {third})")),
        ]
    })
}

fn odd(a: &str, b: &str) -> Model {
    model(&format!(
        "[inputs]\nspeed = {{ default = 1500 }}\n[variables]\na = {{ start = 1, next = \"{a}\" }}\nb = {{ start = \"uniform(-1, 1)\", next = \"{b}\" }}\n\
         [states.one]\ntransitions = [{{ when = \"a > b\", to = \"two\" }}]\n[states.two]\ntransitions = [{{ when = \"b > {a}\", to = \"one\" }}]\n\
         [report]\na = \"a\"\nstate = \"state\"\n[telemetry]\ntopic = \"t\"\n[telemetry.fields]\na = \"a\"\nb = \"b\"\nboth = \"a * b\"\n"
    ))
}

/// Every number that the model tells or keeps.
fn finite(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
        Value::Object(members) => members.values().all(finite),
        Value::Array(items) => items.iter().all(finite),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_seed_gives_the_same_bytes(seed: u64, desired in desired(), count in 1..40_usize) {
        for model in models() {
            let run = || {
                let mut state = model.start("x", seed);
                (0..count).map(|_| line(&model.step(&mut state, &desired, 7.5))).collect::<Vec<_>>()
            };
            prop_assert_eq!(run(), run());
        }
    }

    #[test]
    fn a_kept_state_goes_on_as_if_nothing_had_been(seed: u64, desired in desired(), before in 0..30_usize, after in 1..30_usize) {
        for model in models() {
            let mut straight = model.start("x", seed);
            for _ in 0..before {
                model.step(&mut straight, &desired, 5.0);
            }
            let text = serde_json::to_string(&straight).unwrap();
            let mut kept: State = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&kept, &straight);
            for _ in 0..after {
                let (one, other) = (model.step(&mut straight, &desired, 5.0), model.step(&mut kept, &desired, 5.0));
                prop_assert_eq!(line(&one), line(&other));
            }
            prop_assert_eq!(kept, straight);
        }
    }

    #[test]
    fn the_order_of_devices_does_not_matter(seed: u64, order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(), rounds in 1..12_usize) {
        let name = |number: usize| format!("device-{number}");
        for model in models() {
            let mut straight: Vec<_> = (0..8).map(|number| model.start(&name(number), seed)).collect();
            let mut told = vec![Vec::new(); 8];
            for _ in 0..rounds {
                for (state, told) in straight.iter_mut().zip(&mut told) {
                    told.push(line(&model.step(state, &Map::new(), 5.0)));
                }
            }
            // One device after another, in another order, all rounds of each at once.
            for number in order.iter().copied() {
                let mut state = model.start(&name(number), seed);
                for told in &told[number] {
                    prop_assert_eq!(&line(&model.step(&mut state, &Map::new(), 5.0)), told);
                }
            }
        }
    }

    #[test]
    fn devices_and_seeds_differ(seed: u64) {
        for model in models() {
            let run = |thing: &str, seed: u64| {
                let mut state = model.start(thing, seed);
                (0..5).map(|_| line(&model.step(&mut state, &Map::new(), 5.0))).collect::<Vec<_>>()
            };
            prop_assert_ne!(run("a", seed), run("b", seed));
            prop_assert_ne!(run("a", seed), run("a", seed.wrapping_add(1)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_but_finite_numbers_leaves_a_model(a in number(), b in number(), seed: u64, seconds in prop_oneof![0.0..100.0, Just(f64::NAN), Just(1e300)], speed in prop_oneof![-1e3..1e3, Just(f64::MAX)]) {
        let model = odd(&a, &b);
        let desired = object(json!({"speed": speed}));
        let mut state = model.start("x", seed);
        for _ in 0..6 {
            let step = model.step(&mut state, &desired, seconds);
            prop_assert!(step.telemetry.as_ref().is_none_or(finite), "{step:?}");
            prop_assert!(step.reported.clone().map(Value::Object).as_ref().is_none_or(finite), "{step:?}");
            for name in ["a", "b"] {
                prop_assert!(state.variable(name).unwrap().is_finite());
            }
            prop_assert!(state.seconds().is_finite());
            let expected = model.predict(&state, &desired, 12.0).unwrap();
            prop_assert!(finite(&Value::Object(expected.variables)) && finite(&Value::Object(expected.reported)));
        }
        let kept: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        prop_assert_eq!(kept, state);
    }

    #[test]
    fn no_text_makes_reading_panic(expression in prop_oneof![".{0,40}", "([a-z]{1,4}|[0-9.e]{1,4}|[-+*/%(),<>='!]| ){0,20}"], rest in ".{0,60}") {
        let quoted = expression.replace(['\'', '\n'], "");
        let text = format!("kind = 'a'\nevery = '1s'\n[variables]\nx = {{ start = 1, next = '{quoted}' }}\n[report]\nx = 'x'\n");
        if let Ok(model) = Model::read("a.toml", &text) {
            model.step(&mut model.start("x", 1), &Map::new(), 1.0);
        }
        prop_assert!(Model::read("a.toml", &rest).is_err());
    }
}
