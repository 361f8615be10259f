//! What the cases about MQTT share: a client that costs next to nothing, the loads that it makes, and the brokers that are measured.

mod client;
mod crowd;
mod load;
mod server;
mod tls;
mod turns;

pub(crate) use client::{Client, Login, Packet, publish};
pub(crate) use crowd::{Crowd, Idle, Return, TRY, held};
pub(crate) use load::{Flow, Message, Outcome, Pace, Times, WARM_UP, Write, closed, listen, paced};
pub(crate) use server::{Mosquitto, Server, allow_many_files, quiet};
pub(crate) use tls::{Identity, connector, issue};
pub(crate) use turns::{PAYLOAD, ROUNDS, TURN, Turn, due, in_turn, millis, side_by_side, writer};
