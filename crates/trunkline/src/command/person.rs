//! `trunkline person`.

use reqwest::Method;
use serde_json::json;

use crate::cli::{Globals, PersonCommand, PersonInvite};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::Format;

/// The columns of a list of people.
const COLUMNS: &[&str] = &[
    "id",
    "name",
    "email",
    "role",
    "teams",
    "last_seen",
    "disabled",
];

/// Lists people, or invites one.
pub(super) async fn run(globals: &Globals, command: PersonCommand) -> Result<Exit, Failure> {
    match command {
        PersonCommand::List => {
            let answer = Client::of(globals)?.get("/v1/people").await?;
            let people = answer["people"].as_array().cloned().unwrap_or_default();
            globals.printer().document(&answer, &people, COLUMNS)?;
        }
        PersonCommand::Invite(invite) => self::invite(globals, invite).await?,
    }
    Ok(Exit::Done)
}

async fn invite(globals: &Globals, invite: PersonInvite) -> Result<(), Failure> {
    let printer = globals.printer();
    let role = invite.role.role();
    if invite.dry_run {
        let whom = invite.email.as_deref().unwrap_or("whoever gets the link");
        printer.say(&format!("would invite {whom} as {role}"));
        return Ok(());
    }
    let body = json!({"email": invite.email, "role": role, "teams": invite.team});
    let answer = Client::of(globals)?
        .json(Method::POST, "/v1/invitations", Some(&body))
        .await?;
    if printer.format == Format::Table {
        printer.data(&format!("{}\n", answer["url"].as_str().unwrap_or_default()))?;
        let mailed = if answer["mailed"] == true {
            ", and sent by mail"
        } else {
            ""
        };
        printer.say(&format!(
            "good once, until {}{mailed}",
            answer["expires"].as_str().unwrap_or_default()
        ));
    } else {
        let columns = ["id", "url", "expires", "mailed"];
        printer.document(&answer, std::slice::from_ref(&answer), &columns)?;
    }
    Ok(())
}
