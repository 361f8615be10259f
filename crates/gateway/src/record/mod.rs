//! Request events: one line of JSON for each request, written where nothing has to be waited for.

mod line;
mod lines;
mod sampler;
mod write;

pub(crate) use line::Record;
pub(crate) use lines::Lines;
pub(crate) use sampler::Sampler;

/// The event type of the lines.
pub(crate) const REQUEST: &str = "trunkline.gateway.request.v1";
