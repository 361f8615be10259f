//! Who wrote each line of a file.

use std::collections::HashMap;

use gix::bstr::ByteSlice as _;
use serde::Serialize;
use trunkline_model::Timestamp;
use utoipa::ToSchema;

use crate::{Bare, RepositoryError, commit, git};

/// Where lines of a file come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BlameLine {
    /// The first of the lines, counted from 1.
    pub line: u32,
    /// How many lines.
    pub lines: u32,
    /// The commit.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// The first line of the commit's message.
    pub subject: String,
}

impl Bare {
    /// Which commit each line of the file at `path` of `revision` comes from, in the order of the lines.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is no such file.
    pub async fn blame(
        &self,
        revision: &str,
        path: &str,
    ) -> Result<Vec<BlameLine>, RepositoryError> {
        let tip = commit::resolve(&self.local(), revision)?;
        let mut command = self.git([]);
        command
            .args(["blame", "--porcelain"])
            .arg(tip.to_string())
            .arg("--")
            .arg(git::plain(path)?);
        let output = git::run(command, &[], self.limits().time).await?;
        if !output.status.success() {
            return Err(RepositoryError::NotFound(format!("file `{path}`")));
        }
        Ok(read(&output.stdout))
    }
}

#[derive(Clone, Default)]
struct About {
    author: String,
    seconds: i64,
    subject: String,
}

/// Reads what `git blame --porcelain` prints: of each commit it says only once what it is.
fn read(printed: &[u8]) -> Vec<BlameLine> {
    let mut known: HashMap<String, About> = HashMap::new();
    let mut groups: Vec<(String, u32, u32)> = Vec::new();
    let mut commit = String::new();
    for line in printed.lines() {
        if line.starts_with(b"\t") {
            continue;
        }
        let line = line.to_str_lossy();
        let mut words = line.split(' ');
        let first = words.next().unwrap_or_default();
        if first.len() == 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            first.clone_into(&mut commit);
            let mut number = |skip: usize| words.nth(skip).and_then(|word| word.parse().ok());
            // Only the first line of a group says how many there are.
            if let (Some(line), Some(lines)) = (number(1), number(0)) {
                groups.push((commit.clone(), line, lines));
            }
            continue;
        }
        let about = known.entry(commit.clone()).or_default();
        let rest = line.get(first.len() + 1..).unwrap_or_default();
        match first {
            "author" => rest.clone_into(&mut about.author),
            "author-time" => about.seconds = rest.parse().unwrap_or(0),
            "summary" => rest.clone_into(&mut about.subject),
            _ => {}
        }
    }
    let groups = groups.into_iter().map(|(commit, line, lines)| {
        let about = known.get(&commit).cloned().unwrap_or_default();
        BlameLine {
            line,
            lines,
            commit,
            author: about.author,
            time: Timestamp::from_micros(about.seconds.saturating_mul(1_000_000)),
            subject: about.subject,
        }
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_said_once_and_known_again() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let printed = format!(
            "{one} 1 1 2\nauthor Ada\nauthor-time 10\nsummary first\nfilename a\n\ttext\n{one} 2 2\n\tauthor Eve\n\
             {two} 3 3 1\nauthor Bob\nauthor-time 20\nsummary second\nfilename a\n\tx\n{one} 4 4 1\n\ty\n"
        );
        let lines = read(printed.as_bytes());
        let short: Vec<_> = lines
            .iter()
            .map(|line| {
                (
                    line.line,
                    line.lines,
                    line.author.as_str(),
                    line.subject.as_str(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                (1, 2, "Ada", "first"),
                (3, 1, "Bob", "second"),
                (4, 1, "Ada", "first")
            ]
        );
    }
}
