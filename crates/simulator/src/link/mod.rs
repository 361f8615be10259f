//! The connections of devices.

mod backoff;
mod connection;
mod count;
mod drive;
mod options;
mod pace;
mod tls;

pub(crate) use count::Count;
pub(crate) use drive::Drive;
pub(crate) use options::Doors;
pub(crate) use pace::Pace;
