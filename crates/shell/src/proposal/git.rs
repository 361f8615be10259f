//! Running git in a checkout.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use trunkline_model::code;

use crate::Failure;

/// Git in one checkout, as whoever owns it set it up.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    index: Option<PathBuf>,
}

impl Git {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            index: None,
        }
    }

    /// The same with another index than that of the checkout.
    pub(super) fn with_index(&self, index: &Path) -> Self {
        Self {
            folder: self.folder.clone(),
            index: Some(index.to_owned()),
        }
    }

    /// A git that has not begun.
    pub(super) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(&self.folder)
            // A hook of git's has these set for its own repository.
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_WORK_TREE")
            .env("LC_ALL", "C");
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// What it answers, without the end of the last line.
    pub(super) fn ask<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String, Failure> {
        self.ask_with(arguments, b"")
    }

    /// The same, with something to read.
    pub(super) fn ask_with<A: AsRef<OsStr>>(
        &self,
        arguments: &[A],
        input: &[u8],
    ) -> Result<String, Failure> {
        let output = self.output(arguments, input)?;
        if !output.status.success() {
            let words = arguments.iter().map(AsRef::as_ref);
            // Settings come before what is to be done.
            let verb = words
                .map(OsStr::to_string_lossy)
                .find(|word| *word != "-c" && !word.contains('='));
            let what = format!("git {} failed", verb.unwrap_or_default());
            let said = without_secrets(&String::from_utf8_lossy(&output.stderr));
            return Err(Failure::new(&code::CLI_GIT, what).because(&said.trim()));
        }
        let answer = String::from_utf8_lossy(&output.stdout);
        Ok(answer.trim_end_matches('\n').to_owned())
    }

    /// What it answers; nothing where it fails.
    pub(super) fn try_ask<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Option<String> {
        let output = self.output(arguments, b"").ok()?;
        let answer = String::from_utf8_lossy(&output.stdout);
        let answer = answer.trim_end_matches('\n').to_owned();
        output.status.success().then_some(answer)
    }

    fn output<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Result<Output, Failure> {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_run(&error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One manifest or one message at most, which git reads before it answers; it may have failed without reading.
            let _ended = stdin.write_all(input);
        }
        child.wait_with_output().map_err(|error| not_run(&error))
    }
}

pub(super) fn not_run(error: &std::io::Error) -> Failure {
    Failure::new(&code::CLI_GIT, "git cannot be run").because(error)
}

/// A text in which no address has a password.
fn without_secrets(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', '\'', '"']);
    words
        .map(|word| match word.split_once("://") {
            Some((scheme, rest)) => {
                let (before, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let host = before.rsplit_once('@').map_or(before, |(_, host)| host);
                format!("{scheme}://{host}{path}")
            }
            None => word.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_complains_about_holds_no_token() {
        assert_eq!(
            without_secrets("fatal: unable to access 'http://git:tl_x@h:1/git/shop/': refused\n"),
            "fatal: unable to access 'http://h:1/git/shop/': refused\n"
        );
        assert_eq!(
            without_secrets("see http://h/a@b ok"),
            "see http://h/a@b ok"
        );
    }
}
