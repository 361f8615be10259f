//! `trunkline command`.

use reqwest::Method;
use serde_json::{Value, json};

use super::pages::{all, of_status};
use crate::cli::{CommandList, CommandSend, DeviceCommand, Globals};
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// The longest that the platform lets an answer wait, in seconds.
const LONGEST: u32 = 30;
/// Seconds after its deadline in which the platform has noticed that a command is too late.
const LATE: u32 = 2;

/// Sends, lists, shows and cancels commands.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: DeviceCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    let printer = globals.printer();
    match command {
        DeviceCommand::Send(wanted) => return send(globals, &client, wanted).await,
        DeviceCommand::List(wanted) => list(globals, &client, &wanted).await?,
        DeviceCommand::Show(known) => {
            let path = format!("/v1/commands/{}", plain(&known.name)?);
            printer.data(&format!("{:#}\n", client.get(&path).await?))?;
        }
        DeviceCommand::Cancel(change) => {
            let path = format!("/v1/commands/{}", plain(&change.name)?);
            if change.dry_run {
                client.get(&path).await?;
                printer.say(&format!("would call {} off", change.name));
                return Ok(Exit::Done);
            }
            client.json(Method::DELETE, &path, None).await?;
            printer.say(&format!("called {} off", change.name));
        }
    }
    Ok(Exit::Done)
}

async fn send(globals: &Globals, client: &Client, wanted: CommandSend) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let thing = format!("/v1/things/{}", plain(&wanted.thing)?);
    if wanted.dry_run {
        client.get(&thing).await?;
        let what = format!("would send `{}` to {}", wanted.name, wanted.thing);
        printer.say(&what);
        return Ok(Exit::Done);
    }
    let mut body = json!({
        "name": wanted.name,
        "deadline_seconds": wanted.deadline,
        "wait_seconds": wanted.wait.unwrap_or(wanted.deadline.saturating_add(LATE)).min(LONGEST),
    });
    if let Some(payload) = wanted.payload {
        body["payload"] = payload;
    }
    let path = format!("{thing}/commands");
    let answer = client.json(Method::POST, &path, Some(&body)).await?;
    printer.data(&format!("{answer:#}\n"))?;
    Ok(match answer["status"].as_str() {
        Some("sent" | "succeeded") => Exit::Done,
        Some("timed_out") => Exit::Timeout,
        _ => Exit::Failed,
    })
}

async fn list(globals: &Globals, client: &Client, wanted: &CommandList) -> Result<(), Failure> {
    let path = match &wanted.thing {
        Some(thing) => format!("/v1/things/{}/commands", plain(thing)?),
        None => "/v1/commands".to_owned(),
    };
    let path = path + &of_status(wanted.status.as_deref())?;
    let rows = all(client, &path, "commands", wanted.limit).await?;
    let columns = ["id", "thing", "name", "status", "created", "deadline"];
    let document: Value = json!({"commands": rows});
    Ok(globals.printer().document(&document, &rows, &columns)?)
}
