//! `trunkline group`.

use reqwest::Method;
use serde_json::{Value, json};

use super::pages::all;
use crate::cli::{Globals, GroupCommand, GroupCreate, Member};
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Makes, lists, fills and removes groups.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: GroupCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    let printer = globals.printer();
    match command {
        GroupCommand::Create(wanted) => create(globals, &client, wanted).await?,
        GroupCommand::List => {
            let rows = all(&client, "/v1/thing-groups", "groups", usize::MAX).await?;
            let columns = ["name", "parent", "statement", "description"];
            printer.document(&json!({"groups": rows}), &rows, &columns)?;
        }
        GroupCommand::Things(known) => {
            let path = format!("{}/things", path_of(&known.name)?);
            let names = all(&client, &path, "things", usize::MAX).await?;
            let rows: Vec<Value> = names.iter().map(|name| json!({"thing": name})).collect();
            printer.document(&json!({"things": names}), &rows, &["thing"])?;
        }
        GroupCommand::Add(member) => {
            let words = ("would put", "put", "into");
            change(globals, &client, &member, Method::PUT, words).await?;
        }
        GroupCommand::TakeOut(member) => {
            let words = ("would take", "took", "out of");
            change(globals, &client, &member, Method::DELETE, words).await?;
        }
        GroupCommand::Remove(group) => {
            let path = path_of(&group.name)?;
            if group.dry_run {
                client.get(&path).await?;
                printer.say(&format!("would remove {}; its things stay", group.name));
                return Ok(Exit::Done);
            }
            client.json(Method::DELETE, &path, None).await?;
            printer.say(&format!("removed {}", group.name));
        }
    }
    Ok(Exit::Done)
}

fn path_of(group: &str) -> Result<String, Failure> {
    Ok(format!("/v1/thing-groups/{}", plain(group)?))
}

async fn create(globals: &Globals, client: &Client, wanted: GroupCreate) -> Result<(), Failure> {
    let printer = globals.printer();
    if wanted.dry_run {
        printer.say(&format!("would make the group `{}`", wanted.name));
        return Ok(());
    }
    let body = json!({
        "name": wanted.name, "parent": wanted.parent, "statement": wanted.statement, "description": wanted.description,
    });
    client
        .json(Method::POST, "/v1/thing-groups", Some(&body))
        .await?;
    printer.say(&format!("made the group `{}`", wanted.name));
    Ok(())
}

/// Puts a thing into a group or takes it out, and says so.
async fn change(
    globals: &Globals,
    client: &Client,
    member: &Member,
    method: Method,
    (would, did, way): (&str, &str, &str),
) -> Result<(), Failure> {
    let (printer, thing) = (globals.printer(), plain(&member.thing)?);
    let group = path_of(&member.group)?;
    if member.dry_run {
        client.get(&group).await?;
        client.get(&format!("/v1/things/{thing}")).await?;
        printer.say(&format!("{would} {thing} {way} {}", member.group));
        return Ok(());
    }
    let path = format!("{group}/things/{thing}");
    client.json(method, &path, None).await?;
    printer.say(&format!("{did} {thing} {way} {}", member.group));
    Ok(())
}
