//! The types of things, kept and served; what they demand says `trunkline_thingtype`.

mod http;
mod service;
mod store;

pub(crate) use http::routes;
pub(crate) use store::MIGRATION;
