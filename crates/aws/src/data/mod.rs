//! `iot-data`: shadows, and messages.

pub(crate) mod message;
pub(crate) mod shadow;
