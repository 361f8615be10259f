//! Certificates on request, and devices out of templates; the topics and words of AWS IoT fleet provisioning.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use trunkline_model::{Event, Timestamp, catalogue};
use trunkline_proof::Purpose;
use trunkline_provision::{NewTemplate, Planned, ProvisionRefusal, Provisioning, Template};
use trunkline_store::outbox;

use super::store;
use crate::certificate::{CertificateStatus, DAYS, Issued, Whose, owned, update};
use crate::{Fleet, FleetError, NewThing};

/// How long a device has to come for what was made for it.
const OWNERSHIP: Duration = Duration::from_secs(3_600);
/// How many certificates one claim is given in a minute.
const PER_MINUTE: usize = 10;

/// When claims were given certificates within the last minute.
#[derive(Debug, Default)]
pub(crate) struct Provisions(Mutex<HashMap<String, Vec<Timestamp>>>);

impl Provisions {
    fn take(&self, claim: &str, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.as_micros().saturating_sub(60_000_000);
        all.retain(|_, times| {
            times.retain(|time| time.as_micros() > minute);
            !times.is_empty()
        });
        let times = all.entry(claim.to_owned()).or_default();
        let room = times.len() < PER_MINUTE;
        if room {
            times.push(now);
        }
        room
    }
}

impl From<FleetError> for ProvisionRefusal {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Certificate(why) => Self::new(400, "InvalidCertificateSigningRequest", why),
            FleetError::Invalid(why) => Self::new(400, "InvalidParameters", why),
            error @ FleetError::Unfit { .. } => {
                Self::new(400, "InvalidParameters", error.to_string())
            }
            FleetError::ThingExists(name) => Self::new(
                409,
                "ResourceConflict",
                format!(
                    "there is a thing called `{name}` that was not provisioned by this template"
                ),
            ),
            other => {
                tracing::warn!(
                    error = &other as &dyn std::error::Error,
                    "a device could not be provisioned"
                );
                Self::new(500, "InternalError", "try again in a moment")
            }
        }
    }
}

impl Fleet {
    /// Does what a device asks for that shows the claim certificate `claim`.
    ///
    /// # Errors
    /// [`ProvisionRefusal`] where it is refused.
    pub async fn provision(
        self: &Arc<Self>,
        asked: &Provisioning,
        payload: &Value,
        claim: &str,
    ) -> Result<Value, ProvisionRefusal> {
        let invalid = |why: &str| ProvisionRefusal::new(400, "InvalidPayload", why);
        let payload = payload
            .as_object()
            .ok_or_else(|| invalid("the payload is no object"))?;
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        match asked {
            Provisioning::CreateKeys => self.give(None, claim).await,
            Provisioning::CreateFromRequest => {
                let request = text("certificateSigningRequest")
                    .ok_or_else(|| invalid("`certificateSigningRequest` is missing"))?;
                self.give(Some(request), claim).await
            }
            Provisioning::Provision(template) => {
                let token = text("certificateOwnershipToken")
                    .ok_or_else(|| invalid("`certificateOwnershipToken` is missing"))?;
                let none = Map::new();
                let parameters = match payload.get("parameters") {
                    None | Some(Value::Null) => &none,
                    Some(Value::Object(parameters)) => parameters,
                    Some(_) => return Err(invalid("`parameters` is no object")),
                };
                self.become_thing(template, token, parameters).await
            }
        }
    }

    /// Makes a certificate that waits for its device.
    async fn give(&self, request: Option<&str>, claim: &str) -> Result<Value, ProvisionRefusal> {
        let now = self.clock.now();
        if !self.provisions.take(claim, now) {
            return Err(ProvisionRefusal::new(
                429,
                "TooManyRequests",
                "a claim is given 10 certificates a minute",
            ));
        }
        let secret = Purpose::Ownership.make(&*self.ids);
        let digest = Purpose::Ownership.digest(secret.reveal());
        let wait = i64::try_from(OWNERSHIP.as_micros()).unwrap_or(i64::MAX);
        let ends = Timestamp::from_micros(now.as_micros().saturating_add(wait));
        let whose = Whose::Waiting((&digest, ends));
        let issued = self.issue(whose, request, DAYS, claim).await?;
        let mut answer = json!({
            "certificateId": issued.certificate.id,
            "certificatePem": issued.pem,
            "certificateOwnershipToken": secret.reveal(),
        });
        if let Some(key) = &issued.private_key {
            answer["privateKey"] = key.reveal().into();
        }
        Ok(answer)
    }

