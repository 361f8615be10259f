//! Connections to brokers, whichever version of MQTT is spoken.
//!
//! Each connection has a client of its own, made anew each time, so that nothing is left in one from before: what is to be sent again is
//! known by the windows alone.

mod five;
mod link;
mod three;
mod tls;

pub(crate) use link::{Hello, Link, Loss, Requests, Signal, Target, TopicLimits, Verdict};
pub(crate) use tls::client as tls_client;
