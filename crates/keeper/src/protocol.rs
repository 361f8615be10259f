//! What is spoken between the platform and the keeper: a line of JSON each way for a question, and then the connection ends.
//!
//! Fields may come to it, and none may go.

use serde::{Deserialize, Serialize};
use trunkline_sandbox::Request;

/// The longest line.
pub(crate) const LINE: usize = 4 << 20;
/// The version that is spoken.
pub(crate) const VERSION: u32 = 1;

/// What is to be held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Its name, which nothing else that is held has.
    pub id: String,
    /// What the platform wants to find again with it.
    pub label: String,
    /// The command.
    pub request: Request,
}

/// How something that is held is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// It runs.
    Running,
    /// It was stopped where it stands.
    Parked,
    /// It has ended.
    Ended(Ended),
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What its command ended with; above 128 for a signal, as a shell tells it.
    pub exit: i32,
}

/// Something that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    pub id: String,
    /// What the platform gave it.
    pub label: String,
    /// The number of its first process.
    pub process: u32,
    /// How it is.
    pub stand: Stand,
}

/// A question, and what shows that it is the platform's: what is held runs as the same user, may connect too, and must not be listened to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) key: String,
    pub(crate) ask: Ask,
}

/// A question of the platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Who is there.
    Hello,
    /// Hold this.
    Start(Box<Order>),
    /// Ask it to end.
    Quit { id: String },
    /// End it.
    Kill { id: String },
    /// Stop it where it stands.
    Park { id: String },
    /// Let it go on.
    Unpark { id: String },
    /// What has ended is known now, and may be forgotten.
    Forget { id: String },
    /// All that is held, once anything is other than at the count `after`, or after a while.
    List { after: u64 },
    /// Keep the sockets that come with this under a name, in place of those before; none are let go.
    Keep { name: String },
    /// The sockets of a name.
    Sockets { name: String },
    /// End all, and yourself.
    End,
}

/// An answer of the keeper.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// What speaks.
    Hello { version: u32, process: u32 },
    /// All that is held, and what counts its changes.
    List { count: u64, all: Vec<Seen> },
    /// These come with it.
    Sockets,
    /// It could not be done.
    Refused { why: String },
}
