//! Topics with a place for the thing's name.

use crate::limits;
use crate::problem::{Fault, did_you_mean};

/// A topic with gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Thing,
    Kind,
}

impl Template {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        if text.is_empty() || text.len() > limits::TOPIC {
            let most = limits::TOPIC;
            return Err(Fault::new(0, format!("a topic has 1 to {most} bytes")));
        }
        if let Some(at) = text.find(['+', '#', '\0']) {
            let fault = Fault::new(at, "nothing is published to more than one topic");
            return Err(fault.hint("`+` and `#` are of subscriptions"));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let (before, gap) = rest.split_once('{').unwrap_or((rest, ""));
            if before.contains('}') {
                return Err(Fault::new(at, "a `}` has no `{` before it"));
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            if before.len() == rest.len() {
                break;
            }
            let at = at + before.len();
            let (name, after) = gap
                .split_once('}')
                .ok_or_else(|| Fault::new(at, "the { is never closed"))?;
            pieces.push(match name {
                "thing" => Piece::Thing,
                "kind" => Piece::Kind,
                _ => {
                    let fault = Fault::new(at, format!("there is no `{{{name}}}`"));
                    let hint = did_you_mean(name, ["thing", "kind"]);
                    let all = || "there are {thing} and {kind}".into();
                    return Err(fault.hint(hint.unwrap_or_else(all)));
                }
            });
            rest = after;
        }
        Ok(Self(pieces))
    }

    /// The topic of a thing; nothing where its name would make more levels or a filter of it.
    pub(super) fn fill(&self, thing: &str, kind: &str) -> Option<String> {
        let is_level = |name: &str| !name.is_empty() && !name.contains(['/', '+', '#', '\0']);
        let mut topic = String::new();
        for piece in &self.0 {
            let name = match piece {
                Piece::Text(text) => {
                    topic.push_str(text);
                    continue;
                }
                Piece::Thing => thing,
                Piece::Kind => kind,
            };
            if !is_level(name) {
                return None;
            }
            topic.push_str(name);
        }
        (topic.len() <= limits::TOPIC).then_some(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled() {
        let fill = |text: &str, thing: &str| Template::read(text).unwrap().fill(thing, "pump");
        assert_eq!(
            fill("dt/{thing}/telemetry", "pump-7"),
            Some("dt/pump-7/telemetry".into())
        );
        assert_eq!(fill("{kind}{thing}", "7"), Some("pump7".into()));
        assert_eq!(fill("$aws/rules/r", "7"), Some("$aws/rules/r".into()));
        for thing in ["", "a/b", "+", "a#", &"a".repeat(300)] {
            assert_eq!(fill("{thing}", thing), None, "{thing}");
        }
    }

    #[test]
    fn faults_have_places() {
        for (text, at) in [
            ("", 0),
            ("a/+/b", 2),
            ("a/{thing", 2),
            ("a}", 0),
            ("a/{thign}/b", 2),
            ("{thing}}", 7),
        ] {
            assert_eq!(Template::read(text).unwrap_err().at, at, "{text}");
        }
        let fault = Template::read("{thign}").unwrap_err();
        assert_eq!(fault.hint.as_deref(), Some("did you mean `thing`?"));
    }
}
