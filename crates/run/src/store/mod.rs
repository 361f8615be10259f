//! The tables of services.

mod migrations;
mod read;
mod write;

pub(crate) use migrations::MIGRATIONS;
pub(crate) use read::{
    ReleaseRow, ServiceRow, deployment, deployments, release, release_by_number, releases,
    services, settled_before, trunks,
};
pub(crate) use write::{
    add_release, next_number, put_deployment, put_service, put_trunk, remove_service, set_fetched,
    set_line,
};
