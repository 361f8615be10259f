//! Putting the gateway and its ports together.

use std::path::Path;
use std::sync::Arc;

use trunkline_access::Access;
use trunkline_admission::{Claims, IssuerConfig, OwnKeys, Revocations, TokenPorts, TokenVerifier};
use trunkline_gateway::{Gateway, GatewayConfig, Ports};
use trunkline_issuer::Issuer;
use trunkline_model::{Clock, IdGen, catalogue};
use trunkline_portal::Portal;
use trunkline_web::Authorize;

use crate::admit::Door;
use crate::check::Contracts;
use crate::fetch::Fetch;
use crate::limit::Counter;
use crate::sink::IntoRequests;
use crate::{AdmissionConfig, EdgeError, Lines};

/// The platform's own issuer, as routes call it.
const OWN_NAME: &str = "trunkline";
/// What tokens of the platform are meant for that the gateway takes.
const OWN_AUDIENCE: &str = "gateway";

/// The rooms that the gateway meets.
#[derive(Debug)]
pub struct Parts {
    /// Keys and sessions.
    pub access: Arc<Access>,
    /// The platform's own issuer.
    pub issuer: Arc<Issuer>,
    /// Who may do what.
    pub permits: Arc<dyn Authorize>,
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
    /// Requests that do not keep to their document, on their way into the log.
    pub violations: Arc<Lines>,
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
            permits,
            portal,
            requests,
            clock,
            ids,
        } = parts;
        let issuers = issuers(&admission.issuers, issuer.url());
        let own = Arc::new(Own(issuer));
        let ports = TokenPorts {
            fetch: Arc::new(Fetch::new()?),
            own: Some(Arc::clone(&own) as _),
            revocations: Some(own as _),
        };
        let tokens = Arc::new(TokenVerifier::new(ports, issuers)?);
        tokens.remember(admission.remembered_tokens);
        let counter = Counter::new(admission, Arc::clone(&clock))?;
        counter.restore(quotas);
        let violations = Lines::new("gateway", catalogue::GATEWAY_CONTRACT_VIOLATED);
        let compared = Lines::new("gateway", catalogue::GATEWAY_MIRROR_COMPARED);
        let ports = Ports {
            admit: Arc::new(Door::new(
                access,
                Arc::clone(&tokens),
                permits,
                Arc::clone(&clock),
            )),
            limit: Arc::clone(&counter) as _,
            check: Arc::new(Contracts::new(portal, Arc::clone(&clock))),
            sink: Arc::new(IntoRequests {
                requests,
                others: vec![
                    (catalogue::GATEWAY_MIRROR_COMPARED, Arc::clone(&compared)),
                    (
                        catalogue::GATEWAY_CONTRACT_VIOLATED,
                        Arc::clone(&violations),
                    ),
                ],
            }),
        };
        let gateway = Gateway::new(gateway, ports, clock, ids)?;
        Ok(Self {
            gateway: Arc::new(gateway),
            counter,
            tokens,
            violations,
            compared,
        })
    }
}

/// The issuers whose tokens are taken: those of the configuration, and the platform itself where they do not speak of it.
fn issuers(configured: &[IssuerConfig], url: &str) -> Vec<IssuerConfig> {
    let mut issuers = configured.to_vec();
    let spoken_of =
        |issuer: &IssuerConfig| issuer.own_keys || issuer.issuer == url || issuer.name == OWN_NAME;
    if !issuers.iter().any(spoken_of) {
        let mut own = IssuerConfig::new(OWN_NAME, url, &[OWN_AUDIENCE]);
        own.own_keys = true;
        issuers.push(own);
    }
    issuers
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_an_issuer_unless_the_configuration_speaks_of_it() {
        let url = "https://platform.example";
        let other = IssuerConfig::new("id", "https://id.example", &["shop"]);
        let all = issuers(std::slice::from_ref(&other), url);
        assert_eq!(all.len(), 2);
        assert!(all[1].own_keys && all[1].name == "trunkline" && all[1].audiences == ["gateway"]);
        let mut own = IssuerConfig::new("us", url, &["shop"]);
        own.own_keys = true;
        assert_eq!(issuers(&[own.clone()], url), [own]);
    }
}
