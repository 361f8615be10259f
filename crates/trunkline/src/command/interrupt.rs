//! Ctrl-C while something is under way.

use std::future::Future;

/// What `work` gives, or nothing where Ctrl-C came first.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = pressed() => None,
    }
}

/// Waits for Ctrl-C.
pub(super) async fn pressed() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without the signal nothing is lost: the default action ends the process.
        std::future::pending::<()>().await;
    }
}
