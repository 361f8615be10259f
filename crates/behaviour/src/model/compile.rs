//! From a file to a model.

use xxhash_rust::xxh3::xxh3_64;

use super::compiler::Compiler;
use super::parts::Model;
use crate::draft::Draft;
use crate::limits;
use crate::problem::{Problem, Report};

impl Model {
    /// Reads a model; `file` is the file's name in the workspace, such as `behaviour/pump.toml`, and `text` is what it says.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut report = Report::new(file, text);
        let name = name_of(file, &mut report);
        let draft = Draft::read(text, &mut report);
        let model = draft.and_then(|draft| Compiler::new(&mut report).model(name, &draft));
        match model {
            Some(model) if report.is_clean() => Ok(model),
            _ => Err(report.into_problems()),
        }
    }
}

/// What stands between the last `/` and `.toml`.
fn name_of(file: &str, report: &mut Report<'_>) -> String {
    let last = file.rsplit('/').next().unwrap_or(file);
    let stem = last.strip_suffix(".toml").unwrap_or(last);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !(1..=limits::NAME).contains(&stem.len()) || !stem.bytes().all(plain) {
        let most = limits::NAME;
        report.whole(format!(
            "a model cannot be called `{stem}`: its file is 1 to {most} letters, digits, `_` and `-` before `.toml`"
        ));
    }
    stem.into()
}

impl Compiler<'_, '_> {
    /// The model, complete only where nothing was reported.
    fn model(mut self, name: String, draft: &Draft) -> Option<Model> {
        for (name, value) in &draft.parameters {
            if let Some((value, kind)) = self.constant(value, None)
                && self.is_new(name)
            {
                self.names.parameters.push((name.text.clone(), kind, value));
            }
        }
        for state in &draft.states {
            self.check_name("a state", &state.name);
            self.names.states.push(state.name.text.clone());
        }
        let inputs: Vec<_> = draft.inputs.iter().map(|input| self.input(input)).collect();
        // Starts see what is above them; what follows sees all.
        let starts: Vec<_> = draft
            .variables
            .iter()
            .map(|variable| self.start(variable))
            .collect();
        let variables: Vec<_> = draft
            .variables
            .iter()
            .zip(starts)
            .map(|(variable, start)| self.variable(variable, start?))
            .collect();
        let states: Vec<_> = draft.states.iter().map(|state| self.place(state)).collect();
        let outputs: Vec<_> = draft
            .report
            .iter()
            .map(|output| self.output(output))
            .collect();
        let telemetry = draft.telemetry.as_ref().map(|draft| self.telemetry(draft));
        self.check_name("a kind", &draft.kind);
        let every = self.every(&draft.every);
        if self.operations > limits::OPERATIONS {
            let text = format!(
                "its expressions take more than {} operations together",
                limits::OPERATIONS
            );
            self.report.whole(text);
        }
        let mut model = Model {
            name,
            kind: draft.kind.text.clone(),
            every: every?,
            inputs: inputs.into_iter().collect::<Option<_>>()?,
            variables: variables.into_iter().collect::<Option<_>>()?,
            states: states.into_iter().collect::<Option<_>>()?,
            report: outputs.into_iter().collect::<Option<_>>()?,
            telemetry: match telemetry {
                Some(telemetry) => Some(telemetry?),
                None => None,
            },
            shape: 0,
        };
        model.shape = shape(&model);
        Some(model)
    }
}

/// The names of a model and their kinds, in a number.
fn shape(model: &Model) -> u64 {
    let variables = model.variables.iter();
    let variables =
        variables.map(|variable| format!("variable {} {:?}\n", variable.name, variable.kind));
    let states = model
        .states
        .iter()
        .map(|state| format!("state {}\n", state.name));
    let outputs = model
        .report
        .iter()
        .map(|output| format!("report {} {:?}\n", output.name, output.kind));
    let names: String = variables.chain(states).chain(outputs).collect();
    xxh3_64(names.as_bytes())
}
