//! `trunkline fleet`.

mod model;
mod rebuild;
mod run;
mod simulate;
mod what_if;

pub(super) use run::run;
