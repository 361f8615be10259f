//! Reading a request.

use serde_json::{Map, Value};

use crate::details::{self, Details};
use crate::member::{count, flag, take, token};
use crate::name::is_job_id;
use crate::timer::{MINUTES, Step};
use crate::topic::{Call, Topic, Which};
use crate::{Limits, Message, Rejected, Status};

/// A change of an execution that a device asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Whose execution.
    pub job: String,
    /// Which of them; the latest where nothing is said.
    pub number: Option<u64>,
    /// How far it is.
    pub status: Status,
    /// What is said beside it; what was said before stays where nothing is.
    pub details: Option<Details>,
    /// The version that the device has seen; nothing where any will do.
    pub expected: Option<u64>,
    /// What becomes of the step timer; it stays where nothing is said.
    pub step: Option<Step>,
    /// Whether the answer says how far the execution is.
    pub with_state: bool,
    /// Whether the answer has the job's document.
    pub with_document: bool,
}

/// What a device asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Which executions have not ended.
    Pending,
    /// The next execution, begun.
    StartNext {
        /// What is said beside the status of one that begins.
        details: Option<Details>,
        /// Minutes that the device has for it.
        minutes: Option<u32>,
    },
    /// All about the next execution.
    DescribeNext {
        /// Whether the answer has the job's document.
        with_document: bool,
    },
    /// All about one execution.
    Describe {
        /// Whose execution.
        job: String,
        /// Which of them; the latest where nothing is said.
        number: Option<u64>,
        /// Whether the answer has the job's document.
        with_document: bool,
    },
    /// That an execution is further.
    Update(Update),
}

/// A well-formed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// On which topic it came; answers go to it with `/accepted` or `/rejected` behind it.
    pub topic: String,
    /// What tells the sender its answer from others.
    pub token: Option<String>,
    /// What is asked.
    pub action: Action,
}

/// A request that breaks a rule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{rejected}")]
pub struct Refused {
    /// On which topic it came.
    pub topic: String,
    /// Which rule.
    pub rejected: Rejected,
    /// What tells the sender its answer from others, where so much could be read.
    pub token: Option<String>,
}

impl Refused {
    /// The answer.
    #[must_use]
    pub fn message(&self, now: i64) -> Message {
        Message {
            topic: format!("{}/rejected", self.topic),
            document: self.rejected.document(now, self.token.as_deref()),
        }
    }
}

impl Request {
    /// Reads what was sent on `topic`. An empty payload says no more than the topic does.
    ///
    /// # Errors
    /// [`Refused`] with the first rule that it breaks.
    pub fn parse(topic: &Topic<'_>, payload: &[u8], limits: &Limits) -> Result<Self, Refused> {
        let name = topic.name();
        let refused = |rejected, token| Refused {
            topic: name.clone(),
            rejected,
            token,
        };
        let mut members = members(payload, limits).map_err(|rejected| refused(rejected, None))?;
        let token =
            token(&mut members, limits.token_bytes).map_err(|rejected| refused(rejected, None))?;
        let action = action(topic, &mut members, limits)
            .map_err(|rejected| refused(rejected, token.clone()))?;
        Ok(Self {
            topic: name,
            token,
            action,
        })
    }
}

fn members(payload: &[u8], limits: &Limits) -> Result<Map<String, Value>, Rejected> {
    if payload.len() > limits.request_bytes {
        return Err(Rejected::request(format!(
            "The payload has {} bytes, at most {}",
            payload.len(),
            limits.request_bytes
        )));
    }
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(payload) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) | Err(_) => Err(Rejected::json()),
    }
}

fn action(
    topic: &Topic<'_>,
    members: &mut Map<String, Value>,
    limits: &Limits,
) -> Result<Action, Rejected> {
    match topic.call {
        Call::Unknown(path) => Err(Rejected::topic(path)),
        Call::Pending => Ok(Action::Pending),
        Call::StartNext => Ok(Action::StartNext {
            details: said(members, limits)?,
            minutes: match step(members)? {
                None => None,
                Some(Step::Minutes(minutes)) => Some(minutes),
                Some(Step::Discard) => return Err(wrong_step()),
            },
        }),
        Call::Describe(Which::Next) => Ok(Action::DescribeNext {
            with_document: flag(members, "includeJobDocument", true)?,
        }),
        Call::Describe(Which::Job(id)) => Ok(Action::Describe {
            job: job(id)?,
            number: count(members, "executionNumber")?,
            with_document: flag(members, "includeJobDocument", true)?,
        }),
        Call::Update(id) => Ok(Action::Update(Update {
            job: job(id)?,
            number: count(members, "executionNumber")?,
            status: status(members)?,
            details: said(members, limits)?,
            expected: count(members, "expectedVersion")?,
            step: step(members)?,
            with_state: flag(members, "includeJobExecutionState", false)?,
            with_document: flag(members, "includeJobDocument", false)?,
        })),
    }
}

