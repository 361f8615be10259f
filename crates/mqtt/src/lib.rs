//! The MQTT broker: connections, sessions, subscriptions and messages of MQTT 3.1.1 and 5.
//!
//! It knows no device, no table and no log. Who may come in, where messages are kept, and what is answered on reserved topics are asked
//! through the ports [`Door`], [`Journal`] and [`Reserved`]. A message is acknowledged only after [`Journal::keep`] has kept it.

mod broker;
mod codec;
mod connection;
mod limits;
mod message;
mod port;
mod rate;
mod retained;
mod session;
mod topic;
mod tree;

pub use broker::{Broker, BrokerStats};
pub use connection::Peer;
pub use limits::{ClientLimits, Limits};
pub use message::Message;
pub use port::{
    Door, End, Hello, Journal, NotKept, Pass, Ports, Received, Refused, Reply, Reserved, Watch,
};
