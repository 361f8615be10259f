//! Pushing it with git, as anybody does.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::process::Command;

use super::changes::{CHANGES, Pushed};
use super::files::FILES;
use crate::Target;
use crate::fleet::DESCRIBED;

/// What the repository is called.
pub const MONOREPO: &str = "sample-shop";

/// Makes the repository with its changes, where it is not there yet. The checkout in `folder` is made anew and removed again.
///
/// # Errors
/// Why it could not be made; the platform does well without it.
pub async fn keep(target: &Target, folder: PathBuf) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let address = format!("{}/v1/repositories", target.base);
    let known = client
        .get(format!("{address}/{MONOREPO}"))
        .bearer_auth(&target.token)
        .send()
        .await?;
    if known.status().is_success() {
        return Ok(());
    }
    let body = json!({"name": MONOREPO, "description": format!("{DESCRIBED}four languages in one repository")});
    let made = client
        .post(address)
        .bearer_auth(&target.token)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await?;
    if !made.status().is_success() {
        bail!("{}", made.text().await?);
    }
    let pushed = push_all(target, &folder).await;
    tokio::fs::remove_dir_all(&folder)
        .await
        .context("the checkout of the sample stays")?;
    pushed
}

async fn push_all(target: &Target, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        tokio::fs::remove_dir_all(folder).await?;
    }
    tokio::fs::create_dir_all(folder).await?;
    let host = target.base.trim_start_matches("http://");
    let remote = format!("http://sample:{}@{host}/git/{MONOREPO}", target.token);
    git(folder, &["init", "--quiet", "--initial-branch=trunk"], &[]).await?;
    write(folder, FILES).await?;
    let begin = Pushed {
        message: "begin",
        author: "Ada Stern <ada@shop.example>",
        written: 1_795_000_000,
        option: "",
        files: &[],
    };
    commit(folder, &begin).await?;
    git(folder, &["push", "--quiet", &remote, "HEAD:trunk"], &[]).await?;
    for change in CHANGES {
        git(folder, &["fetch", "--quiet", &remote, "trunk"], &[]).await?;
        git(folder, &["reset", "--quiet", "--hard", "FETCH_HEAD"], &[]).await?;
        write(folder, change.files).await?;
        commit(folder, change).await?;
        let push = [
            "push",
            "--quiet",
            "-o",
            change.option,
            &remote,
            "HEAD:refs/for/trunk",
        ];
        // That one of them is refused is what it is for.
        if let Err(error) = git(folder, &push, &[]).await {
            tracing::info!(change = change.message, %error, "a change of the sample was refused");
        }
    }
    Ok(())
}

async fn write(folder: &Path, files: &[(&str, &str)]) -> anyhow::Result<()> {
    for (path, content) in files {
        let path = folder.join(path);
        let parent = path.parent().context("a file has a folder")?;
        tokio::fs::create_dir_all(parent).await?;
        tokio::fs::write(path, content).await?;
    }
    Ok(())
}

async fn commit(folder: &Path, change: &Pushed) -> anyhow::Result<()> {
    git(folder, &["add", "--all"], &[]).await?;
    let (name, email) = change
        .author
        .split_once(" <")
        .context("an author has an address")?;
    let (email, date) = (
        email.trim_end_matches('>'),
        format!("{} +0000", change.written),
    );
    let environment = [
        ("GIT_AUTHOR_NAME", name),
        ("GIT_AUTHOR_EMAIL", email),
        ("GIT_AUTHOR_DATE", &date),
        ("GIT_COMMITTER_NAME", name),
        ("GIT_COMMITTER_EMAIL", email),
        ("GIT_COMMITTER_DATE", &date),
    ];
    git(
        folder,
        &["commit", "--quiet", "--message", change.message],
        &environment,
    )
    .await
}

async fn git(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> anyhow::Result<()> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .await
        .context("git is missing")?;
    if output.status.success() {
        return Ok(());
    }
    // What git says has the address in it, and the token with that.
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().filter(|line| !line.contains("://"));
    bail!("{}", lines.collect::<Vec<_>>().join("; "))
}
