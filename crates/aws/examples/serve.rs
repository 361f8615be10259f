//! Serves the APIs over a fleet in a folder, with twins, a broker and one access key in memory, to try a program against:
//! `cargo run -p trunkline-aws --example serve -- 127.0.0.1:7070 /tmp/fleet KEY SECRET`. Prints the address that it listens at.
#![expect(
    clippy::print_stdout,
    reason = "who starts it wants to know the address"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpListener;
use trunkline_aws::{
    AccessKey, AccessSecret, Aws, KeyError, Keys, Outgoing, Parts, Publish, PublishError, Retained,
    RetainedTopic, routes,
};
use trunkline_fleet::{Fleet, MemoryJournal, Tell, Told};
use trunkline_model::{Clock, Principal, PrincipalKind, RandomIds, Scope, SystemClock};
use trunkline_store::{Store, StoreConfig};
use trunkline_web::{ClientAddress, ScopesAlone};

/// The one key that there is.
#[derive(Debug)]
struct OneKey(String, AccessKey);

#[async_trait]
impl Keys for OneKey {
    async fn find(&self, id: &str, _: ClientAddress) -> Result<Option<AccessKey>, KeyError> {
        Ok((id == self.0).then(|| self.1.clone()))
    }

    fn was_wrong(&self, _: &str, _: ClientAddress) {}

    fn used(&self, _: &str) {}
}

/// Keeps what is to be kept, and forgets all else.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Retained>>);

#[async_trait]
impl Publish for Memory {
    async fn publish(&self, message: Outgoing, _: &Principal) -> Result<(), PublishError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if message.retain && message.payload.is_empty() {
            all.remove(&message.topic);
        } else if message.retain {
            let kept = Retained {
                payload: message.payload,
                qos: message.at_least_once.into(),
                modified: SystemClock.now(),
            };
            all.insert(message.topic, kept);
        }
        Ok(())
    }

    async fn retained(&self, topic: &str) -> Result<Option<Retained>, PublishError> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.get(topic).cloned())
    }

    async fn retained_topics(
        &self,
        after: &str,
        count: usize,
    ) -> Result<Vec<RetainedTopic>, PublishError> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let later = all.iter().filter(|(topic, _)| topic.as_str() > after);
        let topics = later.take(count).map(|(topic, kept)| RetainedTopic {
            topic: topic.clone(),
            bytes: kept.payload.len() as u64,
            qos: kept.qos,
            modified: kept.modified,
        });
        Ok(topics.collect())
    }
}

/// Nobody is connected.
#[derive(Debug)]
struct Nobody;

impl Tell for Nobody {
    fn tell(&self, _: Vec<Told>) {}

    fn disconnect(&self, _: &str) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, folder, id, secret] = arguments.as_slice() else {
        return Err("usage: serve ADDRESS FOLDER KEY SECRET".into());
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    std::fs::create_dir_all(folder)?;
    let path = Path::new(folder).join("control.db");
    let store = Store::open(&path, &StoreConfig::default()).await?;
    let journal = Arc::new(MemoryJournal::default());
    let fleet = Fleet::open(store, Arc::clone(&clock), Arc::new(RandomIds), journal).await?;
    let ticking = Arc::clone(&fleet);
    tokio::spawn(async move {
        while ticking.tick(&Nobody).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let key = AccessKey {
        secret: AccessSecret::new(secret),
        principal: Principal::new(PrincipalKind::Token, id, "example", vec![Scope::Owner]),
    };
    let aws = Aws::new(Parts {
        fleet,
        tell: Arc::new(Nobody),
        keys: Arc::new(OneKey(id.clone(), key)),
        publish: Arc::new(Memory::default()),
        authorize: Arc::new(ScopesAlone),
        clock,
        ids: Arc::new(RandomIds),
        endpoint: "localhost".into(),
    });
    let listener = TcpListener::bind(address).await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes(Arc::new(aws))).await?)
}
