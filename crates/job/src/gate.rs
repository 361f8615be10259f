//! Questions in SQL on which a rollout goes on or is called off. They are asked elsewhere.

use serde::{Deserialize, Serialize};

use crate::{Limits, Rejected};

/// Seconds between two times that a question is asked.
const EVERY: std::ops::RangeInclusive<u32> = 1..=3_600;

/// The questions of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gates {
    /// A statement that must hold before the next stage begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advance: Option<String>,
    /// A statement that must not hold: the job is called off when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abort: Option<String>,
    /// Seconds between two times that they are asked.
    #[serde(default = "half_a_minute")]
    pub every_seconds: u32,
}

const fn half_a_minute() -> u32 {
    30
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// When it was asked.
    pub at: i64,
    /// Whether the statement held.
    pub holds: bool,
}

impl Gates {
    /// Whether a job can have them; `staged` says whether it goes by stages.
    pub(crate) fn check(&self, staged: bool, limits: &Limits) -> Result<(), Rejected> {
        let both = [("advance", &self.advance), ("abort", &self.abort)];
        if both.iter().all(|(_, statement)| statement.is_none()) {
            return Err(Rejected::request(
                "gates must have a statement advance or abort",
            ));
        }
        for (name, statement) in both {
            let Some(statement) = statement else { continue };
            if statement.trim().is_empty() || statement.len() > limits.statement_bytes {
                return Err(Rejected::request(format!(
                    "gates: {name} must be a statement of at most {} bytes",
                    limits.statement_bytes
                )));
            }
        }
        if self.advance.is_some() && !staged {
            return Err(Rejected::request(
                "gates: advance is about stages, and the rollout has none",
            ));
        }
        if !EVERY.contains(&self.every_seconds) {
            return Err(Rejected::request(format!(
                "gates: everySeconds must be from {} to {}",
                EVERY.start(),
                EVERY.end()
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: serde_json::Value, staged: bool) -> Result<(), String> {
        let gates: Gates = serde_json::from_value(value).unwrap();
        gates
            .check(staged, &Limits::default())
            .map_err(|rejected| rejected.message)
    }

    #[test]
    fn statements_are_carried_as_they_are() {
        let value = json!({"advance": "select true", "abort": " select\nfalse", "everySeconds": 5});
        let gates: Gates = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&gates).unwrap(), value);
        assert_eq!(check(value, true), Ok(()));
        assert_eq!(check(json!({"abort": "x".repeat(8_192)}), false), Ok(()));
    }

    #[test]
    fn each_broken_rule_is_named() {
        for (value, staged, words) in [
            (json!({}), true, "must have a statement"),
            (json!({"abort": " "}), true, "abort must be a statement"),
            (
                json!({"advance": "x".repeat(8_193)}),
                true,
                "at most 8192 bytes",
            ),
            (json!({"advance": "x"}), false, "the rollout has none"),
            (
                json!({"abort": "x", "everySeconds": 0}),
                true,
                "from 1 to 3600",
            ),
            (
                json!({"abort": "x", "everySeconds": 3_601}),
                true,
                "from 1 to 3600",
            ),
        ] {
            let message = check(value, staged).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
