//! The seam between packets and bytes.

use bytes::BytesMut;

use super::rmqtt::Rmqtt;
use super::{Packet, Reason};

/// Bytes that are no packet, or a packet that may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Malformed {
    /// What the client is told.
    pub(crate) reason: Reason,
    /// What was wrong, for people.
    pub(crate) detail: &'static str,
}

/// Reads and writes the packets of one connection.
pub(crate) trait Wire: Send + std::fmt::Debug {
    /// The next whole packet of `bytes`, which it takes out; nothing where more bytes are needed.
    ///
    /// # Errors
    /// [`Malformed`]: the connection cannot go on.
    fn read(&mut self, bytes: &mut BytesMut) -> Result<Option<Packet>, Malformed>;

    /// Writes `packet` to the end of `out`; false where it is larger than the client takes, and nothing was written.
    fn write(&mut self, packet: Packet, out: &mut BytesMut) -> bool;

    /// The most bytes of a packet that the client takes; 0 for no limit.
    fn set_maximum_packet(&mut self, bytes: u32);

    /// How many topics may have a number in what the client is sent; 0, as at the beginning, for none.
    fn set_topic_aliases(&mut self, maximum: u16);
}

/// The wire for a connection that begins with `bytes`, of whose packets none may be larger than `maximum`; nothing where more bytes are
/// needed to tell.
///
/// # Errors
/// [`Malformed`] where it does not begin with a CONNECT of a version that is known.
pub(crate) fn detect(
    bytes: &mut BytesMut,
    maximum: u32,
) -> Result<Option<Box<dyn Wire>>, Malformed> {
    Ok(Rmqtt::detect(bytes, maximum)?.map(|wire| Box::new(wire) as _))
}
