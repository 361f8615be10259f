//! The MQTT broker: connections, sessions, subscriptions and messages of MQTT 3.1.1 and 5.
//!
//! It knows no device, no table and no log. Who may come in, where messages are kept, and what is answered on reserved topics are asked
//! through the ports [`Door`], [`Journal`] and [`Reserved`]. A message is acknowledged only after [`Journal::keep`] has kept it, and what
//! a session is promised is noted there before the client hears of it, so sessions outlive the process.

mod broker;
mod codec;
mod connection;
mod gate;
mod kept;
mod limits;
mod message;
mod outgoing;
mod port;
mod rate;
mod retained;
mod routing;
mod session;
mod tree;

pub use broker::{Broker, BrokerStats};
pub use connection::{Arrival, Peer};
pub use kept::{Checkpoint, Entry, Note, RetainedImage, StoredMessage};
pub use limits::{ClientLimits, Limits};
pub use message::Message;
pub use outgoing::{NotPublished, Outgoing};
pub use port::{
    Audience, Door, End, Hello, Journal, NotKept, Pass, PeerCertificate, Ports, Received, Refused,
    Reply, Reserved, Watch,
};
pub use session::{FlightImage, SessionImage, SubscriptionImage, WaitingImage};
