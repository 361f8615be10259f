//! Virtual devices, driven by behaviour models: over real MQTT against a broker, or as a copy of a fleet that is run ahead without any.
//!
//! [`Simulation`] connects each device of a [`Plan`] as a device connects: with its name as the client id and its secret or certificate,
//! over TCP or TLS, in MQTT 5. A device asks for its twin and listens to what is wanted of it, makes a step of its model each
//! [`Model::every`](trunkline_behaviour::Model::every), and sends what it reports and measures with a quality of service of 1. It works on
//! jobs, answers commands, and may have a [`Fault`] now and then. Given the seed, what a device measures is the same each time, as long as
//! the same is wanted of it.
//!
//! [`Scenario`] asks what a fleet would do if something else were wanted of it: it takes a copy and runs it ahead as fast as the processor
//! allows, with statistics of each field over time, of changes of state and of the traffic. It does no I/O.
//!
//! [`sample`] is the fleet of the sample. Time is told by tokio and by a clock that is an argument, and randomness is a function of the
//! seed and the names.

mod chance;
mod device;
mod duration;
mod fault;
mod link;
mod path;
mod plan;
pub mod sample;
mod scenario;
mod simulation;
mod totals;

pub use duration::{DurationError, read_duration};
pub use fault::{Fault, FaultError, FaultKind, Who};
pub use plan::{Broker, Credential, Plan, PlanError, Proof};
pub use scenario::{
    Change, ChangeError, Crossing, Ending, Length, Outcome, Progress, Row, Scenario, ScenarioError,
    Selector, Traffic, Twin,
};
pub use simulation::Simulation;
pub use totals::Totals;
