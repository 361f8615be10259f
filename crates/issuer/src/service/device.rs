//! Devices and command lines without a browser (RFC 8628).

use std::time::{Duration, Instant};

use serde::Serialize;
use trunkline_model::Timestamp;

use super::code::require;
use super::consent::Visitor;
use super::issuer::{Issuer, MINUTE};
use super::mint::TokenAnswer;
use crate::IssuerError;
use crate::events::ConsentGiven;
use crate::model::{Client, Grant, GrantType, Params, Refusal, split};
use crate::secret::Purpose;
use crate::store::device::{
    Answer, Device, answer, count_devices, find_device, insert_device, polled, remove_device,
    waiting,
};

/// Letters of a user code: no vowels, so that it is no word, and none that look alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Devices that may wait at the same time.
const MAX_DEVICES: i64 = 1000;
/// Microseconds between two questions of a device; five more each time that it is too fast.
const PAUSE: i64 = 5_000_000;

/// The answer of the device authorization endpoint.
#[derive(Serialize)]
pub(crate) struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

impl Issuer {
    fn device_life(&self) -> i64 {
        i64::from(self.config.device_code_minutes.clamp(1, 60)) * MINUTE
    }

    /// The oldest time at which a device that still waits was made.
    fn device_horizon(&self, now: Timestamp) -> Timestamp {
        now.plus_micros(-self.device_life())
    }

