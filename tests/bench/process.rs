//! What the operating system says of a process.

use std::time::Duration;

use anyhow::{Context, Result};

/// Ticks a second in `/proc`, the same on every Linux.
const TICKS: u64 = 100;

/// A process by its number.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Processor time that it took so far, in user and system together.
    pub(crate) fn cpu(self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The name, in brackets, may hold spaces.
        let (_, fields) = stat
            .rsplit_once(')')
            .context("a stat line without a name")?;
        let ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>)
            .sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1_000 / TICKS))
    }

    /// Processor time that it takes in a second of `time`, in which nobody wants anything of it.
    pub(crate) fn at_rest(self, time: Duration) -> Result<Duration> {
        let before = self.cpu()?;
        std::thread::sleep(time);
        let spent = self.cpu()?.saturating_sub(before);
        Ok(spent.div_f64(time.as_secs_f64()))
    }

    /// Processor time of the process and its children so far.
    pub(crate) fn cpu_with_children(self) -> Result<Duration> {
        self.family()?.into_iter().map(Self::cpu).sum()
    }

    /// Resident memory of the process and its children now, in MiB.
    pub(crate) fn resident_with_children(self) -> Result<u64> {
        self.family()?.into_iter().map(Self::resident).sum()
    }

    fn family(self) -> Result<Vec<Self>> {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.0))?;
        let children = children.split_whitespace().map(str::parse::<u32>);
        let mut family = vec![self];
        for child in children {
            family.push(Self(child?));
        }
        Ok(family)
    }

    /// Resident memory now, in MiB.
    pub(crate) fn resident(self) -> Result<u64> {
        Ok(self.resident_kibibytes()? >> 10)
    }

    /// Resident memory now, in KiB.
    pub(crate) fn resident_kibibytes(self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most resident memory since [`Process::forget_peak`], in MiB.
    pub(crate) fn peak(self) -> Result<u64> {
        Ok(self.status("VmHWM:")? >> 10)
    }

    /// Begins a new count of the peak.
    pub(crate) fn forget_peak(self) -> Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.0), "5")?)
    }

    /// A line of its status that is in KiB.
    fn status(self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .context("a line of its status")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
    }
}
