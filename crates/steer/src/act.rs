//! `trunkline service`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_shell::{Client, Exit, Failure, Globals};

use crate::arguments::{Act, Numbered, ServiceCommand};
use crate::show;

/// Does something with services.
///
/// # Errors
/// [`Failure`] where the platform does not answer, or refuses.
pub async fn run(globals: &Globals, command: ServiceCommand) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    match command {
        ServiceCommand::List => show::list(globals, &client).await?,
        ServiceCommand::Show(of) => show::one(globals, &client, &of.name).await?,
        ServiceCommand::Releases(of) => show::releases(globals, &client, &of.name).await?,
        ServiceCommand::Deployments(of) => show::deployments(globals, &client, &of.name).await?,
        ServiceCommand::Log(of) => show::log(globals, &client, &of.of.name, of.lines).await?,
        ServiceCommand::Promote(Numbered { number, act }) => {
            change(
                globals,
                &client,
                "promote",
                &act,
                json!({ "number": number }),
            )
            .await?;
        }
        ServiceCommand::Hold(wanted) => {
            change(globals, &client, "hold", &wanted, json!({})).await?;
        }
        ServiceCommand::Resume(wanted) => {
            change(globals, &client, "resume", &wanted, json!({})).await?;
        }
        ServiceCommand::Skip(wanted) => {
            change(globals, &client, "skip", &wanted, json!({})).await?;
        }
        ServiceCommand::Pin(wanted) => {
            change(globals, &client, "pin", &wanted, json!({})).await?;
        }
        ServiceCommand::Unpin(wanted) => {
            change(globals, &client, "unpin", &wanted, json!({})).await?;
        }
    }
    Ok(Exit::Done)
}

pub(crate) fn path(name: &str) -> String {
    format!("/v1/services/{name}")
}

/// Has the platform do `what` with a service, and shows how it is then.
pub(crate) async fn change(
    globals: &Globals,
    client: &Client,
    what: &str,
    act: &Act,
    mut wish: Value,
) -> Result<(), Failure> {
    let name = &act.of.name;
    if act.dry_run {
        client.get(&path(name)).await?;
        globals.printer().say(&format!("would {what} `{name}`"));
        return Ok(());
    }
    wish["reason"] = json!(act.reason);
    let address = format!("{}/{what}", path(name));
    let service = client.json(Method::POST, &address, Some(&wish)).await?;
    show::service(globals, &service)
}
