//! One table: rows that wait in memory, files on storage, and the moves between them.

mod compact;
mod encode;
mod erase;
mod hot;
mod order;
mod state;
mod write;

pub(crate) use compact::compact;
pub(crate) use erase::erase;
pub(crate) use hot::Hot;
pub(crate) use state::{Table, View, fit};
