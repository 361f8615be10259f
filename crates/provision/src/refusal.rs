//! Why a device is refused.

use serde_json::{Value, json};

/// Why a device is refused, in the words of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionRefusal {
    /// The number.
    pub status: u16,
    /// The kind.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl ProvisionRefusal {
    /// A refusal of this number and kind.
    #[must_use]
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// As it is told over MQTT.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({"statusCode": self.status, "errorCode": self.code, "errorMessage": self.message})
    }
}
