//! `trunkline task log`.

use std::time::Duration;

use trunkline_shell::Client;

use crate::Failure;
use crate::cli::{Globals, TaskLog};

/// How long it is waited where nothing new was there.
const RHYTHM: Duration = Duration::from_millis(500);

pub(super) async fn log(globals: &Globals, wanted: &TaskLog) -> Result<(), Failure> {
    let client = Client::of(globals)?;
    let run: String = url::form_urlencoded::byte_serialize(wanted.run.as_bytes()).collect();
    let mut from = 0;
    loop {
        let piece = client
            .get(&format!("/v1/runs/{run}/log?from={from}"))
            .await?;
        let text = piece["text"].as_str().unwrap_or_default();
        globals.printer().data(text)?;
        from = piece["next"].as_u64().unwrap_or(from);
        if piece["over"] == true || (text.is_empty() && !wanted.follow) {
            return Ok(());
        }
        if text.is_empty() {
            tokio::time::sleep(RHYTHM).await;
        }
    }
}
