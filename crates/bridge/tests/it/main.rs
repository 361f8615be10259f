//! Bridges between two real brokers: Mosquitto stands for ours and for the other.

mod broker;
mod changes;
mod client;
mod files;
mod guard;
mod limits;
mod outages;
mod rig;
mod secure;
