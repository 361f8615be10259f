//! `trunkline version`.

use serde_json::json;

use crate::cli::Globals;
use crate::{BUILT, COMMIT, Exit, Failure};
use trunkline_terminal::Format;

/// What this program was built with.
pub(super) fn run(globals: &Globals) -> Result<Exit, Failure> {
    let printer = globals.printer();
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let features = [
        "cloudevents",
        "otlp",
        "prometheus-remote-write",
        "delta",
        "pgwire",
        "s3",
        "console",
    ];
    let document = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": COMMIT,
        "commit_date": BUILT,
        "profile": profile,
        "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        "features": features,
    });
    if printer.format == Format::Table {
        let text = format!(
            "trunkline {} ({COMMIT} {BUILT}), {profile} build for {}\nfeatures: {}\n",
            env!("CARGO_PKG_VERSION"),
            document["target"].as_str().unwrap_or_default(),
            features.join(", ")
        );
        printer.data(&text)?;
    } else {
        printer.document(
            &document,
            std::slice::from_ref(&document),
            &["version", "commit", "commit_date", "profile", "target"],
        )?;
    }
    Ok(Exit::Done)
}
