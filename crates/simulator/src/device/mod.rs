//! A virtual device: what it says at each step, and what it answers. There is no connection here.

mod command;
mod message;
mod told;
mod topics;
mod virtual_device;
mod work;

pub(crate) use message::Message;
pub(crate) use virtual_device::{Device, Habits, Said};
