//! What the APIs of AWS need of the rooms: access keys are tokens, and messages go by the broker.

use std::sync::Arc;

use async_trait::async_trait;
use trunkline_access::{Access, AccessError};
use trunkline_aws::{
    AccessKey, AccessSecret, Aws, KeyError, Keys, Parts, Properties, Publish, PublishError,
    Retained, RetainedTopic,
};
use trunkline_hub::{Hub, Kept, NotPublished, Outgoing};
use trunkline_model::Principal;
use trunkline_web::{Authorize, ClientAddress};

use super::Settings;
use super::rooms::Rooms;

/// The APIs of AWS over the rooms.
pub(super) fn aws(settings: &Settings, rooms: &Rooms, endpoint: String) -> Arc<Aws> {
    Arc::new(Aws::new(Parts {
        fleet: Arc::clone(&rooms.fleet),
        tell: rooms.hub.listeners(),
        keys: Arc::new(Tokens(Arc::clone(&rooms.access))),
        publish: Arc::new(ByBroker(Arc::clone(&rooms.hub))),
        authorize: Arc::clone(&rooms.permits) as Arc<dyn Authorize>,
        clock: Arc::clone(&settings.clock),
        ids: Arc::clone(&settings.ids),
        endpoint,
    }))
}

/// Tokens as access keys.
#[derive(Debug)]
struct Tokens(Arc<Access>);

#[async_trait]
impl Keys for Tokens {
    async fn find(
        &self,
        access_key_id: &str,
        client: ClientAddress,
    ) -> Result<Option<AccessKey>, KeyError> {
        match self.0.access_key(access_key_id, client).await {
            Ok(key) => Ok(Some(AccessKey {
                secret: AccessSecret::new(key.secret.reveal()),
                principal: key.holder.principal.clone(),
            })),
            Err(AccessError::BadCredential) => Ok(None),
            Err(AccessError::RateLimited { .. }) => Err(KeyError::RateLimited),
            Err(error) => Err(KeyError::Unavailable(Box::new(error))),
        }
    }

    fn was_wrong(&self, access_key_id: &str, client: ClientAddress) {
        self.0.claim_was_wrong(access_key_id, client);
    }

    fn used(&self, access_key_id: &str) {
        self.0.access_key_used(access_key_id);
    }
}

/// Messages by the broker.
#[derive(Debug)]
struct ByBroker(Arc<Hub>);

#[async_trait]
impl Publish for ByBroker {
    async fn publish(
        &self,
        message: trunkline_aws::Outgoing,
        by: &Principal,
    ) -> Result<(), PublishError> {
        let Properties {
            utf8,
            content_type,
            response_topic,
            correlation,
            expiry,
            user,
        } = message.properties;
        let outgoing = Outgoing {
            topic: message.topic,
            payload: message.payload.into(),
            at_least_once: message.at_least_once,
            retain: message.retain,
            utf8,
            content_type,
            response_topic,
            correlation,
            expiry,
            user,
        };
        let published = self.0.publish(outgoing, &by.id).await;
        published.map_err(|error| match error {
            NotPublished::Topic | NotPublished::Payload => PublishError::Invalid(error.to_string()),
            NotPublished::NotKept(error) => PublishError::Unavailable(Box::new(error)),
        })
    }

    async fn retained(&self, topic: &str) -> Result<Option<Retained>, PublishError> {
        let kept = self.0.retained(topic).await;
        Ok(kept.map(|Kept { message, at }| Retained {
            payload: message.payload.to_vec(),
            qos: message.quality().min(1),
            modified: at,
        }))
    }

    async fn retained_topics(
        &self,
        after: &str,
        count: usize,
    ) -> Result<Vec<RetainedTopic>, PublishError> {
        let all = self.0.retained_after(after, count).await;
        let topic = |Kept { message, at }: Kept| RetainedTopic {
            topic: message.topic.to_string(),
            bytes: message.payload.len() as u64,
            qos: message.quality().min(1),
            modified: at,
        };
        Ok(all.into_iter().map(topic).collect())
    }
}
