//! What somebody says of a status beside it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::name::{is_plain, is_visible};
use crate::{Limits, Rejected};

/// Names and values, such as `progress` and `50%`.
pub type Details = BTreeMap<String, String>;

/// Reads the value of `statusDetails`.
pub(crate) fn read(value: Value, limits: &Limits) -> Result<Details, Rejected> {
    let Value::Object(members) = value else {
        return Err(Rejected::request(
            "statusDetails must be an object of texts",
        ));
    };
    let mut details = Details::new();
    for (name, value) in members {
        let Value::String(value) = value else {
            return Err(Rejected::request(format!(
                "statusDetails: the value of '{}' must be a text",
                shown(&name)
            )));
        };
        details.insert(name, value);
    }
    check(&details, limits)?;
    Ok(details)
}

/// Whether `details` can be kept.
pub(crate) fn check(details: &Details, limits: &Limits) -> Result<(), Rejected> {
    if details.len() > limits.details {
        return Err(Rejected::request(format!(
            "statusDetails has {} members, at most {}",
            details.len(),
            limits.details
        )));
    }
    for (name, value) in details {
        let plain = name.bytes().all(|byte| byte == b':' || is_plain(byte));
        if !plain || !(1..=limits.detail_name).contains(&name.len()) {
            return Err(Rejected::request(format!(
                "statusDetails: '{}' must be 1 to {} letters, digits, ':', '_' and '-'",
                shown(name),
                limits.detail_name
            )));
        }
        if !is_visible(value) || !(1..=limits.detail_value).contains(&value.chars().count()) {
            return Err(Rejected::request(format!(
                "statusDetails: the value of '{name}' must be 1 to {} characters that can be seen",
                limits.detail_value
            )));
        }
    }
    Ok(())
}

/// So much of a text of somebody else's as fits into a message.
fn shown(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(value: Value) -> String {
        read(value, &Limits::default()).unwrap_err().message
    }

    #[test]
    fn texts_by_name_are_taken() {
        let limits = Limits::default();
        let value = json!({"step:1_a-b": "50% \u{b7} done", "a": "x".repeat(1_024)});
        let details = read(value, &limits).unwrap();
        assert_eq!(details["step:1_a-b"], "50% \u{b7} done");
        assert_eq!(read(json!({}), &limits).unwrap(), Details::new());
        let ten: Value = (0..10).map(|n| (format!("{n}"), json!("x"))).collect();
        assert_eq!(read(ten, &limits).unwrap().len(), 10);
    }

    #[test]
    fn each_broken_rule_is_named() {
        for (value, words) in [
            (json!([]), "must be an object"),
            (json!({"a": 1}), "the value of 'a' must be a text"),
            (json!({"a": null}), "the value of 'a' must be a text"),
            (json!({"": "x"}), "'' must be 1 to 128"),
            (json!({"a b": "x"}), "'a b' must be 1 to 128"),
            (json!({"a".repeat(129): "x"}), "must be 1 to 128"),
            (json!({"a": ""}), "must be 1 to 1024"),
            (json!({"a": "x".repeat(1_025)}), "must be 1 to 1024"),
            (json!({"a": "x\ny"}), "that can be seen"),
        ] {
            let message = refusal(value);
            assert!(message.contains(words), "{message}");
        }
        let eleven: Value = (0..11).map(|n| (format!("{n}"), json!("x"))).collect();
        assert_eq!(refusal(eleven), "statusDetails has 11 members, at most 10");
        assert!(refusal(json!({"\u{7}a".repeat(90): 1})).len() < 100);
    }
}
