//! The platform as programs see it that speak to AWS IoT over HTTP: `iot`, `iot-data` and `iot-jobs-data`, below `/aws`.
//!
//! A program that uses boto3, or another library of AWS, is given the platform's address with `/aws` behind it as `endpoint_url`, and an
//! access key of the platform. Its requests are signed with that key (`trunkline_signature`), and are answered out of the fleet. Nothing is
//! kept here: each operation is one that the fleet offers anyway, and what the fleet does not have is refused with a sentence that says so.
//!
//! What is asked for reaches outward through ports, which the binary wires: [`Keys`] knows access keys, [`Publish`] is the broker,
//! [`Tell`](trunkline_fleet::Tell) reaches devices, [`Authorize`](trunkline_web::Authorize) says who may do what.

mod admit;
mod answer;
mod arn;
mod call;
mod data;
mod error;
mod host;
mod http;
mod iot;
mod jobs;
mod key;
mod limits;
mod members;
mod operation;
mod page;
mod path;
mod publish;
mod serve;
mod service;
mod time;

pub use host::{Aws, Parts};
pub use http::routes;
pub use key::{AccessKey, AccessSecret, KeyError, Keys};
pub use publish::{Outgoing, Properties, Publish, PublishError, Retained, RetainedTopic};
