//! Sparkplug B, as the specification 3.0 has it.
//!
//! A payload becomes an object of `timestamp`, `seq`, `uuid`, `body` and `metrics`. Each metric is an object of `name`, `alias`,
//! `timestamp`, `datatype`, `value`, `is_historical`, `is_transient` and `properties`. A name that was told only in a birth is that of
//! the alias; the time is the payload's where the metric has none. A data set is an object of `columns`, `types` and `rows`, each row
//! an object; a template one of `reference`, `version`, `is_definition`, `parameters` and `metrics`; bytes are base64.

mod array;
mod datatype;
mod message;
mod metric;
mod payload;
mod topic;

pub(super) use payload::decode;
pub(crate) use topic::is_birth;
pub(super) use topic::{Publisher, SparkplugTopic};
