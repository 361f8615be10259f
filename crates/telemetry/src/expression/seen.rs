//! What an expression sees, and what it gives.

use trunkline_model::Timestamp;

use crate::message::Message;
use crate::value::Value;

/// What an expression may ask about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) message: &'a Message<'a>,
    /// The topic as functions see it.
    pub(crate) topic: &'a str,
    /// The element, or the payload where there are no elements.
    pub(crate) item: &'a Value<'a>,
    /// The element's place.
    pub(crate) index: usize,
    /// What the rule's outer paths lead to.
    pub(crate) outer: &'a [Option<&'a Value<'a>>],
}

/// What an expression gives. Nothing is copied: texts lie in the message or in the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen<'a> {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(&'a str),
    Time(Timestamp),
    /// An array or an object.
    Tree(&'a Value<'a>),
}

impl<'a> Seen<'a> {
    /// A part of the payload.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn of(value: Option<&'a Value<'a>>) -> Result<Self, String> {
        Ok(match value {
            None | Some(Value::Null) => Self::Null,
            Some(Value::Boolean(truth)) => Self::Boolean(*truth),
            Some(Value::Integer(number)) => Self::Integer(*number),
            Some(Value::Float(number)) => Self::Float(*number),
            Some(Value::Text(text)) => Self::Text(text),
            Some(Value::Time(time)) => Self::Time(*time),
            Some(tree @ (Value::Array(_) | Value::Object(_))) => Self::Tree(tree),
            Some(Value::Broken(why)) => return Err(why.clone()),
        })
    }

    /// A text that counts as missing where it is empty.
    pub(crate) fn text(text: Option<&'a str>) -> Self {
        match text {
            None | Some("") => Self::Null,
            Some(text) => Self::Text(text),
        }
    }

    /// True, false or unknown.
    pub(crate) const fn of_truth(truth: Option<bool>) -> Self {
        match truth {
            Some(truth) => Self::Boolean(truth),
            None => Self::Null,
        }
    }

    /// Whether it is true or false; whatever is neither is unknown.
    pub(crate) const fn truth(self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(truth),
            _ => None,
        }
    }
}
