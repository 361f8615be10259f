//! `iot-data`: shadows, and messages.

pub(crate) mod message;
mod reserved;
pub(crate) mod shadow;
