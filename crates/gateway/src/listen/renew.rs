//! Certificates that are renewed while the gateway serves.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;

use super::{Door, server_config};
use crate::config::CertificateConfig;
use crate::error::GatewayError;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// By this a changed file is known.
type Stamp = Option<(SystemTime, u64)>;

/// The files with certificates, and how they were when they were last read.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// Those that the configuration names, which have to be there.
    named: Vec<CertificateConfig>,
    /// The one that is ordered, which may still be on its way.
    ordered: Option<CertificateConfig>,
    seen: Vec<Stamp>,
}

impl Renewal {
    pub(crate) const fn new(
        named: Vec<CertificateConfig>,
        ordered: Option<CertificateConfig>,
    ) -> Self {
        Self {
            named,
            ordered,
            seen: Vec::new(),
        }
    }

    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub(crate) fn read(&mut self) -> Result<Arc<ServerConfig>, GatewayError> {
        // Before the files: what changes meanwhile is read again.
        self.seen = self.stamps();
        let ordered = self
            .ordered
            .iter()
            .filter(|entry| entry.certificate.exists());
        let all: Vec<_> = self.named.iter().chain(ordered).cloned().collect();
        server_config(&all)
    }

    /// Takes the certificates anew whenever one of their files changes, until the listeners close. Files that cannot be used, such as
    /// one that is half written, leave the certificates as they are; open connections keep theirs.
    pub(crate) async fn keep(mut self, door: Arc<Door>) {
        loop {
            tokio::select! {
                () = door.closing.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if self.stamps() == self.seen {
                continue;
            }
            match self.read() {
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

    fn stamps(&self) -> Vec<Stamp> {
        self.named
            .iter()
            .chain(&self.ordered)
            .flat_map(|entry| [stamp(&entry.certificate), stamp(&entry.key)])
            .collect()
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
