//! Who may connect: a device with its secret, and whoever shows an API token as the password.

use std::sync::Arc;

use async_trait::async_trait;
use trunkline_access::{Access, AccessError};
use trunkline_fleet::{Fleet, FleetError, Holder};
use trunkline_model::{Principal, action};
use trunkline_mqtt::{ClientLimits, Hello, Pass, PeerCertificate, Refused};
use trunkline_proof::DEVICE_PREFIX;
use trunkline_web::{Authorize, ClientAddress, Decision, Question};

use crate::bridges::{CLIENT_IDS, Own, PRINCIPAL};
use crate::held::Held;

/// Topics for all, those of the platform too.
const EVERYTHING: [&str; 2] = ["#", "$aws/#"];
/// Topics of the platform about devices and how they become ones, but for those of shadows.
const OTHER_THAN_TWINS: [&str; 3] = [
    "$aws/things/+/jobs/#",
    "$aws/certificates/#",
    "$aws/provisioning-templates/#",
];

/// Reads credentials.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) access: Arc<Access>,
    pub(crate) permits: Arc<dyn Authorize>,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) held: Arc<Held>,
    pub(crate) own: Arc<Own>,
}

impl Door {
    /// A device that shows its secret.
    fn device(&self, hello: &Hello<'_>, secret: &str) -> Result<Arc<Pass>, Refused> {
        let thing = self.fleet.known(secret).ok_or(Refused::Credentials)?;
        if hello.username.is_some_and(|name| *name != *thing) {
            return Err(Refused::Credentials);
        }
        let credential = Arc::clone(&thing);
        of_device(hello, thing, credential)
    }

    /// Whoever shows a certificate: a device, one that its authority introduces, or one that is to be provisioned.
    async fn certified(
        &self,
        hello: &Hello<'_>,
        certificate: &PeerCertificate,
    ) -> Result<Arc<Pass>, Refused> {
        let mut holder = self.fleet.holder(&certificate.id);
        if holder.is_none() {
            if let Err(error) = self.fleet.introduce(&certificate.der).await {
                tracing::info!(certificate = &*certificate.id, %error, "a device with a certificate is not let in");
                return Err(Refused::Credentials);
            }
            holder = self.fleet.holder(&certificate.id);
        }
        let credential = Arc::clone(&certificate.id);
        match holder.ok_or(Refused::Credentials)? {
            Holder::Thing(thing) => of_device(hello, thing, credential),
            Holder::Claim(template) => {
                // A claim is in many hands: it must not take the session of a device.
                let name = hello.client.split(':').next().unwrap_or_default();
                match self.fleet.thing(name).await {
                    Err(FleetError::ThingUnknown(_)) => {}
                    Ok(_) => return Err(Refused::ClientId),
                    Err(_) => return Err(Refused::Busy),
                }
                let topics = claim_topics(&template);
                Ok(Arc::new(Pass {
                    principal: Arc::clone(&credential),
                    credential,
                    thing: None,
                    publish: topics.clone(),
                    withheld: Vec::new(),
                    subscribe: topics,
                    limits: ClientLimits::device(),
                }))
            }
        }
    }
}

/// A device: its client id is its name, or begins with its name and a colon.
fn of_device(
    hello: &Hello<'_>,
    thing: Arc<str>,
    credential: Arc<str>,
) -> Result<Arc<Pass>, Refused> {
    let own = hello
        .client
        .strip_prefix(&*thing)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    if !own {
        return Err(Refused::ClientId);
    }
    Ok(Arc::new(Pass {
        principal: Arc::clone(&thing),
        credential,
        publish: own_topics(&thing)
            .into_iter()
            .chain([format!("$aws/rules/+/{thing}/#")])
            .collect(),
        withheld: Vec::new(),
        subscribe: own_topics(&thing),
        thing: Some(thing),
        limits: ClientLimits::device(),
    }))
}

/// A bridge of the platform itself, which carries whatever its file says.
fn of_bridge() -> Arc<Pass> {
    Arc::new(Pass {
        principal: PRINCIPAL.into(),
        credential: PRINCIPAL.into(),
        thing: None,
        publish: filters(true),
        withheld: Vec::new(),
        subscribe: filters(true),
        limits: ClientLimits::service(),
    })
}

/// What whoever shows a claim may publish on and subscribe to: it may become a device by its template, and nothing else.
fn claim_topics(template: &str) -> Vec<String> {
    vec![
        "$aws/certificates/#".into(),
        format!("$aws/provisioning-templates/{template}/provision/#"),
    ]
}

/// What a device may publish on and subscribe to: its telemetry, its commands, and its twin.
fn own_topics(thing: &str) -> Vec<String> {
    ["$aws/things/", "dt/", "cmd/"]
        .into_iter()
        .map(|prefix| format!("{prefix}{thing}/#"))
        .collect()
}

