//! `trunkline explain`.

use serde_json::json;
use trunkline_model::code;

use crate::cli::Globals;
use crate::{Exit, Failure, error_page};
use trunkline_terminal::Format;

/// Prints the page of an error code.
pub(super) fn run(globals: &Globals, text: &str) -> Result<Exit, Failure> {
    let Some(known) = code::find(text.trim()) else {
        let wanted = text.trim().to_ascii_uppercase();
        let near = trunkline_shell::nearest(&wanted, code::all().map(|entry| entry.code));
        let hint = near.map_or_else(
            || "all of them are in docs/reference/errors.md".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        return Err(
            Failure::usage(format!("there is no error code `{text}`"), hint).exit(Exit::NotFound),
        );
    };
    let printer = globals.printer();
    let page = error_page(known.code).unwrap_or_default();
    if printer.format == Format::Table {
        printer.data(page)?;
    } else {
        let entry = json!({"code": known.code, "title": known.title, "status": known.status, "hint": known.hint, "page": page});
        printer.document(
            &entry,
            std::slice::from_ref(&entry),
            &["code", "title", "status", "hint"],
        )?;
    }
    Ok(Exit::Done)
}
