//! What the operating system says of the process and of the disk.

use std::fs;
use std::path::Path;

use trunkline_api::{Disk, Process};

/// Memory, processor time and threads, from `/proc`; zero where there is none.
pub(super) fn process() -> Process {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.trim_start_matches(':').split_whitespace().next())
            .and_then(|number| number.parse::<u64>().ok())
            .unwrap_or_default()
    };
    Process {
        resident_bytes: field("VmRSS") * 1_024,
        cpu_seconds: cpu_seconds().unwrap_or_default(),
        threads: field("Threads"),
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may itself hold spaces.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    let used = ticks()? + ticks()?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred or so")]
    let per_second = rustix::param::clock_ticks_per_second() as f64;
    Some(used / per_second)
}

/// Size and room of the disk that `folder` is on; zero where it cannot be asked.
pub(super) fn disk(folder: &Path) -> Disk {
    let path = folder.display().to_string();
    match rustix::fs::statvfs(folder) {
        Ok(disk) => Disk {
            total_bytes: disk.f_blocks * disk.f_frsize,
            free_bytes: disk.f_bavail * disk.f_frsize,
            path,
        },
        Err(_) => Disk {
            path,
            ..Disk::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_threads_and_a_disk_has_room() {
        let process = process();
        assert!(
            process.resident_bytes > 1_000_000 && process.threads >= 1,
            "{process:?}"
        );
        let disk = disk(Path::new("/"));
        assert!(
            disk.total_bytes >= disk.free_bytes && disk.total_bytes > 0,
            "{disk:?}"
        );
        assert_eq!(super::disk(Path::new("/no/such/folder")).total_bytes, 0);
    }
}