    /// Makes a device of whoever was given a certificate.
    async fn become_thing(
        self: &Arc<Self>,
        template: &str,
        token: &str,
        parameters: &Map<String, Value>,
    ) -> Result<Value, ProvisionRefusal> {
        let now = self.clock.now();
        let digest = Purpose::Ownership.digest(token);
        let certificate = {
            let mut reader = self
                .store
                .readers()
                .acquire()
                .await
                .map_err(FleetError::from)?;
            owned(&mut reader, &digest, now)
                .await
                .map_err(FleetError::from)?
        };
        let mut certificate = certificate.ok_or_else(|| {
            let why = "the token is none, or its hour is over";
            ProvisionRefusal::new(400, "InvalidCertificateOwnershipToken", why)
        })?;
        let found = self.template(template).await?.ok_or_else(|| {
            ProvisionRefusal::new(404, "ResourceNotFound", "there is no such template")
        })?;
        let planned = found
            .plan(parameters, &certificate.id)
            .map_err(|why| ProvisionRefusal::new(400, "InvalidParameters", why))?;
        self.make_or_find(&found.name, &planned).await?;
        certificate.thing = Some(planned.thing.clone());
        certificate.status = CertificateStatus::Active;
        let _turn = self.roll.turn.lock().await;
        let mut transaction = self.store.begin().await.map_err(FleetError::from)?;
        update(transaction.connection(), &certificate)
            .await
            .map_err(FleetError::from)?;
        let event = self.changed(&certificate, &found.name)?;
        outbox::put(&mut transaction, &event)
            .await
            .map_err(FleetError::from)?;
        transaction.commit().await.map_err(FleetError::from)?;
        self.roll.put(&certificate);
        Ok(json!({"thingName": planned.thing, "deviceConfiguration": planned.configuration}))
    }

    /// Makes the thing, or finds that this template made it before: a device that lost its certificate is provisioned again.
    async fn make_or_find(
        self: &Arc<Self>,
        template: &str,
        planned: &Planned,
    ) -> Result<(), FleetError> {
        let mut attributes = planned.attributes.clone();
        attributes.insert(MADE_BY.into(), template.into());
        let wanted = NewThing {
            name: planned.thing.clone(),
            kind: planned.kind.clone(),
            attributes,
        };
        match self.create(wanted, template).await {
            Ok(_) => Ok(()),
            Err(FleetError::ThingExists(name)) => {
                let there = self.thing(&name).await?;
                let ours = there.attributes.get(MADE_BY).and_then(Value::as_str) == Some(template);
                if ours {
                    Ok(())
                } else {
                    Err(FleetError::ThingExists(name))
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a claim certificate: whoever shows it may provision devices by this template.
    ///
    /// # Errors
    /// [`FleetError::Invalid`] where there is no such template.
    pub async fn claim(&self, template: &str, days: u32, by: &str) -> Result<Issued, FleetError> {
        if self.template(template).await?.is_none() {
            return Err(FleetError::Invalid(format!(
                "there is no template called `{template}`"
            )));
        }
        self.issue(Whose::Claim(template), None, days, by).await
    }

    /// Writes a template.
    ///
    /// # Errors
    /// [`FleetError::Invalid`] where it is none.
    pub async fn put_template(
        &self,
        name: &str,
        wanted: NewTemplate,
        by: &str,
    ) -> Result<Template, FleetError> {
        let template = Template::check(name, wanted).map_err(FleetError::Invalid)?;
        let now = self.clock.now();
        let mut transaction = self.store.begin().await?;
        store::put(transaction.connection(), &template, now).await?;
        let event = self.template_changed(name, false, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(template)
    }

    /// Takes a template away; false where there is none.
    ///
    /// # Errors
    /// [`FleetError::Store`] when the table cannot be written.
    pub async fn remove_template(&self, name: &str, by: &str) -> Result<bool, FleetError> {
        let mut transaction = self.store.begin().await?;
        if !store::remove(transaction.connection(), name).await? {
            return Ok(false);
        }
        let event = self.template_changed(name, true, by)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    fn template_changed(&self, name: &str, removed: bool, by: &str) -> Result<Event, FleetError> {
        let data = json!({"template": name, "removed": removed, "by": by});
        let kind = catalogue::FLEET_TEMPLATE_CHANGED;
        let now = self.clock.now();
        Ok(Event::platform(
            "fleet", kind, name, now, &*self.ids, &data,
        )?)
    }

    /// The templates.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn templates(&self) -> Result<Vec<Template>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::all(&mut reader).await?)
    }

    async fn template(&self, name: &str) -> Result<Option<Template>, FleetError> {
        let all = self.templates().await?;
        Ok(all.into_iter().find(|template| template.name == name))
    }
}

/// The attribute that says by which template a thing was made.
pub(crate) const MADE_BY: &str = "provisionedBy";
