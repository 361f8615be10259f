//! A broker that does what a test wants of it, also what no good broker does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// What a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Connect,
    Subscribe(Vec<String>),
    Unsubscribe(Vec<String>),
    Publish(String),
    Ping,
    Other,
}

/// What the broker does about it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Answers as a broker does that has no session yet.
    Answer,
    /// Lets the client in, with a session that is still there or not, and with these properties of MQTT 5.
    Welcome(bool, Vec<u8>),
    /// Says nothing.
    Silence,
    /// Closes the connection.
    Close,
}

type Script = dyn Fn(usize, &Heard) -> Act + Send + Sync;

/// The broker. Its script is asked with the number of the connection, from 0 on, and with what came on it.
pub(crate) struct Fake {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<(usize, Heard)>>>,
    cut: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Fake {
    pub(crate) async fn start(
        script: impl Fn(usize, &Heard) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<(usize, Heard)>>>::default();
        let cut = Arc::<Notify>::default();
        let script: Arc<Script> = Arc::new(script);
        let (kept, cutter) = (Arc::clone(&heard), Arc::clone(&cut));
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (script, heard, cut) =
                    (Arc::clone(&script), Arc::clone(&kept), Arc::clone(&cutter));
                connections.spawn(async move {
                    tokio::select! {
                        _ = serve(stream, number, &*script, &heard) => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        Self {
            port,
            heard,
            cut,
            task,
        }
    }

    /// What was said on one connection.
    pub(crate) fn on(&self, number: usize) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap();
        let of_it = heard.iter().filter(|(on, _)| *on == number);
        of_it.map(|(_, heard)| heard.clone()).collect()
    }

    /// How often something was said, on all connections.
    pub(crate) fn count(&self, wanted: &Heard) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|(_, heard)| heard == wanted).count()
    }

    /// Breaks the connections that there are.
    pub(crate) fn cut(&self) {
        self.cut.notify_waiters();
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    number: usize,
    script: &Script,
    heard: &Mutex<Vec<(usize, Heard)>>,
) -> std::io::Result<()> {
    let mut five = false;
    loop {
        let first = stream.read_u8().await?;
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = stream.read_u8().await?;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        if first >> 4 == 1 {
            five = body[6] == 5;
        }
        let (packet, answer) = understand(first, body.into(), five);
        heard.lock().unwrap().push((number, packet.clone()));
        match script(number, &packet) {
            Act::Answer => stream.write_all(&answer).await?,
            Act::Welcome(session, properties) => {
                stream
                    .write_all(&welcome(session, five, &properties))
                    .await?;
            }
            Act::Silence => {}
            Act::Close => return Ok(()),
        }
    }
}

fn welcome(session: bool, five: bool, properties: &[u8]) -> Vec<u8> {
    let mut body = vec![u8::from(session), 0];
    if five {
        body.push(u8::try_from(properties.len()).unwrap());
        body.extend(properties);
    }
    packet(0x20, &body)
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first, u8::try_from(body.len()).unwrap()];
    packet.extend(body);
    packet
}

fn take(body: &mut VecDeque<u8>, count: usize) -> Vec<u8> {
    body.drain(..count).collect()
}

fn text(body: &mut VecDeque<u8>) -> String {
    let length = take(body, 2);
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    String::from_utf8(take(body, length)).unwrap()
}

/// What a packet says, and the usual answer to it.
fn understand(first: u8, mut body: VecDeque<u8>, five: bool) -> (Heard, Vec<u8>) {
    // None of our packets has more than 127 bytes of properties.
    let skip_properties = |body: &mut VecDeque<u8>| {
        if five {
            let length = usize::from(take(body, 1)[0]);
            take(body, length);
        }
    };
    match first >> 4 {
        1 => (Heard::Connect, welcome(false, five, &[])),
        3 => {
            let topic = text(&mut body);
            let answer = if first & 0b110 == 0 {
                Vec::new()
            } else {
                packet(0x40, &take(&mut body, 2))
            };
            (Heard::Publish(topic), answer)
        }
        8 | 10 => {
            let mut answer = take(&mut body, 2);
            skip_properties(&mut body);
            if five {
                answer.push(0);
            }
            let mut filters = Vec::new();
            while !body.is_empty() {
                filters.push(text(&mut body));
                if first >> 4 == 8 {
                    answer.push(take(&mut body, 1)[0] & 0b11);
                } else if five {
                    answer.push(0);
                }
            }
            if first >> 4 == 8 {
                (Heard::Subscribe(filters), packet(0x90, &answer))
            } else {
                (Heard::Unsubscribe(filters), packet(0xb0, &answer))
            }
        }
        12 => (Heard::Ping, packet(0xd0, &[])),
        _ => (Heard::Other, Vec::new()),
    }
}
