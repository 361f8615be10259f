//! `trunkline certificate` and `trunkline join`.

use std::path::Path;

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_platform::write_private;

use super::thing::{plain, show_secret};
use crate::cli::{CertificateCommand, CertificateCreate, Globals, JoinCommand, Named};
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Makes, lists and takes back certificates.
pub(super) async fn run(globals: &Globals, command: CertificateCommand) -> Result<Exit, Failure> {
    match command {
        CertificateCommand::Create(wanted) => create(globals, wanted).await?,
        CertificateCommand::List => {
            let columns = ["id", "thing", "status", "not_after"];
            list(globals, "/v1/certificates", "certificates", &columns).await?;
        }
        CertificateCommand::Revoke(named) => {
            let path = format!("/v1/certificates/{}", plain(&named.id)?);
            let client = Client::of(globals)?;
            if named.dry_run {
                client.get(&path).await?;
                globals.printer().say(&format!("would revoke {}", named.id));
                return Ok(Exit::Done);
            }
            let body = json!({"status": "revoked"});
            let status = format!("{path}/status");
            client.json(Method::PUT, &status, Some(&body)).await?;
            globals.printer().say(&format!("revoked {}", named.id));
        }
    }
    Ok(Exit::Done)
}

async fn create(globals: &Globals, wanted: CertificateCreate) -> Result<(), Failure> {
    let mut body = json!({"days": wanted.days});
    if let Some(file) = &wanted.request {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("`{}` cannot be read", file.display()))?;
        body["request"] = text.into();
    }
    let thing = format!("/v1/things/{}", plain(&wanted.thing)?);
    let client = Client::of(globals)?;
    if wanted.dry_run {
        client.get(&thing).await?;
        let what = format!("would make a certificate for {}", wanted.thing);
        globals.printer().say(&what);
        return Ok(());
    }
    let path = format!("{thing}/certificates");
    let made = client.json(Method::POST, &path, Some(&body)).await?;
    keep(&made, &wanted.out)?;
    let printer = globals.printer();
    let id = made["certificate"]["id"].as_str().unwrap_or_default();
    printer.data(&format!("{id}\n"))?;
    printer.detail("the key is nowhere else; the device shows `device.pem` and trusts `root.pem`");
    Ok(())
}

/// Writes a certificate that was `made`, its chain and its key to files in the folder `out`. The certificate comes last: where it is there,
/// so are the others.
pub(super) fn keep(made: &Value, out: &Path) -> Result<(), Failure> {
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let mut files = vec![
        ("root.pem", text("root")),
        ("device.pem", text("pem") + &text("chain")),
    ];
    if made["private_key"].is_string() {
        files.insert(0, ("device.key", text("private_key")));
    }
    std::fs::create_dir_all(out).with_context(|| format!("`{}` cannot be made", out.display()))?;
    for (name, text) in files {
        let file = out.join(name);
        write_private(&file, &text)
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    Ok(())
}

async fn list(globals: &Globals, path: &str, name: &str, columns: &[&str]) -> Result<(), Failure> {
    let answer = Client::of(globals)?.get(path).await?;
    let rows: &[Value] = answer[name].as_array().map_or(&[], Vec::as_slice);
    Ok(globals.printer().document(&answer, rows, columns)?)
}

/// Makes, lists and removes tokens by which devices join.
pub(super) async fn join(globals: &Globals, command: JoinCommand) -> Result<Exit, Failure> {
    match command {
        JoinCommand::Create(wanted) if wanted.dry_run => {
            let what = format!(
                "would make a token for {} things called {}",
                wanted.uses, wanted.pattern
            );
            globals.printer().say(&what);
        }
        JoinCommand::Create(wanted) => {
            let seconds = wanted.hours.saturating_mul(3_600);
            let body = json!({"pattern": wanted.pattern, "kind": wanted.kind, "uses": wanted.uses, "seconds": seconds});
            let client = Client::of(globals)?;
            let made = client.json(Method::POST, "/v1/join-tokens", Some(&body));
            show_secret(globals, &made.await?)?;
        }
        JoinCommand::List => {
            let columns = ["id", "pattern", "kind", "uses", "ends"];
            list(globals, "/v1/join-tokens", "tokens", &columns).await?;
        }
        JoinCommand::Remove(Named { id, dry_run }) => {
            let client = Client::of(globals)?;
            if dry_run {
                let all = client.get("/v1/join-tokens").await?;
                let known = all["tokens"].as_array().into_iter().flatten();
                let there = known.into_iter().any(|token| token["id"] == id.as_str());
                let what = if there {
                    "would remove"
                } else {
                    "there is no token"
                };
                globals.printer().say(&format!("{what} {id}"));
                return Ok(if there { Exit::Done } else { Exit::Failed });
            }
            let path = format!("/v1/join-tokens/{}", plain(&id)?);
            client.json(Method::DELETE, &path, None).await?;
            globals.printer().say(&format!("removed {id}"));
        }
    }
    Ok(Exit::Done)
}
