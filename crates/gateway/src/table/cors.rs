//! Cross-origin rules.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, request};

use crate::file::CorsRule;

/// Who may read the answers from a script on another site.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    any: bool,
    origins: Vec<HeaderValue>,
    preflight: Vec<(HeaderName, HeaderValue)>,
    answer: Vec<(HeaderName, HeaderValue)>,
}

impl Cors {
    pub(crate) fn read(rule: &CorsRule) -> Result<Self, String> {
        let any = rule.origins.iter().any(|origin| origin.get_ref() == "*");
        if any && rule.credentials {
            return Err("credentials cannot be allowed for every origin; name the origins".into());
        }
        let value = |text: &str| {
            HeaderValue::try_from(text).map_err(|_| format!("`{text}` is not a header value"))
        };
        let origins = rule
            .origins
            .iter()
            .map(|origin| value(origin.get_ref()))
            .collect::<Result<_, _>>()?;
        let mut answer = Vec::new();
        if rule.credentials {
            answer.push((
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            ));
        }
        let mut preflight = answer.clone();
        if !rule.expose.is_empty() {
            answer.push((
                ACCESS_CONTROL_EXPOSE_HEADERS,
                value(&rule.expose.join(", "))?,
            ));
        }
        let mut methods = vec!["GET".to_owned(), "HEAD".into(), "POST".into()];
        methods.extend(rule.methods.iter().cloned());
        preflight.push((ACCESS_CONTROL_ALLOW_METHODS, value(&methods.join(", "))?));
        if !rule.headers.is_empty() {
            preflight.push((
                ACCESS_CONTROL_ALLOW_HEADERS,
                value(&rule.headers.join(", "))?,
            ));
        }
        if let Some(age) = rule.max_age {
            preflight.push((ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age.0.as_secs())));
        }
        Ok(Self {
            any,
            origins,
            preflight,
            answer,
        })
    }

    /// The headers of the answer to a preflight, if `request` is one.
    pub(crate) fn preflight(&self, request: &request::Parts) -> Option<HeaderMap> {
        if request.method != Method::OPTIONS
            || !request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        {
            return None;
        }
        let mut headers = HeaderMap::new();
        if let Some(origin) = self.allowed(&request.headers) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.extend(self.preflight.iter().cloned());
        }
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        Some(headers)
    }

    /// The origin that may read the answer, as the answer names it.
    pub(crate) fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(ORIGIN)?;
        if self.any {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.contains(origin).then(|| origin.clone())
    }

    /// Puts the rule's headers into an answer, in the place of the upstream's own.
    pub(crate) fn answer(&self, origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        for name in [
            ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            ACCESS_CONTROL_EXPOSE_HEADERS,
        ] {
            headers.remove(name);
        }
        if let Some(origin) = origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.extend(self.answer.iter().cloned());
        }
        if !self.any {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
    }
}
