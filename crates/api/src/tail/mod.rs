//! Following the log as rows, over WebSocket or server-sent events.

mod feed;
mod http;
mod request;

pub(crate) use http::*;
