//! One device, for as long as it is simulated.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Filter;
use rumqttc::v5::{AsyncClient, MqttOptions, Request};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;
use trunkline_model::Clock;

use super::backoff::wait;
use super::connection::{Connection, End};
use super::{Count, Pace};
use crate::device::{Device, Message, Said};

/// How long a connection has to last so that the next attempt after it is a first one again: a broker that lets devices in and then ends
/// their connections must not be stormed.
const LASTING: Duration = Duration::from_secs(30);
/// Messages that wait for a device's connection to take them.
const WAITING: usize = 64;

/// Lets a device live.
#[derive(Debug)]
pub(crate) struct Drive {
    pub(crate) device: Device,
    pub(crate) count: Count,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: u64,
    pub(crate) stop: CancellationToken,
}

impl Drive {
    /// Connects the device as often as is needed, and makes its steps meanwhile, until it is told to stop.
    pub(crate) async fn run(mut self, options: MqttOptions, pace: Pace) {
        let begin = Instant::now();
        let mut ticks = interval_at(begin + pace.first, pace.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let stop = self.stop.clone();
        let waited = stop.run_until_cancelled(tokio::time::sleep_until(begin + pace.connect));
        if waited.await.is_none() {
            return;
        }
        let (client, events) = AsyncClient::new(options, WAITING);
        let mut connection = Connection::new(events);
        let mut attempt = 0;
        while !self.stop.is_cancelled() {
            let begun = Instant::now();
            let end = connection.live(&mut self, &client, &mut ticks).await;
            let lasted = end.was_connected && begun.elapsed() >= LASTING;
            attempt = if lasted { 1 } else { attempt + 1 };
            if let Some(problem) = end.problem {
                self.count.problem(self.device.thing(), &problem);
            }
            match end.why {
                End::Stopped => return,
                End::Silent => self.be_silent(&mut ticks).await,
                // After a restart of the broker devices come back spread as they were at the beginning.
                End::Broken => self.pause(attempt, pace.connect, &mut ticks).await,
            }
        }
    }

    /// Waits before the next attempt, and `more` than others do.
    async fn pause(&mut self, attempt: u32, more: Duration, ticks: &mut Interval) {
        let pause = sleep(wait(self.seed, self.device.thing(), attempt) + more);
        tokio::pin!(pause);
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut pause => return,
                _ = ticks.tick() => self.step(None),
            }
        }
    }

    /// Goes on without a connection as long as the device is silent.
    async fn be_silent(&mut self, ticks: &mut Interval) {
        let stop = self.stop.clone();
        while self.device.is_silent() {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.step(None),
            }
        }
    }

    /// Makes a step, and sends what came of it if there is somebody to send it to.
    pub(super) fn step(&mut self, client: Option<&AsyncClient>) {
        let said = self.device.step();
        self.count.note(|totals| totals.steps += 1);
        self.say(said, client);
    }

    /// Takes a message of the broker.
    pub(super) fn hear(&mut self, topic: &[u8], payload: &[u8], client: &AsyncClient) {
        if let Ok(topic) = std::str::from_utf8(topic) {
            let said = self.device.hear(topic, payload, self.clock.now());
            self.say(said, Some(client));
        }
    }

    fn say(&mut self, said: Said, client: Option<&AsyncClient>) {
        let missed = self.send(said.messages, client);
        let (refused, wanted, command) = (said.refused.is_some(), said.wanted, said.command);
        if let Some(problem) = said.refused {
            self.count.problem(self.device.thing(), &problem);
        }
        self.count.note(|totals| {
            totals.missed += missed;
            totals.refused += u64::from(refused);
            totals.wanted += u64::from(wanted);
            totals.commands += u64::from(command);
            totals.succeeded += u64::from(said.job == Some(true));
            totals.failed += u64::from(said.job == Some(false));
        });
    }

    /// Sends messages; how many of them found no way.
    fn send(&mut self, messages: Vec<Message>, client: Option<&AsyncClient>) -> u64 {
        let mut missed = 0;
        for message in messages {
            let sent = client.is_some_and(|client| {
                let Message { topic, payload } = message;
                let published = client.try_publish(topic, QoS::AtLeastOnce, false, payload);
                published.is_ok()
            });
            missed += u64::from(!sent);
        }
        // Without a connection nothing is owed: the next one begins with everything.
        if missed > 0 && client.is_some() {
            self.device.lost();
        }
        missed
    }

    /// What is done as soon as there is a connection: `again` are messages that the one before it left unacknowledged.
    pub(super) fn greet(&mut self, client: &AsyncClient, again: Vec<Request>) {
        let filters = self.device.filters().into_iter();
        let filters = filters.map(|filter| Filter::new(filter, QoS::AtLeastOnce));
        if client.try_subscribe_many(filters).is_err() {
            self.count
                .problem(self.device.thing(), "it cannot subscribe");
        }
        let again = again.into_iter().filter_map(|request| match request {
            Request::Publish(publish) => Some(Message {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload.to_vec(),
            }),
            _ => None,
        });
        let mut messages: Vec<Message> = again.collect();
        messages.extend(self.device.connected());
        let missed = self.send(messages, Some(client));
        self.count.note(|totals| totals.missed += missed);
    }
}
