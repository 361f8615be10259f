//! `iot`: things, their types and groups, certificates, and jobs as those who make them see them.

pub(crate) mod certificate;
pub(crate) mod endpoint;
pub(crate) mod execution;
pub(crate) mod group;
pub(crate) mod job;
pub(crate) mod kind;
pub(crate) mod member;
pub(crate) mod principal;
pub(crate) mod thing;
