//! `trunkline fleet rebuild`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{Globals, Rebuild};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::Format;

pub(super) async fn run(globals: &Globals, wanted: &Rebuild) -> Result<Exit, Failure> {
    let body = json!({"mend": !wanted.dry_run});
    let client = Client::of(globals)?;
    let answer = client
        .json(Method::POST, "/v1/fleet/rebuild", Some(&body))
        .await?;
    let differences: &[Value] = answer["differences"].as_array().map_or(&[], Vec::as_slice);
    let printer = globals.printer();
    if printer.format == Format::Table {
        for difference in differences {
            let (thing, shadow) = (&difference["thing"], &difference["shadow"]);
            printer.say(&format!("{thing} {shadow} is not what its versions say"));
        }
        printer.data(&format!(
            "{} twins, {} of them byte for byte the same, {} that are not in the log\n",
            answer["rebuilt"], answer["equal"], answer["unknown"]
        ))?;
    } else {
        printer.document(
            &answer,
            differences,
            &["thing", "shadow", "present", "rebuilt"],
        )?;
    }
    let same = answer["rebuilt"] == answer["equal"];
    Ok(if same || !wanted.dry_run {
        Exit::Done
    } else {
        Exit::Failed
    })
}
