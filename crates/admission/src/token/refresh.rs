//! Fetches an issuer's keys.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use trunkline_model::Timestamp;
use url::Url;

use super::cache::TokenCache;
use super::config::is_trusted_key_url;
use super::fresh;
use super::issuer::{Begin, Issuer, Why};
use super::keyset::KeySet;
use crate::{FetchKeys, KeyAnswer, KeyRequest};

/// How long one document may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The most bytes of a document.
const MAX_DOCUMENT: usize = 256 * 1024;

const SECOND: i64 = 1_000_000;

/// What a fetch needs.
#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    pub(super) fetch: Arc<dyn FetchKeys>,
    pub(super) cache: Arc<TokenCache>,
}

impl Fetcher {
    /// Begins a fetch if it is time for one, and does not wait for it.
    pub(super) fn nudge(&self, issuer: &Arc<Issuer>, why: Why, now: Timestamp) -> Begin {
        let begin = issuer.begin(why, now);
        if begin == Begin::Now {
            let ending = Ending(Arc::clone(issuer), Some("the fetch was broken off".into()));
            tokio::spawn(self.clone().run(ending, now));
        }
        begin
    }

    /// Begins a fetch if it is time for one, and waits for it or for the one that runs already.
    pub(super) async fn wait(&self, issuer: &Arc<Issuer>, why: Why, now: Timestamp) {
        // Before the fetch can end, so that its end is not missed.
        let mut done = issuer.subscribe();
        if self.nudge(issuer, why, now) != Begin::Later {
            // An error would mean that the issuer is gone, which it is not: it is borrowed.
            let _ended = done.changed().await;
        }
    }

    /// A task of its own: a request that is broken off does not break off the fetch on which others wait.
    async fn run(self, mut ending: Ending, now: Timestamp) {
        ending.1 = self.refresh(&ending.0, now).await.err();
    }

    async fn refresh(&self, issuer: &Issuer, now: Timestamp) -> Result<(), String> {
        let url = self.key_url(issuer, now).await?;
        let etag = if issuer.has_keys() {
            issuer.state().etag.clone()
        } else {
            None
        };
        let answer = self.document(&url, etag.as_deref()).await?;
        if let Some(body) = &answer.body {
            let keys = KeySet::read(body, &issuer.config.algorithms)?;
            if keys.len() == 0 {
                tracing::warn!(issuer = %issuer.name, "the issuer has no key that can be used");
            }
            issuer.install(keys, &self.cache);
        } else if etag.is_none() {
            return Err("the answer has no body".into());
        }
        let seconds = fresh::seconds(answer.cache_control.as_deref());
        let mut state = issuer.state();
        if answer.body.is_some() {
            state.etag = answer.etag;
        }
        state.fetched = Some(now);
        state.fresh_until = now.plus_micros(i64::try_from(seconds).unwrap_or(0) * SECOND);
        Ok(())
    }

    /// Where the keys lie: as configured, or as the issuer's discovery document says.
    async fn key_url(&self, issuer: &Issuer, now: Timestamp) -> Result<Url, String> {
        if let Some(url) = &issuer.config.jwks_url {
            return parse(url);
        }
        let known = issuer.state().discovered.clone();
        if let Some((url, until)) = known
            && now < until
        {
            return parse(&url);
        }
        let base = issuer.config.issuer.trim_end_matches('/');
        let url = parse(&format!("{base}/.well-known/openid-configuration"))?;
        let answer = self.document(&url, None).await?;
        let body = answer.body.ok_or("the discovery document has no body")?;
        let document: Value =
            serde_json::from_slice(&body).map_err(|_| "the discovery document is not JSON")?;
        if document.get("issuer").and_then(Value::as_str) != Some(&issuer.config.issuer) {
            return Err("the discovery document is of another issuer".into());
        }
        let keys = document.get("jwks_uri").and_then(Value::as_str);
        let keys = keys.ok_or("the discovery document has no `jwks_uri`")?;
        if !is_trusted_key_url(keys) {
            return Err("the `jwks_uri` of the discovery document is not an https URL".into());
        }
        let seconds = fresh::seconds(answer.cache_control.as_deref());
        let until = now.plus_micros(i64::try_from(seconds).unwrap_or(0) * SECOND);
        issuer.state().discovered = Some((keys.to_owned(), until));
        parse(keys)
    }

    async fn document(&self, url: &Url, etag: Option<&str>) -> Result<KeyAnswer, String> {
        let request = KeyRequest {
            url,
            etag,
            most_bytes: MAX_DOCUMENT,
        };
        let answer = tokio::time::timeout(TIMEOUT, self.fetch.fetch(request))
            .await
            .map_err(|_| "no answer within five seconds")?
            .map_err(|error| error.to_string())?;
        let size = answer.body.as_ref().map_or(0, Vec::len);
        if size > MAX_DOCUMENT {
            return Err("the document is larger than 256 KiB".into());
        }
        Ok(answer)
    }
}

fn parse(url: &str) -> Result<Url, String> {
    Url::parse(url).map_err(|_| "the address of the keys is not a URL".into())
}

/// A fetch that runs. Its end is noted even when its task panics, or the issuer could never be fetched again.
struct Ending(Arc<Issuer>, Option<String>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end(self.1.take());
    }
}
