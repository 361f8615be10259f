//! The topics of a device, as AWS IoT has them, and those of commands.

/// Whether a filter, and what comes through it, is for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard<'t> {
    /// Something is wanted that is not so.
    Delta,
    /// The twin, which was asked for.
    Twin,
    /// The platform refused a report.
    Refused,
    /// Another job is the next.
    Job,
    /// A command with its name and what tells its answer from others.
    Command { name: &'t str, id: &'t str },
}

/// What the topics of a device begin with.
#[derive(Clone, Debug)]
pub(super) struct Topics {
    shadow: String,
    jobs: String,
    commands: String,
}

impl Topics {
    pub(super) fn new(thing: &str) -> Self {
        Self {
            shadow: format!("$aws/things/{thing}/shadow/"),
            jobs: format!("$aws/things/{thing}/jobs/"),
            commands: format!("cmd/{thing}/"),
        }
    }

    /// What the device listens to: fewer filters than a device may have in one request.
    pub(super) fn filters(&self) -> Vec<String> {
        let Self {
            shadow,
            jobs,
            commands,
        } = self;
        vec![
            format!("{shadow}update/delta"),
            format!("{shadow}update/rejected"),
            format!("{shadow}get/accepted"),
            format!("{jobs}notify-next"),
            format!("{jobs}$next/get/accepted"),
            format!("{commands}+/req/+"),
        ]
    }

    pub(super) fn read<'t>(&self, topic: &'t str) -> Option<Heard<'t>> {
        if let Some(rest) = topic.strip_prefix(&self.shadow) {
            return match rest {
                "update/delta" => Some(Heard::Delta),
                "update/rejected" => Some(Heard::Refused),
                "get/accepted" => Some(Heard::Twin),
                _ => None,
            };
        }
        if let Some(rest) = topic.strip_prefix(&self.jobs) {
            let known = matches!(rest, "notify-next" | "$next/get/accepted");
            return known.then_some(Heard::Job);
        }
        let (name, rest) = topic.strip_prefix(&self.commands)?.split_once('/')?;
        let id = rest.strip_prefix("req/")?;
        let good = !name.is_empty() && !id.is_empty() && !id.contains('/');
        good.then_some(Heard::Command { name, id })
    }

    pub(super) fn get(&self) -> String {
        format!("{}get", self.shadow)
    }

    pub(super) fn update(&self) -> String {
        format!("{}update", self.shadow)
    }

    pub(super) fn next_job(&self) -> String {
        format!("{}$next/get", self.jobs)
    }

    pub(super) fn update_job(&self, job: &str) -> String {
        format!("{}{job}/update", self.jobs)
    }

    pub(super) fn answer(&self, name: &str, id: &str) -> String {
        format!("{}{name}/res/{id}", self.commands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_hears_what_is_for_it_and_nothing_else() {
        let topics = Topics::new("pump-7");
        for (topic, heard) in [
            ("$aws/things/pump-7/shadow/update/delta", Some(Heard::Delta)),
            (
                "$aws/things/pump-7/shadow/update/rejected",
                Some(Heard::Refused),
            ),
            ("$aws/things/pump-7/shadow/get/accepted", Some(Heard::Twin)),
            ("$aws/things/pump-7/shadow/name/a/update/delta", None),
            ("$aws/things/pump-70/shadow/update/delta", None),
            ("$aws/things/pump-7/jobs/notify-next", Some(Heard::Job)),
            (
                "$aws/things/pump-7/jobs/$next/get/accepted",
                Some(Heard::Job),
            ),
            ("$aws/things/pump-7/jobs/notify", None),
            (
                "cmd/pump-7/state/req/9",
                Some(Heard::Command {
                    name: "state",
                    id: "9",
                }),
            ),
            ("cmd/pump-7/state/req/9/1", None),
            ("cmd/pump-7/state/res/9", None),
            ("cmd/pump-7//req/9", None),
            ("cmd/pump-7/state/req/", None),
            ("dt/pump-7/telemetry", None),
        ] {
            assert_eq!(topics.read(topic), heard, "{topic}");
        }
        assert!(topics.filters().len() <= 8);
    }
}
