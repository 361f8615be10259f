//! What a device answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::{RawValue, to_raw_value};

use crate::CommandStatus;
use crate::json::is_plain;

/// The most bytes of an answer of which the result is kept.
const RESULT: usize = 128 * 1024;
/// The most characters of a reason.
const REASON: usize = 1_024;

/// What an answer says.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: CommandStatus,
    pub(crate) result: Option<Box<RawValue>>,
    /// Whether the result is bytes in base64.
    pub(crate) binary: bool,
    pub(crate) reason: Option<String>,
}

impl Answer {
    /// Reads `{"status": ..., "result": ..., "reason": ...}`. Whatever else comes is the result of a command that succeeded.
    pub(crate) fn read(payload: &[u8]) -> Self {
        let text = std::str::from_utf8(payload)
            .ok()
            .filter(|text| is_plain(text));
        let answer = match text {
            Some(json) => Self::by_form(json).unwrap_or_else(|| Self::whole(json)),
            None => Self::bytes(payload),
        };
        if payload.len() > RESULT {
            return answer.without_result(payload.len());
        }
        answer
    }

    /// An answer that says how it went.
    fn by_form(json: &str) -> Option<Self> {
        let mut members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
        let status = members.remove("status")?;
        let status = status_of(&serde_json::from_str::<String>(status.get()).ok()?)?;
        let result = members.remove("result");
        let reason = members.remove("reason");
        // What stands beside these is a part of the result too.
        let result = if members.is_empty() {
            result.map(ToOwned::to_owned)
        } else {
            serde_json::from_str(json).ok()
        };
        Some(Self {
            status,
            result: result.filter(|json| json.get() != "null"),
            binary: false,
            reason: reason.and_then(reason_of),
        })
    }

    /// An answer that is a result and no more.
    fn whole(json: &str) -> Self {
        let result: Option<Box<RawValue>> = serde_json::from_str(json).ok();
        Self {
            status: CommandStatus::Succeeded,
            result: result.filter(|json| json.get() != "null"),
            binary: false,
            reason: None,
        }
    }

    /// An answer that is no JSON, or none that could be kept.
    fn bytes(payload: &[u8]) -> Self {
        let in_base64 = || to_raw_value(&STANDARD.encode(payload)).ok();
        let binary = !payload.is_empty();
        Self {
            status: CommandStatus::Succeeded,
            result: if binary { in_base64() } else { None },
            binary,
            reason: None,
        }
    }

    fn without_result(self, bytes: usize) -> Self {
        let left_out = format!("the answer has {bytes} bytes, so that its result is not kept");
        Self {
            status: self.status,
            result: None,
            binary: false,
            reason: self.reason.or(Some(left_out)),
        }
    }
}

fn status_of(said: &str) -> Option<CommandStatus> {
    match said.to_ascii_lowercase().as_str() {
        "succeeded" | "ok" => Some(CommandStatus::Succeeded),
        "failed" | "error" => Some(CommandStatus::Failed),
        _ => None,
    }
}

/// A reason as text, whatever it was.
fn reason_of(json: &RawValue) -> Option<String> {
    let text = match serde_json::from_str::<Option<String>>(json.get()) {
        Ok(text) => text?,
        Err(_) => json.get().to_owned(),
    };
    let short: String = text.chars().take(REASON).collect();
    Some(short).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The status, the result as text, whether it is bytes, and the reason.
    fn read(payload: &[u8]) -> (&'static str, String, bool, String) {
        let answer = Answer::read(payload);
        let result = answer
            .result
            .map_or_else(String::new, |json| json.get().to_owned());
        let reason = answer.reason.unwrap_or_default();
        (answer.status.as_str(), result, answer.binary, reason)
    }

    #[test]
    fn an_answer_says_how_it_went() {
        for (payload, status, result, reason) in [
            (r#"{"status":"succeeded"}"#, "succeeded", "", ""),
            (r#"{"status":"ok","result":null}"#, "succeeded", "", ""),
            (
                r#"{"status":"OK","result":{"a":1.50}}"#,
                "succeeded",
                r#"{"a":1.50}"#,
                "",
            ),
            (
                r#"{"status":"failed","reason":"no power"}"#,
                "failed",
                "",
                "no power",
            ),
            (
                r#"{"status":"error","result":[1, 2],"reason":7}"#,
                "failed",
                "[1, 2]",
                "7",
            ),
            (r#"{"status":"FAILED","reason":null}"#, "failed", "", ""),
        ] {
            let expected = (status, result.to_owned(), false, reason.to_owned());
            assert_eq!(read(payload.as_bytes()), expected, "{payload}");
        }
    }

    #[test]
    fn what_stands_beside_the_result_is_not_lost() {
        let payload = r#"{"status":"failed","code":7,"reason":"hot"}"#;
        let expected = ("failed", payload.to_owned(), false, "hot".to_owned());
        assert_eq!(read(payload.as_bytes()), expected);
    }

    #[test]
    fn other_json_is_the_result_of_a_success() {
        for payload in [
            "17",
            "\"done\"",
            "[1, 2]",
            "{}",
            r#"{"status":"running"}"#,
            r#"{"status":1}"#,
            r#"{"result":1}"#,
        ] {
            let expected = ("succeeded", payload.to_owned(), false, String::new());
            assert_eq!(read(payload.as_bytes()), expected, "{payload}");
        }
        assert_eq!(read(b"null").1, "");
    }

    #[test]
    fn bytes_are_a_result_in_base64() {
        assert_eq!(read(b"").0, "succeeded");
        assert_eq!((read(b"").1.as_str(), read(b"").2), ("", false));
        assert_eq!(
            (read(b"\xff\x00").1.as_str(), read(b"\xff\x00").2),
            ("\"/wA=\"", true)
        );
        assert_eq!(read(b"done").1, "\"ZG9uZQ==\"");
        assert_eq!(read(b"1,2").1, "\"MSwy\"");
        // Neither is JSON that nobody could read.
        for json in [
            &*("[".repeat(200) + &"]".repeat(200)),
            "1e999",
            r#"{"status":"failed","result":1e999}"#,
        ] {
            let (status, _, binary, _) = read(json.as_bytes());
            assert_eq!((status, binary), ("succeeded", true), "{json}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let long = "x".repeat(RESULT);
        let (status, result, binary, reason) =
            read(format!(r#"{{"status":"failed","result":"{long}"}}"#).as_bytes());
        assert_eq!((status, result.as_str(), binary), ("failed", "", false));
        assert!(reason.contains("131103 bytes"), "{reason}");
        let (status, result, _, reason) = read(long.as_bytes());
        assert_eq!(
            (status, result.len(), reason.as_str()),
            ("succeeded", 174_766, "")
        );
        let (.., reason) = read(format!(r#"{{"status":"failed","reason":"{long}"}}"#).as_bytes());
        assert_eq!(reason.len(), REASON);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_answer(payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let answer = Answer::read(&payload);
            prop_assert!(answer.status != CommandStatus::Sent);
            if answer.binary {
                let text: String = serde_json::from_str(answer.result.unwrap().get()).unwrap();
                prop_assert_eq!(STANDARD.decode(text).unwrap(), payload);
            }
        }
    }
}
