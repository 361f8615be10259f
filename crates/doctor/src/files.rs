//! The data directory: who may look into it, and how much room there is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Check;
use trunkline_platform::DataDir;
use trunkline_terminal::bytes;

/// Below this share of the disk a person should act, in percent.
const LITTLE: u64 = 5;

/// Checks the folder and the secrets in it; `reserve` is what the log leaves free.
pub fn files(data: &DataDir, reserve: u64) -> Vec<Check> {
    let path = data.path();
    let shown = path.display();
    let Ok(meta) = fs::metadata(path) else {
        return vec![Check::warn(
            "data directory",
            format!("{shown} is not there yet; the first start makes it"),
        )];
    };
    if !meta.is_dir() {
        return vec![Check::fail(
            "data directory",
            format!("{shown} is no folder"),
        )];
    }
    let mut checks = vec![
        private("data directory", path, 0o022, "others may write into it"),
        writable(path),
    ];
    if data.local_token().exists() {
        checks.push(private(
            "local token",
            &data.local_token(),
            0o077,
            "others may read it",
        ));
    }
    if data.store().exists() {
        checks.push(private(
            "control state",
            &data.store(),
            0o077,
            "others may read it",
        ));
    }
    checks.push(room(path, reserve));
    checks
}

fn private(name: &str, path: &Path, mask: u32, trouble: &str) -> Check {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & mask == 0 => Check::good(name, format!("{shown}")),
        Ok(_) => Check::warn(name, format!("{shown}: {trouble}; run chmod go-rwx on it")),
        Err(error) => Check::fail(name, format!("{shown}: {error}")),
    }
}

fn writable(path: &Path) -> Check {
    let probe = path.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"x").and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Check::good("writing", "this user may write there"),
        Err(error) => Check::fail("writing", format!("this user cannot write there: {error}")),
    }
}

fn room(path: &Path, reserve: u64) -> Check {
    let space = match rustix::fs::statvfs(path) {
        Ok(space) => space,
        Err(error) => {
            return Check::new(
                "disk",
                "blind",
                format!("the free space is not known: {error}"),
            );
        }
    };
    let (free, total) = (
        space.f_bavail * space.f_frsize,
        space.f_blocks * space.f_frsize,
    );
    let detail = format!("{} of {} free", bytes(free), bytes(total));
    if free <= reserve {
        Check::fail(
            "disk",
            format!(
                "{detail}; the log leaves {} to the rest and takes nothing now",
                bytes(reserve)
            ),
        )
    } else if free < total / 100 * LITTLE {
        Check::warn("disk", detail)
    } else {
        Check::good("disk", detail)
    }
}
