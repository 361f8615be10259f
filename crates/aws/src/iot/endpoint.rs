//! Where devices find the broker.

use serde_json::json;
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::error::AwsError;

/// Says where devices find the broker. Messages, shadows and jobs have one address.
pub(crate) fn describe(call: &Call) -> Outcome {
    call.only(&["endpointType"])?;
    call.require(&action::THING_READ, "")?;
    match call.query("endpointType") {
        None | Some("iot:Data" | "iot:Data-ATS" | "iot:Jobs") => {
            let endpoint = &call.aws.parts.endpoint;
            Ok(Answer::Document(json!({"endpointAddress": endpoint})))
        }
        Some(_) => Err(AwsError::invalid(
            "`endpointType` is iot:Data-ATS, iot:Data or iot:Jobs",
        )),
    }
}
