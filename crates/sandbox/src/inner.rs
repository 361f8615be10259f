//! The second step: what is in the namespaces, then no way back, then the command.

use std::io::{PipeReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::mount::{MsFlags, mount};
use rustix::fs::StatVfsMountFlags;
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::launcher::FAILED;
use crate::outer::{PROCESSES, complain};
use crate::shape::Shape;
use crate::{Checkout, Request, SandboxError, calls, files, loopback};

/// Bytes that a private `/tmp` may have.
const TMP: &str = "size=2147483648,mode=1777";
/// Where sockets of services are.
const SOCKETS: &str = "/run";
/// Where the machine says how names are looked up.
const RESOLVER: &str = "/run/systemd/resolve";
/// Bytes of one file where nothing is said.
const FILE: u64 = 16 << 30;
/// Files that one process may have open.
const OPEN: u64 = 65_536;

pub(crate) fn run(shape: &Shape, request: PipeReader) -> u8 {
    become_command(shape, request).unwrap_or_else(|error| complain(&error))
}

/// Comes back only where nothing is asked for, or something went wrong.
fn become_command(shape: &Shape, mut request: PipeReader) -> Result<u8, SandboxError> {
    let failed = SandboxError::of("preparing");
    // Whoever started this may be killed, and this must not be left.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| failed(&error))?;
    if shape.namespaces {
        mounts(shape)?;
        if !shape.network {
            // Without it nothing is lost but that a test cannot speak to itself, which it will say.
            let _down = loopback::up();
        }
    }
    let rules = files::prepare(shape)?;
    let filters = calls::prepare()?;
    // Up to here all is the same whatever is asked for.
    let failed = SandboxError::of("reading the request");
    let mut text = Vec::new();
    request
        .read_to_end(&mut text)
        .map_err(|error| failed(&error))?;
    if text.is_empty() {
        // It was started ahead, and is not needed.
        return Ok(FAILED);
    }
    let mut request: Request = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
    if !shape.is_own("/tmp") {
        own_temporary(&mut request);
    }
    if shape.namespaces
        && let Some(checkout) = &request.checkout
    {
        protect_git(checkout)?;
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    limits(&request)?;
    files::shut_out(rules, &request)?;
    calls::shut_out(&filters)?;
    let failed = SandboxError::of("the command");
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &request.command])
        .current_dir(&request.folder)
        .env_clear()
        .envs(&request.environment)
        .stdin(Stdio::null());
    Err(failed(&command.exec()))
}

/// A view of mounts that nobody else sees: the own processes, and an own place for what is temporary.
fn mounts(shape: &Shape) -> Result<(), SandboxError> {
    let failed = SandboxError::of("mounts");
    let none: Option<&str> = None;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none).map_err(|error| failed(&error))?;
    let plain = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let proc = plain | MsFlags::MS_NOEXEC;
    // In a container that shows only a part of /proc this is refused, and the processes outside stay out of reach all the same.
    let _refused = mount(Some("proc"), "/proc", Some("proc"), proc, none);
    for place in shape.own() {
        if place == SOCKETS {
            hide_sockets()?;
        } else {
            mount(Some("tmpfs"), place, Some("tmpfs"), plain, Some(TMP))
                .map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

/// Hides `/run`: who may connect to the sockets of services there, such as that of containers, may do what they may, and Landlock does not ask.
/// Where names are looked up stays.
fn hide_sockets() -> Result<(), SandboxError> {
    let failed = SandboxError::of("hiding sockets");
    let none: Option<&str> = None;
    let plain = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let resolver = Path::new(RESOLVER).is_dir();
    if resolver {
        // Put aside where it stays when the rest goes.
        mount(Some(RESOLVER), "/mnt", none, MsFlags::MS_BIND, none)
            .map_err(|error| failed(&error))?;
    }
    mount(
        Some("tmpfs"),
        SOCKETS,
        Some("tmpfs"),
        plain,
        Some("size=65536,mode=755"),
    )
    .map_err(|error| failed(&error))?;
    if resolver {
        std::fs::create_dir_all(RESOLVER).map_err(|error| failed(&error))?;
        mount(Some("/mnt"), RESOLVER, none, MsFlags::MS_BIND, none)
            .map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Where the whole checkout may be written, what git keeps there may not: a hook of its is run by whoever uses git next, and unconfined.
fn protect_git(checkout: &Checkout) -> Result<(), SandboxError> {
    let place = checkout.root.join(".git");
    let about = std::fs::symlink_metadata(&place);
    if !checkout.writable.iter().any(String::is_empty) || !about.is_ok_and(|it| !it.is_symlink()) {
        return Ok(());
    }
    let failed = SandboxError::of("what git keeps");
    let none: Option<&str> = None;
    mount(
        Some(&place),
        &place,
        none,
        MsFlags::MS_BIND | MsFlags::MS_REC,
        none,
    )
    .map_err(|error| failed(&error))?;
    // What is forbidden to whoever made the mount below stays forbidden, and has to be said again.
    let known = rustix::fs::statvfs(&place)
        .map_err(|error| failed(&error))?
        .f_flag;
    let again = [
        (StatVfsMountFlags::NOSUID, MsFlags::MS_NOSUID),
        (StatVfsMountFlags::NODEV, MsFlags::MS_NODEV),
        (StatVfsMountFlags::NOEXEC, MsFlags::MS_NOEXEC),
        (StatVfsMountFlags::NOATIME, MsFlags::MS_NOATIME),
        (StatVfsMountFlags::RELATIME, MsFlags::MS_RELATIME),
    ];
    let again = again.iter().filter(|(flag, _)| known.contains(*flag));
    let flags = again.fold(MsFlags::empty(), |all, (_, flag)| all | *flag);
    let flags = flags | MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(none, &place, none, flags, none).map_err(|error| failed(&error))
}

/// Where `/tmp` cannot be the task's own, because it works below it or because there are no namespaces, another folder is.
fn own_temporary(request: &mut Request) {
    let Some(folder) = request.writable.first().map(|folder| folder.join("tmp")) else {
        return;
    };
    if std::fs::create_dir_all(&folder).is_ok() {
        let folder = folder.display().to_string();
        request
            .environment
            .entry("TMPDIR".to_owned())
            .or_insert(folder);
    }
}

fn limits(request: &Request) -> Result<(), SandboxError> {
    let failed = SandboxError::of("limits");
    let both = |value: u64| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    let mut all = vec![
        (Resource::Core, 0),
        (Resource::Nproc, request.processes.unwrap_or(PROCESSES)),
        (Resource::Fsize, request.file_bytes.unwrap_or(FILE)),
    ];
    all.extend(request.memory_bytes.map(|bytes| (Resource::Data, bytes)));
    for (resource, value) in all {
        setrlimit(resource, both(value)).map_err(|error| failed(&error))?;
    }
    // What is lower already stays so.
    let known = rustix::process::getrlimit(Resource::Nofile);
    if known.maximum.is_none_or(|most| most > OPEN) {
        setrlimit(Resource::Nofile, both(OPEN)).map_err(|error| failed(&error))?;
    }
    Ok(())
}
