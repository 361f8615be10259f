//! `trunkline task`: what there is to do in a checkout, and doing it.

mod checkout;
mod choose;
mod list;
mod log;
mod run;
mod told;
mod why;

pub(super) use choose::go;
