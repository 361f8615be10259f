//! Members of a request. One that is null is one that is not there.

use serde_json::{Map, Value};

use crate::Rejected;

/// The member called `name`, which then is no longer there.
pub(crate) fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    members.shift_remove(name).filter(|value| !value.is_null())
}

/// The client token, if there is one.
pub(crate) fn token(
    members: &mut Map<String, Value>,
    longest: usize,
) -> Result<Option<String>, Rejected> {
    match take(members, "clientToken") {
        None => Ok(None),
        Some(Value::String(token)) if token.len() <= longest => Ok(Some(token)),
        Some(_) => Err(Rejected::request(format!(
            "clientToken must be a text of at most {longest} bytes"
        ))),
    }
}

/// A yes or no; `otherwise` where nothing is said.
pub(crate) fn flag(
    members: &mut Map<String, Value>,
    name: &str,
    otherwise: bool,
) -> Result<bool, Rejected> {
    match take(members, name) {
        None => Ok(otherwise),
        Some(Value::Bool(flag)) => Ok(flag),
        Some(_) => Err(Rejected::request(format!("{name} must be true or false"))),
    }
}

/// A whole number. It may be written as a text, which the examples of AWS and its library for C do.
pub(crate) fn count(members: &mut Map<String, Value>, name: &str) -> Result<Option<u64>, Rejected> {
    let Some(value) = take(members, name) else {
        return Ok(None);
    };
    let number = match &value {
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        value => value.as_u64(),
    };
    number
        .map(Some)
        .ok_or_else(|| Rejected::request(format!("{name} must be a whole number")))
}
