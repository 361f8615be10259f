//! How much confinement there is.

/// How much confinement there is, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A clean environment and limits alone.
    None,
    /// The file system by Landlock, and system calls by seccomp.
    Files,
    /// Also namespaces of users, mounts, processes, network and names.
    Namespaces,
}

impl Level {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Files => "files",
            Self::Namespaces => "namespaces",
        }
    }
}