fn job(id: &str) -> Result<String, Rejected> {
    if is_job_id(id) {
        Ok(id.to_owned())
    } else {
        Err(Rejected::request(
            "The job's id must be 1 to 64 letters, digits, '_' and '-'",
        ))
    }
}

fn status(members: &mut Map<String, Value>) -> Result<Status, Rejected> {
    let value = take(members, "status").ok_or_else(|| Rejected::request("status is missing"))?;
    value
        .as_str()
        .and_then(Status::read)
        .filter(|status| status.is_for_devices())
        .ok_or_else(|| {
            Rejected::request("status must be IN_PROGRESS, SUCCEEDED, FAILED or REJECTED")
        })
}

fn said(members: &mut Map<String, Value>, limits: &Limits) -> Result<Option<Details>, Rejected> {
    take(members, "statusDetails")
        .map(|value| details::read(value, limits))
        .transpose()
}

fn step(members: &mut Map<String, Value>) -> Result<Option<Step>, Rejected> {
    let Some(value) = take(members, "stepTimeoutInMinutes") else {
        return Ok(None);
    };
    if value.as_i64() == Some(-1) {
        return Ok(Some(Step::Discard));
    }
    value
        .as_u64()
        .and_then(|minutes| u32::try_from(minutes).ok())
        .filter(|minutes| MINUTES.contains(minutes))
        .map(|minutes| Some(Step::Minutes(minutes)))
        .ok_or_else(wrong_step)
}

