//! What a program consists of. Operands lie on a stack; true is 1 and false is 0.

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operation {
    Constant(f64),
    Variable(u16),
    /// A variable as it was before the step.
    Previous(u16),
    Input(u16),
    /// Seconds since the start.
    Time,
    /// Seconds of the step.
    Delta,
    /// The number of the present state.
    State,
    /// Seconds in it.
    InState,
    Unary(Unary),
    Binary(Binary),
    /// The first of three operands, no smaller than the second and no larger than the third.
    Clamp,
    /// Rounded to so many digits behind the point.
    Round(i32),
    /// Chance, with the number of its place in the model.
    Noise(u32),
    Uniform(u32),
    Happens(u32),
    /// Goes on elsewhere.
    Jump(u16),
    /// Goes on elsewhere if the operand is false.
    JumpIfFalse(u16),
}

/// What is made of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Negate,
    Not,
    Abs,
    Sin,
    Cos,
    Exp,
    Log,
    Sqrt,
    Floor,
    Ceil,
}

/// What is made of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Min,
    Max,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Unary {
    /// The functions of the mathematics library come from one that gives the same bits on every machine.
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::Negate => -value,
            Self::Not => 1.0 - value,
            Self::Abs => value.abs(),
            Self::Sin => libm::sin(value),
            Self::Cos => libm::cos(value),
            Self::Exp => libm::exp(value),
            Self::Log => libm::log(value),
            Self::Sqrt => value.sqrt(),
            Self::Floor => value.floor(),
            Self::Ceil => value.ceil(),
        }
    }
}

impl Binary {
    pub(crate) fn apply(self, one: f64, other: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        match self {
            Self::Add => one + other,
            Self::Subtract => one - other,
            Self::Multiply => one * other,
            Self::Divide => one / other,
            Self::Remainder => one % other,
            Self::Power => libm::pow(one, other),
            Self::Min => one.min(other),
            Self::Max => one.max(other),
            Self::Equal => truth(one == other),
            Self::Unequal => truth(one != other),
            Self::Less => truth(one < other),
            Self::LessOrEqual => truth(one <= other),
            Self::Greater => truth(one > other),
            Self::GreaterOrEqual => truth(one >= other),
        }
    }
}

/// `value` with so many digits behind the point; what has no room for them is whole already.
pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    let scaled = value * scale;
    if scaled.abs() < 9_007_199_254_740_992.0 {
        scaled.round() / scale
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_what_it_cannot_round() {
        assert_eq!(round(21.349, 1), 21.3);
        assert_eq!(round(-0.5, 0), -1.0);
        assert_eq!(round(1e300, 12), 1e300);
        assert_eq!(round(f64::MAX, 12), f64::MAX);
    }
}
