//! A request whose signature is true.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::{Map, Value};
use trunkline_fleet::{Fleet, Tell};
use trunkline_model::action::ActionType;
use trunkline_web::Caller;

use crate::arn::{self, Kind};
use crate::error::AwsError;
use crate::host::Aws;
use crate::limits;
use crate::members::Members;
use crate::page::{Page, read_token};
use crate::service::Service;

/// What is asked, and by whom.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) aws: Arc<Aws>,
    pub(crate) caller: Caller,
    pub(crate) service: Service,
    /// The region that whoever asks believes to be in.
    pub(crate) region: String,
    /// What the path is about.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// The headers that are signed.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn fleet(&self) -> &Arc<Fleet> {
        &self.aws.parts.fleet
    }

    pub(crate) fn tell(&self) -> &dyn Tell {
        &*self.aws.parts.tell
    }

    /// Who asks, for events.
    pub(crate) fn by(&self) -> &str {
        &self.caller.id
    }

    /// What the path is about, the first or a later one.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }

    /// Sees to it that whoever asks may do this.
    pub(crate) fn require(&self, action: &'static ActionType, to: &str) -> Result<(), AwsError> {
        let allowed = self.caller.require(action, to);
        allowed.map_err(|problem| AwsError::forbidden(self.service, &problem))
    }

    /// A parameter of the query; an empty one is not there.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Refuses parameters that would go unheeded.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), AwsError> {
        let other = self
            .query
            .iter()
            .find(|(name, _)| !names.contains(&&**name));
        match other {
            None => Ok(()),
            Some((name, _)) => Err(AwsError::invalid(format!(
                "the parameter `{name}` is not offered here, so it must not be asked for"
            ))),
        }
    }

    /// A yes or no of the query, if there is one.
    pub(crate) fn choice(&self, name: &str) -> Result<Option<bool>, AwsError> {
        match self.query(name) {
            None => Ok(None),
            Some("true" | "True") => Ok(Some(true)),
            Some("false" | "False") => Ok(Some(false)),
            Some(_) => Err(AwsError::invalid(format!("`{name}` is true or false"))),
        }
    }

    /// A yes or no of the query; no where nothing is said.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, AwsError> {
        Ok(self.choice(name)?.unwrap_or_default())
    }

    /// A whole number of the query.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, AwsError> {
        let wrong = |_| AwsError::invalid(format!("`{name}` is a whole number"));
        let text = self.query(name);
        text.map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// The page that is wanted of a list.
    pub(crate) fn page(&self) -> Result<Page, AwsError> {
        self.page_by("maxResults", "nextToken", limits::PAGE)
    }

    /// The same where the parameters have other names, or a page fewer entries.
    pub(crate) fn page_by(&self, size: &str, next: &str, most: usize) -> Result<Page, AwsError> {
        let wanted = self.number(size)?;
        let count = match wanted.map(usize::try_from) {
            None => limits::PAGE_DEFAULT,
            Some(Ok(count)) if (1..=most).contains(&count) => count,
            Some(_) => return Err(AwsError::invalid(format!("`{size}` is from 1 to {most}"))),
        };
        let after = self.query(next).map(read_token).transpose()?;
        Ok(Page {
            after: after.unwrap_or_default(),
            count,
        })
    }

    /// A header that is a text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The members of the body.
    pub(crate) fn members(&self) -> Result<Members, AwsError> {
        Members::read(&self.body)
    }

    /// The whole name of something.
    pub(crate) fn arn(&self, kind: Kind, name: &str) -> String {
        arn::write(&self.region, kind, name)
    }
}

/// A document of these members, without those that are null.
pub(crate) fn without_nulls(mut document: Value) -> Value {
    if let Value::Object(members) = &mut document {
        let all = std::mem::take(members);
        let there = all.into_iter().filter(|(_, value)| !value.is_null());
        *members = there
            .map(|(name, value)| (name, without_nulls(value)))
            .collect::<Map<String, Value>>();
    }
    document
}
