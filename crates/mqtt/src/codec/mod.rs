//! Packets, and the one place that knows which crate reads and writes them.

mod aliases;
mod packet;
mod reason;
mod rmqtt;
mod wire;

pub(crate) use packet::{
    Ack, Connect, ConnectAck, Disconnect, Options, Packet, Properties, Publish, Qos, Subscribe,
    Unsubscribe, Version, Will,
};
pub(crate) use reason::Reason;
pub(crate) use wire::{Malformed, Wire, detect};
