//! `trunkline access`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{AccessCheck, AccessCommand, Globals};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::Format;

/// Asks the platform about permissions.
pub(super) async fn run(globals: &Globals, command: AccessCommand) -> Result<Exit, Failure> {
    match command {
        AccessCommand::Check(check) => self::check(globals, check).await,
        AccessCommand::Policies => policies(globals).await,
    }
}

async fn check(globals: &Globals, check: AccessCheck) -> Result<Exit, Failure> {
    let body = json!({"as": check.who, "action": check.action, "resource": check.resource});
    let answer = Client::of(globals)?
        .json(Method::POST, "/v1/access/check", Some(&body))
        .await?;
    let allowed = answer["allowed"] == true;
    let printer = globals.printer();
    if printer.format == Format::Table {
        let word = if allowed { "allowed" } else { "refused" };
        printer.data(&format!("{word}\n"))?;
        if let Some(reason) = answer["reason"]
            .as_str()
            .filter(|reason| !reason.is_empty())
        {
            printer.say(reason);
        }
        for policy in list(&answer, "policies") {
            printer.say(&format!(
                "by {} in {}",
                policy["id"].as_str().unwrap_or_default(),
                policy["file"].as_str().unwrap_or_default()
            ));
        }
    } else {
        let columns = ["allowed", "action", "resource", "reason"];
        printer.document(&answer, std::slice::from_ref(&answer), &columns)?;
    }
    Ok(if allowed { Exit::Done } else { Exit::Failed })
}

async fn policies(globals: &Globals) -> Result<Exit, Failure> {
    let answer = Client::of(globals)?.get("/v1/policies").await?;
    let printer = globals.printer();
    printer.document(
        &answer,
        &list(&answer, "policies"),
        &["id", "file", "built_in"],
    )?;
    let problems = list(&answer, "problems");
    for problem in &problems {
        printer.say(&format!(
            "{}: {}",
            problem["file"].as_str().unwrap_or_default(),
            problem["text"].as_str().unwrap_or_default()
        ));
    }
    Ok(if problems.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn list(answer: &Value, name: &str) -> Vec<Value> {
    answer[name].as_array().cloned().unwrap_or_default()
}
