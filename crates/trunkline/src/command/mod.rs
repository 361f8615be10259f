//! What each command does.

mod access;
mod api;
mod certificate;
mod config;
mod dependency;
mod doctor;
mod explain;
mod fleet;
mod forge;
mod gateway;
mod ingest_events;
mod ingest_git;
mod interrupt;
mod link;
mod local;
mod person;
mod project;
mod registry;
mod run;
mod sample;
mod send;
mod sql;
mod status;
mod tail;
mod tail_stream;
mod task;
mod thing;
mod token;
mod up;
mod version;
mod work;

pub(crate) use run::run;
