//! What a bridge asks of the platform, and what it tells it.

use std::fmt;
use std::net::SocketAddr;

use async_trait::async_trait;
use serde::Serialize;

/// One of the two brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Ours.
    Local,
    /// The other.
    Remote,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From our broker to the remote.
    Out,
    /// From the remote to our broker.
    In,
}

impl Side {
    /// The other broker.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Local => Self::Remote,
            Self::Remote => Self::Local,
        }
    }

    /// The direction that begins here.
    pub(crate) const fn origin_of(self) -> Direction {
        match self {
            Self::Local => Direction::Out,
            Self::Remote => Direction::In,
        }
    }

    /// The direction that ends here.
    pub(crate) const fn destination_of(self) -> Direction {
        self.other().origin_of()
    }

    /// What people call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Remote => "remote",
        }
    }
}

impl Direction {
    /// Where messages come from.
    pub(crate) const fn origin(self) -> Side {
        match self {
            Self::Out => Side::Local,
            Self::In => Side::Remote,
        }
    }

    /// Where they go.
    pub(crate) const fn destination(self) -> Side {
        self.origin().other()
    }

    /// What the file and people call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
        }
    }
}

/// How our own broker is reached.
#[derive(Clone)]
pub struct Local {
    /// Where it listens for MQTT over TCP.
    pub address: SocketAddr,
    /// The user.
    pub username: String,
    /// What is shown for that: a token. The principal behind it must stay the same, since the session and what waits in it are its own.
    pub password: String,
    /// Bytes of the longest topic that the broker takes.
    pub topic_bytes: usize,
    /// Levels of a topic that the broker takes.
    pub topic_levels: usize,
}

impl Local {
    /// A broker with our own broker's usual limits.
    #[must_use]
    pub fn new(address: SocketAddr, username: String, password: String) -> Self {
        Self {
            address,
            username,
            password,
            topic_bytes: 256,
            topic_levels: 8,
        }
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Local")
            .field("address", &self.address)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Says how our own broker is reached, each time that a bridge connects.
#[async_trait]
pub trait Home: Send + Sync + fmt::Debug {
    /// The address, and a token that holds now.
    ///
    /// # Errors
    /// Why there is none, in words for people; it is asked again later.
    async fn local(&self) -> Result<Local, String>;
}

/// Why messages were not carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The payload is larger than the file allows.
    PayloadTooLarge,
    /// The whole packet is larger than the broker takes.
    PacketTooLarge,
    /// The topic on the other side would be longer than the broker takes, or have more levels.
    TopicTooLong,
    /// There would be no valid topic on the other side.
    TopicInvalid,
    /// The broker refused it for good: it may not be published, or what it says is not taken.
    Refused,
    /// The broker ended the connection each time that it was sent, which is how MQTT 3.1.1 refuses a message.
    ConnectionEnded,
    /// A message of quality 0 came faster than it could be sent.
    Overrun,
}

impl Reason {
    /// What people call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PayloadTooLarge => "payload_too_large",
            Self::PacketTooLarge => "packet_too_large",
            Self::TopicTooLong => "topic_too_long",
            Self::TopicInvalid => "topic_invalid",
            Self::Refused => "refused",
            Self::ConnectionEnded => "connection_ended",
            Self::Overrun => "overrun",
        }
    }
}

/// Messages that were not carried, of one direction and for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Which way they were to go.
    pub direction: Direction,
    /// Why they did not.
    pub reason: Reason,
    /// How many, since it was last told.
    pub count: u64,
    /// The topic of the last of them, as it is on the side that did not take it.
    pub topic: String,
    /// Bytes of its payload.
    pub bytes: usize,
}

/// Is told what becomes of bridges. It must not block.
pub trait Watch: Send + Sync + fmt::Debug {
    /// A bridge is connected with one side, at `address`, and what it subscribes to there is granted.
    fn connected(&self, bridge: &str, side: Side, address: &str);

    /// A connection ended that had been told as connected.
    fn disconnected(&self, bridge: &str, side: Side, address: &str, reason: &str);

    /// Messages were lost to a limit or a refusal. Told at once, and after that in sums every ten seconds.
    fn dropped(&self, bridge: &str, dropped: &Dropped);
}
