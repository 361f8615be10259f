//! A whole platform in the process of a test: port 0, a temporary folder, a clock that the test sets.

mod node;

pub use node::Node;
