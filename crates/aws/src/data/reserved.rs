//! Topics on which a message does more than to be published.

use trunkline_job::{Call, Topic as JobTopic};
use trunkline_model::action::{self, ActionType};
use trunkline_twin::{Operation, Topic as TwinTopic};

/// What a message on `topic` does, and to which thing: whoever publishes it must be let do that, as if it were asked for in another way.
///
/// Nothing where it is only published. That goes for `$aws/rules/` too: a rule makes rows of such a message as of any other.
pub(crate) fn done(topic: &str) -> Option<(&'static ActionType, &str)> {
    if let Some(rest) = topic.strip_prefix("cmd/") {
        return Some((&action::COMMAND_SEND, first(rest)));
    }
    let rest = topic.strip_prefix("$aws/")?;
    if rest.starts_with("rules/") {
        return None;
    }
    // Devices come into being on some of the others; what nobody answers today is not left open for tomorrow.
    let Some(rest) = rest.strip_prefix("things/") else {
        return Some((&action::THING_CHANGE, ""));
    };
    let action = match (TwinTopic::read(topic), JobTopic::read(topic)) {
        (Some(twin), _) => match twin.operation {
            Operation::Get => &action::THING_READ,
            Operation::Update | Operation::Delete => &action::TWIN_CHANGE,
        },
        (None, Some(jobs)) => match jobs.call {
            Call::Pending | Call::Describe(_) => &action::THING_READ,
            Call::StartNext | Call::Update(_) | Call::Unknown(_) => &action::THING_CHANGE,
        },
        (None, None) => &action::THING_CHANGE,
    };
    Some((action, first(rest)))
}

/// The first level.
fn first(topic: &str) -> &str {
    topic.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_needs_the_right_for_what_it_does() {
        for (topic, wanted) in [
            ("$aws/things/a/shadow/update", ("twin.change", "a")),
            ("$aws/things/a/shadow/delete", ("twin.change", "a")),
            ("$aws/things/a/shadow/name/net/update", ("twin.change", "a")),
            ("$aws/things/a/shadow/name/net/get", ("thing.read", "a")),
            ("$aws/things/a/shadow/get", ("thing.read", "a")),
            ("$aws/things/a/jobs/get", ("thing.read", "a")),
            ("$aws/things/a/jobs/$next/get", ("thing.read", "a")),
            ("$aws/things/a/jobs/start-next", ("thing.change", "a")),
            ("$aws/things/a/jobs/j/update", ("thing.change", "a")),
            ("$aws/things/a/jobs/j", ("thing.change", "a")),
            // Those on which the platform speaks, and those that nobody answers.
            ("$aws/things/a/jobs/notify", ("thing.change", "a")),
            ("$aws/things/a/shadow/update/delta", ("thing.change", "a")),
            ("$aws/things/a", ("thing.change", "a")),
            ("$aws/things/", ("thing.change", "")),
            ("$aws/certificates/create/json", ("thing.change", "")),
            (
                "$aws/provisioning-templates/t/provision/json",
                ("thing.change", ""),
            ),
            ("$aws/events/presence/connected/a", ("thing.change", "")),
            ("$aws/rules", ("thing.change", "")),
            ("cmd/a/reboot/req/1", ("command.send", "a")),
            ("cmd/a/reboot/res/1", ("command.send", "a")),
            ("cmd/a", ("command.send", "a")),
        ] {
            let found = done(topic).map(|(action, thing)| (action.name, thing));
            assert_eq!(found, Some(wanted), "{topic}");
        }
        for topic in [
            "dt/a/x",
            "$aws/rules/pump/a/x",
            "cmd",
            "x/cmd/a",
            "$aws",
            "aws/things/a/shadow/update",
        ] {
            assert_eq!(done(topic), None, "{topic}");
        }
    }
}
