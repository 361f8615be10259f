//! Small models.

use serde_json::{Map, Value};
use trunkline_behaviour::{Model, State, Step};

/// The model of a file that says `text` after its kind and its rhythm.
pub(crate) fn model(text: &str) -> Model {
    Model::read(
        "behaviour/pump.toml",
        &format!("kind = \"pump\"\nevery = \"5s\"\n{text}"),
    )
    .unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}

/// A model in which `x` is reported as `expression` says, after variables that `variables` declares.
pub(crate) fn reporting(variables: &str, expression: &str) -> Model {
    model(&format!(
        "[inputs]\nspeed = {{ default = 2 }}\non = {{ default = true }}\n[variables]\n{variables}\n[report]\nx = \"{expression}\"\n"
    ))
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}

/// As many steps of five seconds.
pub(crate) fn steps(model: &Model, state: &mut State, desired: &Value, count: usize) -> Vec<Step> {
    let desired = object(desired.clone());
    (0..count)
        .map(|_| model.step(state, &desired, 5.0))
        .collect()
}

/// What is told in the first step.
pub(crate) fn first(model: &Model) -> Step {
    model.step(&mut model.start("pump-7", 1), &Map::new(), 5.0)
}
