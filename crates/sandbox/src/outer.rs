//! The first step: namespaces, and in them the program once more.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use nix::sched::{CloneFlags, unshare};

use crate::cgroup::Groups;
use crate::launcher::{ARGUMENT, FAILED, INNER};
use crate::{Request, SandboxError, files};

/// Processes of one task where nothing is said.
pub(crate) const PROCESSES: u64 = 4_096;

/// Runs the request in the file at `path`.
pub(crate) fn run(path: &Path) -> ExitCode {
    let namespaces = std::env::args().nth(3).as_deref() == Some("1");
    match start(path, namespaces) {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

/// Says what went wrong where the log of the task will have it.
pub(crate) fn complain(error: &SandboxError) -> ExitCode {
    // There is nobody else to tell.
    let _written = writeln!(std::io::stderr(), "the task could not be confined: {error}");
    ExitCode::from(FAILED)
}

fn start(path: &Path, namespaces: bool) -> Result<ExitCode, SandboxError> {
    let failed = SandboxError::of("reading the request");
    let text = std::fs::read(path).map_err(|error| failed(&error))?;
    std::fs::remove_file(path).map_err(|error| failed(&error))?;
    let request: Request = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
    let groups = Groups::enter(&request, request.processes.unwrap_or(PROCESSES));
    if namespaces {
        leave(request.network)?;
    }
    let failed = SandboxError::of("starting the second step");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .args([ARGUMENT, INNER, if namespaces { "1" } else { "0" }])
        .env_clear()
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&text).map_err(|error| failed(&error))?;
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    drop(groups);
    // A shell tells a signal so.
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(ExitCode::from(u8::try_from(code.unwrap_or(1)).unwrap_or(1)))
}

/// Goes into namespaces of its own. In them it is root by name, so that its powers over them outlast the start of the second step; outside it is
/// who it was.
fn leave(network: bool) -> Result<(), SandboxError> {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    let failed = SandboxError::of("a namespace of users");
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|error| failed(&error))?;
    let write = |file: &str, text: String| {
        std::fs::write(format!("/proc/self/{file}"), text).map_err(|error| failed(&error))
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("0 {} 1", user.as_raw()))?;
    write("gid_map", format!("0 {} 1", group.as_raw()))?;
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if !network {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    let failed = SandboxError::of("namespaces of mounts, processes and network");
    unshare(flags).map_err(|error| failed(&error))
}

/// Tries what there is, and tells it by the exit code.
pub(crate) fn try_namespaces() -> ExitCode {
    if !files::is_there() {
        return ExitCode::from(0);
    }
    ExitCode::from(if leave(false).is_ok() { 2 } else { 1 })
}
