//! Telling people that something does not land.

use trunkline_landing::{Because, ChangeId, Rival};
use trunkline_model::Coded as _;
use trunkline_store::outbox;

use super::actor::Actor;
use super::follow::Outcome;
use crate::event::FinishedLanding;
use crate::store::{self, Landing, LandingState};
use crate::{ChangeState, ForgeError, Run, RunState};

/// The last lines of a failed task's log that its pusher is shown.
const LINES: usize = 40;

impl Actor {
    pub(super) async fn refuse(&mut self, change: ChangeId, because: &Because) {
        // What was withdrawn or landed has been told already.
        let Some(landing) = self.landings.remove(&change) else {
            return;
        };
        if let Because::Red { key, .. } = because {
            self.show_log(&landing, key).await;
        }
        let reason = format!("{} ({})", self.words(because), because.code().code);
        if let Err(error) = self.write_refused(&landing, &reason).await {
            tracing::error!(landing = landing.id, %error, "a refusal cannot be written down");
        }
        self.notes.end(&landing.id, Outcome::Refused(reason));
    }

    /// Why it does not land, in words that people know things by.
    fn words(&self, because: &Because) -> String {
        match because {
            Because::Red { project, key, with } => {
                let run = self.failed(key);
                let task = run.map_or("a task", |run| run.task.as_str());
                let mut text = format!("{task} of {project} fails with it");
                if !with.is_empty() {
                    text.push_str("; others that touch the same landed since it was pushed");
                }
                if let Some(run) = run {
                    text.push_str(&format!("; its log: {}/runs/{}", self.forge.base, run.id));
                }
                text
            }
            Because::Conflict { with: Rival::Trunk } => {
                "it does not fit onto the trunk: fetch, rebase and push again".to_owned()
            }
            Because::Conflict {
                with: Rival::Change(other),
            } => format!(
                "it does not fit onto {}: wait for it, rebase and push again",
                self.name(*other)
            ),
            other => other.to_string(),
        }
    }

    /// The run that did not end well.
    fn failed(&self, key: &trunkline_landing::Key) -> Option<&Run> {
        let mut runs = self.ran.get(key)?.iter();
        runs.find(|run| run.state != RunState::Green)
    }

    /// The changes of a landing, as people name them.
    fn name(&self, change: ChangeId) -> String {
        match self.landings.get(&change) {
            Some(landing) => {
                let numbers: Vec<_> = landing.changes.iter().map(ToString::to_string).collect();
                format!("change {}", numbers.join(", "))
            }
            None => "what landed".to_owned(),
        }
    }

    async fn show_log(&self, landing: &Landing, key: &trunkline_landing::Key) {
        let Some(run) = self.failed(key) else {
            return;
        };
        let mut from = 0;
        let mut text = Vec::new();
        while let Ok(piece) = self.forge.run_log(&run.id, from).await {
            if piece.content.is_empty() {
                break;
            }
            text = piece.content;
            from = piece.next;
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            self.notes.line(&landing.id, format!("| {line}"));
        }
    }

    async fn write_refused(&self, landing: &Landing, reason: &str) -> Result<(), ForgeError> {
        let forge = &self.forge;
        let now = forge.clock.now();
        let mut transaction = forge.store.begin().await?;
        let state = LandingState::Refused;
        if !store::finish_landing(transaction.connection(), &landing.id, state).await? {
            return Ok(());
        }
        for number in &landing.changes {
            let Some(mut change) = store::change(transaction.connection(), *number).await? else {
                continue;
            };
            change.state = ChangeState::Refused;
            change.reason = Some(reason.to_owned());
            change.updated = now;
            store::update_change(transaction.connection(), &change, None).await?;
            outbox::put(
                &mut transaction,
                &forge.made().change(&change, &landing.by)?,
            )
            .await?;
        }
        let finished = FinishedLanding {
            landing: &landing.id,
            repository: &landing.repository,
            changes: &landing.changes,
            outcome: state.name(),
            reason: Some(reason),
            commit: None,
            previous: None,
            waited_ms: (now.as_micros() - landing.submitted.as_micros()) / 1_000,
            tasks: 0,
            ran: 0,
            task_ms: 0,
            by: &landing.by,
        };
        outbox::put(&mut transaction, &forge.made().landing(&finished)?).await?;
        transaction.commit().await?;
        Ok(())
    }
}
