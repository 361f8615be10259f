//! What git hosting and tasks need of this machine.

use trunkline_forge::ForgeConfig;
use trunkline_repository::Git;
use trunkline_workshop::Confined;

use super::Check;

/// Checks git, and how tasks can be confined.
pub async fn forge(config: &ForgeConfig) -> Vec<Check> {
    let git = match Git::find().await {
        Ok(git) => Check::good("git", format!("version {}", git.version)),
        Err(error) => Check::warn("git", format!("{error}; git hosting is off without it")),
    };
    vec![git, sandbox(config)]
}

fn sandbox(config: &ForgeConfig) -> Check {
    let Ok(launcher) = std::env::current_exe() else {
        return Check::warn("sandbox", "the own program is not known".to_owned());
    };
    match Confined::open(&launcher, config.sandbox, 0).level() {
        Ok("namespaces") => Check::good("sandbox", "namespaces, Landlock and seccomp".to_owned()),
        Ok("files") => Check::warn(
            "sandbox",
            "Landlock and seccomp alone: this machine refuses namespaces of users".to_owned(),
        ),
        Ok(_) => Check::warn(
            "sandbox",
            "none: tasks do what the platform's own user may".to_owned(),
        ),
        Err(problem) => Check::warn("sandbox", format!("{problem}; no task is run")),
    }
}
