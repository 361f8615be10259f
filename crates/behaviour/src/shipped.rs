//! Models that come with the platform.

/// The models that come with the platform: the name of each file, and its text. They are meant to be copied into a workspace.
#[must_use]
pub const fn shipped() -> [(&'static str, &'static str); 4] {
    [
        (
            "behaviour/gateway.toml",
            include_str!("../models/gateway.toml"),
        ),
        ("behaviour/meter.toml", include_str!("../models/meter.toml")),
        ("behaviour/pump.toml", include_str!("../models/pump.toml")),
        (
            "behaviour/thermostat.toml",
            include_str!("../models/thermostat.toml"),
        ),
    ]
}
