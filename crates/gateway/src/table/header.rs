//! Changes of headers, checked once.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::file::HeaderRules;

/// Changes of a message's headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderChanges {
    set: Vec<(HeaderName, HeaderValue)>,
    add: Vec<(HeaderName, HeaderValue)>,
    remove: Vec<HeaderName>,
}

impl HeaderChanges {
    /// Headers of the framing and those that only the gateway writes cannot be changed.
    pub(crate) fn read(rules: &HeaderRules) -> Result<Self, String> {
        let pair = |(name, value): (&String, &String)| {
            let value = HeaderValue::try_from(value)
                .map_err(|_| format!("the value of `{name}` is not a header value"))?;
            Ok::<_, String>((header_name(name)?, value))
        };
        Ok(Self {
            set: rules.set.iter().map(pair).collect::<Result<_, _>>()?,
            add: rules.add.iter().map(pair).collect::<Result<_, _>>()?,
            remove: rules
                .remove
                .iter()
                .map(|name| header_name(name))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Makes the changes: takes away, then sets, then adds.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for name in &self.remove {
            headers.remove(name);
        }
        for (name, value) in &self.set {
            headers.insert(name, value.clone());
        }
        for (name, value) in &self.add {
            headers.append(name, value.clone());
        }
    }
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("`{name}` is not a header name"))?;
    let framing = [
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "upgrade",
        "trailer",
        "keep-alive",
    ];
    if framing.contains(&parsed.as_str()) || trunkline_scrutiny::is_reserved(parsed.as_str()) {
        return Err(format!("`{name}` is written by the gateway alone"));
    }
    Ok(parsed)
}
