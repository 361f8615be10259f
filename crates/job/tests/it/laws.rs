//! What holds whatever devices ask, whatever goes wrong, and however often or seldom the platform looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_job::{
    CancelExecution, CancelJob, Change, Counts, Execution, Executions, Job, Key, Limits, Progress,
    QueuedAt, Request, Status, Topic, apply, is_complete, plan,
};

use crate::support::{THING, job, topics};

/// Something that happens to one thing.
#[derive(Clone, Debug)]
enum Event {
    Later(i64),
    Queue(usize),
    StartNext(Option<u32>),
    Update(usize, &'static str, Option<u64>),
    Cancel(usize, bool),
    Remove(usize),
    CancelJob(usize, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let job = 0..3_usize;
    let status = prop::sample::select(vec!["IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"]);
    prop_oneof![
        3 => (0..90_i64).prop_map(Event::Later),
        4 => job.clone().prop_map(Event::Queue),
        4 => prop::option::of(1..3_u32).prop_map(Event::StartNext),
        6 => (job.clone(), status, prop::option::weighted(0.2, 1..4_u64))
            .prop_map(|(job, status, expected)| Event::Update(job, status, expected)),
        1 => (job.clone(), any::<bool>()).prop_map(|(job, force)| Event::Cancel(job, force)),
        1 => job.clone().prop_map(Event::Remove),
        1 => (job, any::<bool>()).prop_map(|(job, force)| Event::CancelJob(job, force)),
    ]
}

/// A platform with one thing: rows that are loaded before each event and written after it.
struct Platform {
    jobs: Vec<Job>,
    /// Of each job that was called off, when each of its executions had begun by then.
    called_off: [Option<Vec<Option<i64>>>; 3],
    rows: Vec<Execution>,
    now: i64,
}

impl Platform {
    fn new() -> Self {
        let retry =
            |kind: &str| json!({"criteriaList": [{"failureType": kind, "numberOfRetries": 2}]});
        let minute = json!({"inProgressTimeoutInMinutes": 1});
        let more = [
            json!({}),
            json!({"jobExecutionsRetryConfig": retry("ALL"), "timeoutConfig": minute}),
            json!({"jobExecutionsRetryConfig": retry("FAILED")}),
        ];
        Self {
            jobs: (0..)
                .zip(&more)
                .map(|(n, more)| job(&name(n), more))
                .collect(),
            called_off: [None, None, None],
            rows: Vec::new(),
            now: 1_000,
        }
    }

    fn load(&self) -> Executions {
        let terms: BTreeMap<_, _> = self
            .jobs
            .iter()
            .map(|job| (job.id.as_str(), Arc::new(job.terms())))
            .collect();
        let rows = self
            .rows
            .iter()
            .map(|row| (row.clone(), Arc::clone(&terms[row.job.as_str()])));
        Executions::new(THING, rows, &Limits::default())
    }

    /// What is to be written after `event`, and the answer where something was asked.
    fn happen(&mut self, executions: &mut Executions, event: &Event) -> (Change, Option<Value>) {
        let now = self.now;
        let ask = |executions: &mut Executions, path: &str, payload: &Value| {
            let topic = format!("$aws/things/{THING}/jobs/{path}");
            let topic = Topic::read(&topic).unwrap();
            let payload = payload.to_string();
            let request = Request::parse(&topic, payload.as_bytes(), &Limits::default()).unwrap();
            let answer = apply(executions, &request, now);
            (answer.change, answer.result.ok())
        };
        match event {
            Event::StartNext(minutes) => ask(
                executions,
                "start-next",
                &json!({"stepTimeoutInMinutes": minutes}),
            ),
            Event::Update(job, status, expected) => ask(
                executions,
                &format!("{}/update", name(*job)),
                &json!({"status": status, "expectedVersion": expected}),
            ),
            Event::Queue(index) => {
                let terms = Arc::new(self.jobs[*index].terms());
                (executions.queue(&name(*index), &terms, now), None)
            }
            Event::Cancel(job, force) => {
                let cancel = CancelExecution {
                    force: *force,
                    ..CancelExecution::default()
                };
                let change = executions.cancel(&name(*job), &cancel, now);
                (change.unwrap_or_default(), None)
            }
            Event::Remove(job) => (executions.remove(&name(*job), now), None),
            Event::Later(_) | Event::CancelJob(..) => (executions.settle(now), None),
        }
    }

    fn step(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Later(seconds) => self.now += seconds,
            Event::CancelJob(index, force) => {
                let cancel = CancelJob {
                    force: *force,
                    ..CancelJob::default()
                };
                let begun = self.begun(*index);
                if self.jobs[*index].cancel(cancel, self.now).is_ok() {
                    self.called_off[*index].get_or_insert(begun);
                }
            }
            _ => {}
        }
        let before = pending(&self.rows);
        let mut executions = self.load();
        let (change, answer) = self.happen(&mut executions, event);
        self.write(&change)?;
        if matches!(event, Event::StartNext(_))
            && let Some(answer) = answer.as_ref().and_then(|answer| answer.get("execution"))
        {
            prop_assert_eq!(&answer["status"], "IN_PROGRESS");
        }
        let after = pending(&self.rows);
        let told = topics(&change.notifications);
        prop_assert_eq!(told.contains(&"notify"), keys(&before) != keys(&after));
        prop_assert_eq!(
            told.contains(&"notify-next"),
            before.first() != after.first()
        );
        let next = self.load().next().map(Execution::key);
        prop_assert_eq!(next.as_ref(), after.first());
        Ok(())
    }

    /// Writes rows, each of which may only be new, or one version further and not ended before.
    fn write(&mut self, change: &Change) -> Result<(), TestCaseError> {
        prop_assert!(change.deleted.is_empty());
        for row in &change.changed {
            prop_assert!(row.version > 1 || row.status == Status::Queued);
            prop_assert_eq!(row.updated_at, self.now);
            prop_assert!(!row.status.is_terminal() || row.due().is_none());
            let old = self.rows.iter_mut().find(|old| old.key() == row.key());
            if let Some(old) = old {
                prop_assert!(!old.status.is_terminal(), "{old:?} ended twice: {row:?}");
                prop_assert_eq!(row.version, old.version + 1);
                prop_assert!(old.started_at.is_none() || old.started_at == row.started_at);
                *old = row.clone();
            } else {
                prop_assert_eq!(row.version, 1);
                let last = self.rows.iter().filter(|old| old.job == row.job).count();
                prop_assert_eq!(row.number, last as u64 + 1);
                self.rows.push(row.clone());
            }
        }
        Ok(())
    }

    fn begun(&self, job: usize) -> Vec<Option<i64>> {
        let rows = self.rows.iter().filter(|row| row.job == name(job));
        rows.map(|row| row.started_at).collect()
    }

    /// Of a job that was called off nothing more is queued, and nothing more begins.
    fn check_called_off(&self) -> Result<(), TestCaseError> {
        for (job, begun) in self.called_off.iter().enumerate() {
            if let Some(begun) = begun {
                prop_assert_eq!(&self.begun(job), begun);
            }
        }
        Ok(())
    }
}

fn name(index: usize) -> String {
    format!("job-{index}")
}

/// What has not ended, in the order in which it is to be done, found without the code that is tested.
fn pending(rows: &[Execution]) -> Vec<Key> {
    let of = |status| {
        let mut some: Vec<_> = rows.iter().filter(|row| row.status == status).collect();
        some.sort_by_key(|row| row.queued_at);
        some
    };
    of(Status::InProgress)
        .into_iter()
        .chain(of(Status::Queued))
        .map(Execution::key)
        .collect()
}

fn keys(pending: &[Key]) -> Vec<Key> {
    let mut keys = pending.to_vec();
    keys.sort();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rows_go_on_by_one_version_and_end_once(events in prop::collection::vec(event(), 1..60)) {
        let mut platform = Platform::new();
        for event in &events {
            platform.step(event)?;
        }
        platform.check_called_off()?;
        // In the end everything ends.
        platform.now += 10;
        for index in 0..3 {
            platform.step(&Event::CancelJob(index, true))?;
        }
        prop_assert!(platform.rows.iter().all(|row| row.status.is_terminal()));
        platform.step(&Event::Later(1_000_000))?;
        for index in 0..3 {
            platform.step(&Event::Queue(index))?;
        }
        platform.step(&Event::StartNext(None))?;
        platform.check_called_off()?;
    }
}

/// A fleet to which a job is rolled out.
struct Fleet {
    job: Job,
    progress: Progress,
    now: i64,
    told: Vec<QueuedAt>,
}

/// What the platform and the devices do until it looks again.
#[derive(Clone, Debug)]
struct Turn {
    seconds: i64,
    /// Of a hundred executions that are queued, how many come to an end.
    ended: u64,
    /// Of a hundred that end, how many fail.
    failed: u64,
    /// Whether the platform forgot when it looked before.
    forgot: bool,
}

fn turn(failed: std::ops::Range<u64>) -> impl Strategy<Value = Turn> {
    (0..130_i64, 0..=100_u64, failed, prop::bool::weighted(0.1)).prop_map(
        |(seconds, ended, failed, forgot)| Turn {
            seconds,
            ended,
            failed,
            forgot,
        },
    )
}

fn rollouts() -> impl Strategy<Value = Value> {
    let factor = prop::sample::select(vec![1.1, 1.5, 2.0, 5.0]);
    let growing = (1..=200_u32, factor, 1..=300_u64).prop_map(|(base, factor, each)| {
        json!({"exponentialRate": {
            "baseRatePerMinute": base,
            "incrementFactor": factor,
            "rateIncreaseCriteria": {"numberOfNotifiedThings": each, "numberOfSucceededThings": each},
        }})
    });
    let stages = (1..=1_000_u32, 0..3_u32).prop_map(|(most, soak)| {
        json!({"maximumPerMinute": most, "stages": [
            {"name": "canary", "percentage": 1, "soakMinutes": soak},
            {"name": "half", "percentage": 50, "finishedPercentage": 80, "soakMinutes": soak},
            {"name": "all", "percentage": 100},
        ]})
    });
    prop_oneof![
        (1..=1_000_u32).prop_map(|most| json!({"maximumPerMinute": most})),
        growing,
        stages,
    ]
}

impl Fleet {
    fn new(rollout: &Value, abort: &Value, targets: u64) -> Self {
        let more = json!({"jobExecutionsRolloutConfig": rollout, "abortConfig": abort});
        Self {
            job: job("a", &more),
            progress: Progress {
                targets,
                ..Progress::default()
            },
            now: 0,
            told: Vec::new(),
        }
    }

