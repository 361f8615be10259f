//! What tasks find on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trunkline_task::Secrets;

/// What secrets of tasks are called in the platform's own environment.
const SECRET: &str = "TRUNKLINE_SECRET_";

/// The environment and the folders that every task gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toolchain {
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Folders that it may read.
    pub readable: Vec<PathBuf>,
    /// Folders that it may write.
    pub writable: Vec<PathBuf>,
}

impl Toolchain {
    /// The tool chains of this machine, as `variable` finds them in the environment; `home` is the folder that tasks have as their own.
    #[must_use]
    pub fn find(home: &Path, variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut found = Self::default();
        let path = variable("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
        found.readable.extend(std::env::split_paths(&path));
        found.environment.insert("PATH".to_owned(), path);
        found
            .environment
            .insert("LANG".to_owned(), "C.UTF-8".to_owned());
        found.environment.insert("CI".to_owned(), "true".to_owned());
        found
            .environment
            .insert("HOME".to_owned(), home.display().to_string());
        found.writable.push(home.to_owned());
        let own_home = variable("HOME").map(PathBuf::from);
        // Programs of rustup are looked up in these, and packages lie there.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let beside = || own_home.as_ref().map(|home| home.join(folder));
            let place = variable(name).map(PathBuf::from).or_else(beside);
            if let Some(place) = place.filter(|place| place.is_dir()) {
                found
                    .environment
                    .insert(name.to_owned(), place.display().to_string());
                found.readable.push(place.clone());
                if name == "CARGO_HOME" {
                    found.writable.push(place);
                }
            }
        }
        found
    }
}

/// Secrets from the platform's own environment: `TRUNKLINE_SECRET_STRIPE` is the secret `STRIPE`.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvironmentSecrets;

impl Secrets for EnvironmentSecrets {
    fn secret(&self, name: &str) -> Option<String> {
        std::env::var(format!("{SECRET}{name}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_chains_are_where_the_environment_says_or_at_home() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".cargo")).unwrap();
        let home = folder.path().display().to_string();
        let found = Toolchain::find(Path::new("/w/home"), |name| match name {
            "HOME" => Some(home.clone()),
            "PATH" => Some("/a:/b".to_owned()),
            _ => None,
        });
        assert_eq!(found.environment["CARGO_HOME"], format!("{home}/.cargo"));
        assert_eq!(found.environment["HOME"], "/w/home");
        assert!(!found.environment.contains_key("RUSTUP_HOME"));
        assert_eq!(
            found.readable[..2],
            [PathBuf::from("/a"), PathBuf::from("/b")]
        );
    }
}
