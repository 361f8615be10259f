//! The ends of relations.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use trunkline_twin::is_thing_name;

use crate::TopologyError;

/// The sort of an end that is a device.
const THING: &str = "thing";
/// The most bytes of a sort.
const SORT: usize = 32;
/// The most bytes of a place's name.
const NAME: usize = 128;

/// An end of a relation: `thing:<name>` for a device, `<sort>:<name>` for a place of any other sort, such as `place:cellar`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End(String);

impl End {
    /// The device called `name`.
    ///
    /// # Errors
    /// [`TopologyError::Invalid`] where no device can be called that.
    pub fn thing(name: &str) -> Result<Self, TopologyError> {
        format!("{THING}:{name}").parse()
    }

    /// The name of the device that this is; nothing where it is a place.
    #[must_use]
    pub fn as_thing(&self) -> Option<&str> {
        self.0.strip_prefix(THING)?.strip_prefix(':')
    }

    /// How it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What policies call it: a device by its name, a place as it is written.
    pub(crate) fn resource(&self) -> &str {
        self.as_thing().unwrap_or(&self.0)
    }
}

impl FromStr for End {
    type Err = TopologyError;

    fn from_str(text: &str) -> Result<Self, TopologyError> {
        let invalid = |what: &str| {
            let shown: String = text.chars().take(200).collect();
            Err(TopologyError::Invalid(format!("`{shown}`: {what}")))
        };
        let Some((sort, name)) = text.split_once(':') else {
            return invalid("an end is `thing:<name>`, or `<sort>:<name>` such as `place:cellar`");
        };
        if sort == THING && !is_thing_name(name) {
            return invalid("a thing's name has 1 to 128 letters, digits, `:`, `_` and `-`");
        }
        if !is_sort(sort) {
            return invalid("the sort of an end has 1 to 32 lower-case letters, digits and `-`");
        }
        if !is_place_name(name) {
            return invalid("a place's name has 1 to 128 letters, digits, `:`, `_`, `-` and `.`");
        }
        Ok(Self(text.to_owned()))
    }
}

fn is_sort(sort: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SORT).contains(&sort.len()) && sort.bytes().all(plain)
}

fn is_place_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":_-.".contains(&byte);
    (1..=NAME).contains(&name.len()) && name.bytes().all(plain)
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_end_is_a_thing_or_a_place() {
        for (text, thing, resource) in [
            ("thing:pump-7", Some("pump-7"), "pump-7"),
            ("thing:a:b", Some("a:b"), "a:b"),
            ("place:cellar", None, "place:cellar"),
            ("site:hall.2", None, "site:hall.2"),
            ("things:x", None, "things:x"),
        ] {
            let end: End = text.parse().unwrap();
            assert_eq!((end.as_thing(), end.resource()), (thing, resource));
            assert_eq!(end.to_string(), text);
        }
        for bad in [
            "",
            "pump-7",
            ":",
            "thing:",
            ":x",
            "place:",
            "Place:x",
            "a b:x",
            "place:a/b",
            "thing:a.b",
            "place:\u{e9}",
            &format!("{}:x", "a".repeat(33)),
            &format!("place:{}", "a".repeat(129)),
        ] {
            assert!(bad.parse::<End>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn each_device_is_an_end(name in "[a-zA-Z0-9:_-]{1,128}") {
            let end = End::thing(&name).unwrap();
            prop_assert_eq!(end.as_thing(), Some(&*name));
            prop_assert_eq!(end.as_str().parse::<End>().unwrap(), end);
        }

        #[test]
        fn what_can_be_read_is_written_the_same(text in ".{0,40}") {
            if let Ok(end) = text.parse::<End>() {
                prop_assert_eq!(end.as_str(), text);
            }
        }
    }
}
