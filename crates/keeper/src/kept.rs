//! One process that is held.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;

use crate::protocol::{Seen, Stand};

/// A byte that asks what is in a sandbox to end.
const QUIT: &[u8] = b"q";

/// One process that is held.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) label: String,
    pub(crate) process: u32,
    pub(crate) stand: Stand,
    pub(crate) tether: Option<ChildStdin>,
}

impl Kept {
    pub(crate) fn seen(&self, id: &str) -> Seen {
        Seen {
            id: id.to_owned(),
            label: self.label.clone(),
            process: self.process,
            stand: self.stand,
        }
    }

    /// Signals it and all that it started.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), String> {
        if matches!(self.stand, Stand::Ended(_)) {
            return Ok(());
        }
        let group = i32::try_from(self.process).ok().and_then(Pid::from_raw);
        let group = group.ok_or("it has no number")?;
        kill_process_group(group, signal).map_err(|error| error.to_string())
    }

    /// Asks it to end. One that is stopped where it stands hears it once it goes on.
    pub(crate) async fn quit(&mut self) -> Result<(), String> {
        self.unpark()?;
        match &mut self.tether {
            Some(tether) => tether
                .write_all(QUIT)
                .await
                .map_err(|error| error.to_string()),
            None => self.signal(Signal::TERM),
        }
    }

    pub(crate) fn park(&mut self) -> Result<(), String> {
        if self.stand == Stand::Running {
            self.signal(Signal::STOP)?;
            self.stand = Stand::Parked;
        }
        Ok(())
    }

    pub(crate) fn unpark(&mut self) -> Result<(), String> {
        if self.stand == Stand::Parked {
            self.signal(Signal::CONT)?;
            self.stand = Stand::Running;
        }
        Ok(())
    }
}
