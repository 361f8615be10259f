//! Running `git`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::RepositoryError;

/// The oldest version that has all that is asked of it: `merge-tree --merge-base` came with it.
const OLDEST: (u32, u32) = (2, 40);
/// Bytes of what git complained about that are shown.
const SHOWN: usize = 4 * 1024;

/// The installed git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Git {
    /// Its version, such as `2.47.3`.
    pub version: String,
}

impl Git {
    /// The git in the path of programs.
    ///
    /// # Errors
    /// [`RepositoryError::Git`] where there is none, or one that is too old.
    pub async fn find() -> Result<Self, RepositoryError> {
        let mut command = bare_command();
        command.arg("version");
        let output = run(command, &[], Duration::from_secs(10)).await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text
            .trim()
            .trim_start_matches("git version ")
            .split(' ')
            .next()
            .unwrap_or_default();
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
        let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if found < OLDEST {
            let (major, minor) = OLDEST;
            return Err(RepositoryError::Git(format!(
                "version {version} is too old: {major}.{minor} or newer is needed"
            )));
        }
        Ok(Self {
            version: version.to_owned(),
        })
    }
}

/// A git that takes nothing from this machine's or anybody's configuration, asks nobody, and runs no hook.
fn bare_command() -> Command {
    let mut command = Command::new("git");
    command.env_clear();
    for name in ["PATH", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A git in the bare repository at `path`, with `settings` such as `uploadpack.allowFilter=true`.
pub(crate) fn command<'a>(path: &Path, settings: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = bare_command();
    let own = [
        "safe.directory=*",
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.alternateRefsCommand=true",
        "gc.auto=0",
        "protocol.allow=never",
        // Commits, packs and refs are on the disk before they are told of.
        "core.fsync=committed",
        "core.fsyncMethod=fsync",
    ];
    for setting in own.into_iter().chain(settings) {
        command.arg("-c").arg(setting);
    }
    command.arg("--git-dir").arg(path);
    command
}

/// Runs `command` to its end, which reads `input`.
///
/// # Errors
/// [`RepositoryError::Git`] where it cannot be run or takes longer than `time`; that it fails is in the output.
pub(crate) async fn run(
    mut command: Command,
    input: &[u8],
    time: Duration,
) -> Result<Output, RepositoryError> {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    let failed = |error: std::io::Error| RepositoryError::Git(format!("cannot be run: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    let stdin = child.stdin.take();
    let write = async {
        if let Some(mut stdin) = stdin {
            // It may have answered without reading all of it.
            let _ended = stdin.write_all(input).await;
        }
    };
    let all = async { tokio::join!(write, child.wait_with_output()).1 };
    match tokio::time::timeout(time, all).await {
        Ok(output) => output.map_err(failed),
        Err(_) => Err(RepositoryError::Git(format!(
            "took longer than {} s",
            time.as_secs()
        ))),
    }
}

/// Runs `command` and gives what it prints.
///
/// # Errors
/// [`RepositoryError::Git`] with what it complained about.
pub(crate) async fn ask(
    command: Command,
    input: &[u8],
    time: Duration,
) -> Result<Vec<u8>, RepositoryError> {
    let output = run(command, input, time).await?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(RepositoryError::Git(complaint(&output.stderr)))
    }
}

/// What git complained about, without its prefixes, in one line.
pub(crate) fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = text
        .lines()
        .map(|line| {
            line.trim_start_matches("fatal: ")
                .trim_start_matches("error: ")
                .trim()
        })
        .filter(|line| !line.is_empty())
        .collect();
    let text = lines.join("; ");
    text[..text.floor_char_boundary(SHOWN)].to_owned()
}

/// An argument that is one whatever it begins with.
pub(crate) fn plain(text: &str) -> Result<&OsStr, RepositoryError> {
    if text.starts_with('-') || text.contains('\0') {
        return Err(RepositoryError::NotFound(format!("`{text}`")));
    }
    Ok(OsStr::new(text))
}
