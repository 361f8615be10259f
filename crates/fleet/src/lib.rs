//! The fleet: things, the secrets and certificates by which they connect, their digital twins, and the jobs that they do.
//!
//! A change of a twin and its event are one transaction; nobody is told of a change before it is durable. Many changes that come at the
//! same time are one transaction too. The same holds for what devices do for jobs.
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
mod store;
mod thing;
mod twin;

pub use certificate::{Certificate, CertificateStatus, Holder, Issued, JoinToken, NewJoinToken};
pub use error::FleetError;
pub use fleet::Fleet;
pub use group::{Group, GroupChange, NewGroup};
pub use http::{open_routes, routes};
pub use job::{ExecutionPage, ExecutionShown, JobPage, JobProgress, JobShown, JobSummary, NewJob};
pub use kind::{NewThingType, ThingType};
pub use port::{Ask, Tell};
pub use thing::{NewThing, Thing, ThingChange};
pub use twin::{Answer, Told, TwinRequest};
