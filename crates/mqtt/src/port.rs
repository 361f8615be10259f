//! What the broker asks of others.

use std::net::IpAddr;
use std::num::NonZeroU16;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use trunkline_model::{Clock, IdGen};

use crate::{ClientLimits, Entry, Message};

/// Who wants to connect, and what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Hello<'a> {
    /// The client id; empty where the client has none.
    pub client: &'a str,
    /// The name that it gives.
    pub username: Option<&'a str>,
    /// The secret that it gives.
    pub password: Option<&'a [u8]>,
    /// The certificate that it showed to the transport.
    pub certificate: Option<&'a PeerCertificate>,
    /// From where it comes.
    pub peer: IpAddr,
}

/// A certificate that a client showed and whose key it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The SHA-256 of its DER form, in hexadecimal digits.
    pub id: Arc<str>,
    /// Its DER form.
    pub der: Bytes,
}

/// What a client may do; compiled once, when it connects.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Who it is: for events, for its messages, and as the owner of its session.
    pub principal: Arc<str>,
    /// What it showed, by a name that tells nothing; the connection ends when [`crate::Broker::revoke`] is told this name.
    pub credential: Arc<str>,
    /// The device that it is, if it is one.
    pub thing: Option<Arc<str>>,
    /// Filters of topics on which it may publish.
    pub publish: Vec<String>,
    /// Filters of topics on which it may not, though `publish` takes them.
    pub withheld: Vec<String>,
    /// Filters that contain what it may subscribe to.
    pub subscribe: Vec<String>,
    /// How much.
    pub limits: ClientLimits,
}

impl Pass {
    /// Whether it may publish on `topic`.
    #[must_use]
    pub fn may_publish(&self, topic: &str) -> bool {
        let takes = |filters: &[String]| {
            let mut filters = filters.iter();
            filters.any(|filter| trunkline_topic::matches(filter, topic))
        };
        takes(&self.publish) && !takes(&self.withheld)
    }

    /// Whether it may subscribe to `filter`: an allowed one takes all that it takes.
    #[must_use]
    pub fn may_subscribe(&self, filter: &str) -> bool {
        self.subscribe
            .iter()
            .any(|allowed| trunkline_topic::contains(allowed, filter))
    }
}

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// What it showed is not good.
    Credentials,
    /// It is known, and may not connect so.
    Forbidden,
    /// The client id is not one that it may have.
    ClientId,
    /// Too often, or too many.
    Busy,
}

/// Decides who comes in.
#[async_trait]
pub trait Door: Send + Sync + std::fmt::Debug {
    /// Looks at what a client shows.
    ///
    /// # Errors
    /// [`Refused`] where it may not connect.
    async fn admit(&self, hello: Hello<'_>) -> Result<Arc<Pass>, Refused>;
}

/// A message as it is kept.
#[derive(Clone, Debug)]
pub struct Received {
    /// The message.
    pub message: Arc<Message>,
    /// Who sent it.
    pub pass: Arc<Pass>,
    /// Its number, where it has to be known again: it is to come exactly once.
    pub id: Option<NonZeroU16>,
}

/// A message could not be kept; the client has to send it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log takes no messages now")]
pub struct NotKept;

/// Keeps messages, and what becomes of sessions, in one order.
#[async_trait]
pub trait Journal: Send + Sync + std::fmt::Debug {
    /// Keeps all of `messages`; they are durable when this returns the place of the first. The others follow it one by one.
    ///
    /// # Errors
    /// [`NotKept`] where none of them is.
    async fn keep(&self, messages: &[Received]) -> Result<u64, NotKept>;

    /// Keeps what became of sessions; it is durable when this returns.
    ///
    /// # Errors
    /// [`NotKept`] where none of it is.
    async fn note(&self, entries: &[Entry]) -> Result<(), NotKept>;

    /// The messages that lie at `places`; those that are not there any more, or that nobody wants any more, are left out.
    ///
    /// # Errors
    /// [`NotKept`] where they cannot be read now.
    async fn fetch(&self, places: &[u64]) -> Result<Vec<(u64, Message)>, NotKept>;

    /// What is kept from now on lies at this place or behind it.
    fn next(&self) -> u64;
}

/// What is answered to a message on a reserved topic.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Whether only the client that asked gets it, where it subscribed.
    pub private: bool,
    /// Where.
    pub topic: String,
    /// What.
    pub payload: Bytes,
}

/// Whether anybody subscribed to a topic.
pub type Audience<'a> = dyn Fn(&str) -> bool + Send + Sync + 'a;

/// Serves topics that are not routed to subscribers, those that begin with `$aws/`.
#[async_trait]
pub trait Reserved: Send + Sync + std::fmt::Debug {
    /// Answers a message on a reserved topic; what it did is durable when this returns. An answer that nobody would
    /// hear, as `heard` says of its topic, may be left out.
    ///
    /// # Errors
    /// [`NotKept`] where the client has to send it again.
    async fn handle(
        &self,
        received: &Received,
        heard: &Audience<'_>,
    ) -> Result<Vec<Reply>, NotKept>;
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client said goodbye.
    Disconnected,
    /// The connection broke.
    Lost,
    /// The client said nothing for too long.
    KeepAlive,
    /// The same client connected again.
    TakenOver,
    /// What the client sent broke a rule.
    Protocol,
    /// The client did not take its messages.
    Slow,
    /// Its credential was taken back.
    Revoked,
    /// The platform stops.
    Shutdown,
}

impl End {
    /// As events have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Lost => "lost",
            Self::KeepAlive => "keep-alive",
            Self::TakenOver => "taken-over",
            Self::Protocol => "protocol",
            Self::Slow => "slow",
            Self::Revoked => "revoked",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Is told what happens. Nothing waits for it.
pub trait Watch: Send + Sync + std::fmt::Debug {
    /// A client is there, by the connection of this number.
    fn connected(&self, client: &str, connection: u64, pass: &Pass, peer: IpAddr, version: u8);
    /// The connection of this number is gone.
    fn gone(&self, client: &str, connection: u64, pass: &Pass, end: End);
    /// A client was not let in.
    fn refused(&self, hello: Hello<'_>, why: Refused);
    /// A client was not let in because it, or its address, comes too often or too many are on their way in: `client-rate`,
    /// `address-rate` or `handshakes`. `client` is empty where it had not said yet who it is. Told once a minute for each client and
    /// address; `repeated` is how many were passed over meanwhile.
    fn crowded(&self, client: &str, peer: IpAddr, limit: &'static str, repeated: u64);
    /// A message was lost to a limit of a client: `rate`, `queue`, `retained`, or `log` where the log has it no more.
    fn dropped(&self, client: &str, limit: &'static str);
    /// A client wanted to publish or subscribe where it may not.
    fn denied(&self, client: &str, pass: &Pass, action: &'static str, topic: &str);
}

/// All that the broker asks of others.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Who comes in.
    pub door: Arc<dyn Door>,
    /// Where messages are kept.
    pub journal: Arc<dyn Journal>,
    /// Who answers on reserved topics.
    pub reserved: Arc<dyn Reserved>,
    /// Who is told.
    pub watch: Arc<dyn Watch>,
    /// Names for clients that have none.
    pub ids: Arc<dyn IdGen>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Who the platform is where it sends messages of its own.
    pub own: Arc<Pass>,
}
