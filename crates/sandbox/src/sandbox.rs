//! Making processes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::process::Command;

use crate::launcher::{ARGUMENT, TRY};
use crate::{Level, Request, SandboxError};

/// Makes confined processes.
#[derive(Debug)]
pub struct Sandbox {
    launcher: PathBuf,
    folder: PathBuf,
    level: Level,
    number: AtomicU64,
}

impl Sandbox {
    /// Confinement by the program `launcher`, which calls [`crate::launch`], as far as this machine gives it. Requests lie in `folder` for a
    /// moment, readable by this user alone.
    ///
    /// # Errors
    /// [`SandboxError`] where less than `least` is there, or the folder cannot be made.
    pub fn open(launcher: &Path, folder: &Path, least: Level) -> Result<Self, SandboxError> {
        let failed = SandboxError::of("the folder for requests");
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        forget_requests(folder);
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
            launcher: launcher.to_owned(),
            folder: folder.to_owned(),
            level,
            number: AtomicU64::new(0),
        })
    }

    /// How much confinement there is.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The process for `request`, not started yet, in a process group of its own. Where it is killed, all that it started ends with it.
    ///
    /// # Errors
    /// [`SandboxError`] where the request cannot be handed over.
    pub fn command(&self, request: &Request) -> Result<Command, SandboxError> {
        let mut command = if self.level == Level::None {
            let mut command = Command::new("sh");
            command
                .args(["-c", &request.command])
                .current_dir(&request.folder)
                .env_clear()
                .envs(&request.environment);
            command
        } else {
            let mut command = Command::new(&self.launcher);
            let namespaces = if self.level == Level::Namespaces {
                "1"
            } else {
                "0"
            };
            command
                .arg(ARGUMENT)
                .arg(self.hand_over(request)?)
                .arg(namespaces)
                .env_clear();
            command
        };
        command
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        Ok(command)
    }

    /// Writes the request where the launcher finds it, which removes it.
    fn hand_over(&self, request: &Request) -> Result<PathBuf, SandboxError> {
        let failed = SandboxError::of("handing the request over");
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let path = self
            .folder
            .join(format!("{}-{number}.json", std::process::id()));
        let text = serde_json::to_vec(request).map_err(|error| failed(&error))?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path);
        let written = file.and_then(|mut file| file.write_all(&text));
        written.map_err(|error| failed(&error))?;
        Ok(path)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // One in which a request still lies stays.
        let _in_use = std::fs::remove_dir(&self.folder);
    }
}

/// Removes requests that no launcher came to read: secrets may be in them.
fn forget_requests(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let _stays = std::fs::remove_file(entry.path());
    }
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
