//! How much one message may ask for.

/// Limits of what is made of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a payload.
    pub payload_bytes: usize,
    /// How many arrays and objects may lie in one another.
    pub depth: usize,
    /// Elements of which a rule with `each` makes rows, metrics of a Sparkplug payload, and values of one of its arrays.
    pub elements: usize,
    /// Bytes of text in all the rows that one rule makes of a message; so an element cannot repeat a large payload thousands of times.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload_bytes: 1 << 20,
            depth: 32,
            elements: 10_000,
            text_bytes: 16 << 20,
        }
    }
}
