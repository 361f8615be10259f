//! The statements on which a job goes on or calls itself off.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;
use trunkline_job::Verdict;
use trunkline_model::{Event, catalogue};
use trunkline_store::outbox;

use super::row::Row;
use super::watch::is_due;
use super::{second, store};
use crate::ask::{self, NOBODY};
use crate::{Fleet, FleetError};

/// What a statement is for, the statement, and why it could not be evaluated; nothing where it could.
pub(super) type Asked<'a> = (&'static str, &'a str, Option<String>);

/// What came of asking the statements of one job.
#[derive(Debug, Default)]
struct Answers {
    advance: Option<Result<bool, String>>,
    abort: Option<Result<bool, String>>,
}

impl Fleet {
    /// Asks the statements of those of `rows` for which it is time, side by side. The jobs that must be called off, each with its
    /// statement.
    ///
    /// A statement that cannot be evaluated says nothing: the job does not go to its next stage, and is not called off.
    pub(super) async fn ask_gates(
        &self,
        rows: &[Row],
    ) -> Result<Vec<(String, String)>, FleetError> {
        let now = second(self.clock.now());
        let mut asked = JoinSet::new();
        for (index, row) in rows.iter().enumerate() {
            if self.wants_asking(row, now) {
                self.watches
                    .change(&row.job.id, |watch| watch.asked_at = Some(now));
                self.spawn_questions(&mut asked, index, row);
            }
        }
        let mut answers: Vec<Answers> = Vec::new();
        answers.resize_with(rows.len(), Answers::default);
        while let Some(done) = asked.join_next().await {
            let Ok((index, abort, answer)) = done else {
                continue;
            };
            if let Some(answers) = answers.get_mut::<usize>(index) {
                let place = if abort {
                    &mut answers.abort
                } else {
                    &mut answers.advance
                };
                *place = Some(answer);
            }
        }
        let mut over = Vec::new();
        for (row, answers) in rows.iter().zip(answers) {
            if let Some(statement) = self.take_answers(row, answers, now).await? {
                over.push((row.job.id.clone(), statement));
            }
        }
        Ok(over)
    }

    fn wants_asking(&self, row: &Row, now: i64) -> bool {
        let every = row.job.gates.as_ref().map(|gates| gates.every_seconds);
        row.is_under_way()
            && every.is_some_and(|every| {
                is_due(self.watches.get(&row.job.id).asked_at, every.into(), now)
            })
    }

    fn spawn_questions(
        &self,
        asked: &mut JoinSet<(usize, bool, Result<bool, String>)>,
        index: usize,
        row: &Row,
    ) {
        let Some(gates) = &row.job.gates else { return };
        for (abort, statement) in [(false, &gates.advance), (true, &gates.abort)] {
            let Some(statement) = statement.clone() else {
                continue;
            };
            let ask = self.ask.get().map(Arc::clone);
            asked.spawn(async move {
                let answer = match ask {
                    Some(ask) => ask::holds(&*ask, &statement).await,
                    None => Err(NOBODY.to_owned()),
                };
                (index, abort, answer)
            });
        }
    }

    /// Keeps what came of asking; the statement `abort` where it holds.
    async fn take_answers(
        &self,
        row: &Row,
        answers: Answers,
        now: i64,
    ) -> Result<Option<String>, FleetError> {
        let Some(gates) = &row.job.gates else {
            return Ok(None);
        };
        let mut failures: Vec<Asked<'_>> = Vec::new();
        if let (Some(answer), Some(statement)) = (&answers.advance, &gates.advance) {
            let verdict = answer
                .as_ref()
                .ok()
                .map(|&holds| Verdict { at: now, holds });
            self.watches
                .change(&row.job.id, |watch| watch.advance = verdict);
            failures.push(("advance", statement, answer.clone().err()));
        }
        let mut over = None;
        if let (Some(answer), Some(statement)) = (&answers.abort, &gates.abort) {
            over = (*answer == Ok(true)).then(|| statement.clone());
            failures.push(("abort", statement, answer.clone().err()));
        }
        let is_news =
            |(about, _, reason): &Asked<'_>| row.failed.contains_key(*about) != reason.is_some();
        if failures.iter().any(is_news) {
            self.note_failures(&row.job.id, &failures).await?;
        }
        Ok(over)
    }

    /// Notes which statements of a job cannot be evaluated; each that could until now is told of, once.
    pub(super) async fn note_failures(
        &self,
        id: &str,
        asked: &[Asked<'_>],
    ) -> Result<(), FleetError> {
        let mut transaction = self.store.begin().await?;
        let Some(mut row) = store::one(transaction.connection(), id).await? else {
            return Ok(());
        };
        let before = row.failed.clone();
        for (about, statement, reason) in asked {
            let Some(reason) = reason else {
                row.failed.remove(*about);
                continue;
            };
            if row
                .failed
                .insert((*about).to_owned(), reason.clone())
                .is_some()
            {
                continue;
            }
            let data = json!({"job": id, "about": about, "statement": statement, "reason": reason});
            let kind = catalogue::FLEET_JOB_QUESTION_FAILED;
            let event = Event::platform("fleet", kind, id, self.clock.now(), &*self.ids, &data)?;
            outbox::put(&mut transaction, &event).await?;
        }
        if row.failed == before {
            return Ok(());
        }
        store::update(transaction.connection(), &row).await?;
        Ok(transaction.commit().await?)
    }
}
