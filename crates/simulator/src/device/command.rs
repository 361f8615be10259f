//! Commands that a virtual device knows.

use serde_json::{Map, Value, json};

/// What a command came to.
pub(super) enum Command {
    /// It asks how the device is.
    State,
    /// It wants something of the device, as `desired` does.
    Set(Map<String, Value>),
}

impl Command {
    /// Reads the command `name`; `inputs` are what the model reads, with `.` between members.
    pub(super) fn read(name: &str, payload: &[u8], inputs: &[String]) -> Result<Self, String> {
        match name {
            "state" => Ok(Self::State),
            "set" => {
                let Ok(Value::Object(members)) = serde_json::from_slice(payload) else {
                    return Err("`set` takes a JSON object, such as {\"speed\": 1200}".into());
                };
                for name in members.keys() {
                    let reads = |input: &String| input.split('.').next() == Some(name);
                    if !inputs.iter().any(reads) {
                        let all = inputs.join(", ");
                        return Err(format!("there is no input `{name}`, only: {all}"));
                    }
                }
                Ok(Self::Set(members))
            }
            _ => Err(format!("there is no command `{name}`, only: state, set")),
        }
    }
}

/// The answer of a command that was done.
pub(super) fn done(result: Value) -> Value {
    Value::Object(Map::from_iter([
        ("status".into(), "ok".into()),
        ("result".into(), result),
    ]))
}

/// The answer of a command that was not.
pub(super) fn refused(reason: &str) -> Value {
    json!({"status": "error", "reason": reason})
}
