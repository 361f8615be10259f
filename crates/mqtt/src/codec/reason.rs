//! Reason codes of MQTT 5, and what version 3.1.1 makes of them.

/// Why something was done or refused; the numbers of MQTT 5, section 2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Reason {
    /// Done; of a subscription, granted with at most once.
    Success = 0,
    GrantedAtLeastOnce = 1,
    GrantedExactlyOnce = 2,
    WithWill = 4,
    NoMatchingSubscribers = 16,
    NoSubscriptionExisted = 17,
    Unspecified = 128,
    MalformedPacket = 129,
    ProtocolError = 130,
    UnsupportedVersion = 132,
    ClientIdentifierNotValid = 133,
    BadUserNameOrPassword = 134,
    NotAuthorized = 135,
    ServerBusy = 137,
    ServerShuttingDown = 139,
    BadAuthenticationMethod = 140,
    KeepAliveTimeout = 141,
    SessionTakenOver = 142,
    TopicFilterInvalid = 143,
    TopicNameInvalid = 144,
    PacketIdNotFound = 146,
    ReceiveMaximumExceeded = 147,
    TopicAliasInvalid = 148,
    PacketTooLarge = 149,
    QuotaExceeded = 151,
    AdministrativeAction = 152,
    ConnectionRateExceeded = 159,
}

impl Reason {
    /// Whether it says that something was not done.
    pub(crate) const fn is_failure(self) -> bool {
        self as u8 >= 128
    }
}
