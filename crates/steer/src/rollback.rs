//! `trunkline rollback`.

use serde_json::json;
use trunkline_shell::{Client, Exit, Failure, Globals};

use crate::act::{change, path};
use crate::arguments::Rollback;

/// Goes back, or says what that would do.
///
/// # Errors
/// [`Failure`] where the platform does not answer, or refuses.
pub async fn roll_back(globals: &Globals, wanted: Rollback) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    if wanted.explain || wanted.act.dry_run {
        explain(globals, &client, &wanted).await?;
        return Ok(Exit::Done);
    }
    let wish = json!({ "number": wanted.to, "force": wanted.force });
    change(globals, &client, "rollback", &wanted.act, wish).await?;
    Ok(Exit::Done)
}

async fn explain(globals: &Globals, client: &Client, wanted: &Rollback) -> Result<(), Failure> {
    let number = wanted.to.map(|number| format!("?number={number}"));
    let address = format!(
        "{}/rollback{}",
        path(&wanted.act.of.name),
        number.unwrap_or_default()
    );
    let found = client.get(&address).await?;
    let warnings = found["warnings"].as_array().cloned().unwrap_or_default();
    let row = json!({
        "from": found["from"]["number"],
        "to": found["to"]["number"],
        "ready": found["ready"],
        "safe": found["safe"],
    });
    let columns = ["from", "to", "ready", "safe"];
    globals.printer().document(&found, &[row], &columns)?;
    for warning in warnings.iter().filter_map(|one| one.as_str()) {
        globals.printer().warn(warning);
    }
    Ok(())
}
