//! Certificates that are renewed while the gateway serves.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Door, server_config};
use crate::config::CertificateConfig;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// By this a changed file is known.
type Stamp = Option<(SystemTime, u64)>;

/// Takes the certificates anew whenever one of their files changes, until the listeners close. Files that cannot be used, such as one that
/// is half written, leave the certificates as they are; open connections keep theirs.
pub(crate) async fn renew(certificates: Vec<CertificateConfig>, door: Arc<Door>) {
    let mut seen = Vec::new();
    loop {
        tokio::select! {
            () = door.closing.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let now = stamps(&certificates);
        if now == seen {
            continue;
        }
        seen = now;
        match server_config(&there(&certificates)) {
            Ok(config) => {
                door.tls.store(Some(config));
                tracing::info!("the gateway uses renewed certificates");
            }
            Err(error) => {
                tracing::warn!(%error, "the gateway keeps its certificates, since the new ones cannot be used");
            }
        }
    }
}

/// Those whose files are there: one that was ordered may still be on its way.
pub(crate) fn there(certificates: &[CertificateConfig]) -> Vec<CertificateConfig> {
    let there = |entry: &&CertificateConfig| entry.certificate.exists() && entry.key.exists();
    certificates.iter().filter(there).cloned().collect()
}

fn stamps(certificates: &[CertificateConfig]) -> Vec<Stamp> {
    certificates
        .iter()
        .flat_map(|entry| [stamp(&entry.certificate), stamp(&entry.key)])
        .collect()
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
