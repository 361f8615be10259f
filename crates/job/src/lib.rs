//! Jobs for devices, with the rules of AWS IoT Jobs: what a device may ask, what becomes of its executions, what it is told, and how
//! a job is rolled out over many devices and called off when it goes wrong.
//!
//! A job has a document and targets. Each target gets an execution, which the device begins, reports on and ends; where the job says
//! so, it is tried again with a further execution. Nothing here does I/O, and the time is an argument, in seconds since 1970.
//!
//! Who serves a device loads the rows of one thing into [`Executions`], reads the request with [`Request::parse`], lets [`apply`] work,
//! writes the rows of [`Change`] back and sends its messages. Who rolls a job out asks [`plan`] how many things may be told now, and
//! [`judge`] whether the job must be called off.

mod abort;
mod apply;
mod counts;
mod definition;
mod details;
mod document;
mod entry;
mod execution;
mod executions;
mod gate;
mod job;
mod limits;
mod member;
mod message;
mod name;
mod number;
mod outlook;
mod plan;
mod rejected;
mod request;
mod retry;
mod rollout;
mod stage;
mod status;
mod timer;
mod topic;

pub use abort::{AbortAction, AbortConfig, AbortCriterion, AbortOn, judge};
pub use apply::{Answer, apply};
pub use counts::Counts;
pub use definition::{Definition, Selection, TimeoutConfig};
pub use details::Details;
pub use document::Document;
pub use execution::{Execution, State};
pub use executions::{CancelExecution, Change, Executions, Key};
pub use gate::{Gates, Verdict};
pub use job::{CancelJob, Job, JobStatus, Terms};
pub use limits::Limits;
pub use message::Message;
pub use name::is_job_id;
pub use number::{Factor, Percentage};
pub use plan::{Plan, Progress, QueuedAt, is_complete, plan};
pub use rejected::{Code, Rejected};
pub use request::{Action, Refused, Request, Update};
pub use retry::{Retried, RetryConfig, RetryCriterion, RetryOn};
pub use rollout::{ExponentialRate, IncreaseCriteria, RolloutConfig};
pub use stage::{AtStage, Stage};
pub use status::{Actor, Status};
pub use timer::Step;
pub use topic::{Call, Topic, Which, notify, notify_next, prefix};
