//! Writing a program.

use super::operation::Operation;
use super::run::Program;
use crate::limits;
use crate::problem::Fault;

/// Takes operations one after another and keeps count of what they need.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    operations: Vec<Operation>,
    depth: usize,
    deepest: usize,
}

/// A jump whose end is not known yet, and how many values wait there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    at: usize,
    depth: usize,
}

impl Emitter {
    /// Takes an operation that puts a value where it takes none, one or more.
    pub(crate) fn emit(&mut self, operation: Operation) {
        let taken = match operation {
            Operation::Constant(_)
            | Operation::Variable(_)
            | Operation::Previous(_)
            | Operation::Input(_)
            | Operation::Time
            | Operation::Delta
            | Operation::State
            | Operation::InState => 0,
            Operation::Unary(_)
            | Operation::Round(_)
            | Operation::Noise(_)
            | Operation::Happens(_) => 1,
            Operation::Binary(_) | Operation::Uniform(_) => 2,
            Operation::Clamp => 3,
            Operation::Jump(_) | Operation::JumpIfFalse(_) => {
                self.operations.push(operation);
                return;
            }
        };
        self.operations.push(operation);
        self.depth = self.depth.saturating_sub(taken) + 1;
        self.deepest = self.deepest.max(self.depth);
    }

    /// A jump that is taken if the last value, which is used up, is false.
    pub(crate) fn jump_if_false(&mut self) -> Open {
        self.depth = self.depth.saturating_sub(1);
        self.open(Operation::JumpIfFalse(0))
    }

    /// A jump that is always taken, with a value that waits at its end. What comes next does not see that value.
    pub(crate) fn jump(&mut self) -> Open {
        let open = self.open(Operation::Jump(0));
        self.depth = self.depth.saturating_sub(1);
        open
    }

    fn open(&mut self, operation: Operation) -> Open {
        self.operations.push(operation);
        Open {
            at: self.operations.len() - 1,
            depth: self.depth,
        }
    }

    /// The jump ends here.
    pub(crate) fn close(&mut self, open: Open) {
        // The limit of operations is far below what the number can hold.
        let here = u16::try_from(self.operations.len()).unwrap_or(u16::MAX);
        if let Some(operation) = self.operations.get_mut(open.at) {
            *operation = match *operation {
                Operation::JumpIfFalse(_) => Operation::JumpIfFalse(here),
                _ => Operation::Jump(here),
            };
        }
        self.depth = open.depth;
    }

    /// The program, if it is small enough.
    pub(crate) fn finish(self) -> Result<Program, Fault> {
        if self.deepest > limits::STACK {
            return Err(Fault::new(
                0,
                format!(
                    "the expression needs more than {} values at the same time",
                    limits::STACK
                ),
            ));
        }
        Ok(Program(self.operations.into()))
    }
}
