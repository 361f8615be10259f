//! The reserved topics of jobs.

use crate::name::is_thing_name;

/// Which execution a device asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one that it should work on, whatever its job.
    Next,
    /// The one of this job.
    Job(&'a str),
}

/// What a device asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// Which executions have not ended.
    Pending,
    /// The next execution, begun.
    StartNext,
    /// All about one execution.
    Describe(Which<'a>),
    /// That the execution of this job is further.
    Update(&'a str),
    /// Something that nobody answers, under the topics of jobs.
    Unknown(&'a str),
}

/// A topic on which jobs are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic<'a> {
    /// The thing.
    pub thing: &'a str,
    /// What is asked.
    pub call: Call<'a>,
}

impl<'a> Topic<'a> {
    /// Reads `$aws/things/<thing>/jobs/…`; nothing where `topic` is not of jobs, and where only the platform speaks on it.
    ///
    /// The id of a job stands as it came: whether it can be one, the request says.
    #[must_use]
    pub fn read(topic: &'a str) -> Option<Self> {
        let (thing, path) = topic.strip_prefix("$aws/things/")?.split_once("/jobs/")?;
        if !is_thing_name(thing) {
            return None;
        }
        let call = match path.split_once('/') {
            None => match path {
                "get" => Call::Pending,
                "start-next" => Call::StartNext,
                "notify" | "notify-next" => return None,
                _ => Call::Unknown(path),
            },
            Some(("$next", "get")) => Call::Describe(Which::Next),
            Some((job, "get")) => Call::Describe(Which::Job(job)),
            Some((job, "update")) if job != "$next" => Call::Update(job),
            Some((_, rest)) => match rest.rsplit('/').next() {
                Some("accepted" | "rejected") => return None,
                _ => Call::Unknown(path),
            },
        };
        Some(Self { thing, call })
    }

    /// The topic again. Answers go to it with `/accepted` or `/rejected` behind it.
    #[must_use]
    pub fn name(&self) -> String {
        let prefix = prefix(self.thing);
        match self.call {
            Call::Pending => format!("{prefix}/get"),
            Call::StartNext => format!("{prefix}/start-next"),
            Call::Describe(Which::Next) => format!("{prefix}/$next/get"),
            Call::Describe(Which::Job(job)) => format!("{prefix}/{job}/get"),
            Call::Update(job) => format!("{prefix}/{job}/update"),
            Call::Unknown(path) => format!("{prefix}/{path}"),
        }
    }

    /// Where an answer goes.
    #[must_use]
    pub fn answer(&self, accepted: bool) -> String {
        let ending = if accepted { "accepted" } else { "rejected" };
        format!("{}/{ending}", self.name())
    }
}

/// What the topics of a thing's jobs begin with.
#[must_use]
pub fn prefix(thing: &str) -> String {
    format!("$aws/things/{thing}/jobs")
}

/// Where a thing is told that the list of its pending executions is another.
#[must_use]
pub fn notify(thing: &str) -> String {
    format!("{}/notify", prefix(thing))
}

/// Where a thing is told that another execution is the next.
#[must_use]
pub fn notify_next(thing: &str) -> String {
    format!("{}/notify-next", prefix(thing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_as_they_are_written() {
        for (call, path) in [
            (Call::Pending, "get"),
            (Call::StartNext, "start-next"),
            (Call::Describe(Which::Next), "$next/get"),
            (Call::Describe(Which::Job("ota-1")), "ota-1/get"),
            (Call::Update("ota-1"), "ota-1/update"),
        ] {
            let topic = format!("$aws/things/pump-7/jobs/{path}");
            let wanted = Topic {
                thing: "pump-7",
                call,
            };
            assert_eq!(Topic::read(&topic), Some(wanted));
            assert_eq!(wanted.name(), topic);
            assert_eq!(wanted.answer(true), format!("{topic}/accepted"));
            assert_eq!(wanted.answer(false), format!("{topic}/rejected"));
        }
        assert_eq!(notify("a"), "$aws/things/a/jobs/notify");
        assert_eq!(notify_next("a"), "$aws/things/a/jobs/notify-next");
    }

    #[test]
    fn a_job_may_be_called_like_an_operation() {
        for name in ["get", "update", "start-next", "notify"] {
            let topic = format!("$aws/things/a/jobs/{name}/get");
            let wanted = Call::Describe(Which::Job(name));
            assert_eq!(Topic::read(&topic).map(|topic| topic.call), Some(wanted));
        }
    }

    #[test]
    fn what_is_no_operation_is_told_apart_from_other_topics() {
        for path in ["x", "a/b", "a/get/b", "$next/update", "a/update/get", ""] {
            let topic = format!("$aws/things/a/jobs/{path}");
            let read = Topic::read(&topic).unwrap();
            assert_eq!(read.call, Call::Unknown(path));
            assert_eq!(read.name(), topic);
        }
    }

    #[test]
    fn the_words_of_the_platform_are_no_questions() {
        for topic in [
            "$aws/things/a/jobs/notify",
            "$aws/things/a/jobs/notify-next",
            "$aws/things/a/jobs/get/accepted",
            "$aws/things/a/jobs/start-next/rejected",
            "$aws/things/a/jobs/b/update/accepted",
            "$aws/things/a/jobs/$next/get/rejected",
        ] {
            assert_eq!(Topic::read(topic), None, "{topic}");
        }
    }

    #[test]
    fn other_topics_are_not_of_jobs() {
        for topic in [
            "$aws/things/a/shadow/get",
            "$aws/things/a/b/jobs/get",
            "$aws/things//jobs/get",
            "$aws/things/a/jobs",
            "things/a/jobs/get",
        ] {
            assert_eq!(Topic::read(topic), None, "{topic}");
        }
    }
}