    /// Gives a device its two codes.
    pub(crate) async fn start_device(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<DeviceAnswer, Refusal> {
        require(client, GrantType::DeviceCode)?;
        let scopes = client.allowed(split(params.get("scope").unwrap_or("openid")));
        if scopes.is_empty() {
            return Err(Refusal::new(
                "invalid_scope",
                "scope has none that the client may have",
            ));
        }
        let now = self.now();
        let (secret, user_code) = (Purpose::Device.make(&*self.ids), self.new_user_code());
        let device = Device {
            client: client.id,
            scopes,
            created: now,
            polled: None,
            pause: PAUSE,
            answer: Answer::Pending,
        };
        let mut transaction = self.store.begin().await?;
        if count_devices(transaction.connection(), self.device_horizon(now)).await? >= MAX_DEVICES {
            return Err(Refusal::limited(Duration::from_secs(60)));
        }
        let digest = Purpose::Device.digest(secret.reveal());
        insert_device(transaction.connection(), digest, &user_code, &device).await?;
        transaction.commit().await?;
        let uri = format!("{}/oidc/device", self.url);
        Ok(DeviceAnswer {
            device_code: secret.reveal().into(),
            verification_uri_complete: format!("{uri}?user_code={user_code}"),
            verification_uri: uri,
            user_code,
            expires_in: self.device_life() / 1_000_000,
            interval: PAUSE / 1_000_000,
        })
    }

    fn new_user_code(&self) -> String {
        let mut letters = String::new();
        let mut bytes = [0; 32];
        while letters.len() < 8 {
            self.ids.fill_secret(&mut bytes);
            // 240 is the largest multiple of 20 in a byte: each letter is equally likely.
            let fair = bytes.iter().filter(|byte| **byte < 240);
            let drawn = fair.filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
            let room = 8 - letters.len();
            letters.extend(drawn.take(room).map(|letter| char::from(*letter)));
        }
        let (first, second) = letters.split_at(4);
        format!("{first}-{second}")
    }

    /// The client that waits behind a user code, and what it asks for. A wrong code of `person` counts.
    pub(crate) async fn waiting_device(
        &self,
        person: &str,
        user_code: &str,
    ) -> Result<Option<(std::sync::Arc<Client>, Vec<String>)>, Refusal> {
        let (key, now) = (person.to_owned(), Instant::now());
        self.guesses.check(&key, now).map_err(Refusal::limited)?;
        let horizon = self.device_horizon(self.now());
        let found = waiting(self.store.readers(), user_code, horizon).await?;
        let known = self.known();
        let found = found.and_then(|device| {
            let client = known.clients.get(&device.client)?;
            Some((client.clone(), device.scopes))
        });
        if found.is_none() {
            self.guesses.charge(&key, 1, now);
        }
        Ok(found)
    }

    /// Writes down what the visitor said about the device behind a user code; says whether it still waited.
    pub(crate) async fn answer_device(
        &self,
        visitor: &Visitor,
        user_code: &str,
        allow: bool,
    ) -> Result<bool, Refusal> {
        let account = &visitor.person.id;
        let Some((client, scopes)) = self.waiting_device(account, user_code).await? else {
            return Ok(false);
        };
        let now = self.now();
        let approval = visitor.approval(client.id, scopes, None);
        let mut transaction = self.store.begin().await?;
        let said = allow.then_some(&approval);
        let horizon = self.device_horizon(now);
        if !answer(transaction.connection(), user_code, said, horizon).await? {
            return Ok(false);
        }
        if allow {
            let payload = ConsentGiven {
                client: client.id,
                account,
                scopes: &approval.scopes,
                method: "device",
            };
            self.record(&mut transaction, account, now, &payload)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Answers a device that asks for its tokens.
    pub(crate) async fn exchange_device(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<TokenAnswer, Refusal> {
        require(client, GrantType::DeviceCode)?;
        let text = params
            .get("device_code")
            .ok_or_else(|| Refusal::invalid_request("device_code is missing"))?;
        let (now, digest) = (self.now(), Purpose::Device.digest(text));
        let mut transaction = self.store.begin().await?;
        let found = find_device(transaction.connection(), digest).await?;
        let Some(device) = found.filter(|device| device.client == client.id) else {
            return Err(Refusal::invalid_grant(
                "the device code is not one of this client",
            ));
        };
        if device.created <= self.device_horizon(now) {
            return Err(Refusal::new("expired_token", "the device code has expired"));
        }
        let early = device
            .polled
            .is_some_and(|last| now.micros_since(last) < device.pause);
        let approval = match device.answer {
            Answer::Denied => return Err(Refusal::new("access_denied", "the person said no")),
            _ if early => {
                polled(
                    transaction.connection(),
                    digest,
                    device.pause.saturating_add(PAUSE),
                    now,
                )
                .await?;
                transaction.commit().await?;
                return Err(Refusal::new(
                    "slow_down",
                    "wait five seconds longer between two questions",
                ));
            }
            Answer::Pending => {
                polled(transaction.connection(), digest, device.pause, now).await?;
                transaction.commit().await?;
                return Err(Refusal::new(
                    "authorization_pending",
                    "the person has not answered yet",
                ));
            }
            Answer::Approved(approval) => *approval,
        };
        let person = self.person_of(&approval).await?;
        remove_device(transaction.connection(), digest).await?;
        let grant = Grant {
            id: format!("gra_{}", self.ids.ulid(now)),
            approval,
            created: now,
            revoked: None,
        };
        let answer: Result<_, IssuerError> = self
            .begin_grant(&mut transaction, client, &grant, &person, "device_code")
            .await;
        let answer = answer?;
        self.finish(transaction).await?;
        Ok(answer)
    }
}

/// A user code as it is kept, from whatever a person typed.
pub(crate) fn normal_user_code(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .take(9)
        .collect();
    let known = letters.bytes().all(|letter| LETTERS.contains(&letter));
    (letters.len() == 8 && known).then(|| format!("{}-{}", &letters[..4], &letters[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_forgiven_its_form() {
        assert_eq!(normal_user_code(" wdjb mjht").as_deref(), Some("WDJB-MJHT"));
        assert_eq!(normal_user_code("WDJB-MJHT").as_deref(), Some("WDJB-MJHT"));
        for bad in ["", "WDJB", "WDJB-MJHA", "WDJB-MJHTX", "ÄDJB-MJHT"] {
            assert_eq!(normal_user_code(bad), None, "{bad}");
        }
    }
}
