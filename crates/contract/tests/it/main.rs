//! The room's promises, held from outside.

mod containment;
mod differences;
mod generate;
mod learning;
mod requests;
mod responses;
