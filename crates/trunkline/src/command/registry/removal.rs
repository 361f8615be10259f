//! Removing what is in a list.

use reqwest::Method;

use crate::cli::{Globals, Removal};
use crate::command::thing::plain;
use crate::{Exit, Failure};
use trunkline_shell::Client;

/// Removes a member of the list `name` at `path`, whose members are called by their `key`.
pub(super) async fn remove(
    globals: &Globals,
    wanted: &Removal,
    path: &str,
    (name, key): (&str, &str),
) -> Result<Exit, Failure> {
    let (client, printer, id) = (
        Client::of(globals)?,
        globals.printer(),
        plain(&wanted.name)?,
    );
    if wanted.dry_run {
        let all = client.get(path).await?;
        let mut known = all[name].as_array().into_iter().flatten();
        let there = known.any(|one| one[key] == id);
        printer.say(&match there {
            true => format!("would remove {id}"),
            false => format!("there is no {id}"),
        });
        return Ok(if there { Exit::Done } else { Exit::Failed });
    }
    let path = format!("{path}/{id}");
    client.json(Method::DELETE, &path, None).await?;
    printer.say(&format!("removed {id}"));
    Ok(Exit::Done)
}
