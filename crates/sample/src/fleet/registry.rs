//! The things of the sample, as the platform knows them.

use anyhow::Context;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use trunkline_simulator::sample::SampleThing;
use trunkline_simulator::{Credential, Proof};

use crate::{SAMPLE, Target};

/// Makes and renews things over HTTP.
pub(super) struct Registry {
    client: Client,
    target: Target,
}

impl Registry {
    pub(super) fn new(target: Target) -> Self {
        Self {
            client: Client::new(),
            target,
        }
    }

    /// The credential of `thing`, which is made where it is not there. One that is there gets a new secret: nobody knows the old one.
    pub(super) async fn credential(&self, thing: &SampleThing) -> anyhow::Result<Credential> {
        let mut attributes: serde_json::Map<String, Value> = thing
            .attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        attributes.insert(SAMPLE.into(), true.into());
        let body = json!({"name": thing.name, "kind": thing.kind, "attributes": attributes});
        let path = format!("/v1/things/{}", thing.name);
        let (status, mut answer) = self.ask(Method::POST, "/v1/things", &body).await?;
        if status == StatusCode::CONFLICT {
            let (_, there) = self.ask(Method::GET, &path, &Value::Null).await?;
            // Somebody's own thing that is called like one of ours is theirs.
            anyhow::ensure!(
                there["attributes"][SAMPLE] == true,
                "there is a thing called {} that is not of the sample",
                thing.name
            );
            let secret = format!("{path}/secret");
            answer = self.ask(Method::POST, &secret, &Value::Null).await?.1;
        } else if status.is_success() {
            let wanted = json!({"state": {"desired": thing.desired}});
            self.ask(Method::POST, &format!("{path}/twin"), &wanted)
                .await?;
        }
        let secret = answer["secret"].as_str();
        let secret = secret.with_context(|| format!("{}: {answer}", thing.name))?;
        Ok(Credential {
            name: thing.name.clone(),
            proof: Proof::Secret(secret.to_owned()),
        })
    }

    /// Whether there is something at `path`.
    pub(super) async fn is_there(&self, path: &str) -> anyhow::Result<bool> {
        let (status, _) = self.ask(Method::GET, path, &Value::Null).await?;
        Ok(status != StatusCode::NOT_FOUND)
    }

    /// Makes what `body` says; what is there already stays as it is.
    pub(super) async fn want(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<()> {
        let (status, answer) = self.ask(method, path, body).await?;
        let done = status.is_success() || status == StatusCode::CONFLICT;
        anyhow::ensure!(done, "{path}: {answer}");
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.target.base))
            .bearer_auth(&self.target.token);
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}
