//! One request from the client to the upstream and back.

mod admit;
mod answer;
mod body;
mod contract;
mod forward;
mod handle;
mod mirror;
mod send;
mod trace;
mod tunnel;

pub(crate) use body::{DownBody, Passage, UpBody};
pub(crate) use handle::{Connection, handle};
pub(crate) use mirror::most_copies;
pub(crate) use trace::Trace;
