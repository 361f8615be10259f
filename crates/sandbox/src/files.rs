//! The file system: what may be read and written, by Landlock.

use std::os::fd::AsFd;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};

use rustix::fs::FileType;

use crate::beneath::Beneath;
use crate::shape::Shape;
use crate::{Checkout, Request, SandboxError};

/// The newest that is asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V6;

/// Programs, libraries and what they need to know of the machine. No secret lies there.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/fonts",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
    "/run/systemd/resolve",
];

/// Devices that every program takes for granted.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
];

/// Places for what is temporary, which may be written where they are the task's own.
const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm"];

/// Whether the kernel has it at all.
pub(crate) fn is_there() -> bool {
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    made.is_ok()
}

/// The rules that do not depend on a request: what of the system may be read, and the places that are the task's own.
pub(crate) fn prepare(shape: &Shape) -> Result<RulesetCreated, SandboxError> {
    let failed = SandboxError::of("Landlock");
    let all = AccessFs::from_all(NEWEST);
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)
        .and_then(|rules| {
            // In a namespace without a network there is only the own loopback, and nothing of it has to be shut out.
            if shape.network || shape.namespaces {
                Ok(rules)
            } else {
                rules.handle_access(AccessNet::from_all(NEWEST))
            }
        })
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create);
    let mut rules = made.map_err(|error| failed(&error))?;
    let reading = AccessFs::from_read(NEWEST);
    for path in SYSTEM {
        rules = allow(rules, Path::new(path), reading)?;
    }
    for path in DEVICES {
        rules = allow(rules, Path::new(path), reading | AccessFs::WriteFile)?;
    }
    for place in shape.own().filter(|place| TEMPORARY.contains(place)) {
        rules = allow(rules, Path::new(place), all)?;
    }
    Ok(rules)
}

/// Shuts out everything but what `rules` and `request` allow.
pub(crate) fn shut_out(mut rules: RulesetCreated, request: &Request) -> Result<(), SandboxError> {
    if let Some(checkout) = &request.checkout {
        rules = allow_checkout(rules, checkout)?;
    }
    for path in &request.readable {
        rules = allow(rules, path, AccessFs::from_read(NEWEST))?;
    }
    for path in &request.writable {
        rules = allow(rules, path, AccessFs::from_all(NEWEST))?;
    }
    let failed = SandboxError::of("Landlock");
    let status = rules.restrict_self().map_err(|error| failed(&error))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(failed(&"the kernel has it not"));
    }
    Ok(())
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, SandboxError> {
    // What is not there needs no rule.
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    add(rules, opened, access)
}

fn add(
    rules: RulesetCreated,
    opened: impl AsFd,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, SandboxError> {
    let failed = SandboxError::of("Landlock for a path");
    let about = rustix::fs::fstat(&opened).map_err(|error| failed(&error))?;
    // A file cannot have what only folders have.
    let access = if FileType::from_raw_mode(about.st_mode) == FileType::Directory {
        access
    } else {
        access & AccessFs::from_file(NEWEST)
    };
    rules
        .add_rule(PathBeneath::new(opened, access))
        .map_err(|error| failed(&error))
}

/// What of a checkout may be read and written.
fn allow_checkout(
    mut rules: RulesetCreated,
    checkout: &Checkout,
) -> Result<RulesetCreated, SandboxError> {
    let failed = SandboxError::of("the checkout");
    let beneath = Beneath::open(&checkout.root).map_err(|error| failed(&error))?;
    rules = add(rules, beneath.root(), AccessFs::ReadDir.into())?;
    for path in &checkout.readable {
        // What is not there needs no rule, and what leads elsewhere gets none.
        if let Ok(opened) = beneath.find(path) {
            rules = add(rules, opened, AccessFs::from_read(NEWEST))?;
        }
    }
    let made = checkout.writable.iter().map(|path| beneath.make(path));
    let may_be_files = checkout.makes.iter().map(|path| match beneath.find(path) {
        Ok(opened) => Ok(opened),
        Err(_) => beneath.make_named(path),
    });
    for opened in made.chain(may_be_files).flatten() {
        rules = add(rules, opened, AccessFs::from_all(NEWEST))?;
    }
    Ok(rules)
}
