//! The real binary with real clients: what a user would run, against what a user would get.

mod api;
mod clients;
mod engines;
mod hostile;
mod kill;
mod platform;
