//! One connection: what it is to be, what it says, and what it is asked to do.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{five, three};
use crate::file::Version;
use crate::message::Message;
use crate::{Quality, Side};
use trunkline_topic::is_topic;

/// Filters that are asked for at once: AWS IoT Core takes no more.
pub(super) const TOGETHER: usize = 8;
/// Signals that wait to be heard.
const WAITING: usize = 256;
/// Requests that wait to be sent: as many as a window holds, and the subscriptions.
pub(super) const REQUESTS: usize = 4_096;
/// Numbers of packets under way. Far more than ever are, so that a number is free again long before its turn comes.
pub(super) const NUMBERS: u16 = 2_048;
/// From the first byte to the answer of the broker.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of the largest packet that MQTT knows. What is too large for the bridge is read and dropped: a packet that ended the connection
/// would come again with the next one, for ever.
pub(super) const LARGEST_PACKET: u32 = 268_435_460;
/// How long the end of a connection may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Where to connect, and as whom.
pub(crate) struct Target {
    pub(crate) side: Side,
    pub(crate) version: Version,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) client_id: String,
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) keep_alive: Duration,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Seconds that the session outlives the connection; 0 for a session that is forgotten, with all that it had before.
    pub(crate) expiry: u32,
    /// Messages that the broker may send without waiting for an acknowledgement.
    pub(crate) receive_maximum: u16,
    pub(crate) topics: TopicLimits,
}

/// Which topics a broker takes; none of them says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TopicLimits {
    pub(crate) bytes: usize,
    /// 0 for no limit.
    pub(crate) levels: usize,
}

impl TopicLimits {
    pub(crate) fn take(self, topic: &str) -> bool {
        let levels = if self.levels == 0 {
            usize::MAX
        } else {
            self.levels
        };
        is_topic(topic, self.bytes, levels)
    }
}

/// What a broker says when it lets a client in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) session_present: bool,
    /// Messages that it takes without having acknowledged them.
    pub(crate) receive_maximum: u16,
    /// Bytes of the largest packet that it takes.
    pub(crate) packet_bytes: Option<usize>,
    /// Whether it keeps retained messages.
    pub(crate) retains: bool,
    /// Whether it takes messages of quality 1.
    pub(crate) sure: bool,
    pub(crate) topics: TopicLimits,
}

/// What a broker says to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Taken,
    /// It will never take it.
    Refused(&'static str),
    /// It does not take it now.
    NotNow(&'static str),
}

/// What a connection says.
#[derive(Debug)]
pub(crate) enum Signal {
    /// It stands.
    Connected(Hello, Requests),
    /// The broker answered a subscription: how sure each filter is, or why it was refused.
    Subscribed(Vec<Result<Quality, String>>),
    /// The broker answered the end of one subscription: whether it let go of it, or why not.
    Unsubscribed(Result<(), String>),
    /// A message came; the packet is to be acknowledged where there is one. Nothing where its topic is no text.
    Message(Option<u16>, Option<Message>),
    /// A message was sent under this number; 0 for quality 0.
    Sent(u16),
    /// The broker answered the message of this number.
    Acknowledged(u16, Verdict),
    /// It ended.
    Lost(Loss),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    /// In words for people.
    pub(crate) why: String,
    /// Whether what we sent may be to blame: the broker closed the connection and named no other reason, or a packet could not be
    /// written. Where nobody answers any more it is not.
    pub(crate) blames_us: bool,
}

impl Loss {
    /// An end for which nothing that was sent is to blame.
    pub(crate) fn of(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            blames_us: false,
        }
    }
}

/// A connection, or one that is being made.
pub(crate) struct Link {
    pub(crate) signals: mpsc::Receiver<Signal>,
    task: JoinHandle<()>,
}

/// Asks something of a connection. Nothing waits: false where the connection takes no more, which ends it.
#[derive(Clone, Debug)]
pub(crate) enum Requests {
    Three(three::Requests),
    Five(five::Requests),
}

impl Link {
    /// Connects as soon as it is known where to.
    pub(crate) fn open(
        target: impl Future<Output = Result<Target, String>> + Send + 'static,
    ) -> Self {
        let (told, signals) = mpsc::channel(WAITING);
        let task = tokio::spawn(async move {
            let lost = match tokio::time::timeout(CONNECT, target).await {
                Ok(Ok(target)) => match target.version {
                    Version::Three => three::run(target, &told).await,
                    Version::Five => five::run(target, &told).await,
                },
                Ok(Err(why)) => Loss::of(why),
                Err(_) => Loss::of("it is not known in time where to connect"),
            };
            drop(told.send(Signal::Lost(lost)).await);
        });
        Self { signals, task }
    }

    /// Ends the connection in good order, or within a short time without. It is the broker that closes it: until then it may not have
    /// read all acknowledgements, and would send those messages again to whoever comes next with this session.
    pub(crate) async fn close(mut self, requests: Option<&Requests>) {
        if !requests.is_some_and(Requests::disconnect) {
            return;
        }
        let ended = async { while self.signals.recv().await.is_some() {} };
        drop(tokio::time::timeout(FAREWELL, ended).await);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Requests {
    /// Subscribes; the answers come in the same order, some at a time.
    pub(crate) fn subscribe(&self, filters: &[(String, Quality)]) -> bool {
        match self {
            Self::Three(requests) => requests.subscribe(filters),
            Self::Five(requests) => requests.subscribe(filters),
        }
    }

    /// Unsubscribes; one answer comes for each filter.
    pub(crate) fn unsubscribe(&self, filters: &BTreeSet<String>) -> bool {
        match self {
            Self::Three(requests) => requests.unsubscribe(filters),
            Self::Five(requests) => requests.unsubscribe(filters),
        }
    }

    /// Sends a message, to be retained or not.
    pub(crate) fn publish(&self, message: &Message, retain: bool) -> bool {
        match self {
            Self::Three(requests) => requests.publish(message, retain),
            Self::Five(requests) => requests.publish(message, retain),
        }
    }

    pub(crate) fn acknowledge(&self, packet: u16) -> bool {
        match self {
            Self::Three(requests) => requests.acknowledge(packet),
            Self::Five(requests) => requests.acknowledge(packet),
        }
    }

    fn disconnect(&self) -> bool {
        match self {
            Self::Three(requests) => requests.disconnect(),
            Self::Five(requests) => requests.disconnect(),
        }
    }
}

/// Tells what a connection said; how it ended, where this is the end.
pub(super) async fn tell(
    told: &mpsc::Sender<Signal>,
    signals: impl Iterator<Item = Signal>,
    end: Option<Loss>,
) -> Option<Loss> {
    for signal in signals {
        if told.send(signal).await.is_err() {
            return Some(Loss::of(""));
        }
    }
    end
}

/// How long a connection may say nothing, its own pings included, that is tried out so often.
pub(super) fn silence(keep_alive: Duration) -> Duration {
    keep_alive * 2 + CONNECT
}

/// Whether this is how a connection ends that the other side closed.
pub(super) const fn is_closed(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
    )
}

/// An error and what caused it, in one line.
pub(super) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_the_length_and_the_levels_that_the_broker_takes() {
        let limits = TopicLimits {
            bytes: 10,
            levels: 3,
        };
        assert!(limits.take("a/b/c") && limits.take("0123456789"));
        for bad in ["a/b/c/d", "0123456789a", "", "a/#"] {
            assert!(!limits.take(bad), "{bad}");
        }
        let open = TopicLimits {
            bytes: 100,
            levels: 0,
        };
        assert!(open.take(&"/".repeat(99)));
    }
}
