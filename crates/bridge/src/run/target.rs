//! Where the two connections of a bridge lead, and as whom.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::file::Version;
use crate::wire::{Target, TopicLimits, tls_client};
use crate::{Home, Settings, Side};

/// Bytes of the largest password file.
const LARGEST_PASSWORD: usize = 64 << 10;

/// Our broker. A session that `lasts` is kept as long as the broker allows; another forgets what was there.
pub(super) async fn local(
    settings: Arc<Settings>,
    home: Arc<dyn Home>,
    lasts: bool,
) -> Result<Target, String> {
    let local = home.local().await?;
    Ok(Target {
        side: Side::Local,
        version: Version::Five,
        host: match local.address.ip() {
            std::net::IpAddr::V4(address) => address.to_string(),
            std::net::IpAddr::V6(address) => format!("[{address}]"),
        },
        port: local.address.port(),
        client_id: format!("bridge:{}", settings.name),
        credentials: Some((local.username, local.password)),
        keep_alive: Duration::from_secs(60),
        tls: None,
        expiry: if lasts { u32::MAX } else { 0 },
        receive_maximum: settings.limits.in_flight,
        topics: TopicLimits {
            bytes: local.topic_bytes,
            levels: local.topic_levels,
        },
    })
}

/// The remote. Files are found from `folder`.
pub(super) async fn remote(
    settings: Arc<Settings>,
    folder: PathBuf,
    lasts: bool,
) -> Result<Target, String> {
    let tls = if settings.server.tls {
        Some(tls_client(&settings, &folder).await?)
    } else {
        None
    };
    let password = match &settings.password_file {
        Some(file) => password(folder.join(file)).await?,
        None => String::new(),
    };
    let credentials = settings.username.clone().map(|name| (name, password));
    Ok(Target {
        side: Side::Remote,
        version: settings.version,
        host: settings.server.host.clone(),
        port: settings.server.port,
        client_id: settings.client_id.clone(),
        credentials,
        keep_alive: settings.keep_alive,
        tls,
        expiry: if lasts { settings.session_expiry } else { 0 },
        receive_maximum: settings.limits.in_flight,
        topics: TopicLimits {
            bytes: settings.limits.topic_bytes,
            levels: settings.limits.topic_levels,
        },
    })
}

/// Reads a password; the end of its line is none of it.
async fn password(file: PathBuf) -> Result<String, String> {
    let wrong = |what: String| format!("`{}`: {what}", file.display());
    let text = tokio::fs::read_to_string(&file)
        .await
        .map_err(|error| wrong(error.to_string()))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.len() > LARGEST_PASSWORD {
        return Err(wrong("there is no password in it".into()));
    }
    Ok(password.to_owned())
}
