//! JSON that can be an event's.

use serde::de::IgnoredAny;
use serde_json::Value;

/// Brackets around it when it is checked: more than there are around it in an event.
const AROUND: usize = 16;

/// Whether `json` can be read wherever an event is: it is not nested too deeply, and its numbers and texts are such as can be kept. One
/// that cannot would hold up all events behind it.
pub(crate) fn is_plain(json: &str) -> bool {
    // By itself too: what is a part of a list need not be JSON alone.
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return false;
    }
    let (open, close) = ("[".repeat(AROUND), "]".repeat(AROUND));
    serde_json::from_str::<Value>(&format!("{open}{json}{close}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_plain() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for good in ["1", "null", r#"{"a": [1e300, "\u00e9"]}"#, &nested(100)] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            "1e999",
            r#""\ud800""#,
            "1 2",
            "1,2",
            "1],[2",
            "]",
            "[",
            &nested(120),
            &nested(100_000),
        ] {
            assert!(!is_plain(bad), "{bad:.40}");
        }
    }
}
