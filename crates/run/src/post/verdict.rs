//! What the tables say of a release that is on its way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use trunkline_model::Timestamp;
use trunkline_project::service::Rule;
use trunkline_rollout::{Counts, Deployment, Finding, History, State, Window, dispersion, judge};

use super::book::Before;
use super::{Book, Post};
use crate::Services;

/// The length of a window, in seconds.
const WINDOW: i64 = 2;
/// How often it is looked.
const LOOK: Duration = Duration::from_secs(2);
/// How far back history goes, in seconds.
const HISTORY: i64 = 6 * 3_600;
/// Rows come into the tables a moment later, in microseconds.
const LATE: i64 = 1_000_000;
const MICROSECONDS: i64 = 1_000_000;

/// What is asked for a judgement.
struct Question {
    service: String,
    deployment: Deployment,
    rules: Vec<Rule>,
    alpha: f64,
    judged_from: Timestamp,
    step_from: Timestamp,
    now: Timestamp,
    known: Option<Before>,
}

impl Question {
    /// The end of the last window that is whole. One that fills still would be looked at twice, and say something else the second time.
    fn until(&self) -> Timestamp {
        let width = WINDOW * MICROSECONDS;
        let passed = self.now.micros_since(self.judged_from) - LATE;
        self.judged_from
            .plus_micros(passed.div_euclid(width).max(0) * width)
    }
}

const fn bad(rule: Rule, cell: &Cell) -> u64 {
    match rule {
        Rule::Errors => cell.1,
        Rule::Slow => cell.2,
    }
}

/// Answers in one window: all, those with errors, the slow ones.
type Cell = (u64, u64, u64);

impl Services {
    /// Has the judge look, where it is time to.
    pub(super) fn judge_if_due(self: &Arc<Self>, post: &Arc<Post>, book: &mut Book) {
        let Some(active) = &book.row.line.active else {
            return;
        };
        let since = (book.row.judged_from, book.row.step_from);
        let (State::Canary | State::Baking | State::Held, (Some(judged_from), Some(step_from))) =
            (active.state, since)
        else {
            return;
        };
        let due = |looked: Instant| looked.elapsed() >= LOOK;
        if book.judging.busy || !book.judging.looked.is_none_or(due) {
            return;
        }
        let Some(release) = book.releases.get(&active.release) else {
            return;
        };
        if release.manifest.route.path.is_none() {
            return;
        }
        let known = book
            .judging
            .history
            .as_ref()
            .filter(|(id, ..)| *id == active.id);
        let question = Question {
            service: post.name.clone(),
            deployment: active.clone(),
            rules: release.manifest.rollback.rules.clone(),
            alpha: release.manifest.rollback.alpha,
            judged_from,
            step_from,
            now: self.parts.clock.now(),
            known: known.map(|(_, before)| before.clone()),
        };
        book.judging.busy = true;
        book.judging.looked = Some(Instant::now());
        let (services, post) = (Arc::clone(self), Arc::clone(post));
        tokio::spawn(async move { services.judge(&post, question).await });
    }

    async fn judge(&self, post: &Arc<Post>, mut question: Question) {
        let found = self.find(&mut question).await;
        let mut book = post.book.lock().await;
        book.judging.busy = false;
        let still = book.row.line.active.as_ref();
        let same = still.is_some_and(|active| {
            active.id == question.deployment.id && active.step == question.deployment.step
        });
        match found {
            Ok(finding) if same => {
                book.finding = Some(finding);
                let id = question.deployment.id;
                book.judging.history = question.known.map(|before| (id, before));
            }
            Ok(_) => {}
            // What was found before says nothing of now.
            Err(problem) => {
                tracing::warn!(
                    service = post.name,
                    problem,
                    "a release could not be judged"
                );
                book.finding = None;
            }
        }
        drop(book);
        post.wake.notify_one();
    }

    async fn find(&self, question: &mut Question) -> Result<Finding, String> {
        let before = match question.known.take() {
            Some(known) => known,
            None => self.history(question).await?,
        };
        let slow = before.slow;
        let canary = question.deployment.release.to_string();
        let statement = counts(question, question.judged_from, question.until(), slow, "");
        let cells = cells(self.parts.ask.rows(&statement).await?)?;
        let split = question.rules.len().max(1) as f64;
        let since = question.step_from.micros_since(question.judged_from);
        let first = since.div_euclid(WINDOW * MICROSECONDS);
        let (mut judgements, mut answers) = (Vec::new(), u64::MAX);
        for rule in &question.rules {
            let name = name_of(*rule);
            let history = before.histories.iter().find(|(known, _)| known == name);
            let history = history.map(|(_, history)| *history).unwrap_or_default();
            let windows = windows(&cells, &canary, |cell| bad(*rule, cell));
            let all: Vec<_> = windows.values().copied().collect();
            judgements.push((
                name.to_owned(),
                judge(&all, &history, question.alpha / split),
            ));
            // Who cannot be held against anything was not judged.
            let measured = *rule != Rule::Slow || slow.is_some();
            let judged = windows.range(first..).filter(|(_, window)| {
                measured && (window.baseline.answers > 0 || history.counts.answers > 0)
            });
            answers = answers.min(judged.map(|(_, window)| window.canary.answers).sum());
        }
        if question.rules.is_empty() {
            answers = 0;
        }
        question.known = Some(before);
        Ok(Finding {
            judgements,
            answers,
        })
    }

