//! Packets: how git's protocol cuts a stream of bytes (gitprotocol-common).

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::RepositoryError;

/// The end of a section.
pub const FLUSH: &[u8] = b"0000";
/// The end of a part of a section.
const DELIMITER: &[u8] = b"0001";
/// Bytes of content that one packet can have.
const MOST: usize = 65_516;
/// Bytes of content that one packet of a side band can have beside its band.
const MOST_OF_BAND: usize = MOST - 1;

/// A packet that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    Content(Bytes),
    Flush,
    Delimiter,
    /// The end of the answer, which only servers write.
    End,
}

/// Reads one packet; nothing where the stream ends before one begins.
pub(crate) async fn read(
    input: &mut (impl AsyncRead + Unpin),
) -> Result<Option<Packet>, RepositoryError> {
    let mut head = [0; 4];
    let mut have = 0;
    while have < head.len() {
        let more = input.read(&mut head[have..]).await;
        match more.map_err(|error| RepositoryError::protocol(error.to_string()))? {
            0 if have == 0 => return Ok(None),
            0 => return Err(RepositoryError::protocol("it ends within a packet")),
            more => have += more,
        }
    }
    let length = length(head)?;
    Ok(Some(match length {
        0 => Packet::Flush,
        1 => Packet::Delimiter,
        2 => Packet::End,
        3 => return Err(RepositoryError::protocol("a packet cannot have 3 bytes")),
        _ => {
            let mut content = vec![0; length - head.len()];
            let read = input.read_exact(&mut content).await;
            read.map_err(|_| RepositoryError::protocol("it ends within a packet"))?;
            Packet::Content(content.into())
        }
    }))
}

fn length(head: [u8; 4]) -> Result<usize, RepositoryError> {
    let wrong = || {
        let shown = String::from_utf8_lossy(&head);
        RepositoryError::protocol(format!("`{shown}` is no length of a packet"))
    };
    if !head.iter().all(u8::is_ascii_hexdigit) {
        return Err(wrong());
    }
    let text = std::str::from_utf8(&head).map_err(|_| wrong())?;
    let length = usize::from_str_radix(text, 16).map_err(|_| wrong())?;
    if length > MOST + head.len() {
        return Err(RepositoryError::protocol("a packet is too long"));
    }
    Ok(length)
}

/// Packets that are written.
#[derive(Debug, Default)]
pub struct Packets(BytesMut);

impl Packets {
    /// Adds a packet, in as many pieces as its length asks for.
    pub fn push(&mut self, content: impl AsRef<[u8]>) -> &mut Self {
        for piece in content.as_ref().chunks(MOST) {
            self.piece(&[], piece);
        }
        self
    }

    /// Adds a flush.
    pub fn flush(&mut self) -> &mut Self {
        self.0.put_slice(FLUSH);
        self
    }

    /// Adds a delimiter.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "answers of this room have one part")
    )]
    pub(crate) fn delimiter(&mut self) -> &mut Self {
        self.0.put_slice(DELIMITER);
        self
    }

    fn piece(&mut self, band: &[u8], content: &[u8]) {
        let length = 4 + band.len() + content.len();
        self.0.put_slice(format!("{length:04x}").as_bytes());
        self.0.put_slice(band);
        self.0.put_slice(content);
    }

    /// All of them.
    #[must_use]
    pub fn take(self) -> Bytes {
        self.0.freeze()
    }
}

/// `content` as packets of a side band: 1 carries the answer, 2 what a person reads, 3 the end of everything.
#[must_use]
pub fn band(band: u8, content: &[u8]) -> Bytes {
    let mut packets = Packets::default();
    for piece in content.chunks(MOST_OF_BAND) {
        packets.piece(&[band], piece);
    }
    packets.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(mut bytes: &[u8]) -> Result<Vec<Packet>, RepositoryError> {
        let mut packets = Vec::new();
        while let Some(packet) = read(&mut bytes).await? {
            packets.push(packet);
        }
        Ok(packets)
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let mut packets = Packets::default();
        let long = vec![b'x'; MOST + 10];
        packets.push("a\n").delimiter().push(&long).flush();
        let read = all(&packets.take()).await.unwrap();
        assert_eq!(read.len(), 5);
        assert_eq!(read[0], Packet::Content(Bytes::from_static(b"a\n")));
        assert_eq!(read[1], Packet::Delimiter);
        assert_eq!(read[3], Packet::Content(long[MOST..].to_vec().into()));
        assert_eq!(read[4], Packet::Flush);
    }

    #[tokio::test]
    async fn what_is_no_packet_is_said() {
        for bytes in [&b"00"[..], b"zzzz", b"0003", b"0008ab", b"ffff", b"+00a"] {
            assert!(all(bytes).await.is_err(), "{bytes:?}");
        }
        assert_eq!(all(b"").await.unwrap(), []);
    }

    #[test]
    fn a_band_is_cut_where_a_packet_ends() {
        let cut = band(2, &vec![b'x'; MOST_OF_BAND + 1]);
        assert_eq!(cut.len(), 4 + 1 + MOST_OF_BAND + 4 + 1 + 1);
        assert_eq!(&cut[..5], b"fff0\x02");
        assert!(band(1, b"").is_empty());
    }
}
