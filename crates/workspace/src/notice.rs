//! Notices at once that a folder changed, where the kernel tells.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

/// Folders that are watched. Where the kernel has no more watches to give, nothing is ever noticed.
pub(crate) struct Notice(Option<AsyncFd<OwnedFd>>);

impl Notice {
    /// Must be made within a runtime.
    #[expect(
        deprecated,
        reason = "its successor is unsafe to call, for types whose descriptor may change; that of an OwnedFd does not"
    )]
    pub(crate) fn new() -> Self {
        let made = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)
            .map_err(std::io::Error::from)
            .and_then(AsyncFd::new);
        Self(made.ok())
    }

    /// Watches these folders too; one that is watched already stays so. A file counts once its writer has closed it.
    pub(crate) fn watch(&self, folders: &[PathBuf]) {
        let Some(kernel) = &self.0 else {
            return;
        };
        let wanted = WatchFlags::CLOSE_WRITE
            | WatchFlags::MOVE
            | WatchFlags::DELETE
            | WatchFlags::CREATE
            | WatchFlags::ONLYDIR;
        for folder in folders {
            if let Err(error) = inotify::add_watch(kernel, folder, wanted) {
                tracing::debug!(folder = %folder.display(), %error, "a folder is looked at now and then only");
            }
        }
    }

    /// Returns when something changed; never where nothing can be noticed.
    pub(crate) async fn changed(&self) {
        let Some(kernel) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            let Ok(mut ready) = kernel.readable().await else {
                return std::future::pending().await;
            };
            if drain(kernel.get_ref()) {
                return;
            }
            ready.clear_ready();
        }
    }
}

/// Takes what there is to be told; whether something of it matters. A file that was only just made is not written yet.
fn drain(kernel: &OwnedFd) -> bool {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut events = Reader::new(kernel, &mut buffer);
    let mut matters = false;
    loop {
        match events.next() {
            Ok(event) => {
                let flags = event.events();
                matters |= !flags.contains(ReadFlags::CREATE) || flags.contains(ReadFlags::ISDIR);
            }
            Err(Errno::INTR) => {}
            Err(_) => return matters,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_written_file_is_noticed_and_one_that_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let notice = Notice::new();
        notice.watch(&[folder.path().into()]);
        let soon = Duration::from_millis(200);
        let file = std::fs::File::create(folder.path().join("a")).unwrap();
        let early = tokio::time::timeout(soon, notice.changed()).await;
        assert!(early.is_err(), "it is still open");
        drop(file);
        tokio::time::timeout(soon, notice.changed()).await.unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        tokio::time::timeout(soon, notice.changed()).await.unwrap();
    }
}