fn wrong_step() -> Rejected {
    Rejected::request(format!(
        "stepTimeoutInMinutes must be a whole number from {} to {}; -1 is for updates",
        MINUTES.start(),
        MINUTES.end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use serde_json::json;

    const THING: &str = "$aws/things/pump-7/jobs/";

    fn parse(path: &str, payload: impl AsRef<[u8]>) -> Result<Request, Refused> {
        let topic = format!("{THING}{path}");
        let topic = Topic::read(&topic).unwrap();
        Request::parse(&topic, payload.as_ref(), &Limits::default())
    }

    fn action(path: &str, payload: &Value) -> Action {
        parse(path, payload.to_string()).unwrap().action
    }

    fn refusal(path: &str, payload: &Value) -> (Code, String) {
        let rejected = parse(path, payload.to_string()).unwrap_err().rejected;
        (rejected.code, rejected.message)
    }

    #[test]
    fn what_is_not_said_is_as_aws_takes_it() {
        for empty in ["", " \n", "{}", r#"{"clientToken":null}"#] {
            let request = parse("get", empty).unwrap();
            assert_eq!(request.action, Action::Pending);
            assert_eq!(request.token, None);
            assert_eq!(request.topic, format!("{THING}get"));
        }
        let next = Action::StartNext {
            details: None,
            minutes: None,
        };
        assert_eq!(action("start-next", &json!({})), next);
        let describe = Action::DescribeNext {
            with_document: true,
        };
        assert_eq!(action("$next/get", &json!({})), describe);
        let Action::Update(update) = action("ota/update", &json!({"status": "SUCCEEDED"})) else {
            unreachable!()
        };
        assert_eq!(
            update,
            Update {
                job: "ota".into(),
                number: None,
                status: Status::Succeeded,
                details: None,
                expected: None,
                step: None,
                with_state: false,
                with_document: false,
            }
        );
    }

    #[test]
    fn all_that_can_be_said_is_read() {
        let start = json!({"statusDetails": {"a": "b"}, "stepTimeoutInMinutes": 10_080});
        let details = Details::from([("a".into(), "b".into())]);
        assert_eq!(
            action("start-next", &start),
            Action::StartNext {
                details: Some(details.clone()),
                minutes: Some(10_080)
            }
        );
        let describe = json!({"executionNumber": 2, "includeJobDocument": false, "other": 1});
        assert_eq!(
            action("ota/get", &describe),
            Action::Describe {
                job: "ota".into(),
                number: Some(2),
                with_document: false
            }
        );
        let update = json!({
            "status": "IN_PROGRESS",
            "statusDetails": {"a": "b"},
            "expectedVersion": "7",
            "executionNumber": "3",
            "includeJobExecutionState": true,
            "includeJobDocument": true,
            "stepTimeoutInMinutes": -1,
            "clientToken": "t",
        });
        let request = parse("ota/update", update.to_string()).unwrap();
        assert_eq!(request.token.as_deref(), Some("t"));
        assert_eq!(
            request.action,
            Action::Update(Update {
                job: "ota".into(),
                number: Some(3),
                status: Status::InProgress,
                details: Some(details),
                expected: Some(7),
                step: Some(Step::Discard),
                with_state: true,
                with_document: true,
            })
        );
    }

    #[test]
    fn what_is_no_object_is_no_json() {
        for payload in ["{", "[1, 2]", "1", "null", "\"a\"", "{}{}"] {
            let refused = parse("get", payload).unwrap_err();
            assert_eq!(refused.rejected.code, Code::InvalidJson, "{payload}");
            assert_eq!(refused.token, None);
        }
        let bytes = parse("get", b"{\"clientToken\":\"\xff\"}").unwrap_err();
        assert_eq!(bytes.rejected.code, Code::InvalidJson);
    }

    #[test]
    fn each_broken_rule_is_named() {
        let status = |status: &str| json!({"status": status});
        for (path, payload, words) in [
            ("get", json!({"clientToken": 1}), "clientToken"),
            ("get", json!({"clientToken": "t".repeat(65)}), "at most 64"),
            ("start-next", json!({"statusDetails": []}), "statusDetails"),
            (
                "start-next",
                json!({"stepTimeoutInMinutes": -1}),
                "from 1 to 10080",
            ),
            (
                "start-next",
                json!({"stepTimeoutInMinutes": 0}),
                "from 1 to 10080",
            ),
            (
                "start-next",
                json!({"stepTimeoutInMinutes": 10_081}),
                "from 1 to 10080",
            ),
            (
                "start-next",
                json!({"stepTimeoutInMinutes": 1.5}),
                "from 1 to 10080",
            ),
            (
                "a/get",
                json!({"includeJobDocument": "no"}),
                "true or false",
            ),
            (
                "a/get",
                json!({"executionNumber": -1}),
                "executionNumber must be a whole number",
            ),
            ("a.b/get", json!({}), "1 to 64 letters"),
            ("a.b/update", status("FAILED"), "1 to 64 letters"),
            ("a/update", json!({}), "status is missing"),
            ("a/update", json!({"status": null}), "status is missing"),
            ("a/update", status("DONE"), "status must be"),
            ("a/update", status("QUEUED"), "status must be"),
            ("a/update", status("CANCELED"), "status must be"),
            ("a/update", status("TIMED_OUT"), "status must be"),
            ("a/update", status("REMOVED"), "status must be"),
            (
                "a/update",
                json!({"status": "FAILED", "expectedVersion": "x"}),
                "expectedVersion must be a whole number",
            ),
            (
                "a/update",
                json!({"status": "FAILED", "expectedVersion": ""}),
                "expectedVersion must be a whole number",
            ),
        ] {
            let (code, message) = refusal(path, &payload);
            assert_eq!(code, Code::InvalidRequest, "{payload}");
            assert!(message.contains(words), "{message}");
        }
        let large = vec![b' '; Limits::default().request_bytes + 1];
        let refused = parse("get", &large).unwrap_err();
        assert!(refused.rejected.message.contains("at most 131072"));
    }

    #[test]
    fn a_refusal_tells_the_sender_which_request_it_was() {
        let refused = parse("a/update", r#"{"clientToken":"t"}"#).unwrap_err();
        let message = refused.message(9);
        assert_eq!(message.topic, format!("{THING}a/update/rejected"));
        assert_eq!(
            message.document,
            json!({
                "code": "InvalidRequest",
                "message": "status is missing",
                "clientToken": "t",
                "timestamp": 9,
            })
        );
    }

    #[test]
    fn what_nobody_answers_is_an_invalid_topic() {
        let refused = parse("$next/update", r#"{"clientToken":"t"}"#).unwrap_err();
        assert_eq!(refused.rejected.code, Code::InvalidTopic);
        assert_eq!(refused.token.as_deref(), Some("t"));
        assert_eq!(
            refused.message(1).topic,
            format!("{THING}$next/update/rejected")
        );
    }
}
