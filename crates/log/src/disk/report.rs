//! What opening the log found and did.

use std::fmt;

use serde::Serialize;

/// What was verified, cut and set aside when the log was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Segments there are.
    pub segments: u64,
    /// Records whose checksums were verified: those of the last segment and of segments without an index.
    pub records: u64,
    /// Messages in these records.
    pub messages: u64,
    /// De-duplication keys that were read back.
    pub dedupe_keys: u64,
    /// Segments whose index had to be built again.
    pub rebuilt: Vec<String>,
    /// What was cut off the end of a file. None of it was acknowledged, unless the disk changed bytes by itself.
    pub cuts: Vec<Cut>,
    /// Acknowledged messages that can no longer be read.
    pub damage: Vec<Damage>,
    /// The file of cursors that could not be read and was set aside, under its new name.
    pub cursors_set_aside: Option<String>,
}

/// Bytes that were cut off the end of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// The file.
    pub file: String,
    /// Where it now ends.
    pub position: u64,
    /// How many bytes were cut.
    pub bytes: u64,
    /// Why.
    pub reason: CutReason,
    /// The file that the cut bytes were copied to, where they are more than one unfinished record.
    pub set_aside: Option<String>,
}

/// Why bytes were cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CutReason {
    /// The file ends within a record: the process or the machine stopped while it was written.
    TornRecord,
    /// A record of the last group does not match its checksum: most of it, but not all, reached the disk.
    TornGroup,
    /// The file has no header: the process or the machine stopped while it was made.
    TornHeader,
}

/// Messages that cannot be read, although the log once held them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// Where in the file it begins.
    pub position: u64,
    /// The first offset that cannot be read.
    pub first: u64,
    /// The first offset after it that can be read.
    pub next: u64,
}

impl Recovery {
    /// Whether the log was found as it had been left.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.cuts.is_empty() && self.damage.is_empty() && self.cursors_set_aside.is_none()
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} segments, {} records with {} messages verified",
            self.segments, self.records, self.messages
        )?;
        for name in &self.rebuilt {
            write!(f, "; index of {name} built again")?;
        }
        for cut in &self.cuts {
            write!(f, "; {cut}")?;
        }
        for damage in &self.damage {
            write!(f, "; {damage}")?;
        }
        if let Some(name) = &self.cursors_set_aside {
            write!(f, "; unreadable cursors set aside as {name}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            CutReason::TornRecord => "an unfinished record",
            CutReason::TornGroup => "an unfinished group of records",
            CutReason::TornHeader => "an unfinished header",
        };
        write!(
            f,
            "cut {} bytes off {} at byte {}: {reason}",
            self.bytes, self.file, self.position
        )?;
        match &self.set_aside {
            Some(name) => write!(f, ", copied to {name}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "offsets {} to {} in {} at byte {} are damaged and cannot be read",
            self.first,
            self.next.saturating_sub(1),
            self.file,
            self.position
        )
    }
}
