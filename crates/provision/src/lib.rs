//! Provisioning templates in the form of AWS IoT: which thing a device becomes that shows a claim, and the words in which it asks and is
//! answered. Nothing here does I/O.

mod ask;
mod refusal;
mod resolve;
mod template;

pub use ask::Provisioning;
pub use refusal::ProvisionRefusal;
pub use template::{NewTemplate, Planned, Template};
