//! What all parts of a model need on their way from the file.

use super::parts::Bounds;
use crate::expression::{Compiled, Kind, Names, Reach, compile, is_word};
use crate::limits;
use crate::problem::{Fault, Placed, Report};
use crate::program::{Program, World};
use crate::random::Chance;

/// Makes programs of expressions, and tells what is wrong with them.
pub(super) struct Compiler<'r, 'f> {
    pub(super) report: &'r mut Report<'f>,
    pub(super) names: Names,
    sites: u32,
    pub(super) operations: usize,
}

impl<'r, 'f> Compiler<'r, 'f> {
    pub(super) fn new(report: &'r mut Report<'f>) -> Self {
        Self {
            report,
            names: Names::default(),
            sites: 0,
            operations: 0,
        }
    }

    /// Tells `fault`, which lies within `place`.
    pub(super) fn tell<T>(&mut self, place: &Placed, result: Result<T, Fault>) -> Option<T> {
        result
            .map_err(|fault| self.report.within(place, fault))
            .ok()
    }

    pub(super) fn compile(&mut self, formula: &Placed, reach: Reach) -> Option<Compiled> {
        let compiled = compile(&formula.text, &self.names, reach, &mut self.sites);
        let compiled = self.tell(formula, compiled)?;
        self.operations += compiled.program.operations().len();
        Some(compiled)
    }

    /// A program that gives what is wanted.
    pub(super) fn program(&mut self, formula: &Placed, kind: Kind) -> Option<Program> {
        let compiled = self.compile(formula, Reach::Step)?;
        self.must_be(formula, compiled.kind, kind)?;
        Some(compiled.program)
    }

    pub(super) fn must_be(&mut self, formula: &Placed, found: Kind, wanted: Kind) -> Option<()> {
        let text = format!(
            "{} is needed here, and this is {}",
            wanted.name(),
            found.name()
        );
        let result = (found == wanted).then_some(());
        self.tell(formula, result.ok_or_else(|| Fault::new(0, text)))
    }

    /// A value that is the same for all devices.
    pub(super) fn constant(
        &mut self,
        formula: &Placed,
        wanted: Option<Kind>,
    ) -> Option<(f64, Kind)> {
        let compiled = self.compile(formula, Reach::Constant)?;
        if let Some(wanted) = wanted {
            self.must_be(formula, compiled.kind, wanted)?;
        }
        let nowhere = World {
            values: Vec::new(),
            before: Vec::new(),
            inputs: Vec::new(),
            time: 0.0,
            delta: 0.0,
            state: 0,
            in_state: 0.0,
            chance: Chance::Mean,
        };
        let value = compiled.program.run(&nowhere);
        let fault = || Fault::new(0, "this has no finite value");
        let value = self.tell(formula, value.ok_or_else(fault))?;
        Some((value, compiled.kind))
    }

    pub(super) fn bounds(
        &mut self,
        kind: Kind,
        min: Option<&Placed>,
        max: Option<&Placed>,
    ) -> Option<Bounds> {
        if let Some(bound) = min.or(max)
            && kind != Kind::Number
        {
            self.report
                .within(bound, Fault::new(0, "only a number has bounds"));
            return None;
        }
        let mut bound = |formula: Option<&Placed>, open: f64| match formula {
            Some(formula) => Some(self.constant(formula, Some(Kind::Number))?.0),
            None => Some(open),
        };
        let (least, most) = (bound(min, f64::MIN), bound(max, f64::MAX));
        let bounds = Bounds {
            least: least?,
            most: most?,
        };
        if let Some(max) = max
            && bounds.least > bounds.most
        {
            self.report
                .within(max, Fault::new(0, "`max` is smaller than `min`"));
            return None;
        }
        Some(bounds)
    }

    /// Whether `name` may be given to a parameter, an input or a variable.
    pub(super) fn is_new(&mut self, name: &Placed) -> bool {
        let text = &name.text;
        let fault = if !is_word(text) {
            let most = limits::WORD;
            Fault::new(0, format!("nothing can be called `{text}`")).hint(format!(
                "a name is 1 to {most} letters, digits and `_`, and begins with no digit"
            ))
        } else if self.names.knows(text) {
            Fault::new(0, format!("`{text}` means something already"))
        } else {
            return true;
        };
        self.report.within(name, fault);
        false
    }

    pub(super) fn check_name(&mut self, of: &str, name: &Placed) {
        let good = (1..=limits::NAME).contains(&name.text.len())
            && !name
                .text
                .contains(|letter: char| letter.is_control() || "'/+#".contains(letter));
        if !good {
            let most = limits::NAME;
            let text = format!("the name of {of} has 1 to {most} bytes and none of `' / + #`");
            self.report.within(name, Fault::new(0, text));
        }
    }

    pub(super) fn check_field(&mut self, name: &Placed) {
        if !(1..=limits::NAME).contains(&name.text.len()) {
            let text = format!("a field's name has 1 to {} bytes", limits::NAME);
            self.report.within(name, Fault::new(0, text));
        }
    }
}
