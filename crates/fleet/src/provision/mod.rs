//! Provisioning: a device that shows a claim gets a certificate of its own, and becomes a thing by a template.

mod http;
mod service;
mod store;

pub(crate) use http::routes;
pub(crate) use service::{MADE_BY, Provisions};
