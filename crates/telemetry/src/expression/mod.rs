//! The small language of `where` and `from`: paths, functions, comparisons and arithmetic, with SQL's three-valued logic.
//!
//! ```text
//! condition  = and { "or" and }              and = not { "and" not }           not = "not" not | predicate
//! predicate  = sum [ ("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") sum
//!                  | "is" ["not"] "null" | ["not"] "in" "(" sum { "," sum } ")" | ["not"] "like" text ]
//! sum        = product { ("+" | "-") product }
//! product    = factor { ("*" | "/" | "%") factor }
//! factor     = "-" factor | literal | function "(" [ number ] ")" path | path | "(" condition ")"
//! path       = { "." key | "[" number "]" }
//! ```
//!
//! Words of the language may be written in any case. A key that is one of them or has other characters than letters, digits and `_`
//! stands in double quotes, a text in single ones; either quote is doubled inside. A division of whole numbers is whole where it comes
//! out even.

mod evaluate;
mod fault;
mod like;
mod node;
mod number;
mod parse;
mod primary;
mod seen;
mod token;

#[cfg(test)]
mod reference;

pub(crate) use fault::Fault;
pub(crate) use node::{Expression, Kind};
pub(crate) use parse::{Context, path_to_elements};
pub(crate) use seen::{Scope, Seen};
