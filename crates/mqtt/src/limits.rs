//! How much of everything.

use std::time::Duration;

/// Limits of the broker as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a packet that a client may send.
    pub packet_bytes: u32,
    /// Bytes of a topic or a filter.
    pub topic_bytes: usize,
    /// Levels of a topic or a filter.
    pub topic_levels: usize,
    /// Bytes of a client id.
    pub client_bytes: usize,
    /// From the first byte of a connection to the end of its CONNECT.
    pub connect: Duration,
    /// CONNECTs a second of one client id; 0 for no limit. Five seconds' worth may come at once.
    pub connects_per_client: u32,
    /// Connections a second that begin from one address; 0 for no limit. Of an IPv6 address the first 64 bits count.
    pub handshakes_per_address: u32,
    /// Connections on their way in at once: those whose handshake is not done or whose CONNECT is not answered; 0 for no limit. One
    /// address has a quarter of them at the most.
    pub handshakes_under_way: usize,
    /// Whether the three limits above hold for the loopback too.
    pub limit_loopback: bool,
    /// Until a client takes what it is sent.
    pub write: Duration,
    /// The time without a word that a client gets that wants no keep-alive, and the most that one gets.
    pub keep_alive: u16,
    /// Seconds that a session outlives its connection at the most.
    pub session_expiry: u32,
    /// Messages that are kept as retained.
    pub retained: usize,
    /// Sessions, connected or not.
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packet_bytes: 132 * 1024,
            topic_bytes: 256,
            topic_levels: 8,
            client_bytes: 128,
            connect: Duration::from_secs(10),
            connects_per_client: 1,
            handshakes_per_address: 50,
            handshakes_under_way: 256,
            limit_loopback: false,
            write: Duration::from_secs(20),
            keep_alive: 1_200,
            session_expiry: 7 * 86_400,
            retained: 10_000,
            sessions: 100_000,
        }
    }
}

/// Limits of one client.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// Filters that it may be subscribed to.
    pub subscriptions: usize,
    /// Filters of one SUBSCRIBE.
    pub filters: usize,
    /// Messages that wait for it.
    pub queue: usize,
    /// Bytes of the messages that wait for it.
    pub queue_bytes: usize,
    /// Messages that wait for it in the log alone, beyond those in memory, where its session lasts.
    pub spill: usize,
    /// Messages a second that it may send; 0 for no limit.
    pub messages_per_second: u32,
    /// Bytes a second that it may send; 0 for no limit.
    pub bytes_per_second: u32,
    /// Messages that it may send without waiting for their acknowledgement.
    pub receive_maximum: u16,
    /// Topics that it may give a number.
    pub topic_aliases: u16,
}

impl ClientLimits {
    /// What a device gets; the figures of AWS, but for the queue.
    #[must_use]
    pub const fn device() -> Self {
        Self {
            subscriptions: 50,
            filters: 8,
            queue: 1_000,
            queue_bytes: 1 << 20,
            spill: 100_000,
            messages_per_second: 100,
            bytes_per_second: 512 << 10,
            receive_maximum: 100,
            topic_aliases: 8,
        }
    }

    /// What a service of the team gets.
    #[must_use]
    pub const fn service() -> Self {
        Self {
            subscriptions: 10_000,
            filters: 1_000,
            queue: 100_000,
            queue_bytes: 64 << 20,
            spill: 1_000_000,
            messages_per_second: 0,
            bytes_per_second: 0,
            receive_maximum: 1_000,
            topic_aliases: 64,
        }
    }
}
