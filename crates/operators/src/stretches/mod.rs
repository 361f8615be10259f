//! Groups whose rows stand together, such as the readings of one metric in a file that is clustered.
//!
//! The engine looks the group of each row up in a table. Where rows of equal keys follow one another one look is enough for all of
//! them: the rule puts an operator in the place of the first step of an aggregate, which gives one partial result for each stretch of
//! equal rows. The second step, which puts partial results together, is the engine's. Where stretches prove short the engine does it all.

mod operator;
mod quick;
mod rest;
mod rule;

pub(crate) use rule::STRETCHES;