    /// How the release before did by each rule, and from where on an answer is slow, in microseconds.
    async fn history(&self, question: &Question) -> Result<Before, String> {
        let from = question.judged_from.plus_micros(-HISTORY * MICROSECONDS);
        // Others that were judged meanwhile, and taken back, are no measure.
        let previous = question.deployment.previous;
        let only = previous.map_or_else(String::new, |id| format!(" and release = '{id}'"));
        let slow = if question.rules.contains(&Rule::Slow) {
            let statement = format!(
                "select approx_percentile_cont(total_us, 0.99) from requests where {}{only}",
                within(&question.service, from, question.judged_from)
            );
            let rows = self.parts.ask.rows(&statement).await?;
            let text = rows
                .first()
                .and_then(|row| row.first())
                .map_or("", String::as_str);
            text.parse::<f64>().ok().map(|value| value as u64)
        } else {
            None
        };
        let statement = counts(question, from, question.judged_from, slow, &only);
        let cells = cells(self.parts.ask.rows(&statement).await?)?;
        let histories = question.rules.iter().map(|rule| {
            let counted = cells.values();
            let counted: Vec<_> = counted
                .map(|cell| Counts::new(cell.0, bad(*rule, cell)))
                .collect();
            let history = History {
                counts: counted
                    .iter()
                    .fold(Counts::default(), |all, one| all.plus(*one)),
                dispersion: dispersion(&counted),
            };
            (name_of(*rule).to_owned(), history)
        });
        Ok(Before {
            histories: histories.collect(),
            slow,
        })
    }
}

pub(super) const fn name_of(rule: Rule) -> &'static str {
    match rule {
        Rule::Errors => "errors",
        Rule::Slow => "slow",
    }
}

fn within(service: &str, from: Timestamp, to: Timestamp) -> String {
    format!(
        "service = '{service}' and release is not null and time >= timestamp '{from}' and time < timestamp '{to}'"
    )
}

/// The statement that counts the answers of each release in each window. The name of a service has nothing that would have to be quoted.
fn counts(
    question: &Question,
    from: Timestamp,
    to: Timestamp,
    slow: Option<u64>,
    only: &str,
) -> String {
    let start = from.as_micros();
    let width = WINDOW * MICROSECONDS;
    let slow = slow.map_or_else(
        || "0".to_owned(),
        |most| format!("count(*) filter (where total_us > {most})"),
    );
    format!(
        "select (arrow_cast(time, 'Int64') - {start}) / {width} as time_window, release, count(*) as answers, \
         count(*) filter (where status >= 500) as errors, {slow} as slow \
         from requests where {}{only} group by 1, 2",
        within(&question.service, from, to)
    )
}

fn cells(rows: Vec<Vec<String>>) -> Result<BTreeMap<(i64, String), Cell>, String> {
    let wrong = || "the tables answer what was not asked".to_owned();
    let read = |row: Vec<String>| {
        let [window, release, answers, errors, slow] =
            <[String; 5]>::try_from(row).map_err(|_| wrong())?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        let cell = (number(&answers)?, number(&errors)?, number(&slow)?);
        let window = window.parse().map_err(|_| wrong())?;
        Ok(((window, release), cell))
    };
    rows.into_iter().map(read).collect()
}

/// Both sides of each window.
fn windows(
    cells: &BTreeMap<(i64, String), Cell>,
    canary: &str,
    bad: impl Fn(&Cell) -> u64,
) -> BTreeMap<i64, Window> {
    let mut windows: BTreeMap<i64, Window> = BTreeMap::new();
    for ((at, release), cell) in cells {
        let window = windows.entry(*at).or_default();
        let side = if release == canary {
            &mut window.canary
        } else {
            &mut window.baseline
        };
        *side = side.plus(Counts::new(cell.0, bad(cell)));
    }
    windows
}

/// What is shown of the numbers behind a deployment.
pub(crate) fn evidence(deployment: &Deployment) -> Option<Value> {
    let finding = deployment.finding.as_ref()?;
    let side = |counts: Counts| json!({ "answers": counts.answers, "bad": counts.bad });
    let rules = finding.judgements.iter().map(|(rule, judgement)| {
        json!({
            "rule": rule,
            "release": side(judgement.canary),
            "before": side(judgement.baseline),
            "evidence": judgement.evidence,
            "needed": judgement.needed,
            "worse": judgement.is_worse(),
        })
    });
    Some(json!({ "answers": finding.answers, "rules": rules.collect::<Vec<_>>() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_windows() {
        let row = |window: &str, release: &str, answers: &str, errors: &str| {
            [window, release, answers, errors, "0"]
                .map(str::to_owned)
                .to_vec()
        };
        let rows = vec![
            row("0", "new", "10", "2"),
            row("0", "old", "90", "1"),
            row("3", "old", "5", "0"),
            row("0", "older", "10", "1"),
        ];
        let cells = cells(rows).unwrap();
        let windows = windows(&cells, "new", |cell| cell.1);
        assert_eq!(windows.len(), 2);
        assert_eq!(windows[&0].canary, Counts::new(10, 2));
        assert_eq!(windows[&0].baseline, Counts::new(100, 2));
        assert_eq!(windows[&3].canary, Counts::default());
        assert!(super::cells(vec![vec!["1".to_owned()]]).is_err());
    }
}
