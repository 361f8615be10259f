//! A device's connection, from one break to the next.

use std::pin::pin;
use std::time::Duration;

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, Request, StateError};
use tokio::time::{Interval, timeout};

use super::drive::Drive;
use super::options::UNDERWAY;

/// How long a device that is told to stop waits for what is still to be acknowledged.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The simulation is to stop.
    Stopped,
    /// The device is silent for a while.
    Silent,
    /// It broke, or did not come about.
    Broken,
}

/// How a connection ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) why: End,
    pub(super) was_connected: bool,
    pub(super) problem: Option<String>,
}

/// What happened next.
enum Next {
    Event(Box<Event>),
    End(End, Option<String>),
}

/// The connections of a device, one after another.
pub(super) struct Connection {
    events: EventLoop,
    connected: bool,
    before: bool,
    /// What the last connection left unacknowledged.
    again: Vec<Request>,
}

impl Connection {
    pub(super) const fn new(events: EventLoop) -> Self {
        Self {
            events,
            connected: false,
            before: false,
            again: Vec::new(),
        }
    }

    /// Connects, and lives until that connection ends.
    pub(super) async fn live(
        &mut self,
        drive: &mut Drive,
        client: &AsyncClient,
        ticks: &mut Interval,
    ) -> Ended {
        let (why, problem) = if drive.device.is_silent() {
            (End::Silent, None)
        } else {
            loop {
                match self.next(drive, client, ticks).await {
                    Next::Event(event) => self.take(*event, drive, client),
                    Next::End(why, problem) => break (why, problem),
                }
            }
        };
        if why == End::Stopped {
            self.part(drive, client).await;
        }
        self.close();
        let was_connected = std::mem::take(&mut self.connected);
        if was_connected {
            drive.count.note(|totals| totals.connected -= 1);
        }
        Ended {
            why,
            was_connected,
            problem,
        }
    }

    /// Waits for the next event, and makes the steps that are due meanwhile.
    async fn next(
        &mut self,
        drive: &mut Drive,
        client: &AsyncClient,
        ticks: &mut Interval,
    ) -> Next {
        let connected = self.connected;
        // The wait is never broken off for a step: half a handshake would be lost.
        let mut event = pin!(self.events.poll());
        let stop = drive.stop.clone();
        let mut stopped = pin!(stop.cancelled());
        loop {
            tokio::select! {
                () = &mut stopped => return Next::End(End::Stopped, None),
                event = &mut event => return match event {
                    Ok(event) => Next::Event(Box::new(event)),
                    Err(error) => Next::End(End::Broken, Some(reason(&error))),
                },
                _ = ticks.tick() => {
                    drive.step(connected.then_some(client));
                    if drive.device.is_silent() {
                        return Next::End(End::Silent, None);
                    }
                }
            }
        }
    }

    fn take(&mut self, event: Event, drive: &mut Drive, client: &AsyncClient) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => {
                let again = std::mem::replace(&mut self.before, true);
                self.connected = true;
                drive.count.note(|totals| {
                    totals.connected += 1;
                    totals.reconnects += u64::from(again);
                });
                drive.greet(client, std::mem::take(&mut self.again));
            }
            Event::Incoming(Packet::Publish(publish)) => {
                drive.hear(&publish.topic, &publish.payload, client);
            }
            other => self.account(&other, drive),
        }
    }

    /// Counts what came of a message or of a subscription.
    fn account(&self, event: &Event, drive: &Drive) {
        match event {
            Event::Outgoing(Outgoing::Publish(_)) => drive.count.note(|totals| totals.sent += 1),
            Event::Incoming(Packet::PubAck(answer)) => match answer.reason {
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers => {
                    drive.count.note(|totals| totals.acknowledged += 1);
                }
                refusal => {
                    drive.count.note(|totals| totals.refused += 1);
                    let text = format!("a message was refused: {refusal:?}");
                    drive.count.problem(drive.device.thing(), &text);
                }
            },
            Event::Incoming(Packet::SubAck(answer)) => {
                let mut codes = answer.return_codes.iter();
                let good =
                    |code: &&SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                if let Some(refusal) = codes.find(|code| !good(code)) {
                    drive.count.note(|totals| totals.refused += 1);
                    let text = format!("a subscription was refused: {refusal:?}");
                    drive.count.problem(drive.device.thing(), &text);
                }
            }
            _ => {}
        }
    }

    /// Ends the connection in good order: what was sent is acknowledged, and the broker is told.
    async fn part(&mut self, drive: &Drive, client: &AsyncClient) {
        if !self.connected {
            return;
        }
        let farewell = async {
            let mut parting = false;
            loop {
                if !parting && self.events.state.inflight() == 0 {
                    parting = client.try_disconnect().is_ok();
                }
                match self.events.poll().await {
                    Ok(Event::Outgoing(Outgoing::Disconnect)) | Err(_) => break,
                    Ok(event) => self.account(&event, drive),
                }
            }
        };
        drop(timeout(FAREWELL, farewell).await);
    }

    /// Closes the connection as it is, and keeps what was not acknowledged, as far as it may be underway at once.
    fn close(&mut self) {
        self.events.clean();
        self.events.state.events.clear();
        self.events.state.collision = None;
        self.again.extend(self.events.pending.drain(..));
        self.again
            .retain(|request| matches!(request, Request::Publish(_)));
        let surplus = self.again.len().saturating_sub(UNDERWAY.into());
        self.again.drain(..surplus);
    }
}

/// Why a connection broke, in words.
fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(code) => format!("the broker refuses it: {code:?}"),
        ConnectionError::MqttState(StateError::ServerDisconnect {
            reason_code,
            reason_string,
        }) => {
            let said = reason_string.as_deref().unwrap_or_default();
            format!("the broker ended the connection: {reason_code:?} {said}")
                .trim_end()
                .into()
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => "the connection broke".into(),
        other => other.to_string(),
    }
}
