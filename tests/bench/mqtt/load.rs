//! Loads: as fast as answers come, or at a pace whatever comes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::client::acknowledge;
use super::{Client, Packet};

/// The beginning of a load, which does not count.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);
/// How long a broker may take to acknowledge what it has after the end of a load.
const PATIENCE: Duration = Duration::from_secs(180);
/// The timer of the client has no finer grain. What is sent late by less was due when it was sent; by more, when it should have been.
const GRAIN: Duration = Duration::from_millis(2);

/// One message of a load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    /// The number of the connection that sends it.
    pub(crate) connection: u64,
    /// How many this connection has sent before it.
    pub(crate) number: u64,
    /// Its number in the packet.
    pub(crate) id: u16,
    /// When it was due, in microseconds from the beginning of the load.
    pub(crate) due: u64,
}

/// Writes the packet of a message.
pub(crate) type Write = Arc<dyn Fn(Message, &mut Vec<u8>) + Send + Sync>;

/// A load as fast as answers come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// Messages of each connection that are under way.
    pub(crate) under_way: u16,
    /// How long it is measured, after [`WARM_UP`].
    pub(crate) time: Duration,
}

/// A load that does not wait for answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Messages of all connections together in a second.
    pub(crate) per_second: u64,
    /// How many are sent in all.
    pub(crate) messages: u64,
    /// How many a connection sends at once.
    pub(crate) together: u64,
    /// Whether they are acknowledged.
    pub(crate) quality: u8,
}

/// Times, the shortest first.
#[derive(Debug)]
pub(crate) struct Times(Vec<u32>);

impl Times {
    /// Times in microseconds.
    pub(crate) fn new(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self(micros)
    }

    /// Milliseconds within which so many of a hundred are.
    pub(crate) fn millis(&self, of_a_hundred: usize) -> Result<f64> {
        let place = self.0.len() * of_a_hundred / 100;
        let micros = self.0.get(place).context("nothing was measured")?;
        Ok(f64::from(*micros) / 1e3)
    }
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Messages that were sent in all, each of them acknowledged where it was to be.
    pub(crate) messages: u64,
    /// Those that were acknowledged in a second, where that was measured.
    pub(crate) per_second: f64,
    /// From when a message was due to its acknowledgement.
    pub(crate) times: Times,
}

/// What came of one connection.
#[derive(Default)]
struct Share {
    messages: u64,
    micros: Vec<u32>,
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Keeps so many messages of each connection under way.
pub(crate) async fn closed(
    clients: Vec<Client<TcpStream>>,
    flow: Flow,
    write: Write,
) -> Result<Outcome> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (client, connection) in clients.into_iter().zip(0..) {
        let one = Closed {
            connection,
            began,
            flow,
            write: Arc::clone(&write),
            sent: vec![None; flow.under_way.into()],
            share: Share::default(),
        };
        tasks.spawn(one.run(client));
    }
    let share = together(tasks, WARM_UP + flow.time).await?;
    Ok(Outcome {
        messages: share.messages,
        per_second: share.micros.len() as f64 / flow.time.as_secs_f64(),
        times: Times::new(share.micros),
    })
}

/// What all connections give, which have to end within a while after `time`.
async fn together(mut tasks: JoinSet<Result<Share>>, time: Duration) -> Result<Share> {
    let all = async {
        let mut all = Share::default();
        while let Some(done) = tasks.join_next().await {
            let share = done??;
            all.messages += share.messages;
            all.micros.extend(share.micros);
        }
        anyhow::Ok(all)
    };
    let all = timeout(time + PATIENCE, all).await;
    all.context("messages were not acknowledged long after the end")?
}

/// One connection that sends as fast as answers come.
struct Closed {
    connection: u64,
    began: Instant,
    flow: Flow,
    write: Write,
    /// When the message of each number was sent; nothing where that number is free.
    sent: Vec<Option<Instant>>,
    share: Share,
}

impl Closed {
    async fn run(mut self, mut client: Client<TcpStream>) -> Result<Share> {
        let now = Instant::now();
        for id in 1..=self.flow.under_way {
            self.send(id, now, client.output());
        }
        while self.sent.iter().any(Option::is_some) {
            let mut now = None;
            let turn = client.turn(|packet, output| match packet {
                // All that came in one piece came at one time.
                Packet::Acknowledged(id) => {
                    self.acknowledged(id, *now.get_or_insert_with(Instant::now), output)
                }
                other => bail!("{other:?} came to a connection that only publishes"),
            });
            turn.await.with_context(|| self.so_far())?;
        }
        Ok(self.share)
    }

    fn so_far(&self) -> String {
        let Self { connection, .. } = self;
        format!(
            "connection {connection} after {} messages",
            self.share.messages
        )
    }

    fn send(&mut self, id: u16, now: Instant, output: &mut Vec<u8>) {
        let message = Message {
            connection: self.connection,
            number: self.share.messages,
            id,
            due: (now - self.began).as_micros() as u64,
        };
        (self.write)(message, output);
        if let Some(sent) = self.sent.get_mut(usize::from(id) - 1) {
            *sent = Some(now);
        }
        self.share.messages += 1;
    }

