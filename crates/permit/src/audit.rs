//! The audit: every change and every refusal is an event, the same refusal again and again one event a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use trunkline_model::{PrincipalKind, Timestamp};
use trunkline_web::Question;

use crate::Audit;

/// Microseconds in which the same decision is noted once.
const ONCE_IN: i64 = 1_000_000;

/// Decisions that are remembered; beyond that each is noted.
const REMEMBERED: usize = 4096;

/// Writes decisions down.
#[derive(Debug)]
pub(crate) struct Auditor {
    sink: Arc<dyn Audit>,
    recent: Mutex<HashMap<(String, &'static str, String), Recent>>,
}

/// When a decision was last noted, and how often it was made since without a note.
#[derive(Debug)]
struct Recent {
    noted: Timestamp,
    since: u64,
}

/// A row of the table `audit`.
#[derive(Serialize)]
struct Row<'a> {
    time: Timestamp,
    who: &'a str,
    who_name: &'a str,
    kind: PrincipalKind,
    role: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of_team: Option<&'a str>,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    policies: &'a [String],
    client: String,
    repeated: u64,
}

impl Auditor {
    pub(crate) fn new(sink: Arc<dyn Audit>) -> Self {
        Self {
            sink,
            recent: Mutex::default(),
        }
    }

    /// Notes a refusal for `reason`, or the allowance of a change where there is no reason.
    pub(crate) fn note(
        &self,
        question: &Question<'_>,
        reason: Option<&str>,
        policies: &[String],
        now: Timestamp,
    ) {
        let allowed = reason.is_none();
        if allowed && !question.action.changes {
            return;
        }
        let Some(repeated) = self.due(question, allowed, now) else {
            return;
        };
        let who = question.who;
        let row = Row {
            time: now,
            who: &who.id,
            who_name: &who.name,
            kind: who.kind,
            role: who.role.name(),
            action: question.action.name,
            resource: question.resource,
            of_team: question.team,
            allowed,
            reason,
            policies,
            client: question.client.0.to_string(),
            repeated,
        };
        match serde_json::to_vec(&row) {
            Ok(data) => self.sink.note(&data),
            Err(error) => tracing::error!(%error, "a decision could not be written down"),
        }
    }

    /// For how many decisions a note is due now, if one is. A change is always noted.
    fn due(&self, question: &Question<'_>, allowed: bool, now: Timestamp) -> Option<u64> {
        if allowed {
            return Some(1);
        }
        let key = (
            question.who.id.clone(),
            question.action.name,
            question.resource.to_owned(),
        );
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= REMEMBERED && !recent.contains_key(&key) {
            recent.retain(|_, last| now.micros_since(last.noted) < ONCE_IN);
            if recent.len() >= REMEMBERED {
                return Some(1);
            }
        }
        match recent.get_mut(&key) {
            Some(last) if now.micros_since(last.noted) < ONCE_IN => {
                last.since += 1;
                None
            }
            Some(last) => {
                let since = std::mem::take(&mut last.since);
                last.noted = now;
                Some(since + 1)
            }
            None => {
                recent.insert(
                    key,
                    Recent {
                        noted: now,
                        since: 0,
                    },
                );
                Some(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use trunkline_model::{Principal, action};
    use trunkline_web::ClientAddress;

    use super::*;

    #[derive(Debug, Default)]
    struct Notes(Mutex<Vec<Value>>);

    impl Audit for Notes {
        fn note(&self, data: &[u8]) {
            let row = serde_json::from_slice(data).unwrap();
            self.0.lock().unwrap().push(row);
        }
    }

    fn ask(
        auditor: &Auditor,
        action: &'static action::ActionType,
        reason: Option<&str>,
        millis: i64,
    ) {
        let question = Question {
            who: &Principal::platform(),
            action,
            resource: "events",
            team: None,
            client: ClientAddress::UNKNOWN,
        };
        auditor.note(&question, reason, &[], Timestamp::from_millis(millis));
    }

    #[test]
    fn changes_and_refusals_are_noted_and_reading_is_not() {
        let notes = Arc::new(Notes::default());
        let auditor = Auditor::new(Arc::clone(&notes) as _);
        ask(&auditor, &action::TABLE_READ, None, 0);
        ask(&auditor, &action::TABLE_ERASE, None, 0);
        ask(&auditor, &action::TABLE_ERASE, None, 0);
        ask(&auditor, &action::TABLE_READ, Some("no"), 0);
        let rows = notes.0.lock().unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row["action"].as_str().unwrap(), row["allowed"] == true))
            .collect();
        assert_eq!(
            told,
            [
                ("table.erase", true),
                ("table.erase", true),
                ("table.read", false)
            ]
        );
        assert_eq!(rows[2]["reason"], "no");
    }

    #[test]
    fn the_same_refusal_is_noted_once_a_second_with_its_count() {
        let notes = Arc::new(Notes::default());
        let auditor = Auditor::new(Arc::clone(&notes) as _);
        for millis in [0, 1, 500, 999, 1_000, 1_500, 2_100] {
            ask(&auditor, &action::TABLE_READ, Some("no"), millis);
        }
        let rows = notes.0.lock().unwrap();
        let counts: Vec<_> = rows.iter().map(|row| row["repeated"].as_u64()).collect();
        assert_eq!(counts, [Some(1), Some(4), Some(2)]);
    }
}
