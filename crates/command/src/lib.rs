//! Commands: each is a request to one device, with a deadline and a reply.
//!
//! A command is kept before it is handed to the broker, and what becomes of it is kept with its event in one transaction. What a crash, or
//! a broker that was not there, left behind is handed over again for as long as there is time: a device may see a command twice, under
//! the same id, and is told nothing of one that was called off.
//!
//! Two ports lead out: [`Things`] says which devices there are, [`Deliver`] hands messages to the broker. Whoever owns the commands runs
//! [`Commands::maintain`], whether there is a broker or not, and calls [`Commands::look_at`] for each answer once it is in the log. At the
//! start that is done again for the last answers of the log, and then [`Commands::caught_up`] is called: what a crash came before is made
//! up for, and before that no command times out.

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
mod unheard;
mod waiting;

pub use commands::Commands;
pub use error::CommandError;
pub use http::routes;
pub use model::{Command, CommandId, CommandPage, CommandStatus, CommandSummary, NewCommand};
pub use port::{Deliver, Delivery, NotDelivered, Things};
pub use reply::Heard;
pub use topic::ResponseTopic;
