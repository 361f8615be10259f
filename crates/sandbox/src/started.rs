//! A process that was started.

use tokio::process::{Child, ChildStdin};

/// A process in a group of its own, with pipes for what it writes.
#[derive(Debug)]
pub struct Started {
    /// It. Where it is killed or dropped, all that it started ends with it.
    pub child: Child,
    /// What has to be held for as long as it runs: where this closes, it ends. So none outlives the platform, however that ends.
    pub tether: Option<ChildStdin>,
}
