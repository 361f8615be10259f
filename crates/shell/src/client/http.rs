//! Requests.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde_json::Value;
use trunkline_model::code;

use super::{Place, of_body};
use crate::Globals;
use crate::{Exit, Failure};

/// How long the platform may take to be reached at all.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an ordinary request may take.
const ANSWER: Duration = Duration::from_secs(60);

/// Speaks to one platform.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Which platform it speaks to.
    pub place: Place,
}

impl Client {
    /// A client of the platform that the options name.
    pub fn of(globals: &Globals) -> Result<Self, Failure> {
        Self::new(Place::of(globals)?)
    }

    /// A client of the platform at `place`.
    pub fn new(place: Place) -> Result<Self, Failure> {
        let agent = concat!("trunkline/", env!("CARGO_PKG_VERSION"));
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .user_agent(agent)
            .no_proxy()
            .build()
            .map_err(|error| Failure::told(None, error.to_string(), None, Exit::Internal))?;
        Ok(Self { http, place })
    }

    /// The address of `path`, which may have a query.
    pub fn url(&self, path: &str) -> Result<Url, Failure> {
        self.place
            .url
            .join(path)
            .map_err(|error| Failure::usage(error.to_string(), "look at --server"))
    }

    /// A request with the credential.
    pub fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let request = self.http.request(method, self.url(path)?);
        Ok(request.bearer_auth(&self.place.token))
    }

    /// A request that must be answered within the usual time, with JSON or nothing.
    pub async fn json(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut request = self
            .request(method, path)?
            .timeout(ANSWER)
            .header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let bytes = self
            .send(request)
            .await?
            .bytes()
            .await
            .map_err(|error| self.broken(&error))?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!(
                "{} does not answer as a platform does: {error}",
                self.place.url
            );
            Failure::new(&code::CLI_UNREACHABLE, what)
        })
    }

    /// `GET` of JSON.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.json(Method::GET, path, None).await
    }

    /// Sends a request; an answer that is no success is a failure.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(of_body(status.as_u16(), &body))
    }

    /// What it means that a request came to nothing.
    pub fn broken(&self, error: &reqwest::Error) -> Failure {
        let url = &self.place.url;
        if error.is_timeout() && !error.is_connect() {
            let what = format!("{url} did not answer in time");
            return Failure::told(
                None,
                what,
                Some("try again; `trunkline status` tells how it is".into()),
                Exit::Timeout,
            );
        }
        if error.is_connect() {
            return Failure::new(
                &code::CLI_UNREACHABLE,
                format!("no platform answers at {url}"),
            );
        }
        Failure::new(
            &code::CLI_UNREACHABLE,
            format!("the answer of {url} broke off"),
        )
        .because(error)
    }
}
