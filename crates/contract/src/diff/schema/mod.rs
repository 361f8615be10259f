//! Whether everything that one JSON Schema lets through is let through by another.
//!
//! A schema is taken apart into alternatives (`shape`), each with its part for every JSON type; `contains` compares them. An answer of
//! `Yes` is a proof. Where a word of JSON Schema is not understood the answer is `Unknown`, never a guess.

mod accepts;
mod contains;
mod intersect;
mod parts;
mod shape;

pub(crate) use contains::Comparison;
pub use contains::{Reading, Relation, compare};
pub(crate) use shape::{Answer, Shape, Side, shapes};
