//! Behaviour models.

use std::path::Path;

use anyhow::Context;
use trunkline_behaviour::{Model, shipped};

use crate::Failure;

/// The model in `file`, or the one that is shipped for things of `kind`.
pub(super) fn model(file: Option<&Path>, kind: &str) -> Result<Model, Failure> {
    let (name, text) = if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("`{}` cannot be read", file.display()))?;
        (file.display().to_string(), text)
    } else {
        let wanted = format!("behaviour/{kind}.toml");
        let found = shipped().into_iter().find(|(name, _)| *name == wanted);
        let (name, text) = found.ok_or_else(|| {
            Failure::usage(
                format!("no model is shipped for things of the kind `{kind}`"),
                "write one, and name it with --model",
            )
        })?;
        (name.to_owned(), text.to_owned())
    };
    let model = Model::read(&name, &text).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::usage(all.join("\n"), "mend the model")
    })?;
    if model.kind() == kind {
        return Ok(model);
    }
    Err(Failure::usage(
        format!(
            "`{name}` is a model of things of the kind `{}`",
            model.kind()
        ),
        "name the kind that it is for",
    ))
}
