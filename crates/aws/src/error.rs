//! Refusals, as libraries of AWS read them.

use std::error::Error;

use trunkline_fleet::FleetError;
use trunkline_job::Code;
use trunkline_signature::SignatureError;
use trunkline_twin::Rejected;
use trunkline_web::Problem;

use crate::service::Service;
use crate::{KeyError, PublishError};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
pub(crate) struct AwsError {
    pub(crate) status: u16,
    /// What the exception is called.
    pub(crate) name: &'static str,
    /// Why, for people.
    pub(crate) message: String,
}

impl AwsError {
    pub(crate) fn new(status: u16, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequestException", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFoundException", message)
    }

    pub(crate) fn exists(message: impl Into<String>) -> Self {
        Self::new(409, "ResourceAlreadyExistsException", message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(413, "RequestEntityTooLargeException", message)
    }

    fn unavailable() -> Self {
        let message = "the platform cannot do it now: try again in a moment";
        Self::new(503, "ServiceUnavailableException", message)
    }

    pub(crate) fn throttled(service: Service, message: impl Into<String>) -> Self {
        Self::new(service.throttled(), "ThrottlingException", message)
    }

    pub(crate) fn forbidden(service: Service, problem: &Problem) -> Self {
        let (status, name) = service.forbidden();
        Self::new(status, name, problem.detail())
    }

    /// Nobody knows such an operation.
    pub(crate) fn unknown(method: &str, path: &str) -> Self {
        let path: String = path.chars().take(256).collect();
        let message = format!(
            "there is no operation {method} {path} in the service that the request is signed for"
        );
        Self::new(404, "UnknownOperationException", message)
    }

    pub(crate) fn of_key(error: &KeyError, service: Service) -> Self {
        match error {
            KeyError::RateLimited => Self::throttled(service, error.to_string()),
            KeyError::Unavailable(_) => failed(error),
        }
    }

    /// The state that a certificate is in does not allow it.
    pub(crate) fn of_state(error: FleetError) -> Self {
        match error {
            FleetError::Certificate(_) => Self::bad_state(error.to_string()),
            error => error.into(),
        }
    }

    pub(crate) fn bad_state(message: impl Into<String>) -> Self {
        Self::new(406, "CertificateStateException", message)
    }
}

/// What is wrong with the platform is for its log.
fn failed(error: &(dyn Error + 'static)) -> AwsError {
    tracing::warn!(error, "a request by way of AWS could not be served");
    AwsError::unavailable()
}

impl From<SignatureError> for AwsError {
    fn from(error: SignatureError) -> Self {
        Self::new(error.status(), error.name(), error.to_string())
    }
}

impl From<PublishError> for AwsError {
    fn from(error: PublishError) -> Self {
        match &error {
            PublishError::Invalid(why) => Self::invalid(why),
            PublishError::Unavailable(_) => failed(&error),
        }
    }
}

impl From<FleetError> for AwsError {
    fn from(error: FleetError) -> Self {
        match &error {
            FleetError::ThingUnknown(_)
            | FleetError::CertificateUnknown(_)
            | FleetError::JobUnknown(_)
            | FleetError::GroupUnknown(_)
            | FleetError::TypeUnknown(_) => Self::not_found(error.to_string()),
            FleetError::ThingExists(_) | FleetError::JobExists(_) | FleetError::GroupExists(_) => {
                Self::exists(error.to_string())
            }
            FleetError::Full(why) => Self::new(410, "LimitExceededException", why),
            FleetError::Twin(rejected) => rejected.clone().into(),
            FleetError::Job(rejected) => {
                let (status, name) = of_code(rejected.code);
                Self::new(status, name, rejected.message.clone())
            }
            FleetError::Closed | FleetError::Store(_) => failed(&error),
            _ => Self::invalid(error.to_string()),
        }
    }
}

/// The exceptions of `iot` for what the rules of jobs refuse.
const fn of_code(code: Code) -> (u16, &'static str) {
    match code {
        Code::InvalidTopic | Code::InvalidJson | Code::InvalidRequest => {
            (400, "InvalidRequestException")
        }
        Code::ResourceNotFound => (404, "ResourceNotFoundException"),
        Code::InvalidStateTransition | Code::TerminalStateReached => {
            (409, "InvalidStateTransitionException")
        }
        Code::VersionMismatch => (409, "VersionConflictException"),
        Code::RequestThrottled => (400, "ThrottlingException"),
        Code::InternalError => (503, "ServiceUnavailableException"),
    }
}

impl From<Rejected> for AwsError {
    fn from(rejected: Rejected) -> Self {
        let name = match rejected.code {
            400 => "InvalidRequestException",
            404 => "ResourceNotFoundException",
            409 => "ConflictException",
            413 => "RequestEntityTooLargeException",
            415 => "UnsupportedDocumentEncodingException",
            429 => "ThrottlingException",
            _ => "InternalFailureException",
        };
        Self::new(rejected.code, name, rejected.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: impl Into<AwsError>) -> (u16, &'static str) {
        let error = error.into();
        (error.status, error.name)
    }

    #[test]
    fn the_refusals_of_twins_have_the_names_of_iot_data() {
        for (rejected, name) in [
            (Rejected::conflict(), "ConflictException"),
            (Rejected::no_thing(), "ResourceNotFoundException"),
            (Rejected::too_large(), "RequestEntityTooLargeException"),
            (Rejected::too_many_shadows(), "InvalidRequestException"),
        ] {
            let code = rejected.code;
            assert_eq!(shown(rejected), (code, name));
        }
    }

    #[test]
    fn what_fails_inside_is_not_told() {
        let secret = std::io::Error::other("/var/lib/keys.db is locked");
        let error = AwsError::of_key(&KeyError::Unavailable(Box::new(secret)), Service::Iot);
        assert_eq!(
            (error.status, error.name),
            (503, "ServiceUnavailableException")
        );
        assert!(!error.message.contains("keys.db"));
        assert_eq!(
            shown(FleetError::Closed),
            (503, "ServiceUnavailableException")
        );
    }

    #[test]
    fn throttling_has_the_status_of_its_service() {
        let limited = |service| AwsError::of_key(&KeyError::RateLimited, service).status;
        assert_eq!(limited(Service::Iot), 400);
        assert_eq!(limited(Service::Data), 429);
        let full = FleetError::Full("too many".into());
        assert_eq!(shown(full), (410, "LimitExceededException"));
    }
}
