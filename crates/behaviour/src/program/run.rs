//! Running a program.

use super::operation::{Operation, round};
use crate::limits;
use crate::random::Chance;

/// What expressions see.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) values: Vec<f64>,
    /// The values before the step.
    pub(crate) before: Vec<f64>,
    pub(crate) inputs: Vec<f64>,
    pub(crate) time: f64,
    pub(crate) delta: f64,
    pub(crate) state: usize,
    pub(crate) in_state: f64,
    pub(crate) chance: Chance,
}

/// An expression, ready to be reckoned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Program(pub(super) Box<[Operation]>);

/// Values that wait to be used. The compiler has seen to it that there is room for them.
struct Stack {
    values: [f64; limits::STACK],
    top: usize,
    /// Whether everything so far was a finite number.
    sound: bool,
}

impl Stack {
    fn push(&mut self, value: f64) {
        if let Some(place) = self.values.get_mut(self.top) {
            *place = value;
            self.top += 1;
        }
    }

    /// Keeps in mind whether the value is one.
    fn push_made(&mut self, value: f64) {
        self.sound &= value.is_finite();
        self.push(value);
    }

    fn pop(&mut self) -> f64 {
        self.top = self.top.saturating_sub(1);
        self.values.get(self.top).copied().unwrap_or_default()
    }
}

impl Program {
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.0
    }

    /// What it gives; nothing where something in it had no finite number.
    pub(crate) fn run(&self, world: &World) -> Option<f64> {
        let mut stack = Stack {
            values: [0.0; limits::STACK],
            top: 0,
            sound: true,
        };
        let mut next = 0;
        while let Some(operation) = self.0.get(next) {
            next += 1;
            match *operation {
                Operation::Jump(to) => next = to.into(),
                Operation::JumpIfFalse(to) => {
                    if stack.pop() == 0.0 {
                        next = to.into();
                    }
                }
                operation => apply(operation, &mut stack, world),
            }
        }
        let value = stack.pop();
        stack.sound.then_some(value)
    }

    /// Whether it gives true; what has no value does not.
    pub(crate) fn holds(&self, world: &World) -> bool {
        self.run(world).is_some_and(|value| value != 0.0)
    }
}

fn apply(operation: Operation, stack: &mut Stack, world: &World) {
    let of = |values: &[f64], place: u16| {
        let value = values.get(usize::from(place)).copied();
        value.unwrap_or_default()
    };
    match operation {
        Operation::Constant(value) => stack.push(value),
        Operation::Variable(place) => stack.push(of(&world.values, place)),
        Operation::Previous(place) => stack.push(of(&world.before, place)),
        Operation::Input(place) => stack.push(of(&world.inputs, place)),
        Operation::Time => stack.push(world.time),
        Operation::Delta => stack.push(world.delta),
        Operation::State => stack.push(world.state as f64),
        Operation::InState => stack.push(world.in_state),
        Operation::Unary(unary) => {
            let value = stack.pop();
            stack.push_made(unary.apply(value));
        }
        Operation::Binary(binary) => {
            let (other, one) = (stack.pop(), stack.pop());
            stack.push_made(binary.apply(one, other));
        }
        Operation::Clamp => {
            let (most, least, value) = (stack.pop(), stack.pop(), stack.pop());
            stack.push(value.max(least).min(most));
        }
        Operation::Round(digits) => {
            let value = stack.pop();
            stack.push(round(value, digits));
        }
        Operation::Noise(site) => {
            let sigma = stack.pop();
            stack.push_made(world.chance.normal(site, sigma));
        }
        Operation::Uniform(site) => {
            let (most, least) = (stack.pop(), stack.pop());
            stack.push_made(world.chance.uniform(site, least, most));
        }
        Operation::Happens(site) => {
            let p = stack.pop();
            stack.push(f64::from(u8::from(world.chance.happens(site, p))));
        }
        // They are followed where they stand.
        Operation::Jump(_) | Operation::JumpIfFalse(_) => {}
    }
}
