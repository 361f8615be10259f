//! The lake over a real log and real files.

mod erase;
mod exactly_once;
mod faults;
mod hot_and_cold;
mod queries;
mod shapes;
mod support;
