//! The hub: what the MQTT broker needs of the other rooms, through its ports.
//!
//! Tokens of `access`, the decisions of `permit`, the way of messages into the log and from there into the table `messages`. It decides
//! nothing by itself.

mod ask;
mod beat;
mod bridges;
mod commands;
mod config;
mod decode;
mod door;
mod frame;
mod gather;
mod held;
mod hub;
mod journal;
mod lanes;
mod listen;
mod memory;
mod outcome;
mod presence;
mod provisioning;
mod publish;
mod reserved;
mod rules;
mod shelf;
mod tls;
mod twins;
mod watch;
mod websocket;

pub use bridges::routes;
pub use config::MqttConfig;
pub use decode::Decoder;
pub use hub::{Hub, MqttListeners, Parts};
pub use publish::Kept;
pub use rules::TopicRules;
pub use trunkline_bridge::BridgeFile;
pub use trunkline_mqtt::{NotPublished, Outgoing};
pub use trunkline_telemetry::RuleFile;
pub use twins::TwinLog;
pub use websocket::open_routes;
