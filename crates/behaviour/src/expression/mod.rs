//! The small language of models.
//!
//! ```text
//! condition  = and { "or" and }              and = not { "and" not }           not = "not" not | comparison
//! comparison = sum [ ("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") (sum | text) ]
//! sum        = product { ("+" | "-") product }
//! product    = factor { ("*" | "/" | "%") factor }
//! factor     = "-" factor | number | name | function "(" [ condition { "," condition } ] ")" | "(" condition ")"
//! ```
//!
//! It looks like that of telemetry rules and is another: everything has a kind that is known when it is read, numbers are floats, and
//! nothing is ever unknown. So an expression becomes a flat program while it is read.

mod function;
mod names;
mod parse;
mod primary;
mod token;

pub(crate) use names::{Kind, Names, Reach, is_word};
pub(crate) use parse::{Compiled, compile};
