//! The jobs of a device.

use serde_json::{Value, json};

use super::message::Message;
use super::topics::Topics;
use crate::chance::unit;

/// A job that is worked on.
#[derive(Clone, Debug)]
struct Job {
    id: String,
    /// Which attempt this is, as the platform counts.
    attempt: u64,
    steps_left: u32,
    /// The version that the document brings, where it brings one.
    version: Option<Value>,
}

/// A job that has ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) message: Message,
    pub(super) succeeded: bool,
    /// The firmware that the device has from now on, where the job's document named a version.
    pub(super) firmware: Option<Value>,
}

/// What a device does for its jobs.
#[derive(Clone, Debug)]
pub(super) struct Work {
    steps: u32,
    failing: f64,
    present: Option<Job>,
    /// The job that ended last, and what was said of it.
    last: Option<(String, Message)>,
}

impl Work {
    pub(super) const fn new(steps: u32, failing: f64) -> Self {
        Self {
            steps,
            failing,
            present: None,
            last: None,
        }
    }

    /// Takes what the platform says is the next job.
    pub(super) fn hear(&mut self, topics: &Topics, payload: &Value) -> Option<Message> {
        let execution = &payload["execution"];
        let Some(id) = execution["jobId"].as_str().filter(|id| is_level(id)) else {
            // Nothing is to be done any more: what was worked on was called off.
            self.present = None;
            return None;
        };
        let begun = execution["status"] == "IN_PROGRESS";
        if begun && let Some((_, said)) = self.last.as_ref().filter(|(last, _)| last == id) {
            return Some(said.clone());
        }
        if self.present.as_ref().is_none_or(|job| job.id != id) {
            let version = &execution["jobDocument"]["version"];
            self.present = Some(Job {
                id: id.into(),
                attempt: execution["executionNumber"].as_u64().unwrap_or(1),
                steps_left: self.steps,
                version: version.is_string().then(|| version.clone()),
            });
        }
        self.last = None;
        (!begun).then(|| update(topics, id, json!({"status": "IN_PROGRESS"})))
    }

    /// Works for a step; tells of the job if that was the last one.
    pub(super) fn step(&mut self, topics: &Topics, seed: u64, thing: &str) -> Option<Ended> {
        let job = self.present.as_mut()?;
        if job.steps_left > 0 {
            job.steps_left -= 1;
            return None;
        }
        let job = self.present.take()?;
        let attempt = job.attempt.to_string();
        let succeeded = unit(seed, &[thing, "job", &job.id, &attempt]) >= self.failing;
        let status = if succeeded { "SUCCEEDED" } else { "FAILED" };
        let details = json!({"step": if succeeded { "done" } else { "verify" }});
        let body = json!({"status": status, "statusDetails": details});
        let message = update(topics, &job.id, body);
        self.last = Some((job.id, message.clone()));
        Some(Ended {
            message,
            succeeded,
            firmware: job.version.filter(|_| succeeded),
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the calls are clearer with the document written into them"
)]
fn update(topics: &Topics, job: &str, body: Value) -> Message {
    Message::new(topics.update_job(job), &body)
}

/// Whether `id` can stand in a topic.
fn is_level(id: &str) -> bool {
    !id.is_empty() && !id.contains(['/', '+', '#', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(id: &str, status: &str, attempt: u64) -> Value {
        json!({"execution": {"jobId": id, "status": status, "executionNumber": attempt, "jobDocument": {"version": "2.0"}}})
    }

    fn status(message: &Message) -> String {
        let body: Value = serde_json::from_slice(&message.payload).unwrap();
        format!("{} {}", message.topic, body["status"].as_str().unwrap())
    }

    #[test]
    fn a_job_is_begun_worked_on_and_ended() {
        let (topics, mut work) = (Topics::new("a"), Work::new(2, 0.0));
        let begun = work.hear(&topics, &next("ota", "QUEUED", 1)).unwrap();
        assert_eq!(status(&begun), "$aws/things/a/jobs/ota/update IN_PROGRESS");
        assert!(work.step(&topics, 1, "a").is_none());
        // The platform repeats itself, and the work goes on.
        assert!(work.hear(&topics, &next("ota", "IN_PROGRESS", 1)).is_none());
        assert!(work.step(&topics, 1, "a").is_none());
        let ended = work.step(&topics, 1, "a").unwrap();
        assert_eq!(
            status(&ended.message),
            "$aws/things/a/jobs/ota/update SUCCEEDED"
        );
        assert_eq!(ended.firmware, Some(json!("2.0")));
        assert!(work.step(&topics, 1, "a").is_none());
        // What was said got lost: it is said again.
        let again = work.hear(&topics, &next("ota", "IN_PROGRESS", 1)).unwrap();
        assert_eq!(again, ended.message);
    }

    #[test]
    fn a_job_that_was_called_off_is_forgotten_and_a_strange_one_not_taken() {
        let (topics, mut work) = (Topics::new("a"), Work::new(0, 0.0));
        work.hear(&topics, &next("ota", "QUEUED", 1));
        assert!(work.hear(&topics, &json!({"timestamp": 1})).is_none());
        assert!(work.step(&topics, 1, "a").is_none());
        assert!(work.hear(&topics, &next("a/b", "QUEUED", 1)).is_none());
        assert!(work.hear(&topics, &json!([1])).is_none());
    }

    #[test]
    fn a_share_of_jobs_fails_and_another_attempt_is_drawn_anew() {
        let (topics, mut work) = (Topics::new("a"), Work::new(0, 0.5));
        let mut run = |id: &str, attempt| {
            work.hear(&topics, &next(id, "QUEUED", attempt)).unwrap();
            work.step(&topics, 1, "a").unwrap().succeeded
        };
        let all: Vec<bool> = (0..200).map(|n| run(&format!("job-{n}"), 1)).collect();
        let failed = all.iter().filter(|succeeded| !**succeeded).count();
        assert!((70..130).contains(&failed), "{failed}");
        let attempts: Vec<bool> = (1..20).map(|attempt| run("job-1", attempt)).collect();
        assert!(attempts.contains(&true) && attempts.contains(&false));
    }
}
