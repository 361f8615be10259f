//! What the platform does for devices, played by a client of the broker.

use std::collections::VecDeque;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use serde_json::Value;

/// A client that hears everything.
pub(crate) struct Platform {
    client: AsyncClient,
    events: EventLoop,
    heard: VecDeque<(String, Value)>,
}

impl Platform {
    pub(crate) async fn on(port: u16) -> Self {
        let mut options = MqttOptions::new("platform", "127.0.0.1", port);
        options.set_credentials("platform", "secret of platform");
        Self::with(options).await
    }

    pub(crate) async fn with(mut options: MqttOptions) -> Self {
        options
            .set_outgoing_inflight_upper_limit(100)
            .set_max_packet_size(Some(1_000_000));
        let (client, mut events) = AsyncClient::new(options, 1_000);
        for filter in ["$aws/#", "dt/#", "cmd/#"] {
            client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        }
        let mut subscribed = 0;
        while subscribed < 3 {
            if let Event::Incoming(Packet::SubAck(_)) = events.poll().await.unwrap() {
                subscribed += 1;
            }
        }
        Self {
            client,
            events,
            heard: VecDeque::new(),
        }
    }

    /// Says something, and waits until the broker has it.
    pub(crate) async fn say(&mut self, topic: &str, payload: &Value) {
        let payload = payload.to_string();
        let said = self.client.publish(topic, QoS::AtLeastOnce, false, payload);
        said.await.unwrap();
        while !matches!(self.next().await, Packet::PubAck(_)) {}
    }

    /// The next packet of the broker; messages are kept.
    async fn next(&mut self) -> Packet {
        loop {
            let Event::Incoming(packet) = self.events.poll().await.unwrap() else {
                continue;
            };
            if let Packet::Publish(publish) = &packet {
                let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                let payload = serde_json::from_slice(&publish.payload).unwrap_or(Value::Null);
                self.heard.push_back((topic, payload));
            }
            return packet;
        }
    }

    /// The next message on `topic` that `wanted` takes; those on other topics are kept, those before it are dropped.
    pub(crate) async fn hear(&mut self, topic: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let found = tokio::time::timeout(Duration::from_secs(30), self.find(topic, wanted)).await;
        found.unwrap_or_else(|_| panic!("nothing like it came on {topic}"))
    }

    async fn find(&mut self, topic: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut looked_at = 0;
        loop {
            while let Some((heard, payload)) = self.heard.get(looked_at) {
                if heard == topic {
                    let good = wanted(payload);
                    let (_, payload) = self.heard.remove(looked_at).unwrap();
                    if good {
                        return payload;
                    }
                } else {
                    looked_at += 1;
                }
            }
            self.next().await;
        }
    }

    /// Forgets what it heard, and whatever comes for so long.
    pub(crate) async fn forget_for(&mut self, time: Duration) {
        drop(tokio::time::timeout(time, self.find("nowhere", |_| true)).await);
        self.heard.clear();
    }

    /// Everything that comes on `topic` for so long.
    pub(crate) async fn all_for(&mut self, topic: &str, time: Duration) -> Vec<Value> {
        drop(tokio::time::timeout(time, self.find("nowhere", |_| true)).await);
        let heard = std::mem::take(&mut self.heard);
        heard
            .into_iter()
            .filter(|(heard, _)| heard == topic)
            .map(|(_, payload)| payload)
            .collect()
    }
}
