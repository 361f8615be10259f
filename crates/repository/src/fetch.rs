//! Objects to a client.

use std::process::Stdio;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdout};

use crate::packet::{self, Packet};
use crate::{Bare, Packets, Protocol, RepositoryError};

/// Prefixes of refs that a client may name; more are as good as none.
const PREFIXES: usize = 1_024;

/// What a client may ask for beside whole history.
pub(crate) const SETTINGS: [&str; 3] = [
    "uploadpack.allowFilter=true",
    "uploadpack.hideRefs=refs/queue/",
    "uploadpack.allowTipSHA1InWant=false",
];

/// An answer to a client that fetches.
#[derive(Debug)]
pub enum Fetched {
    /// All of it.
    Whole(Bytes),
    /// What git prints, to its end. Dropping it ends git.
    Stream {
        /// Where it comes from.
        output: ChildStdout,
        /// The git that prints it, to be waited for.
        git: Child,
    },
}

impl Bare {
    /// Answers a request to `git-upload-pack`. Which refs there are is answered in the process; objects are git's.
    ///
    /// # Errors
    /// [`RepositoryError`] where the request cannot be read or git cannot be run.
    pub async fn fetch(
        &self,
        request: Bytes,
        protocol: Protocol,
    ) -> Result<Fetched, RepositoryError> {
        if protocol == Protocol::Two
            && let Some(wanted) = Wanted::read(&request).await?
        {
            let bare = self.clone();
            let listed = tokio::task::spawn_blocking(move || bare.list(&wanted)).await;
            return Ok(Fetched::Whole(listed.map_err(RepositoryError::io)??));
        }
        let mut command = self.git(SETTINGS);
        let seconds = self.limits().time.as_secs();
        command
            .args(["upload-pack", "--stateless-rpc", "--strict"])
            .arg(format!("--timeout={seconds}"))
            .arg(self.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null());
        if protocol == Protocol::Two {
            command.env("GIT_PROTOCOL", "version=2");
        }
        let mut git = command
            .spawn()
            .map_err(|error| RepositoryError::Git(error.to_string()))?;
        let missing = || RepositoryError::Git("has no pipes".to_owned());
        let (mut input, output) = (
            git.stdin.take().ok_or_else(missing)?,
            git.stdout.take().ok_or_else(missing)?,
        );
        tokio::spawn(async move {
            // It answers what is wrong with the request by itself.
            let _ended = input.write_all(&request).await;
        });
        Ok(Fetched::Stream { output, git })
    }

    fn list(&self, wanted: &Wanted) -> Result<Bytes, RepositoryError> {
        let prefixes: Vec<_> = wanted.prefixes.iter().map(String::as_str).collect();
        let mut packets = Packets::default();
        let names =
            |name: &str| prefixes.is_empty() || prefixes.iter().any(|one| name.starts_with(one));
        let trunk = self.trunk_ref();
        if names("HEAD") {
            let target = if wanted.symbolic {
                format!(" symref-target:{trunk}")
            } else {
                String::new()
            };
            match self.trunk_tip()? {
                Some(tip) => {
                    packets.push(format!("{tip} HEAD{target}\n"));
                }
                None if wanted.unborn => {
                    packets.push(format!("unborn HEAD{target}\n"));
                }
                None => {}
            }
        }
        for one in self.refs(&prefixes)? {
            let peeled = one.peeled.filter(|_| wanted.peel);
            let peeled = peeled.map_or_else(String::new, |id| format!(" peeled:{id}"));
            packets.push(format!("{} {}{peeled}\n", one.id, one.name));
        }
        packets.flush();
        Ok(packets.take())
    }
}

/// Which refs a client asks for with `ls-refs`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    peel: bool,
    symbolic: bool,
    unborn: bool,
    prefixes: Vec<String>,
}

impl Wanted {
    /// What `request` asks for; nothing where it is another command.
    async fn read(mut request: &[u8]) -> Result<Option<Self>, RepositoryError> {
        let mut wanted = Self::default();
        let mut lists = false;
        let mut arguments = false;
        while let Some(packet) = packet::read(&mut request).await? {
            let content = match packet {
                Packet::Content(content) => content,
                Packet::Delimiter => {
                    arguments = true;
                    continue;
                }
                Packet::Flush | Packet::End => break,
            };
            let line = std::str::from_utf8(&content)
                .map_err(|_| RepositoryError::protocol("a line is no text"))?
                .trim_end_matches('\n');
            match line {
                "command=ls-refs" => lists = true,
                _ if line.starts_with("command=") => return Ok(None),
                _ if !arguments => {}
                "peel" => wanted.peel = true,
                "symrefs" => wanted.symbolic = true,
                "unborn" => wanted.unborn = true,
                _ => {
                    if let Some(prefix) = line.strip_prefix("ref-prefix ") {
                        wanted.prefixes.push(prefix.to_owned());
                    }
                }
            }
        }
        if wanted.prefixes.len() > PREFIXES {
            wanted.prefixes.clear();
        }
        Ok(lists.then_some(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ls_refs_is_read_and_fetch_is_left_to_git() {
        let mut packets = Packets::default();
        packets
            .push("command=ls-refs\n")
            .push("agent=git/2.47")
            .delimiter()
            .push("peel\n")
            .push("symrefs\n")
            .push("ref-prefix refs/heads/\n")
            .flush();
        let wanted = Wanted::read(&packets.take()).await.unwrap().unwrap();
        assert!(wanted.peel && wanted.symbolic && !wanted.unborn);
        assert_eq!(wanted.prefixes, ["refs/heads/"]);
        let mut packets = Packets::default();
        packets
            .push("command=fetch\n")
            .delimiter()
            .push("done\n")
            .flush();
        assert_eq!(Wanted::read(&packets.take()).await.unwrap(), None);
        assert!(Wanted::read(b"xxxx").await.is_err());
    }
}
