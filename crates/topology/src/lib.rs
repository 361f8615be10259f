//! The topology of the fleet: what hangs off what. A relation leads from one end to another and has a kind, such as
//! `thing:pump-7 -[talks-through]-> thing:gateway-1 -[stands-in]-> place:cellar`.
//!
//! An end is a device, which must have been made, or a place of some sort, which need not. Relations may lead round in circles; whoever
//! follows them comes to an end all the same. Each change is one transaction with its event.
//!
//! One port leads out: [`Things`] says which devices there are. Whoever removes a device calls [`Topology::forget`] after that, with the
//! time of the removal.

mod end;
mod error;
mod http;
mod port;
mod reach;
mod relation;
mod store;
mod topology;

pub use end::End;
pub use error::TopologyError;
pub use http::routes;
pub use port::Things;
pub use reach::{Reach, Reached};
pub use relation::{Related, Relation, RelationPage, Stated};
pub use topology::Topology;
