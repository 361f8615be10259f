//! Every key of the configuration.

use super::page::cell;
use trunkline_shell::{Key, sections};

const BEFORE: &str = "A value comes from `--set section.key=value`, else from the environment, else from `trunkline.toml`, else it is the
default. In the environment a key is `TRUNKLINE__SECTION__KEY`; a list is separated by commas. `trunkline config show --origin` tells
where each value came from, `trunkline config check` finds mistakes, and `trunkline config schema` prints a JSON schema for editors.

A key with a sibling that ends in `_file` is a secret: put it into a file and name that file. Secrets are never shown.
";

/// The body of the page.
pub(super) fn body() -> String {
    let mut text = BEFORE.to_owned();
    for section in sections() {
        text.push_str(&format!(
            "\n## [{}]\n\n{}\n\n",
            section.name, section.description
        ));
        text.push_str("| key | type | default | what it is |\n|---|---|---|---|\n");
        for key in &section.keys {
            text.push_str(&row(key));
        }
    }
    text
}

fn row(key: &Key) -> String {
    let default = match &key.default {
        serde_json::Value::Null => "not set".to_owned(),
        value => format!("`{value}`"),
    };
    let secret = if key.secret { " A secret." } else { "" };
    let kind = key.kind.name();
    format!(
        "| `{}` | {kind} | {} | {}{secret} |\n",
        key.name,
        cell(&default),
        cell(&key.description)
    )
}
