//! Types of things: schemas that their attributes and what they report should fit, and how large their twins may be. Nothing here does I/O.
//!
//! Attributes are written by people, so those that do not fit are refused. What a device reports is what is: it is taken whether it
//! fits or not, and an event says where it does not. Otherwise a schema that somebody wrote too strictly would leave a whole fleet
//! without twins, and the devices in the field without a way to say what is wrong with them.

mod kinds;
mod model;
mod schema;
mod unfit;

pub use kinds::{Kind, Kinds};
pub use model::{NewThingType, ThingType};
pub use unfit::Unfit;
