//! What the types cannot say.

use trunkline_model::code;

use super::Loaded;
use crate::Failure;

/// Nothing where all addresses can be ones.
pub(super) fn check(loaded: &Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    let listeners = [
        ("api", "listen", &config.api.listen, false),
        ("mqtt", "listen", &config.mqtt.listen, true),
        ("mqtt", "tls_listen", &config.mqtt.tls_listen, true),
        ("otlp", "listen", &config.otlp.listen, true),
        ("otlp", "grpc_listen", &config.otlp.grpc_listen, true),
        ("pgwire", "listen", &config.pgwire.listen, true),
    ];
    for (section, key, address, may_be_off) in listeners {
        if (may_be_off && address.is_empty()) || is_address(address) {
            continue;
        }
        let origin = loaded.origin(section, key);
        let what = format!("{origin}: `{section}.{key}` = `{address}` is no address and port");
        return Err(Failure::new(&code::CLI_CONFIG, what)
            .hint("write one such as 127.0.0.1:7070 or [::1]:7070"));
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    text.rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}
