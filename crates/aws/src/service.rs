//! The services.

/// A service, as requests are signed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// `iot`: things, groups, types, certificates and jobs.
    Iot,
    /// `iot-data`: shadows and messages.
    Data,
    /// `iot-jobs-data`: what devices ask about their jobs.
    Jobs,
}

impl Service {
    /// The service that a signature is for. Shadows and messages have two names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "iot" => Some(Self::Iot),
            "iotdata" | "iotdevicegateway" => Some(Self::Data),
            "iot-jobs-data" => Some(Self::Jobs),
            _ => None,
        }
    }

    /// The status of `ThrottlingException`, which is not the same everywhere.
    pub(crate) const fn throttled(self) -> u16 {
        match self {
            Self::Iot => 400,
            Self::Data | Self::Jobs => 429,
        }
    }

    /// How a request is refused that whoever signed it may not make.
    pub(crate) const fn forbidden(self) -> (u16, &'static str) {
        match self {
            Self::Iot => (401, "UnauthorizedException"),
            Self::Data => (403, "ForbiddenException"),
            Self::Jobs => (403, "AccessDeniedException"),
        }
    }
}
