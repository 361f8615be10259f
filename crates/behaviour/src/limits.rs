//! How much a model may say.

/// Bytes of a file.
pub(crate) const FILE: usize = 256 * 1024;

/// Bytes of a file's name without folder and ending, of the name of a kind, a state, a field.
pub(crate) const NAME: usize = 128;

/// Bytes of the name of a parameter, an input, a variable.
pub(crate) const WORD: usize = 64;

/// Entries of each section, transitions of a state among them.
pub(crate) const ENTRIES: usize = 64;

/// Bytes of an expression.
pub(crate) const EXPRESSION: usize = 4_096;

/// Parts of an expression that may lie in one another.
pub(crate) const DEPTH: usize = 32;

/// Values that an expression may need at the same time.
pub(crate) const STACK: usize = 64;

/// Operations of all expressions of a model together: so many does a step take at most.
pub(crate) const OPERATIONS: usize = 8_192;

/// Values that `min` and `max` choose from.
pub(crate) const ARGUMENTS: usize = 16;

/// Digits behind the point that `round` keeps at most.
pub(crate) const DIGITS: i32 = 12;

/// Bytes of a topic, the thing's name in it.
pub(crate) const TOPIC: usize = 256;

/// Steps that a prediction reaches into the future.
pub(crate) const AHEAD: u32 = 10_000;

/// Steps in which what a real device does not report comes to what fits the rest.
pub(crate) const SETTLING: u32 = 20;

/// Seconds of a step at most: a year.
pub(crate) const STEP_SECONDS: f64 = 366.0 * 86_400.0;

/// Milliseconds of `every` at least and at most.
pub(crate) const EVERY: std::ops::RangeInclusive<u64> = 10..=86_400_000;