#[async_trait]
impl trunkline_mqtt::Door for Door {
    async fn admit(&self, hello: Hello<'_>) -> Result<Arc<Pass>, Refused> {
        let token = hello.password.map(std::str::from_utf8);
        if let Some(Ok(token)) = token
            && self.own.is(hello.username, token)
        {
            return Ok(of_bridge());
        }
        if hello.client.starts_with(CLIENT_IDS) {
            return Err(Refused::ClientId);
        }
        let client = ClientAddress(hello.peer);
        // A password says who it is also where a certificate was shown: a gateway may speak for several.
        if let (Some(certificate), None) = (hello.certificate, hello.password) {
            return self.certified(&hello, certificate).await;
        }
        let Some(Ok(token)) = token else {
            return Err(Refused::Credentials);
        };
        if token.starts_with(DEVICE_PREFIX) {
            return self.device(&hello, token);
        }
        let holder = match self.access.known_token(token) {
            Some(holder) => holder,
            None => self
                .access
                .look_up_token(token, client)
                .await
                .map_err(|error| refusal(&error))?,
        };
        let who = &holder.principal;
        let rights = Rights::of(
            (who, client),
            |question| self.permits.decide(question),
            |question| self.permits.judge(question),
        );
        let (publish, subscribe) = (filters(rights.publish), filters(rights.subscribe));
        if publish.is_empty() && subscribe.is_empty() {
            return Err(Refused::Forbidden);
        }
        let credential = Arc::from(holder.id.as_str());
        self.held.note(&credential, token, rights);
        Ok(Arc::new(Pass {
            principal: name(who),
            credential,
            thing: None,
            publish,
            withheld: rights.withheld(),
            subscribe,
            limits: ClientLimits::service(),
        }))
    }
}

/// What a program may do at the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    publish: bool,
    subscribe: bool,
    /// Whether it may do what messages on the topics of commands do.
    commands: bool,
    /// Whether it may do what messages on the topics of shadows do.
    twins: bool,
    /// Whether it may do what messages on the topics of jobs and on all others of devices do.
    things: bool,
}

impl Rights {
    /// `decide` is asked what is noted down, `judge` what follows from the program's role and would be noise there.
    pub(crate) fn of(
        (who, client): (&Principal, ClientAddress),
        decide: impl Fn(&Question<'_>) -> Decision,
        judge: impl Fn(&Question<'_>) -> Decision,
    ) -> Self {
        let question = |action| Question {
            who,
            action,
            resource: "",
            team: None,
            client,
        };
        let may = |action| decide(&question(action)).is_allowed();
        let publish = may(&action::TOPIC_PUBLISH);
        let and_does = |action| publish && judge(&question(action)).is_allowed();
        Self {
            publish,
            subscribe: may(&action::TOPIC_SUBSCRIBE),
            commands: and_does(&action::COMMAND_SEND),
            twins: and_does(&action::TWIN_CHANGE),
            things: and_does(&action::THING_CHANGE),
        }
    }

    /// Where it may not publish: where a message does what it may not do otherwise either.
    fn withheld(self) -> Vec<String> {
        let mut withheld: Vec<String> = Vec::new();
        if !self.commands {
            withheld.push("cmd/#".into());
        }
        if !self.twins {
            withheld.push("$aws/things/+/shadow/#".into());
        }
        if !self.things {
            withheld.extend(OTHER_THAN_TWINS.map(str::to_owned));
        }
        withheld
    }
}

fn name(who: &Principal) -> Arc<str> {
    Arc::from(who.id.as_str())
}

fn filters(allowed: bool) -> Vec<String> {
    if allowed {
        EVERYTHING.map(str::to_owned).to_vec()
    } else {
        Vec::new()
    }
}

fn refusal(error: &AccessError) -> Refused {
    match error {
        AccessError::RateLimited { .. } => Refused::Busy,
        _ => Refused::Credentials,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_do_it_otherwise_does_not_do_it_by_a_message() {
        let may = |commands, twins, things| {
            let rights = Rights {
                publish: true,
                subscribe: true,
                commands,
                twins,
                things,
            };
            let pass = Pass {
                withheld: rights.withheld(),
                ..(*of_bridge()).clone()
            };
            [
                "dt/pump-7/x",
                "cmd/pump-7/reboot/req/1",
                "$aws/things/pump-7/shadow/update",
                "$aws/things/pump-7/shadow/name/net/update",
                "$aws/things/pump-7/jobs/start-next",
                "$aws/rules/pumps/pump-7",
            ]
            .map(|topic| u8::from(pass.may_publish(topic)))
        };
        assert_eq!(may(true, true, true), [1, 1, 1, 1, 1, 1]);
        assert_eq!(may(false, true, true), [1, 0, 1, 1, 1, 1]);
        assert_eq!(may(true, false, true), [1, 1, 0, 0, 1, 1]);
        assert_eq!(may(false, true, false), [1, 0, 1, 1, 0, 1]);
        assert_eq!(may(false, false, false), [1, 0, 0, 0, 0, 1]);
    }
}
