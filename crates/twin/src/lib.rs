//! The documents of digital twins, with the rules of AWS IoT device shadows: what a request may say, what becomes of the document,
//! and what is told to whom.
//!
//! A twin has a section `desired`, what somebody wants of the device, and a section `reported`, what the device says of itself. Each leaf
//! has the second in which it was last written. Nothing here does I/O, and the time is an argument.

mod delta;
mod document;
mod limits;
mod merge;
mod message;
mod name;
mod rejected;
mod request;
mod section;
mod times;
mod topic;
mod updated;

pub use document::Document;
pub use limits::Limits;
pub use name::{is_shadow_name, is_thing_name};
pub use rejected::Rejected;
pub use request::{Change, Request, SectionChange, token_of};
pub use section::Section;
pub use times::Times;
pub use topic::{Operation, Topic, prefix};
pub use updated::{Part, Updated};
