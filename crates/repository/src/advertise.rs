//! What a client is told first.

use bytes::Bytes;

use crate::refs::Ref;
use crate::{Bare, Packets, RepositoryError, git};

/// What the server says that it is.
const AGENT: &str = concat!("agent=trunkline/", env!("CARGO_PKG_VERSION"));
/// What a push can ask for.
const RECEIVE: &str = "report-status report-status-v2 delete-refs side-band-64k atomic ofs-delta push-options object-format=sha1";

/// Which way objects go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// To the client: `git-upload-pack`.
    Fetch,
    /// From the client: `git-receive-pack`.
    Push,
}

impl Service {
    /// The service of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "git-upload-pack" => Some(Self::Fetch),
            "git-receive-pack" => Some(Self::Push),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "git-upload-pack",
            Self::Push => "git-receive-pack",
        }
    }
}

/// Which version of the protocol a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// What clients speak that know nothing newer.
    Zero,
    /// The second version, in which the client asks for the refs that it needs.
    Two,
}

impl Protocol {
    /// The version that the header `Git-Protocol` asks for.
    #[must_use]
    pub fn asked(header: Option<&str>) -> Self {
        let two = header.is_some_and(|text| text.split(':').any(|part| part == "version=2"));
        if two { Self::Two } else { Self::Zero }
    }
}

impl Bare {
    /// What a client is told at `info/refs`.
    ///
    /// # Errors
    /// [`RepositoryError`] where refs cannot be read or git fails.
    pub async fn advertise(
        &self,
        service: Service,
        protocol: Protocol,
    ) -> Result<Bytes, RepositoryError> {
        match (service, protocol) {
            // Nothing of it is of this repository, so nothing is run for it.
            (Service::Fetch, Protocol::Two) => Ok(second_version()),
            (Service::Fetch, Protocol::Zero) => self.advertise_old().await,
            (Service::Push, _) => {
                let refs = self.refs(&[])?;
                Ok(for_push(&refs))
            }
        }
    }

    async fn advertise_old(&self) -> Result<Bytes, RepositoryError> {
        let mut command = self.git(crate::fetch::SETTINGS);
        command
            .args(["upload-pack", "--http-backend-info-refs"])
            .arg(self.path());
        let refs = git::ask(command, &[], self.limits().time).await?;
        let mut packets = headed(Service::Fetch).take().to_vec();
        packets.extend(refs);
        Ok(packets.into())
    }
}

/// How every answer begins but that of the second version.
fn headed(service: Service) -> Packets {
    let mut packets = Packets::default();
    packets
        .push(format!("# service={}\n", service.name()))
        .flush();
    packets
}

fn second_version() -> Bytes {
    let mut packets = Packets::default();
    packets
        .push("version 2\n")
        .push(format!("{AGENT}\n"))
        .push("ls-refs=unborn\n")
        .push("fetch=shallow wait-for-done filter\n")
        .push("server-option\n")
        .push("object-format=sha1\n")
        .flush();
    packets.take()
}

fn for_push(refs: &[Ref]) -> Bytes {
    let mut packets = headed(Service::Push);
    let capabilities = format!("\0{RECEIVE} {AGENT}\n");
    if refs.is_empty() {
        let none = gix::ObjectId::null(gix::hash::Kind::Sha1);
        packets.push(format!("{none} capabilities^{{}}{capabilities}"));
    }
    for (place, one) in refs.iter().enumerate() {
        let end = if place == 0 { &capabilities } else { "\n" };
        packets.push(format!("{} {}{end}", one.id, one.name));
    }
    packets.flush();
    packets.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_repository_says_what_it_can() {
        let told = for_push(&[]);
        let told = String::from_utf8_lossy(&told);
        assert!(told.starts_with("001f# service=git-receive-pack\n0000"));
        assert!(
            told.contains(
                "0000000000000000000000000000000000000000 capabilities^{}\0report-status"
            )
        );
        assert!(told.ends_with("\n0000"));
    }

    #[test]
    fn the_version_is_what_the_header_has_among_others() {
        assert_eq!(Protocol::asked(Some("foo=1:version=2")), Protocol::Two);
        for header in [None, Some(""), Some("version=1"), Some("version=22")] {
            assert_eq!(Protocol::asked(header), Protocol::Zero);
        }
    }
}
