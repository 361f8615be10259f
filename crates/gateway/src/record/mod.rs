//! Request events: one line of JSON for each request, written where nothing has to be waited for.

mod kind;
mod line;
mod lines;
mod write;

pub(crate) use kind::REQUEST;
pub(crate) use line::Record;
pub(crate) use lines::Lines;
