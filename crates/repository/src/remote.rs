//! Repositories elsewhere: fetching from them and pushing to them.

use std::fmt;
use std::net::SocketAddr;

use gix::ObjectId;
use tokio::process::Command;

use crate::{Bare, RepositoryError, check_ref_name, git};

/// The ref that keeps what was fetched. Clients do not see it.
const FETCHED: &str = "refs/queue/remote";
/// How git speaks to a server that nobody here knows: over HTTP alone, to no other address than it was told, with every object checked.
const SETTINGS: [&str; 7] = [
    "protocol.http.allow=always",
    "protocol.https.allow=always",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "fetch.fsckObjects=true",
    "credential.helper=",
];

/// A repository elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its address, `http:` or `https:`.
    pub url: String,
    /// Its branch.
    pub branch: String,
    /// The host and port of its address, and what they were resolved to: git connects there and nowhere else.
    pub resolved: (String, SocketAddr),
    /// What to show in the header `Authorization`.
    pub authorization: Option<String>,
}

/// What is shown to the other side stays out.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("url", &self.url)
            .field("branch", &self.branch)
            .finish_non_exhaustive()
    }
}

impl Bare {
    /// Fetches the branch of a repository elsewhere, and gives its commit. No branch of this repository is moved.
    ///
    /// # Errors
    /// [`RepositoryError::Git`] with what git says of it; [`RepositoryError::Name`] where the branch can have no such name.
    pub async fn fetch_remote(&self, remote: &Remote) -> Result<ObjectId, RepositoryError> {
        let branch = branch_ref(remote)?;
        let mut command = self.to_remote(remote);
        command
            .args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"])
            .args(["--no-auto-maintenance", "--no-recurse-submodules", "--"])
            .arg(&remote.url)
            .arg(format!("+{branch}:{FETCHED}"));
        git::ask(command, &[], self.limits().time).await?;
        let found = self.find_ref(FETCHED)?;
        found.ok_or_else(|| RepositoryError::NotFound(format!("branch `{}`", remote.branch)))
    }

    /// Moves the branch of a repository elsewhere forward to `tip`, and sends the tags.
    ///
    /// # Errors
    /// [`RepositoryError::Git`] with what git says of it, such as that the other side has commits that are not here.
    pub async fn push_remote(&self, remote: &Remote, tip: ObjectId) -> Result<(), RepositoryError> {
        let branch = branch_ref(remote)?;
        let mut command = self.to_remote(remote);
        command
            .args(["push", "--quiet", "--no-verify", "--"])
            .arg(&remote.url)
            .arg(format!("{tip}:{branch}"))
            .arg("refs/tags/*:refs/tags/*");
        git::ask(command, &[], self.limits().time).await?;
        Ok(())
    }

    fn to_remote(&self, remote: &Remote) -> Command {
        let (host, address) = &remote.resolved;
        let ip = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let resolved = format!("http.curloptResolve={host}:{}:{ip}", address.port());
        let mut command = self.git(SETTINGS.into_iter().chain([resolved.as_str()]));
        if let Some(authorization) = &remote.authorization {
            // In the environment, since everybody sees the arguments of a process.
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env("GIT_CONFIG_KEY_0", "http.extraHeader")
                .env(
                    "GIT_CONFIG_VALUE_0",
                    format!("Authorization: {authorization}"),
                );
        }
        command
    }
}

fn branch_ref(remote: &Remote) -> Result<String, RepositoryError> {
    let name = format!("refs/heads/{}", remote.branch);
    check_ref_name(&name)?;
    Ok(name)
}
