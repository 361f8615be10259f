//! The signing keys: made, shown, rotated.

mod key;
mod ring;
mod schedule;

pub(crate) use key::Key;
pub(crate) use ring::KeyRing;
pub(crate) use schedule::{LEAD, finished, next_start};
