//! `trunkline link`.

use reqwest::Method;
use serde_json::json;
use trunkline_model::Principal;

use super::local;
use crate::cli::{Globals, LinkCommand};
use crate::{Exit, Failure};
use trunkline_shell::{Client, reachable};
use trunkline_terminal::Format;

/// Makes a sign-in link and prints it.
pub(super) async fn run(globals: &Globals, command: LinkCommand) -> Result<Exit, Failure> {
    let LinkCommand::Create(create) = command;
    let printer = globals.printer();
    if create.dry_run {
        printer.say("would make a link that signs the owner in once");
        return Ok(Exit::Done);
    }
    let link = if local::is_remote(globals) {
        Client::of(globals)?
            .json(Method::POST, "/v1/links", None)
            .await?
    } else {
        let (access, loaded) = local::open(globals).await?;
        let link = access
            .create_link(&Principal::platform())
            .await
            .map_err(|error| Failure::of(&error))?;
        let here = format!("http://{}", reachable(&loaded.config.api.listen));
        json!({"url": link.url(access.public_url().unwrap_or(&here)), "expires": link.expires})
    };
    if printer.format == Format::Table {
        printer.data(&format!("{}\n", link["url"].as_str().unwrap_or_default()))?;
        printer.say(&format!(
            "good once, until {}",
            link["expires"].as_str().unwrap_or_default()
        ));
    } else {
        printer.document(&link, std::slice::from_ref(&link), &["url", "expires"])?;
    }
    Ok(Exit::Done)
}
