//! Relations, as people and programs see them.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::{End, TopologyError};

/// The most bytes of a kind.
const KIND: usize = 64;

/// A relation from one end to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Relation {
    /// Where it begins.
    #[schema(value_type = String, example = "thing:pump-7")]
    pub from: End,
    /// What kind of relation it is.
    #[schema(example = "talks-through")]
    pub kind: String,
    /// Where it leads.
    #[schema(value_type = String, example = "thing:gateway-1")]
    pub to: End,
}

/// A relation, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The relation.
    pub relation: Relation,
    /// Since when it holds.
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
}

/// A relation as it was asked for.
#[derive(Clone, Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RelationRequest {
    /// Where it begins: `thing:<name>` for a device, `<sort>:<name>` for a place.
    #[schema(example = "thing:pump-7", max_length = 161)]
    pub(crate) from: String,
    /// What kind of relation it is: letters, digits, `_`, `-` and `.`, at most 64.
    #[schema(example = "talks-through", min_length = 1, max_length = 64)]
    pub(crate) kind: String,
    /// Where it leads.
    #[schema(example = "thing:gateway-1", max_length = 161)]
    pub(crate) to: String,
}

/// A relation of an end that is known, and since when there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Related {
    /// What kind of relation it is.
    #[schema(example = "talks-through")]
    pub kind: String,
    /// The other end.
    #[schema(value_type = String, example = "thing:gateway-1")]
    pub end: End,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
}

/// The relations of an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RelationPage {
    /// Those that begin there; there are at most 100.
    pub outgoing: Vec<Related>,
    /// Those that lead there, in the order of the ends where they begin.
    pub incoming: Vec<Related>,
    /// What to hand in as `after` for more of those that lead there; null where there are none.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl Relation {
    /// A relation that can be.
    ///
    /// # Errors
    /// [`TopologyError::Invalid`] where an end or the kind breaks a rule, and where both ends are the same.
    pub fn new(from: &str, kind: &str, to: &str) -> Result<Self, TopologyError> {
        check_kind(kind)?;
        let (from, to) = (from.parse::<End>()?, to.parse::<End>()?);
        if from == to {
            let itself = format!("`{from}` cannot be related to itself");
            return Err(TopologyError::Invalid(itself));
        }
        Ok(Self {
            from,
            kind: kind.to_owned(),
            to,
        })
    }
}

/// Whether relations can be of this kind.
pub(crate) fn check_kind(kind: &str) -> Result<(), TopologyError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (1..=KIND).contains(&kind.len()) && kind.bytes().all(plain) {
        return Ok(());
    }
    let rule = "a kind has 1 to 64 letters, digits, `_`, `-` and `.`";
    Err(TopologyError::Invalid(rule.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_has_two_ends_and_a_kind() {
        assert!(Relation::new("thing:a", "feeds", "thing:b").is_ok());
        assert!(Relation::new("place:a", "part-of", "site:b").is_ok());
        for (from, kind, to) in [
            ("a", "feeds", "thing:b"),
            ("thing:a", "feeds", "b"),
            ("thing:a", "", "thing:b"),
            ("thing:a", "a/b", "thing:b"),
            ("thing:a", "feeds", "thing:a"),
        ] {
            assert!(Relation::new(from, kind, to).is_err(), "{from} {kind} {to}");
        }
        assert!(check_kind(&"a".repeat(64)).is_ok() && check_kind(&"a".repeat(65)).is_err());
    }
}
