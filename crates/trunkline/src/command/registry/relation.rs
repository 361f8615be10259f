//! `trunkline relation`.

use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::cli::{Globals, Reach, Related, RelationCommand};
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

const PATH: &str = "/v1/relations";

/// Puts, lists, follows and removes relations.
pub(in crate::command) async fn run(
    globals: &Globals,
    command: RelationCommand,
) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        RelationCommand::Put(wanted) if wanted.dry_run => {
            say(globals, "would say that", &wanted);
        }
        RelationCommand::Put(wanted) => {
            let body = json!({"from": wanted.from, "kind": wanted.kind, "to": wanted.to});
            client.json(Method::PUT, PATH, Some(&body)).await?;
            say(globals, "from now on", &wanted);
        }
        RelationCommand::Remove(wanted) if wanted.dry_run => {
            say(globals, "would not say any more that", &wanted);
        }
        RelationCommand::Remove(wanted) => {
            let query = query(&[
                ("from", &wanted.from),
                ("kind", &wanted.kind),
                ("to", &wanted.to),
            ]);
            client
                .json(Method::DELETE, &format!("{PATH}?{query}"), None)
                .await?;
            say(globals, "nobody says any more that", &wanted);
        }
        RelationCommand::List(known) => list(globals, &client, &known.name).await?,
        RelationCommand::Reach(far) => reach(globals, &client, &far).await?,
    }
    Ok(Exit::Done)
}

fn say(globals: &Globals, how: &str, relation: &Related) {
    let Related { from, kind, to, .. } = relation;
    globals.printer().say(&format!("{how} {from} {kind} {to}"));
}

fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn list(globals: &Globals, client: &Client, thing: &str) -> Result<(), Failure> {
    let path = format!("/v1/things/{}/relations?limit=1000", plain(thing)?);
    let answer = client.get(&path).await?;
    let mut rows = Vec::new();
    for (name, begins) in [("outgoing", true), ("incoming", false)] {
        for one in answer[name].as_array().into_iter().flatten() {
            let (own, other) = (json!(format!("thing:{thing}")), one["end"].clone());
            let (from, to) = if begins { (own, other) } else { (other, own) };
            rows.push(json!({"from": from, "kind": one["kind"], "to": to, "since": one["since"], "by": one["by"]}));
        }
    }
    let columns = ["from", "kind", "to", "since", "by"];
    globals
        .printer()
        .document(&json!({"relations": rows}), &rows, &columns)?;
    if answer["next"].is_string() {
        globals
            .printer()
            .detail("there are more; the table `relations` has all of them");
    }
    Ok(())
}

async fn reach(globals: &Globals, client: &Client, far: &Reach) -> Result<(), Failure> {
    let mut path = format!("/v1/things/{}/reach?depth={}", plain(&far.name)?, far.depth);
    if let Some(kind) = &far.kind {
        path = format!("{path}&{}", query(&[("kind", kind)]));
    }
    let answer = client.get(&path).await?;
    let rows: &[Value] = answer["ends"].as_array().map_or(&[], Vec::as_slice);
    Ok(globals
        .printer()
        .document(&answer, rows, &["end", "distance"])?)
}
