//! The reserved topics of shadows.

use crate::{is_shadow_name, is_thing_name};

/// What is asked of a shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The document.
    Get,
    /// A change of it.
    Update,
    /// Its end.
    Delete,
}

impl Operation {
    /// As the topic has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A topic on which a shadow is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic<'a> {
    /// The thing.
    pub thing: &'a str,
    /// The shadow's name; the classic shadow has none.
    pub shadow: Option<&'a str>,
    /// What is asked.
    pub operation: Operation,
}

impl<'a> Topic<'a> {
    /// Reads `$aws/things/<thing>/shadow[/name/<name>]/<operation>`; nothing where `topic` is another.
    #[must_use]
    pub fn read(topic: &'a str) -> Option<Self> {
        let (thing, rest) = topic.strip_prefix("$aws/things/")?.split_once("/shadow/")?;
        let (shadow, operation) = match rest.strip_prefix("name/") {
            Some(named) => {
                let (name, operation) = named.split_once('/')?;
                (Some(name), operation)
            }
            None => (None, rest),
        };
        let operation = match operation {
            "get" => Operation::Get,
            "update" => Operation::Update,
            "delete" => Operation::Delete,
            _ => return None,
        };
        (is_thing_name(thing) && shadow.is_none_or(is_shadow_name)).then_some(Self {
            thing,
            shadow,
            operation,
        })
    }
}

/// What the topics of a shadow begin with.
#[must_use]
pub fn prefix(thing: &str, shadow: Option<&str>) -> String {
    match shadow {
        Some(name) => format!("$aws/things/{thing}/shadow/name/{name}"),
        None => format!("$aws/things/{thing}/shadow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_as_they_are_written() {
        for (shadow, operation) in [
            (None, Operation::Get),
            (Some("net"), Operation::Update),
            (Some("$a"), Operation::Delete),
        ] {
            let topic = format!("{}/{}", prefix("pump-7", shadow), operation.as_str());
            let wanted = Topic {
                thing: "pump-7",
                shadow,
                operation,
            };
            assert_eq!(Topic::read(&topic), Some(wanted));
        }
        for other in [
            "$aws/things/a/shadow/get/accepted",
            "$aws/things/a/b/shadow/get",
            "$aws/things//shadow/get",
            "$aws/things/a/shadow/name//get",
            "$aws/things/a/shadow/name/get",
            "$aws/things/a/jobs/get",
            "things/a/shadow/get",
        ] {
            assert_eq!(Topic::read(other), None, "{other}");
        }
    }
}
