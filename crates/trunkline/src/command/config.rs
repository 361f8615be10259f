//! `trunkline config`.

use serde_json::Value;

use crate::cli::{ConfigCommand, Globals, Settings, ShowConfig};
use crate::{Exit, Failure};
use trunkline_terminal::Format;

/// Shows or checks the configuration.
pub(super) fn run(globals: &Globals, command: ConfigCommand) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Show(show) => self::show(globals, &show)?,
        ConfigCommand::Check(settings) => check(globals, &settings)?,
        ConfigCommand::Schema => globals
            .printer()
            .data(&format!("{:#}\n", trunkline_shell::schema()))?,
    }
    Ok(Exit::Done)
}

fn show(globals: &Globals, show: &ShowConfig) -> Result<(), Failure> {
    let loaded = globals.load(&show.settings.set)?;
    let printer = globals.printer();
    if printer.format == Format::Table {
        return Ok(printer.data(&trunkline_shell::toml_text(&loaded, show.origin))?);
    }
    let rows = trunkline_shell::rows(&loaded);
    Ok(printer.document(
        &Value::Array(rows.clone()),
        &rows,
        &["key", "value", "origin"],
    )?)
}

fn check(globals: &Globals, settings: &Settings) -> Result<(), Failure> {
    let loaded = globals.load(&settings.set)?;
    let from = loaded.file.map_or_else(
        || "the configuration (there is no file)".to_owned(),
        |path| path.display().to_string(),
    );
    globals.printer().say(&format!("{from} is well"));
    Ok(())
}
