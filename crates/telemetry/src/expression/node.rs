//! An expression as it is after reading.

use super::like::Pattern;
use crate::value::Path;

/// An expression that was read.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub(crate) node: Node,
    /// What it gives, as far as the text says.
    pub(crate) kind: Kind,
    /// Whether the payload has to be read for it.
    pub(crate) reads_payload: bool,
}

/// What an expression gives, as far as its text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Number,
    Text,
    Time,
    /// What the payload says.
    Any,
}

impl Kind {
    /// As a message names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "a condition",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Any => "a value",
        }
    }

    /// Whether a comparison of both can be anything but unknown.
    pub(crate) fn compares_with(self, other: Self) -> bool {
        self == other
            || self == Self::Any
            || other == Self::Any
            || matches!(
                (self, other),
                (Self::Time, Self::Text) | (Self::Text, Self::Time)
            )
    }
}

/// A part of an expression. Chains are flat, so that only nesting is deep.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    /// From the element, or the payload where there are no elements.
    Item(Path),
    /// From the payload, where there are elements: the number of one of the rule's outer paths.
    Outer(usize),
    Function(Function),
    Not(Box<Node>),
    Negate(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Compare(Comparison, Box<(Node, Node)>),
    /// From left to right.
    Arithmetic(Box<Node>, Vec<(Operator, Node)>),
    IsNull(Box<Node>),
    In(Box<Node>, Vec<Node>),
    Like(Box<Node>, Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Topic,
    /// A level, counted from 1.
    Level(usize),
    Thing,
    Client,
    Principal,
    ContentType,
    Timestamp,
    Index,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
