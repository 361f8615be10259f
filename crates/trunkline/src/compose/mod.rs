//! Putting the rooms together: what starts in which order, what listens where, what stops when.

mod edge;
mod history;
mod http;
mod lines;
mod listen;
mod local_token;
mod outbox;
mod people;
mod platform;
mod rooms;
mod running;
mod settings;
mod telemetry;
mod traffic;
mod up;
mod vitals;
mod workspace;

pub use edge::AdmissionConfig;
pub use running::{Running, start};
pub use settings::Settings;
pub use telemetry::{OwnTelemetry, Telemetry};
pub use up::{UpOptions, up};
