//! Commands: each is a request to one device, with a deadline and a reply.
//!
//! A command is kept before it is handed to the broker, and what becomes of it is kept with its event in one transaction. What a crash, or
//! a broker that was not there, left behind is handed over again for as long as there is time: a device may see a command twice, under
//! the same id, and is told nothing of one that was called off.
//!
//! Two ports lead out: [`Things`] says which devices there are, [`Deliver`] hands messages to the broker. Nothing here runs by a clock of
//! its own: whoever owns the commands calls [`Commands::tick`] every second and [`Commands::answered`] for each answer, whose topic
//! [`ResponseTopic::read`] understands.

mod answer;
mod commands;
mod deliver;
mod error;
mod event;
mod http;
mod json;
mod model;
mod port;
mod reply;
mod store;
mod tick;
mod topic;
mod waiting;

pub use commands::Commands;
pub use error::CommandError;
pub use http::routes;
pub use model::{Command, CommandId, CommandPage, CommandStatus, CommandSummary, NewCommand};
pub use port::{Deliver, Delivery, Things};
pub use reply::Heard;
pub use topic::ResponseTopic;
