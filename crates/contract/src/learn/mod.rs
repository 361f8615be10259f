//! A draft of a document, made from what was seen in traffic. Shapes are kept, values never.

mod draft;
mod learner;
mod segment;
mod shape;
mod tree;

pub use learner::{Endpoint, LearnLimits, Learner, Seen, SeenBody, Undocumented};
