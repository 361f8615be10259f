//! The fleet: things, the secrets and certificates by which they connect, their digital twins, and the jobs that they do.
//!
//! Things, certificates and jobs change in one transaction with their events; what many devices do for jobs at the same time is one
//! transaction too. Twins, which change most of all, are in the log first and in a table behind it (the room `twinstore`). Nobody is told
//! of a change before it is durable.
//!
//! Two ports lead out: [`Tell`] reaches devices that are connected, [`Ask`] answers the SQL that people write into jobs and groups.
//! Nothing here runs by a clock of its own: whoever owns the fleet calls [`Fleet::tick`] every second.

mod ask;
mod certificate;
mod error;
mod fleet;
mod group;
mod http;
mod job;
mod kind;
mod port;
mod provision;
mod register;
mod store;
mod thing;

pub use certificate::{Certificate, CertificateStatus, Holder, Issued, JoinToken, NewJoinToken};
pub use error::FleetError;
pub use fleet::Fleet;
pub use group::{Group, GroupChange, NewGroup};
pub use http::{open_routes, routes};
pub use job::{ExecutionPage, ExecutionShown, JobPage, JobProgress, JobShown, JobSummary, NewJob};
pub use port::{Ask, Documents, Tell};
pub use thing::{NewThing, Thing, ThingChange};
pub use trunkline_thingtype::{NewThingType, ThingType};
pub use trunkline_twinstore::{
    Answer, Body, Difference, Journal, Mark, MemoryJournal, NotKept, Place, Rebuild, Removed,
    Row as TwinRow, Told, TwinRequest, Twins, Version,
};