    fn acknowledged(&mut self, id: u16, now: Instant, output: &mut Vec<u8>) -> Result<()> {
        let sent = self
            .sent
            .get_mut(usize::from(id).wrapping_sub(1))
            .and_then(Option::take)
            .with_context(|| format!("message {id} was not under way and is acknowledged"))?;
        let (from, until) = (self.began + WARM_UP, self.began + WARM_UP + self.flow.time);
        if (from..until).contains(&now) {
            self.share.micros.push(micros(now - sent));
        }
        if now < until {
            self.send(id, now, output);
        }
        Ok(())
    }
}

/// Sends messages at a pace, whatever comes; `began` is when the first is due.
pub(crate) async fn paced(
    clients: Vec<Client<TcpStream>>,
    pace: Pace,
    began: Instant,
    write: Write,
) -> Result<Outcome> {
    let connections = clients.len() as u64;
    let mut tasks = JoinSet::new();
    for (client, connection) in clients.into_iter().zip(0..) {
        let one = Paced {
            connection,
            connections,
            began,
            pace,
            write: Arc::clone(&write),
            under_way: VecDeque::new(),
            share: Share::default(),
        };
        tasks.spawn(one.run(client));
    }
    let time = Duration::from_secs_f64(pace.messages as f64 / pace.per_second as f64);
    let share = together(tasks, time).await?;
    Ok(Outcome {
        messages: share.messages,
        per_second: share.messages as f64 / began.elapsed().as_secs_f64(),
        times: Times::new(share.micros),
    })
}

/// One connection that sends at a pace.
struct Paced {
    connection: u64,
    connections: u64,
    began: Instant,
    pace: Pace,
    write: Write,
    /// Numbers that are not acknowledged, each with when it was due.
    under_way: VecDeque<(u16, Instant)>,
    share: Share,
}

impl Paced {
    async fn run(mut self, mut client: Client<TcpStream>) -> Result<Share> {
        loop {
            let due = self.due();
            if due.is_none() && self.under_way.is_empty() {
                client.say().await?;
                return Ok(self.share);
            }
            // Where nothing is due any more, the time does not matter.
            let wake = sleep_until(due.unwrap_or(self.began));
            tokio::select! {
                () = wake, if due.is_some() => self.send_due(client.output()),
                turned = client.turn(|packet, _| match packet {
                    Packet::Acknowledged(id) => acknowledged(&mut self.under_way, &mut self.share, id, self.began),
                    other => bail!("{other:?} came to a connection that only publishes"),
                }) => turned.with_context(|| format!("connection {} after {} messages", self.connection, self.share.messages))?,
            }
        }
    }

    /// When the next message is due; nothing after the last. Those that are sent at once are due at once.
    fn due(&self) -> Option<Instant> {
        let Pace {
            per_second,
            messages,
            together,
            ..
        } = self.pace;
        let (round, place) = (
            self.share.messages / together,
            self.share.messages % together,
        );
        let first = (round * self.connections + self.connection) * together;
        let due = Duration::from_secs_f64(first as f64 / per_second as f64);
        (first + place < messages).then(|| self.began + due)
    }

    fn send_due(&mut self, output: &mut Vec<u8>) {
        let now = Instant::now();
        while let Some(due) = self.due().filter(|due| *due <= now) {
            let due = if now - due < GRAIN { now } else { due };
            let id = (self.share.messages % u64::from(u16::MAX)) as u16 + 1;
            let message = Message {
                connection: self.connection,
                number: self.share.messages,
                id,
                due: (due - self.began).as_micros() as u64,
            };
            (self.write)(message, output);
            if self.pace.quality > 0 {
                self.under_way.push_back((id, due));
            }
            self.share.messages += 1;
        }
    }
}

fn acknowledged(
    under_way: &mut VecDeque<(u16, Instant)>,
    share: &mut Share,
    id: u16,
    began: Instant,
) -> Result<()> {
    // Nearly always the first.
    let place = under_way.iter().position(|(sent, _)| *sent == id);
    let (_, due) = place
        .and_then(|place| under_way.remove(place))
        .with_context(|| format!("message {id} was not under way and is acknowledged"))?;
    if due >= began + WARM_UP {
        share.micros.push(micros(due.elapsed()));
    }
    Ok(())
}

/// Takes messages until there are so many, or until `until`: how many came, and how long those took that were due after [`WARM_UP`].
/// `due` reads from a message when it was due, in microseconds from `began`.
pub(crate) async fn listen(
    mut client: Client<TcpStream>,
    messages: u64,
    (began, until): (Instant, Instant),
    due: fn(&[u8]) -> Option<u64>,
) -> Result<(u64, Times)> {
    let (mut came, mut took) = (0, Vec::new());
    while came < messages {
        let mut now = None;
        let turn = client.turn(|packet, output| {
            let Packet::Message { id, payload } = packet else {
                bail!("{packet:?} came to a connection that only listens");
            };
            let now = *now.get_or_insert_with(Instant::now);
            let due = due(payload).context("a message does not say when it was due")?;
            let due = Duration::from_micros(due);
            if due >= WARM_UP {
                took.push(micros((now - began).saturating_sub(due)));
            }
            if id > 0 {
                acknowledge(output, id);
            }
            came += 1;
            Ok(())
        });
        tokio::select! {
            turned = turn => turned?,
            () = sleep_until(until) => break,
        }
    }
    // The last acknowledgements are on their way when this ends, and the broker has them before it hears of the end.
    Ok((came, Times::new(took)))
}
