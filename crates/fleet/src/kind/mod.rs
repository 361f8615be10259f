//! Types of things: schemas that their attributes and what they report should fit, and how large their twins may be.
//!
//! Attributes are written by people, so those that do not fit are refused. What a device reports is what is: it is taken whether it
//! fits or not, and an event says where it does not. Otherwise a schema that somebody wrote too strictly would leave a whole fleet
//! without twins, and the devices in the field without a way to say what is wrong with them.

mod http;
mod kinds;
mod model;
mod schema;
mod service;
mod store;
mod unfit;

pub(crate) use http::routes;
pub(crate) use kinds::{Kind, Kinds};
pub use model::{NewThingType, ThingType};
pub(crate) use store::MIGRATION;
pub(crate) use unfit::Unfit;
