//! What a file says.

use crate::problem::Placed;

/// A model as its file has it. Sections are in the order of the file.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: Placed,
    pub(crate) every: Placed,
    pub(crate) parameters: Vec<(Placed, Placed)>,
    pub(crate) inputs: Vec<InputDraft>,
    pub(crate) variables: Vec<VariableDraft>,
    pub(crate) states: Vec<StateDraft>,
    pub(crate) report: Vec<OutputDraft>,
    pub(crate) telemetry: Option<TelemetryDraft>,
}

#[derive(Debug)]
pub(crate) struct InputDraft {
    pub(crate) name: Placed,
    /// The path in `desired`; the name where there is none.
    pub(crate) from: Option<Placed>,
    pub(crate) default: Placed,
    pub(crate) min: Option<Placed>,
    pub(crate) max: Option<Placed>,
}

#[derive(Debug)]
pub(crate) struct VariableDraft {
    pub(crate) name: Placed,
    pub(crate) start: Placed,
    /// The variable stays as it began where there is none.
    pub(crate) next: Option<Placed>,
    pub(crate) min: Option<Placed>,
    pub(crate) max: Option<Placed>,
}

#[derive(Debug)]
pub(crate) struct StateDraft {
    pub(crate) name: Placed,
    pub(crate) transitions: Vec<TransitionDraft>,
}

#[derive(Debug)]
pub(crate) struct TransitionDraft {
    pub(crate) when: Placed,
    pub(crate) to: Placed,
}

/// A part of the report, or a field of the telemetry.
#[derive(Debug)]
pub(crate) struct OutputDraft {
    pub(crate) name: Placed,
    pub(crate) value: Placed,
    /// How much a number must have changed to be reported again.
    pub(crate) change: Option<Placed>,
}

#[derive(Debug)]
pub(crate) struct TelemetryDraft {
    pub(crate) topic: Placed,
    pub(crate) when: Option<Placed>,
    pub(crate) fields: Vec<OutputDraft>,
}
