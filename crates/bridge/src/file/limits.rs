//! How much a bridge sends, and how large.

use super::draft;
use super::problem::{BridgeFile, Problem};

/// Limits of one bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages of each direction that are sent and not yet acknowledged.
    pub in_flight: u16,
    /// Messages a second that are sent to the remote; 0 for no limit.
    pub messages_per_second: u32,
    /// Bytes of payload a second that are sent to the remote; 0 for no limit.
    pub bytes_per_second: u32,
    /// Bytes of the largest payload, in both directions.
    pub payload_bytes: usize,
    /// Bytes of the longest topic that the remote takes.
    pub topic_bytes: usize,
    /// Levels of a topic that the remote takes; 0 for no limit.
    pub topic_levels: usize,
}

impl Limits {
    /// Any broker's.
    pub(super) const USUAL: Self = Self {
        in_flight: 20,
        messages_per_second: 0,
        bytes_per_second: 0,
        payload_bytes: 1 << 20,
        topic_bytes: trunkline_topic::LONGEST,
        topic_levels: 0,
    };
    /// The most that a file may ask for.
    const MOST: Self = Self {
        in_flight: 1_000,
        messages_per_second: u32::MAX,
        bytes_per_second: u32::MAX,
        payload_bytes: 16 << 20,
        topic_bytes: trunkline_topic::LONGEST,
        topic_levels: usize::MAX,
    };
    /// What AWS IoT Core takes on one connection.
    const AWS: Self = Self {
        in_flight: 100,
        messages_per_second: 100,
        bytes_per_second: 512 << 10,
        payload_bytes: 128 << 10,
        topic_bytes: 256,
        topic_levels: 8,
    };

    /// What the file says, or the preset, or the usual.
    pub(super) fn read(
        file: &BridgeFile,
        preset: Option<draft::Preset>,
        draft: &draft::Limits,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let (usual, most, whose) = match preset {
            Some(draft::Preset::Aws) => (
                Self {
                    in_flight: Self::USUAL.in_flight,
                    ..Self::AWS
                },
                Self::AWS,
                "AWS IoT Core takes at most",
            ),
            None => (Self::USUAL, Self::MOST, "at most there may be"),
        };
        let mut pick = |key: &str, said: Option<u64>, usual: u64, least: u64, most: u64| {
            let Some(said) = said else {
                return usual;
            };
            if said < least {
                let text = format!("{said} is too little");
                let hint = format!("at least {least}");
                problems.push(file.problem_at(format!("limits.{key}"), text).hint(hint));
            } else if said > most {
                let text = format!("{said} is too much");
                let hint = format!("{whose} {most}");
                problems.push(file.problem_at(format!("limits.{key}"), text).hint(hint));
            }
            said
        };
        // With a preset there is a rate in any case, so 0, which is none, is too little there.
        let slowest = u64::from(preset.is_some());
        let in_flight = pick(
            "in_flight",
            draft.in_flight,
            usual.in_flight.into(),
            1,
            most.in_flight.into(),
        );
        let messages = pick(
            "messages_per_second",
            draft.messages_per_second,
            usual.messages_per_second.into(),
            slowest,
            most.messages_per_second.into(),
        );
        let bytes = pick(
            "bytes_per_second",
            draft.bytes_per_second,
            usual.bytes_per_second.into(),
            slowest,
            most.bytes_per_second.into(),
        );
        let payload = pick(
            "payload_bytes",
            draft.payload_bytes,
            usual.payload_bytes as u64,
            1,
            most.payload_bytes as u64,
        );
        Self {
            in_flight: u16::try_from(in_flight).unwrap_or(u16::MAX),
            messages_per_second: u32::try_from(messages).unwrap_or(u32::MAX),
            bytes_per_second: u32::try_from(bytes).unwrap_or(u32::MAX),
            payload_bytes: usize::try_from(payload).unwrap_or(usize::MAX),
            topic_bytes: usual.topic_bytes,
            topic_levels: usual.topic_levels,
        }
    }
}
