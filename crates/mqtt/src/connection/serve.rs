//! A connection's life.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Arrival;
use super::handshake::{Joined, join, refusal, will_message};
use super::incoming::Incoming;
use super::link::Link;
use crate::broker::{Broker, Core};
use crate::codec::{
    Ack, Connect, Disconnect, Malformed, Options, Packet, Qos, Reason, Subscribe, Unsubscribe,
    Version, Will, Wire, detect,
};
use crate::port::{End, Pass, PeerCertificate, Received};
use crate::session::Session;
use crate::{Entry, Message, Note};
use trunkline_topic::{is_filter, shared};

/// How many bytes are put together before they are written.
const FULL: usize = 64 * 1024;

/// Where a connection comes from.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address.
    pub address: IpAddr,
    /// The certificate that it showed, where the transport asks for one.
    pub certificate: Option<PeerCertificate>,
}

impl Broker {
    /// Serves one connection, which has begun with `arrival`, until it ends.
    pub async fn serve<S>(&self, mut stream: S, peer: Peer, arrival: Arrival)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let core = &self.0;
        let begun = tokio::time::timeout(core.limits.connect, first(core, &mut stream));
        let Ok(Ok(Some((wire, read, connect)))) = begun.await else {
            return;
        };
        let mut link = Link::new(stream, wire, read, core.limits.write);
        let connect = match connect {
            Ok(connect) => connect,
            Err(malformed) => {
                core.count.refused.fetch_add(1, Ordering::Relaxed);
                link.put(Packet::ConnectAck(Box::new(refusal(malformed.reason))));
                drop(link.flush().await);
                return;
            }
        };
        link.wire.set_maximum_packet(connect.maximum_packet);
        link.wire.set_topic_aliases(connect.topic_alias_maximum);
        let joined = join(core, &peer, *connect).await;
        drop(arrival);
        match joined {
            Ok(joined) => Life::begin(core, link, joined, &peer).run().await,
            Err(reason) => {
                core.count.refused.fetch_add(1, Ordering::Relaxed);
                link.put(Packet::ConnectAck(Box::new(refusal(reason))));
                drop(link.flush().await);
                link.close().await;
            }
        }
    }
}

type First = (Box<dyn Wire>, BytesMut, Result<Box<Connect>, Malformed>);

/// Reads CONNECT; what came behind it stays in the buffer. Nothing where the bytes are no MQTT, or the stream ended.
async fn first<S: AsyncRead + Unpin>(
    core: &Core,
    stream: &mut S,
) -> std::io::Result<Option<First>> {
    let mut read = BytesMut::new();
    let mut wire: Option<Box<dyn Wire>> = None;
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
        if wire.is_none() {
            wire = match detect(&mut read, core.limits.packet_bytes) {
                Ok(wire) => wire,
                Err(malformed) => {
                    tracing::debug!(%malformed, "a connection is no MQTT");
                    return Ok(None);
                }
            };
        }
        let Some(known) = &mut wire else {
            continue;
        };
        let packet = match known.read(&mut read) {
            Ok(None) => continue,
            Ok(Some(Packet::Connect(connect))) => Ok(connect),
            Ok(Some(_)) => return Ok(None),
            Err(malformed) => Err(malformed),
        };
        return Ok(wire.map(|wire| (wire, read, packet)));
    }
}

/// A connection whose client was let in.
struct Life<'a, S> {
    core: &'a Arc<Core>,
    link: Link<S>,
    session: Arc<Session>,
    number: u64,
    wake: Arc<Notify>,
    pass: Arc<Pass>,
    incoming: Incoming,
    will: Option<Will>,
    version: Version,
    silence: Duration,
    heard: Instant,
    /// Ends when the client may have been silent for too long. It is set anew only when it ends, not whenever something is heard.
    alarm: Pin<Box<Sleep>>,
    /// Ends when the broker does. One for the whole life: to ask anew each time is to queue up anew each time.
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// Why a life ends.
#[derive(Debug)]
enum Over {
    /// The client said goodbye.
    Goodbye(Disconnect),
    /// The transport ended.
    Lost,
    /// The client did not take what it was sent.
    Stuck,
    /// The broker ends it.
    Ours(Reason),
}

impl From<Reason> for Over {
    fn from(reason: Reason) -> Self {
        Self::Ours(reason)
    }
}

