//! Making processes.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::launcher::{ARGUMENT, TRY};
use crate::shape::Shape;
use crate::warm::Warm;
use crate::{Level, Request, SandboxError, Started, frame};

/// Makes confined processes. It is used from within one runtime of tokio.
#[derive(Debug)]
pub struct Sandbox {
    level: Level,
    warm: Arc<Warm>,
}

impl Sandbox {
    /// Confinement by the program `launcher`, which calls [`crate::launch`], as far as this machine gives it. Once it is used, at most `warm`
    /// launchers are ready for what comes next; they end some seconds after nothing came.
    ///
    /// # Errors
    /// [`SandboxError`] where less than `least` is there.
    pub fn open(launcher: &Path, least: Level, warm: usize) -> Result<Self, SandboxError> {
        #[cfg(target_os = "linux")]
        crate::cgroup::forget();
        let level = detect(launcher);
        if level < least {
            return Err(SandboxError::Unavailable {
                there: level.name(),
                asked: least.name(),
            });
        }
        Ok(Self {
            level,
            warm: Warm::new(launcher.to_owned(), warm),
        })
    }

    /// How much confinement there is.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// Starts the command of `request`.
    ///
    /// # Errors
    /// [`SandboxError`] where the launcher cannot be started, or does not take the request.
    pub async fn start(&self, request: &Request) -> Result<Started, SandboxError> {
        if self.level == Level::None {
            let failed = SandboxError::of("starting the command");
            return unconfined(request).map_err(|error| failed(&error));
        }
        let failed = SandboxError::of("handing the request over");
        let text = serde_json::to_vec(request).map_err(|error| failed(&error))?;
        let frame = frame::encode(&text);
        let shape = Shape::of(request, self.level == Level::Namespaces);
        let ready = match self.warm.take(&shape) {
            // One that ended in this moment is no reason to fail.
            Some(mut ready) => hand_over(&mut ready, &frame).await.is_ok().then_some(ready),
            None => None,
        };
        let started = match ready {
            Some(ready) => ready,
            None => {
                let mut cold = self.warm.start(&shape)?;
                // Why it does not take it stands in what it writes.
                let _told = hand_over(&mut cold, &frame).await;
                cold
            }
        };
        self.warm.prepare(&shape);
        Ok(started)
    }
}

async fn hand_over(to: &mut Started, frame: &[u8]) -> std::io::Result<()> {
    match &mut to.tether {
        Some(tether) => tether.write_all(frame).await,
        None => Ok(()),
    }
}

fn unconfined(request: &Request) -> std::io::Result<Started> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &request.command])
        .current_dir(&request.folder)
        .env_clear()
        .envs(&request.environment)
        .stdin(Stdio::null());
    spawn(command)
}

pub(crate) fn spawn(mut command: Command) -> std::io::Result<Started> {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    Ok(Started {
        child,
        tether: None,
    })
}

/// What this machine gives, found out by trying it.
fn detect(launcher: &Path) -> Level {
    let tried = std::process::Command::new(launcher)
        .args([ARGUMENT, TRY])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match tried.ok().and_then(|status| status.code()) {
        Some(2) => Level::Namespaces,
        Some(1) => Level::Files,
        _ => Level::None,
    }
}
