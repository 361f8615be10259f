//! Bridges between the platform's own MQTT broker and another one, such as AWS IoT Core, Mosquitto or EMQX.
//!
//! A bridge is a TOML file of the workspace, such as `bridge/aws.toml`:
//!
//! ```toml
//! server = "mqtts://example-ats.iot.eu-central-1.amazonaws.com:8883"
//! version = 5
//! client_id = "site-7"
//! preset = "aws"                       # the limits of AWS IoT Core
//! authority_file = "/etc/trunkline/aws/root.pem"
//! certificate_file = "/etc/trunkline/aws/site-7.pem"
//! key_file = "/etc/trunkline/aws/site-7.key"
//!
//! [[out]]
//! filter = "dt/#"                      # `dt/pump-7/reading` here is `site-7/dt/pump-7/reading` there
//! remote_prefix = "site-7/"
//!
//! [[in]]
//! filter = "cmd/#"
//! remote_prefix = "site-7/"
//! ```
//!
//! A bridge stores nothing. It is two MQTT connections, each with a session that lasts: what it takes from one broker is acknowledged
//! there only once the other has acknowledged it. So the messages of an outage wait where they came from, in our broker's log or in the
//! remote's session. Each message of quality 1 arrives at least once, and what arrives for the first time is in the order in which it was
//! sent.
//!
//! * What one of our bridges brought in is not sent back: at our broker it carries the user properties `trunkline-bridge` and
//!   `trunkline-bridge-remote`. At a remote that speaks MQTT 5, what we sent carries `trunkline-bridge-sender` and is not taken back.
//!   A remote that keeps no properties gets no maps by which a message would come back.
//!   Where one bridge sends out what another takes in, each message comes back once. Nothing is known of circles over two addresses of one
//!   remote, over remotes that pass messages on to each other, or over another platform that sends the same topics back.
//! * A message that is larger than the other side takes is dropped, counted and told; so is one that it refuses for good, or by which the
//!   connection ended three times in a row.
//! * A file that changes is subscribed to before what only the former one asked for is unsubscribed. A session that no file names any more
//!   is forgotten.
//! * A prefix is put before the filter, and taken off or put before the topics, as in the bridges of Mosquitto.
//!
//! The addresses of brokers, what people are told and where secrets lie are asked through the ports [`Home`] and [`Watch`].

mod backoff;
mod bridges;
mod file;
mod mark;
mod message;
mod port;
mod rate;
mod run;
mod status;
mod window;
mod wire;

pub use bridges::{Bridges, Ports};
pub use file::{BridgeFile, Limits, Map, Problem, Server, Settings, Version};
pub use message::Quality;
pub use port::{Direction, Dropped, Home, Local, Reason, Side, Watch};
pub use status::{BridgeStatus, FlowStatus, SideStatus};