impl From<Malformed> for Over {
    fn from(malformed: Malformed) -> Self {
        tracing::debug!(%malformed, "a connection ends");
        Self::Ours(malformed.reason)
    }
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin + Send> Life<'a, S> {
    fn begin(core: &'a Arc<Core>, mut link: Link<S>, joined: Joined, peer: &Peer) -> Self {
        core.count.connected.fetch_add(1, Ordering::Relaxed);
        let session = joined.opened.session;
        let version = match joined.version {
            Version::V3 => 4,
            Version::V5 => 5,
        };
        core.ports.watch.connected(
            &session.client,
            joined.opened.link,
            &joined.pass,
            peer.address,
            version,
        );
        link.put(Packet::ConnectAck(Box::new(joined.ack)));
        let silence = Duration::from_millis(u64::from(joined.keep_alive) * 1_500);
        Self {
            incoming: Incoming::new(
                Arc::clone(&joined.pass),
                (Arc::clone(&session), joined.opened.link),
                joined.version,
                joined.topic_aliases,
            ),
            core,
            link,
            number: joined.opened.link,
            wake: joined.opened.wake,
            session,
            pass: joined.pass,
            will: joined.will,
            version: joined.version,
            silence,
            heard: Instant::now(),
            alarm: Box::pin(tokio::time::sleep(silence)),
            closing: Box::pin(core.closing.clone().cancelled_owned()),
        }
    }

    async fn run(mut self) {
        let over = match self.go_on().await {
            Err(over) => over,
            Ok(()) => loop {
                if let Err(over) = self.turn().await {
                    break over;
                }
            },
        };
        self.finish(over).await;
    }

    /// Goes on with what was under way when the last connection ended.
    async fn go_on(&mut self) -> Result<(), Over> {
        self.fetch().await?;
        self.session.of(self.number)?.write_again(
            &mut *self.link.wire,
            &mut self.link.out,
            Instant::now(),
        );
        Ok(())
    }

    /// Fetches messages from the log that come next and are not in memory.
    async fn fetch(&mut self) -> Result<(), Over> {
        let places = self.session.of(self.number)?.missing();
        if places.is_empty() {
            return Ok(());
        }
        let Ok(found) = self.core.ports.journal.fetch(&places).await else {
            return Err(Over::Ours(Reason::ServerBusy));
        };
        let found: HashMap<u64, Arc<Message>> = found
            .into_iter()
            .map(|(place, message)| (place, Arc::new(message)))
            .collect();
        let lost = self.session.of(self.number)?.fill(&places, &found);
        self.core.lost(&self.session.client, lost);
        Ok(())
    }

    /// Works off what is there, then waits for more.
    async fn turn(&mut self) -> Result<(), Over> {
        while let Some(packet) = self.link.next()? {
            self.heard = Instant::now();
            if !matches!(packet, Packet::Publish(_)) {
                self.keep().await?;
            }
            self.packet(packet).await?;
            if self.incoming.is_full() {
                self.keep().await?;
            }
        }
        self.keep().await?;
        loop {
            let missing = self.session.of(self.number)?.write(
                &mut *self.link.wire,
                &mut self.link.out,
                FULL,
                Instant::now(),
            );
            let full = self.link.out.len() >= FULL;
            self.flush().await?;
            if missing {
                self.fetch().await?;
            } else if !full {
                break;
            }
        }
        tokio::select! {
            more = self.link.more() => match more {
                Ok(true) => Ok(()),
                Ok(false) | Err(_) => Err(Over::Lost),
            },
            () = self.wake.notified() => {
                // Others who are ready have messages for this client too, mostly: they go out together.
                tokio::task::yield_now().await;
                Ok(())
            }
            () = &mut self.closing => Err(Over::Ours(Reason::ServerShuttingDown)),
            () = &mut self.alarm => {
                let until = self.heard + self.silence;
                if until <= Instant::now() {
                    return Err(Over::Ours(Reason::KeepAliveTimeout));
                }
                self.alarm.as_mut().reset(until);
                Ok(())
            }
        }
    }

