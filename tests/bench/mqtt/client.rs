//! A client of MQTT 3.1.1 that costs next to nothing, so that the broker has the machine: packets are written and read by hand, and all
//! that came is worked off before all that is to be said goes out in one piece.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes of a read buffer at first, and at the most.
const ROOM: usize = 512;
const MOST: usize = 1 << 20;
/// Seconds without a word after which a broker may let go: as long as ours allows, so that nothing is sent meanwhile.
const KEEP_ALIVE: u16 = 1_200;

/// A packet that a broker sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Whether the client is let in; 0 is yes.
    Connected(u8),
    /// The message of this number is taken.
    Acknowledged(u16),
    /// What was granted for each filter.
    Subscribed(&'a [u8]),
    /// A message; the number is 0 where none is to be acknowledged.
    Message {
        /// Its number.
        id: u16,
        /// What it says.
        payload: &'a [u8],
    },
    /// The answer to a ping.
    Alive,
}

/// Who connects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Login<'a> {
    /// The client id.
    pub(crate) client: &'a str,
    /// A user and a password.
    pub(crate) secret: Option<(&'a str, &'a str)>,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Client<S> {
    stream: S,
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
}

/// Opens a connection that does not wait for more to send.
pub(crate) async fn open(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Writes a message. The number counts only where the quality is not 0.
pub(crate) fn publish(output: &mut Vec<u8>, topic: &str, quality: u8, id: u16, payload: &[u8]) {
    output.push(0x30 | quality << 1);
    let number = if quality == 0 { 0 } else { 2 };
    length(output, 2 + topic.len() + number + payload.len());
    text(output, topic);
    if quality > 0 {
        output.extend(id.to_be_bytes());
    }
    output.extend_from_slice(payload);
}

/// Acknowledges a message.
pub(crate) fn acknowledge(output: &mut Vec<u8>, id: u16) {
    output.extend([0x40, 2]);
    output.extend(id.to_be_bytes());
}

fn length(output: &mut Vec<u8>, mut rest: usize) {
    while rest > 127 {
        output.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    output.push(rest as u8);
}

fn text(output: &mut Vec<u8>, text: &str) {
    output.extend((text.len() as u16).to_be_bytes());
    output.extend_from_slice(text.as_bytes());
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// A client that says who it is on `stream`, once it is let in. Its session ends with it.
    pub(crate) async fn connect(stream: S, login: Login<'_>) -> Result<Self> {
        let mut body = Vec::new();
        text(&mut body, "MQTT");
        let secret = if login.secret.is_some() {
            0b1100_0000
        } else {
            0
        };
        body.extend([4, 0b10 | secret]);
        body.extend(KEEP_ALIVE.to_be_bytes());
        text(&mut body, login.client);
        if let Some((user, password)) = login.secret {
            text(&mut body, user);
            text(&mut body, password);
        }
        let mut client = Self {
            stream,
            input: vec![0; ROOM],
            filled: 0,
            output: vec![0x10],
        };
        length(&mut client.output, body.len());
        client.output.extend(body);
        let mut code = None;
        while code.is_none() {
            client
                .turn(|packet, _| match packet {
                    Packet::Connected(given) => {
                        code = Some(given);
                        Ok(())
                    }
                    other => bail!("{other:?} came before the client was let in"),
                })
                .await?;
        }
        match code {
            Some(0) => Ok(client),
            code => bail!("the broker refused with code {}", code.unwrap_or_default()),
        }
    }

    /// Subscribes to all of `filters` in one packet; messages come with `quality` at the most.
    pub(crate) async fn subscribe(&mut self, filters: &[String], quality: u8) -> Result<()> {
        let mut body = vec![0, 1];
        for filter in filters {
            text(&mut body, filter);
            body.push(quality);
        }
        self.output.push(0x82);
        length(&mut self.output, body.len());
        self.output.extend(body);
        let mut done = false;
        while !done {
            self.turn(|packet, output| match packet {
                Packet::Subscribed(codes) => {
                    ensure!(
                        codes.len() == filters.len() && codes.iter().all(|code| *code < 3),
                        "a subscription was refused: {codes:?}"
                    );
                    done = true;
                    Ok(())
                }
                // One may be told before the answer comes.
                Packet::Message { id, .. } if id > 0 => {
                    acknowledge(output, id);
                    Ok(())
                }
                Packet::Message { .. } => Ok(()),
                other => bail!("{other:?} came instead of the answer to a subscription"),
            })
            .await?;
        }
        Ok(())
    }

    /// Asks whether the broker is there.
    pub(crate) async fn ping(&mut self) -> Result<()> {
        self.output.extend([0xc0, 0]);
        let mut answered = false;
        while !answered {
            self.turn(|packet, _| {
                answered |= packet == Packet::Alive;
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// What is said with the next [`Client::turn`].
    pub(crate) const fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Says what is to be said, waits until something comes, hands each whole packet to `each`, and says what that has written. To break it
    /// off loses nothing but the packets that it was handing on, and it waits nowhere in between.
    pub(crate) async fn turn(
        &mut self,
        mut each: impl FnMut(Packet<'_>, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        self.say().await?;
        if self.filled == self.input.len() {
            ensure!(
                self.filled < MOST,
                "the broker sends a packet of more than {MOST} bytes"
            );
            self.input.resize(self.filled * 2, 0);
        }
        let room = self.input.get_mut(self.filled..).unwrap_or_default();
        let read = self.stream.read(room).await?;
        ensure!(read > 0, "the broker closed the connection");
        self.filled += read;
        let mut rest = &self.input[..self.filled];
        while let Some((packet, after)) = next(rest)? {
            each(packet, &mut self.output)?;
            rest = after;
        }
        let left = rest.len();
        self.input.copy_within(self.filled - left..self.filled, 0);
        self.filled = left;
        self.say().await
    }

    /// Says what is to be said. To break it off loses nothing.
    pub(crate) async fn say(&mut self) -> Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        while !self.output.is_empty() {
            let written = self.stream.write(&self.output).await?;
            self.output.drain(..written);
        }
        Ok(self.stream.flush().await?)
    }
}

/// The first packet and what follows it; nothing where it is not whole.
fn next(bytes: &[u8]) -> Result<Option<(Packet<'_>, &[u8])>> {
    let Some((kind, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let (mut length, mut place) = (0, 0);
    loop {
        let Some(byte) = rest.get(place) else {
            return Ok(None);
        };
        length |= usize::from(byte & 127) << (7 * place);
        place += 1;
        if byte & 128 == 0 {
            break;
        }
        ensure!(place < 4, "a packet has a length that is none");
    }
    let (Some(body), Some(after)) = (rest.get(place..place + length), rest.get(place + length..))
    else {
        return Ok(None);
    };
    Ok(Some((packet(*kind, body)?, after)))
}

fn packet(kind: u8, body: &[u8]) -> Result<Packet<'_>> {
    let packet = match (kind >> 4, body) {
        (2, [_, code]) => Packet::Connected(*code),
        (3, _) => message(kind, body).context("a message is cut off")?,
        (4, [high, low]) => Packet::Acknowledged(u16::from_be_bytes([*high, *low])),
        (9, [_, _, codes @ ..]) => Packet::Subscribed(codes),
        (13, []) => Packet::Alive,
        _ => bail!(
            "the broker sends a packet {kind:#x} of {} bytes",
            body.len()
        ),
    };
    Ok(packet)
}

fn message(kind: u8, body: &[u8]) -> Option<Packet<'_>> {
    let (topic, rest) = body.split_first_chunk()?;
    let rest = rest.get(usize::from(u16::from_be_bytes(*topic))..)?;
    if kind & 0b110 == 0 {
        return Some(Packet::Message {
            id: 0,
            payload: rest,
        });
    }
    let (id, payload) = rest.split_first_chunk()?;
    Some(Packet::Message {
        id: u16::from_be_bytes(*id),
        payload,
    })
}
