//! The tables of this room.

pub(crate) mod client;
pub(crate) mod code;
mod column;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod epoch;
pub(crate) mod grant;
pub(crate) mod key;
pub(crate) mod refresh;
mod tables;

pub(crate) use tables::MIGRATIONS;
