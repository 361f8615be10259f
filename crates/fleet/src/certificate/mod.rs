//! The certificates of devices: made, registered, taken back.

mod expiry;
mod foreign;
mod http;
mod join;
mod loose;
mod model;
mod roll;
mod service;
mod store;

pub(crate) use foreign::{Foreign, INTRODUCED_BY};
pub(crate) use http::{MadeCertificate, join_routes, routes};
pub use join::{JoinToken, NewJoinToken};
pub use model::{Certificate, CertificateStatus, Holder, Issued};
pub(crate) use roll::Roll;
pub(crate) use service::{DAYS, Whose};
pub(crate) use store::{MIGRATION, TOLD, authority, owned, put_authority, update};
