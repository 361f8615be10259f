//! Putting the gateway and its ports together.

use std::path::Path;
use std::sync::Arc;

use trunkline_access::Access;
use trunkline_admission::{Claims, OwnKeys, Revocations, TokenPorts, TokenVerifier};
use trunkline_gateway::{Gateway, GatewayConfig, Ports};
use trunkline_issuer::Issuer;
use trunkline_model::{Clock, IdGen, catalogue};
use trunkline_portal::Portal;

use crate::admit::Door;
use crate::check::Contracts;
use crate::fetch::Fetch;
use crate::limit::Counter;
use crate::sink::IntoRequests;
use crate::{AdmissionConfig, EdgeError, Lines};

/// The rooms that the gateway meets.
#[derive(Debug)]
pub struct Parts {
    /// Keys and sessions.
    pub access: Arc<Access>,
    /// The platform's own issuer.
    pub issuer: Arc<Issuer>,
    /// API documents.
    pub portal: Arc<Portal>,
    /// Request events, on their way into the log.
    pub requests: Arc<Lines>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and chance.
    pub ids: Arc<dyn IdGen>,
}

/// The gateway with all that it needs, and what has to be kept going beside it.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The gateway itself.
    pub gateway: Arc<Gateway>,
    /// Limits and quotas.
    pub counter: Arc<Counter>,
    /// Tokens of issuers.
    pub tokens: Arc<TokenVerifier>,
    /// Compared answers of mirrored requests, on their way into the log.
    pub compared: Arc<Lines>,
}

impl Edge {
    /// A gateway that does not listen yet. What was used of quotas is taken up from the file `quotas`.
    ///
    /// # Errors
    /// [`EdgeError`] when a part of the configuration cannot be used.
    pub fn new(
        admission: &AdmissionConfig,
        gateway: GatewayConfig,
        quotas: &Path,
        parts: Parts,
    ) -> Result<Self, EdgeError> {
        let Parts {
            access,
            issuer,
            portal,
            requests,
            clock,
            ids,
        } = parts;
        let own = Arc::new(Own(issuer));
        let ports = TokenPorts {
            fetch: Arc::new(Fetch::new()?),
            own: Some(Arc::clone(&own) as _),
            revocations: Some(own as _),
        };
        let tokens = Arc::new(TokenVerifier::new(ports, admission.issuers.clone())?);
        let counter = Counter::new(admission, Arc::clone(&clock))?;
        counter.restore(quotas);
        let compared = Lines::new("gateway", catalogue::GATEWAY_MIRROR_COMPARED);
        let ports = Ports {
            admit: Arc::new(Door::new(access, Arc::clone(&tokens), Arc::clone(&clock))),
            limit: Arc::clone(&counter) as _,
            check: Arc::new(Contracts(Arc::clone(&portal))),
            sink: Arc::new(IntoRequests {
                requests,
                others: vec![(catalogue::GATEWAY_MIRROR_COMPARED, Arc::clone(&compared))],
                portal,
            }),
        };
        let gateway = Gateway::new(gateway, ports, clock, ids)?;
        Ok(Self {
            gateway: Arc::new(gateway),
            counter,
            tokens,
            compared,
        })
    }
}

/// The platform's own issuer.
#[derive(Debug)]
struct Own(Arc<Issuer>);

impl OwnKeys for Own {
    fn version(&self) -> u64 {
        self.0.jwks_version()
    }

    fn jwks(&self) -> Arc<str> {
        self.0.jwks()
    }
}

impl Revocations for Own {
    fn is_revoked(&self, claims: &Claims) -> bool {
        ["jti", "grant", "client_id"]
            .into_iter()
            .filter_map(|name| claims.raw.get(name)?.as_str())
            .any(|id| self.0.is_revoked(id))
    }
}