    fn look(&mut self) -> u64 {
        let plan = plan(&self.job, &self.progress, self.now);
        let (number, at, abort) = (plan.queue, self.now, plan.abort.is_some());
        self.progress.stage = plan.stage;
        self.progress.asked_at = Some(at);
        self.progress.notified += number;
        self.progress.counts.add(Status::Queued, number);
        self.progress.recent.push(QueuedAt { at, number });
        self.told.push(QueuedAt { at, number });
        if abort {
            self.job.cancel(CancelJob::default(), at).unwrap();
        }
        number
    }

    fn turn(&mut self, turn: &Turn) -> u64 {
        self.now += turn.seconds;
        let Counts {
            queued,
            succeeded,
            failed,
            ..
        } = &mut self.progress.counts;
        let ended = *queued * turn.ended / 100;
        let wrong = ended * turn.failed / 100;
        *queued -= ended;
        *failed += wrong;
        *succeeded += ended - wrong;
        if turn.forgot {
            self.progress.asked_at = None;
        }
        self.look()
    }

    /// The most that were told within sixty seconds that end with the last time that somebody was.
    fn last_minute(&self) -> u64 {
        self.told
            .iter()
            .filter(|told| told.at > self.now - 60)
            .map(|told| told.number)
            .sum()
    }
}

proptest! {
    #[test]
    fn no_minute_has_more_than_its_rate(
        rollout in rollouts(),
        targets in 0..20_000_u64,
        turns in prop::collection::vec(turn(0..100), 1..120),
    ) {
        let mut fleet = Fleet::new(&rollout, &json!({}), targets);
        for turn in &turns {
            // The rate as it is before more are told; it only grows.
            fleet.turn(turn);
            prop_assert!(fleet.last_minute() <= fleet.job.rollout.rate(&fleet.progress));
            prop_assert!(fleet.progress.notified <= targets);
            let stages = &fleet.job.rollout.stages;
            if let Some(stage) = stages.get(fleet.progress.stage.index) {
                prop_assert!(fleet.progress.notified <= stage.percentage.of(targets));
            }
        }
    }

    #[test]
    fn a_constant_rate_is_kept_in_every_minute(
        most in 1..=1_000_u32,
        turns in prop::collection::vec(turn(0..100), 1..120),
    ) {
        let mut fleet = Fleet::new(&json!({"maximumPerMinute": most}), &json!({}), u64::MAX);
        for turn in &turns {
            fleet.turn(turn);
        }
        for from in fleet.told.iter().map(|told| told.at) {
            let minute = from..from + 60;
            let told = fleet.told.iter().filter(|told| minute.contains(&told.at));
            prop_assert!(told.map(|told| told.number).sum::<u64>() <= most.into());
        }
    }

    #[test]
    fn the_rate_is_made_use_of_however_seldom_the_platform_looks(
        most in 1..=1_000_u32,
        targets in 1..3_000_u64,
        every in 1..=60_i64,
    ) {
        let mut fleet = Fleet::new(&json!({"maximumPerMinute": most}), &json!({}), targets);
        fleet.look();
        let minutes = targets.div_ceil(most.into()) as i64 + 1;
        while fleet.now < minutes * (60 + every) {
            fleet.now += every;
            fleet.look();
        }
        prop_assert_eq!(fleet.progress.notified, targets);
    }

    #[test]
    fn after_it_was_called_off_nobody_is_told(
        rollout in rollouts(),
        turns in prop::collection::vec(turn(0..100), 1..120),
        by_hand in prop::option::of(0..120_usize),
    ) {
        let abort = json!({"criteriaList": [{
            "failureType": "FAILED",
            "action": "CANCEL",
            "thresholdPercentage": 25,
            "minNumberOfExecutedThings": 5,
        }]});
        let mut fleet = Fleet::new(&rollout, &abort, 5_000);
        let mut over = false;
        for (turn, index) in turns.iter().zip(0..) {
            if by_hand == Some(index) {
                drop(fleet.job.cancel(CancelJob::default(), fleet.now));
                over = true;
            }
            let told = fleet.turn(turn);
            let Counts { failed, .. } = fleet.progress.counts;
            let executed = fleet.progress.counts.executed();
            over |= executed >= 5 && failed * 4 >= executed;
            prop_assert!(!over || told == 0, "{told} were told");
            prop_assert!(!over || !is_complete(&fleet.job, &fleet.progress));
        }
    }

    #[test]
    fn every_job_that_goes_well_is_done_in_the_end(rollout in rollouts(), targets in 0..500_u64) {
        let mut fleet = Fleet::new(&rollout, &json!({}), targets);
        let good = Turn { seconds: 60, ended: 100, failed: 0, forgot: false };
        for _ in 0..600 {
            fleet.turn(&good);
        }
        fleet.turn(&good);
        prop_assert_eq!(fleet.progress.notified, targets);
        prop_assert!(is_complete(&fleet.job, &fleet.progress));
    }
}
