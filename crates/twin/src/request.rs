//! Reading a request.

use serde_json::{Map, Value};

use crate::{Limits, Rejected};

/// What is to become of one section.
#[derive(Clone, Debug, PartialEq)]
pub enum SectionChange {
    /// It goes.
    Remove,
    /// This is written into it; members that are null go.
    Merge(Map<String, Value>),
}

/// What is to become of the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// All of it goes.
    Clear,
    /// Sections that are not named stay.
    Sections {
        /// What is wanted.
        desired: Option<SectionChange>,
        /// What is.
        reported: Option<SectionChange>,
    },
}

/// A well-formed request to update a shadow.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is to change.
    pub change: Change,
    /// The version that the sender has seen; nothing where any will do.
    pub version: Option<u64>,
    /// What tells the sender its answer from others.
    pub token: Option<String>,
}

impl Request {
    /// Reads `payload`.
    ///
    /// # Errors
    /// [`Rejected`] with the first rule that it breaks.
    pub fn read(payload: &[u8], limits: &Limits) -> Result<Self, Rejected> {
        let mut members = object(payload, limits)?;
        let token = token(&mut members, limits)?;
        let version = match members.shift_remove("version") {
            None | Some(Value::Null) => None,
            Some(version) => Some(
                version
                    .as_u64()
                    .ok_or_else(|| Rejected::bad("Invalid version"))?,
            ),
        };
        let change = match members.shift_remove("state") {
            None => return Err(Rejected::bad("Missing required node: state")),
            Some(Value::Null) => Change::Clear,
            Some(Value::Object(state)) => sections(state, limits)?,
            Some(_) => return Err(Rejected::bad("State node must be an object")),
        };
        Ok(Self {
            change,
            version,
            token,
        })
    }
}

/// The client token of a request that says nothing else, such as `get` and `delete`; an empty payload has none.
///
/// # Errors
/// [`Rejected`] where the payload is neither empty nor a JSON object, and where the token is too long.
pub fn token_of(payload: &[u8], limits: &Limits) -> Result<Option<String>, Rejected> {
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    token(&mut object(payload, limits)?, limits)
}

fn object(payload: &[u8], limits: &Limits) -> Result<Map<String, Value>, Rejected> {
    if payload.len() > limits.request_bytes {
        return Err(Rejected::too_large());
    }
    let text = std::str::from_utf8(payload).map_err(|_| Rejected::encoding())?;
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) | Err(_) => Err(Rejected::bad("Invalid JSON")),
    }
}

fn token(members: &mut Map<String, Value>, limits: &Limits) -> Result<Option<String>, Rejected> {
    match members.shift_remove("clientToken") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) if token.len() <= limits.token_bytes => Ok(Some(token)),
        Some(_) => Err(Rejected::bad("Invalid clientToken")),
    }
}

fn sections(mut state: Map<String, Value>, limits: &Limits) -> Result<Change, Rejected> {
    let desired = section(state.shift_remove("desired"), "Desired", limits)?;
    let reported = section(state.shift_remove("reported"), "Reported", limits)?;
    // What a device read and sends back again may have a delta in it.
    state.shift_remove("delta");
    if let Some(name) = state.keys().next() {
        return Err(Rejected::bad(format!(
            "State contains an invalid node: '{name}'"
        )));
    }
    Ok(Change::Sections { desired, reported })
}

fn section(
    value: Option<Value>,
    name: &str,
    limits: &Limits,
) -> Result<Option<SectionChange>, Rejected> {
    match value {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(SectionChange::Remove)),
        Some(Value::Object(members)) => {
            for (name, value) in &members {
                check(name, value, 1, limits)?;
            }
            Ok(Some(SectionChange::Merge(members)))
        }
        Some(_) => Err(Rejected::bad(format!("{name} node must be an object"))),
    }
}

fn check(name: &str, value: &Value, depth: usize, limits: &Limits) -> Result<(), Rejected> {
    if depth > limits.depth {
        return Err(Rejected::bad(format!(
            "JSON contains too many levels of nesting; maximum is {}",
            limits.depth
        )));
    }
    match value {
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, value)| check(name, value, depth + 1, limits)),
        Value::Array(items) => items.iter().try_for_each(|item| match item {
            // It would mean that something goes, and what follows would move.
            Value::Null => Err(Rejected::bad(format!(
                "State contains an invalid node: '{name}'"
            ))),
            item => check(name, item, depth + 1, limits),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(payload: &str) -> (u16, String) {
        let Rejected { code, message } =
            Request::read(payload.as_bytes(), &Limits::default()).unwrap_err();
        (code, message)
    }

    #[test]
    fn each_broken_rule_has_the_words_of_aws() {
        let cases = [
            ("", "Invalid JSON"),
            ("[]", "Invalid JSON"),
            (r#"{"state":"#, "Invalid JSON"),
            ("{}", "Missing required node: state"),
            (r#"{"state":1}"#, "State node must be an object"),
            (
                r#"{"state":{"desired":1}}"#,
                "Desired node must be an object",
            ),
            (
                r#"{"state":{"reported":[]}}"#,
                "Reported node must be an object",
            ),
            (
                r#"{"state":{"wanted":{}}}"#,
                "State contains an invalid node: 'wanted'",
            ),
            (
                r#"{"state":{"desired":{"a":[1,null]}}}"#,
                "State contains an invalid node: 'a'",
            ),
            (r#"{"state":{},"version":"1"}"#, "Invalid version"),
            (r#"{"state":{},"version":-1}"#, "Invalid version"),
            (r#"{"state":{},"clientToken":1}"#, "Invalid clientToken"),
        ];
        for (payload, message) in cases {
            assert_eq!(refusal(payload), (400, message.into()), "{payload}");
        }
        let long = format!(r#"{{"state":{{}},"clientToken":"{}"}}"#, "t".repeat(65));
        assert_eq!(refusal(&long).1, "Invalid clientToken");
        let deep = |levels: usize| {
            let (open, close) = (r#"{"a":"#.repeat(levels), "}".repeat(levels));
            format!(r#"{{"state":{{"desired":{open}1{close}}}}}"#)
        };
        assert!(Request::read(deep(8).as_bytes(), &Limits::default()).is_ok());
        assert_eq!(
            refusal(&deep(9)).1,
            "JSON contains too many levels of nesting; maximum is 8"
        );
        let bytes = Request::read(
            b"{\"state\":{\"desired\":{\"a\":\"\xff\"}}}",
            &Limits::default(),
        );
        assert_eq!(bytes.unwrap_err().code, 415);
        let large = vec![b' '; Limits::default().request_bytes + 1];
        assert_eq!(
            Request::read(&large, &Limits::default()).unwrap_err().code,
            413
        );
    }

    #[test]
    fn a_request_without_words_may_have_a_token() {
        let limits = Limits::default();
        assert_eq!(token_of(b"", &limits), Ok(None));
        assert_eq!(token_of(b" \n", &limits), Ok(None));
        assert_eq!(token_of(b"{}", &limits), Ok(None));
        assert_eq!(
            token_of(br#"{"clientToken":"a"}"#, &limits),
            Ok(Some("a".into()))
        );
        assert!(token_of(b"a", &limits).is_err());
    }
}