    /// Writes what there is to write, after all that it promises is durable.
    async fn flush(&mut self) -> Result<(), Over> {
        let notes = self.session.of(self.number)?.take_notes();
        if !notes.is_empty() {
            let entries: Vec<Entry> = notes.into_iter().map(|note| self.entry(note)).collect();
            if self.core.ports.journal.note(&entries).await.is_err() {
                // What was to be promised must not be said.
                self.link.out.clear();
                return Err(Over::Ours(Reason::ServerBusy));
            }
        }
        self.link.flush().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::TimedOut => Over::Stuck,
            _ => Over::Lost,
        })
    }

    fn entry(&self, note: Note) -> Entry {
        Entry {
            client: self.session.client.to_string(),
            note,
        }
    }

    async fn keep(&mut self) -> Result<(), Over> {
        if self.incoming.is_empty() {
            return Ok(());
        }
        let (answers, all) = self.incoming.keep(self.core).await;
        for answer in answers {
            self.link.put(answer);
        }
        if all {
            return Ok(());
        }
        tracing::warn!(client = &*self.session.client, "messages were not kept");
        Err(Over::Ours(Reason::ServerBusy))
    }

    async fn packet(&mut self, packet: Packet) -> Result<(), Over> {
        match packet {
            Packet::Publish(publish) => {
                let wait = self.incoming.wait(&publish, Instant::now());
                if !wait.is_zero() {
                    // What came before has its answer meanwhile.
                    self.keep().await?;
                    self.flush().await?;
                    tokio::time::sleep(wait).await;
                }
                self.incoming.take(self.core, *publish)?;
            }
            Packet::PublishAck(ack) => self.session.of(self.number)?.acknowledged(ack.id),
            Packet::PublishReceived(ack) => {
                let reason = self.session.of(self.number)?.received_by_client(ack);
                if let Some(reason) = reason {
                    self.link
                        .put(Packet::PublishRelease(Ack { id: ack.id, reason }));
                }
            }
            Packet::PublishRelease(ack) => {
                let known = self.session.of(self.number)?.release(ack.id);
                let reason = if known {
                    Reason::Success
                } else {
                    Reason::PacketIdNotFound
                };
                self.link
                    .put(Packet::PublishComplete(Ack { id: ack.id, reason }));
            }
            Packet::PublishComplete(ack) => self.session.of(self.number)?.completed(ack.id),
            Packet::Subscribe(subscribe) => self.subscribe(&subscribe)?,
            Packet::Unsubscribe(unsubscribe) => self.unsubscribe(&unsubscribe)?,
            Packet::PingRequest => self.link.put(Packet::PingResponse),
            Packet::Disconnect(goodbye) => return Err(Over::Goodbye(goodbye)),
            Packet::Auth => return Err(Over::Ours(Reason::BadAuthenticationMethod)),
            _ => return Err(Over::Ours(Reason::ProtocolError)),
        }
        Ok(())
    }

    fn subscribe(&mut self, subscribe: &Subscribe) -> Result<(), Over> {
        if subscribe.filters.is_empty() {
            return Err(Over::Ours(Reason::ProtocolError));
        }
        let most = self.pass.limits.filters;
        let mut reasons = Vec::with_capacity(subscribe.filters.len());
        let mut room = self
            .pass
            .limits
            .subscriptions
            .saturating_sub(self.session.of(self.number)?.subscriptions.len());
        for (place, (filter, options)) in subscribe.filters.iter().enumerate() {
            let reason = if place >= most {
                Reason::QuotaExceeded
            } else {
                self.may_subscribe(filter, options, &mut room)?
            };
            reasons.push(reason);
        }
        // The answer goes first, so that the client knows what the messages are for.
        self.link
            .put(Packet::SubscribeAck(subscribe.id, reasons.clone()));
        for ((filter, options), reason) in subscribe.filters.iter().zip(reasons) {
            if !reason.is_failure() {
                self.core
                    .subscribe(&self.session, self.number, filter, *options)?;
            }
        }
        Ok(())
    }

    /// What is answered to one filter; `room` is how many new ones there may be.
    fn may_subscribe(
        &self,
        written: &str,
        options: &Options,
        room: &mut usize,
    ) -> Result<Reason, Over> {
        let limits = &self.core.limits;
        let Ok(group) = shared(written) else {
            return Ok(Reason::TopicFilterInvalid);
        };
        if group.is_some() && options.no_local {
            return Err(Over::Ours(Reason::ProtocolError));
        }
        let filter = group.map_or(written, |(_, filter)| filter);
        if !is_filter(filter, limits.topic_bytes, limits.topic_levels) {
            return Ok(Reason::TopicFilterInvalid);
        }
        if !self.pass.may_subscribe(filter) {
            self.core
                .ports
                .watch
                .denied(&self.session.client, &self.pass, "subscribe", written);
            return Ok(Reason::NotAuthorized);
        }
        let new = !self
            .session
            .of(self.number)?
            .subscriptions
            .contains_key(written);
        if new && *room == 0 {
            return Ok(Reason::QuotaExceeded);
        }
        *room -= usize::from(new);
        Ok(match options.qos {
            Qos::AtMostOnce => Reason::Success,
            Qos::AtLeastOnce => Reason::GrantedAtLeastOnce,
            Qos::ExactlyOnce => Reason::GrantedExactlyOnce,
        })
    }

    fn unsubscribe(&mut self, unsubscribe: &Unsubscribe) -> Result<(), Over> {
        let mut reasons = Vec::with_capacity(unsubscribe.filters.len());
        for filter in &unsubscribe.filters {
            let known = self.core.unsubscribe(&self.session, self.number, filter)?;
            reasons.push(if known {
                Reason::Success
            } else {
                Reason::NoSubscriptionExisted
            });
        }
        self.link
            .put(Packet::UnsubscribeAck(unsubscribe.id, reasons));
        Ok(())
    }

    /// Ends the connection: the last words, the will, and the session where it is not to stay.
    async fn finish(mut self, over: Over) {
        let end = match &over {
            Over::Goodbye(_) => End::Disconnected,
            Over::Lost => End::Lost,
            Over::Stuck => End::Slow,
            Over::Ours(reason) => match reason {
                Reason::KeepAliveTimeout => End::KeepAlive,
                Reason::SessionTakenOver => End::TakenOver,
                Reason::ServerShuttingDown => End::Shutdown,
                Reason::AdministrativeAction => End::Revoked,
                Reason::QuotaExceeded => End::Slow,
                _ => End::Protocol,
            },
        };
        if let Over::Ours(reason) = over {
            self.link.put(Packet::Disconnect(Disconnect {
                reason,
                session_expiry: None,
            }));
            drop(self.link.flush().await);
        }
        self.link.close().await;
        let mut with_will = !matches!(end, End::Shutdown);
        if let Over::Goodbye(goodbye) = &over {
            with_will = goodbye.reason == Reason::WithWill;
            // A session that was to end with its connection cannot be made to stay by the last word.
            if let (Some(expiry), Ok(mut state)) =
                (goodbye.session_expiry, self.session.of(self.number))
                && state.expiry > 0
            {
                state.expiry = expiry.min(self.core.limits.session_expiry);
            }
        }
        let (ours, expiry) = {
            let mut state = self.session.lock();
            (state.detach(self.number, Instant::now()), state.expiry)
        };
        if ours && expiry > 0 {
            self.core
                .note_later(&self.session.client, Note::Left { expiry });
        }
        self.core.count.connected.fetch_sub(1, Ordering::Relaxed);
        self.core
            .ports
            .watch
            .gone(&self.session.client, self.number, &self.pass, end);
        if let (true, Some(will)) = (with_will, self.will.take()) {
            let last = LastWords {
                core: Arc::clone(self.core),
                session: Arc::clone(&self.session),
                pass: Arc::clone(&self.pass),
                wait: Duration::from_secs(will.delay.min(expiry).into()),
                will,
            };
            tokio::spawn(last.speak());
        }
        if ours && expiry == 0 {
            self.core.forget(&self.session);
        }
        tracing::debug!(client = &*self.session.client, end = end.as_str(), version = ?self.version, "a connection ended");
    }
}

/// A will that waits for its client to come back.
struct LastWords {
    core: Arc<Core>,
    session: Arc<Session>,
    pass: Arc<Pass>,
    wait: Duration,
    will: Will,
}

impl LastWords {
    async fn speak(self) {
        if !self.wait.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(self.wait) => {}
                () = self.core.closing.cancelled() => return,
            }
            if self.session.lock().is_connected() {
                return;
            }
        }
        let received = [Received {
            message: Arc::new(will_message(self.will, &self.session.client)),
            pass: self.pass,
            id: None,
        }];
        if self.core.accept(&received).await == 0 {
            tracing::warn!(client = &*self.session.client, "a will was not kept");
        }
    }
}
