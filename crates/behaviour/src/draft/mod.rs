//! A model's file as it is written, with the place of everything in it. The words in it are not looked at yet.

mod model;
mod reader;
mod sections;

pub(crate) use model::{Draft, InputDraft, OutputDraft, StateDraft, TelemetryDraft, VariableDraft};
