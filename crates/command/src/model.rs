//! A command, as people and programs see it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use trunkline_model::{Timestamp, TypedId, kind};
use utoipa::ToSchema;

use crate::CommandError;
use crate::json::is_plain;

/// The most bytes of a payload as JSON.
pub(crate) const PAYLOAD: usize = 64 * 1024;
/// The most bytes of a name.
const NAME: usize = 64;
/// The most seconds until a deadline: a day.
const DEADLINE: u32 = 86_400;
/// The most seconds that an answer over HTTP waits for the device.
const WAIT: u32 = 30;

/// What a command is known by, such as `cmd_01JDFXV3W8N6B1QK5T9C7M2R4A`.
pub type CommandId = TypedId<kind::Command>;

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// It waits for the device's answer.
    Sent,
    /// The device did it.
    Succeeded,
    /// The device could not do it.
    Failed,
    /// The device did not answer by the deadline.
    TimedOut,
    /// Somebody called it off.
    Cancelled,
}

impl CommandStatus {
    const ALL: [Self; 5] = [
        Self::Sent,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Cancelled,
    ];

    /// Its name in the API, in events and in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of this name.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A command that is to be sent.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// What the device is to do: letters, digits, `_`, `-` and `.`, at most 64.
    #[schema(
        example = "reboot",
        min_length = 1,
        max_length = 64,
        pattern = "^[a-zA-Z0-9_.-]+$"
    )]
    pub name: String,
    /// What the device is told with it: any JSON, at most 64 KiB. Without it the message is empty.
    #[serde(default)]
    #[schema(value_type = Value, required = false)]
    pub payload: Option<Box<RawValue>>,
    /// In how many seconds it is too late for an answer.
    #[serde(default = "half_a_minute")]
    #[schema(minimum = 1, maximum = 86_400)]
    pub deadline_seconds: u32,
    /// For how many seconds the answer to this request waits for the device's.
    #[serde(default)]
    #[schema(maximum = 30)]
    pub wait_seconds: u32,
}

const fn half_a_minute() -> u32 {
    30
}

impl NewCommand {
    /// A command without a payload, with half a minute for an answer that is not waited for.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            payload: None,
            deadline_seconds: half_a_minute(),
            wait_seconds: 0,
        }
    }

    /// Whether a command can be like that.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        if !is_command_name(&self.name) {
            return invalid("a name has 1 to 64 letters, digits, `_`, `-` and `.`");
        }
        if !(1..=DEADLINE).contains(&self.deadline_seconds) {
            return invalid("`deadline_seconds` is from 1 to 86,400");
        }
        if self.wait_seconds > WAIT {
            return invalid("`wait_seconds` is from 0 to 30");
        }
        let bytes = self.payload.as_ref().map_or(0, |json| json.get().len());
        if bytes > PAYLOAD {
            return Err(CommandError::TooLarge(bytes));
        }
        if !self
            .payload
            .as_ref()
            .is_none_or(|json| is_plain(json.get()))
        {
            return invalid(
                "the payload is nested too deeply, or has a number or a text that cannot be kept",
            );
        }
        Ok(())
    }
}

fn invalid(what: &'static str) -> Result<(), CommandError> {
    Err(CommandError::Invalid(what))
}

/// Whether `name` can be a command's.
pub(crate) fn is_command_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=NAME).contains(&name.len()) && name.bytes().all(plain)
}

/// A command in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommandSummary {
    /// What it is known by.
    #[schema(value_type = String, example = "cmd_01JDFXV3W8N6B1QK5T9C7M2R4A")]
    pub id: CommandId,
    /// The device.
    #[schema(example = "pump-7")]
    pub thing: String,
    /// What the device is to do.
    #[schema(example = "reboot")]
    pub name: String,
    /// How far it is.
    pub status: CommandStatus,
    /// Why it ended like that, where somebody said so.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Who sent it.
    pub by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it is too late for an answer.
    #[schema(value_type = String, format = DateTime)]
    pub deadline: Timestamp,
    /// When it was handed to the broker, which holds it for the device; null while it was not.
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    pub delivered: Option<Timestamp>,
    /// When it was over; null while it is not.
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
}

/// A command with what was sent and what came back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Command {
    /// What stands in lists too.
    #[serde(flatten)]
    pub summary: CommandSummary,
    /// What the device was told with it.
    #[schema(required = true, value_type = Value)]
    pub payload: Option<Box<RawValue>>,
    /// What the device answered.
    #[schema(required = true, value_type = Value)]
    pub result: Option<Box<RawValue>>,
    /// Whether the device answered with bytes, which `result` then is in base64.
    pub binary: bool,
}

/// Commands from the newest to the oldest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommandPage {
    /// The commands.
    pub commands: Vec<CommandSummary>,
    /// What to hand in as `after` for more; null where there are none.
    #[schema(required = true)]
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["reboot", "a", "set.Point_2-b", &"a".repeat(64)] {
            assert!(is_command_name(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "+", "#", "\u{e9}", "a:b", &"a".repeat(65)] {
            assert!(!is_command_name(bad), "{bad}");
        }
    }

    #[test]
    fn each_status_reads_back() {
        for status in CommandStatus::ALL {
            assert_eq!(CommandStatus::read(status.as_str()), Some(status));
            let json = serde_json::to_value(status).unwrap();
            assert_eq!(json, status.as_str());
        }
        assert_eq!(CommandStatus::read("done"), None);
    }

    #[test]
    fn a_command_keeps_to_the_limits() {
        let with = |change: &dyn Fn(&mut NewCommand)| {
            let mut command = NewCommand::new("reboot");
            change(&mut command);
            command.check().is_ok()
        };
        assert!(with(&|_| {}));
        assert!(!with(&|command| command.deadline_seconds = 0));
        assert!(with(&|command| command.deadline_seconds = 86_400));
        assert!(!with(&|command| command.deadline_seconds = 86_401));
        assert!(with(&|command| command.wait_seconds = 30));
        assert!(!with(&|command| command.wait_seconds = 31));
        let text = |bytes: usize| RawValue::from_string(format!("\"{}\"", "a".repeat(bytes - 2)));
        assert!(with(&|command| command.payload = text(PAYLOAD).ok()));
        assert!(!with(&|command| command.payload = text(PAYLOAD + 1).ok()));
        let json = |text: &str| RawValue::from_string(text.into()).ok();
        assert!(with(&|command| command.payload = json("1e300")));
        assert!(!with(&|command| command.payload = json("1e999")));
    }
}
