//! Clients of the brokers: one that sends and one that collects.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectProperties, Packet, PublishProperties};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use tokio::task::JoinHandle;

/// What came to a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) user: Vec<(String, String)>,
    pub(crate) retain: bool,
}

impl Came {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.payload).unwrap()
    }
}

fn options(port: u16, id: &str, lasting: bool) -> MqttOptions {
    let mut options = MqttOptions::new(id, "127.0.0.1", port);
    options.set_clean_start(!lasting);
    options.set_keep_alive(Duration::from_secs(20));
    options.set_connect_properties(ConnectProperties {
        session_expiry_interval: Some(if lasting { 3_600 } else { 0 }),
        max_packet_size: Some(64 << 20),
        ..ConnectProperties::new()
    });
    options
}

/// Collects what comes on a filter, over all restarts of the broker.
pub(crate) struct Collector {
    came: Arc<Mutex<Vec<Came>>>,
    task: JoinHandle<()>,
}

impl Collector {
    /// Subscribed when this returns.
    pub(crate) async fn start(port: u16, filter: &str) -> Self {
        Self::named(port, filter, "collector").await
    }

    /// The same, under a name of its own.
    pub(crate) async fn named(port: u16, filter: &str, name: &str) -> Self {
        let came = Arc::<Mutex<Vec<Came>>>::default();
        let (client, mut connection) = AsyncClient::new(options(port, name, true), 10);
        client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        loop {
            if let Event::Incoming(Packet::SubAck(_)) = connection.poll().await.unwrap() {
                break;
            }
        }
        let kept = Arc::clone(&came);
        let task = tokio::spawn(async move {
            // The client keeps the connection up as long as it lives.
            let _client = client;
            loop {
                match connection.poll().await {
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        kept.lock().unwrap().push(Came {
                            topic: String::from_utf8(publish.topic.to_vec()).unwrap(),
                            payload: publish.payload.to_vec(),
                            user: publish.properties.unwrap_or_default().user_properties,
                            retain: publish.retain,
                        });
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        Self { came, task }
    }

    pub(crate) fn all(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// The payloads as numbers, each where it came first.
    pub(crate) fn first_numbers(&self) -> Vec<u32> {
        let mut seen = std::collections::BTreeSet::new();
        self.all()
            .iter()
            .map(|came| came.text().parse().unwrap())
            .filter(|number| seen.insert(*number))
            .collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A message that is to be sent.
pub(crate) struct Sent {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) user: Vec<(String, String)>,
    pub(crate) retain: bool,
}

impl Sent {
    pub(crate) fn new(topic: &str, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            user: Vec::new(),
            retain: false,
        }
    }
}

/// Sends messages of quality 1; all are acknowledged when this returns.
pub(crate) async fn send(port: u16, messages: Vec<Sent>) {
    let count = messages.len();
    let (client, mut connection) = AsyncClient::new(options(port, "sender", false), 10);
    let feed = async move {
        for message in messages {
            let properties = PublishProperties {
                user_properties: message.user,
                ..PublishProperties::default()
            };
            client
                .publish_with_properties(
                    message.topic,
                    QoS::AtLeastOnce,
                    message.retain,
                    message.payload,
                    properties,
                )
                .await
                .unwrap();
        }
        client
    };
    let hear = async {
        let mut acknowledged = 0;
        while acknowledged < count {
            if let Event::Incoming(Packet::PubAck(_)) = connection.poll().await.unwrap() {
                acknowledged += 1;
            }
        }
    };
    let (_client, ()) = tokio::join!(feed, hear);
}

/// Sends the numbers `from..to` as the payloads of messages on `topic`.
pub(crate) async fn send_numbers(port: u16, topic: &str, numbers: std::ops::Range<u32>) {
    let messages = numbers.map(|number| Sent::new(topic, number.to_string()));
    send(port, messages.collect()).await;
}

/// Whether a broker has a session of this client; it is not touched.
pub(crate) async fn has_session(port: u16, id: &str) -> bool {
    let (_client, mut connection) = AsyncClient::new(options(port, id, true), 10);
    loop {
        if let Event::Incoming(Packet::ConnAck(ack)) = connection.poll().await.unwrap() {
            return ack.session_present;
        }
    }
}
