//! What a client is told of its push.

use bytes::Bytes;
use gix::ObjectId;

use crate::{FLUSH, Packets, Push, band};

/// What became of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was done as it was asked for.
    Done,
    /// It was done to another ref, which is at `new` now.
    Instead {
        /// The whole name of that ref.
        name: String,
        /// Where it was.
        old: Option<ObjectId>,
        /// Where it is.
        new: ObjectId,
    },
    /// It was not done, for this reason, which is one line.
    Refused(String),
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was wrong with its objects.
    pub unpack: Result<(), String>,
    /// What became of each command, by its ref.
    pub commands: Vec<(String, Verdict)>,
}

impl Report {
    /// The report in the form that the client of `push` reads, with the end of the answer.
    #[must_use]
    pub fn encode(&self, push: &Push) -> Bytes {
        let mut packets = Packets::default();
        if push.report {
            match &self.unpack {
                Ok(()) => packets.push("unpack ok\n"),
                Err(problem) => packets.push(format!("unpack {}\n", line(problem))),
            };
            for (name, verdict) in &self.commands {
                one(&mut packets, name, verdict, push.second_report);
            }
            packets.flush();
        }
        let report = packets.take();
        if !push.side_band {
            return report;
        }
        let mut whole = band(1, &report).to_vec();
        whole.extend_from_slice(FLUSH);
        whole.into()
    }
}

fn one(packets: &mut Packets, name: &str, verdict: &Verdict, second: bool) {
    match verdict {
        Verdict::Refused(problem) => {
            packets.push(format!("ng {name} {}\n", line(problem)));
        }
        Verdict::Done => {
            packets.push(format!("ok {name}\n"));
        }
        Verdict::Instead {
            name: other,
            old,
            new,
        } => {
            packets.push(format!("ok {name}\n"));
            if second {
                packets.push(format!("option refname {other}\n"));
                if let Some(old) = old {
                    packets.push(format!("option old-oid {old}\n"));
                }
                packets.push(format!("option new-oid {new}\n"));
            }
        }
    }
}

/// A text that fits into a line of the report.
fn line(text: &str) -> String {
    text.replace(['\n', '\r', '\0'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(second_report: bool) -> Push {
        Push {
            report: true,
            second_report,
            ..Push::default()
        }
    }

    #[test]
    fn a_ref_that_went_elsewhere_is_told_to_who_understands_it() {
        let new = ObjectId::empty_tree(gix::hash::Kind::Sha1);
        let report = Report {
            unpack: Ok(()),
            commands: vec![
                (
                    "refs/for/trunk".to_owned(),
                    Verdict::Instead {
                        name: "refs/heads/trunk".to_owned(),
                        old: None,
                        new,
                    },
                ),
                (
                    "refs/heads/a".to_owned(),
                    Verdict::Refused("not\nso".to_owned()),
                ),
            ],
        };
        let text = |second| String::from_utf8(report.encode(&push(second)).to_vec()).unwrap();
        assert!(text(true).contains("ok refs/for/trunk\n0024option refname refs/heads/trunk\n"));
        assert!(text(true).contains("ng refs/heads/a not so\n0000"));
        assert!(!text(false).contains("option"));
    }

    #[test]
    fn bands_end_by_themselves() {
        let push = Push {
            report: true,
            side_band: true,
            ..Push::default()
        };
        let report = Report {
            unpack: Err("too large".to_owned()),
            commands: Vec::new(),
        };
        let encoded = report.encode(&push);
        assert!(encoded.starts_with(b"001e\x010015unpack too large\n"));
        assert!(encoded.ends_with(b"00000000"));
    }
}
