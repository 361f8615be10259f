//! Asking in SQL, with an end to the patience.

use std::sync::Arc;
use std::time::Duration;

use crate::{Ask, Fleet, FleetError};

/// How long an answer may take. A job's statements are asked every few seconds, and one that takes longer must not hold up the others.
const PATIENCE: Duration = Duration::from_secs(3);
/// The most characters of a reason.
const REASON: usize = 400;
/// What is said before there is anybody who answers.
pub(crate) const NOBODY: &str = "there is nobody here who answers SQL";

impl Fleet {
    /// Says who answers statements in SQL. Only the first one counts.
    pub fn set_ask(&self, ask: Arc<dyn Ask>) {
        drop(self.ask.set(ask));
    }

    /// Refuses a statement that never can be evaluated: a gate that nobody can ask would guard nothing. A table may come later.
    pub(crate) fn check_statement(&self, statement: &str) -> Result<(), FleetError> {
        let checked = self.ask.get().map_or(Ok(()), |ask| ask.check(statement));
        checked.map_err(|reason| FleetError::Statement(short(&reason)))
    }

    /// The names that a statement gives, at most `most`.
    pub(crate) async fn ask_names(
        &self,
        statement: &str,
        most: usize,
    ) -> Result<Vec<String>, FleetError> {
        let failed = |reason: String| FleetError::Statement(short(&reason));
        let ask = self.ask.get().ok_or_else(|| failed(NOBODY.into()))?;
        // One more, to tell whether those are all.
        let names = tokio::time::timeout(PATIENCE, ask.names(statement, most + 1)).await;
        let names = names.unwrap_or_else(|_| Err(too_long())).map_err(failed)?;
        if names.len() > most {
            return Err(failed(format!("it gives more than {most} names")));
        }
        Ok(names)
    }
}

/// Whether a statement holds.
pub(crate) async fn holds(ask: &dyn Ask, statement: &str) -> Result<bool, String> {
    let answer = tokio::time::timeout(PATIENCE, ask.holds(statement)).await;
    let answer = answer.unwrap_or_else(|_| Err(too_long()));
    answer.map_err(|reason| short(&reason))
}

fn too_long() -> String {
    format!("it takes longer than {} seconds", PATIENCE.as_secs())
}

fn short(reason: &str) -> String {
    reason.chars().take(REASON).collect()
}
