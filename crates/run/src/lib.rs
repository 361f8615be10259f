//! Services: what runs of the trunks, and how releases take one another's place.
//!
//! A service is a folder in a trunk whose `service.toml` has a section `[run]`. Where a landing changes what a release of it is made of, there is a new
//! release, and a deployment that brings its files, starts it, gives it requests step by step, judges it, and settles it or takes it back. The rules of
//! that are in the room `rollout`; here they meet processes, routes and tables.
//!
//! For each service there is a [`post::Post`], which turns again and again: it looks at what is, asks the rules what should be, and makes it so.
//! Nothing is remembered but what is in the tables and what the driver holds, so a platform that was killed goes on where it was.

mod commands;
mod config;
mod error;
mod event;
mod http;
mod intake;
mod keep;
mod model;
mod port;
mod post;
mod process;
mod services;
mod store;
mod sweep;
mod views;

pub use commands::Steer;
pub use config::{Confinement, RunConfig};
pub use error::RunError;
pub use http::routes;
pub use model::{DeploymentInfo, InstanceInfo, ReleaseInfo, RollbackInfo, ServiceInfo, Wish};
pub use port::{
    Ask, Driver, Fetched, FoundService, FoundServices, InstanceOrder, RouteTarget, Routes, Secrets,
    SeenInstance, Source, SourceError, Stand, Trunk,
};
pub use process::Processes;
pub use services::{Parts, Services};
