//! Listeners: who may connect, which protocol they speak, and how they are asked to leave.

mod accept;
mod connection;
mod renew;
mod sniff;
mod tls;

pub(crate) use accept::{Door, bind, serve};
pub(crate) use renew::Renewal;
pub(crate) use tls::{client_config, server_config};
