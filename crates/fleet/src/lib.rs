//! The fleet: things, the secrets by which they connect, and their digital twins.
//!
//! A change of a twin and its event are one transaction; nobody is told of a change before it is durable. Many changes that come at the
//! same time are one transaction too.

mod error;
mod fleet;
mod http;
mod port;
mod store;
mod thing;
mod twin;

pub use error::FleetError;
pub use fleet::Fleet;
pub use http::routes;
pub use port::Tell;
pub use thing::{NewThing, Thing};
pub use twin::{Answer, Told, TwinRequest};
