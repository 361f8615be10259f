//! Putting the gateway and its ports together.

use std::sync::Arc;

use trunkline_access::Access;
use trunkline_admission::{Claims, OwnKeys, Revocations, TokenPorts, TokenVerifier};
use trunkline_gateway::{Gateway, Ports};
use trunkline_issuer::Issuer;
use trunkline_model::catalogue;
use trunkline_portal::Portal;

use super::admit::Door;
use super::check::Contracts;
use super::fetch::Fetch;
use super::limit::Counter;
use super::sink::IntoRequests;
use crate::compose::Settings;
use crate::compose::lines::Lines;

/// The gateway with all that it needs, and what has to be kept going beside it.
#[derive(Clone, Debug)]
pub(in crate::compose) struct Edge {
    pub(in crate::compose) gateway: Arc<Gateway>,
    pub(in crate::compose) counter: Arc<Counter>,
    pub(in crate::compose) tokens: Arc<TokenVerifier>,
    /// Compared answers of mirrored requests, on their way into the log.
    pub(in crate::compose) compared: Arc<Lines>,
}

impl Edge {
    /// A gateway that does not listen yet.
    pub(in crate::compose) fn new(
        settings: &Settings,
        access: Arc<Access>,
        issuer: Arc<Issuer>,
        portal: &Arc<Portal>,
        requests: &Arc<Lines>,
    ) -> anyhow::Result<Self> {
        let admission = &settings.config.admission;
        let clock = &settings.clock;
        let own = Arc::new(Own(issuer));
        let ports = TokenPorts {
            fetch: Arc::new(Fetch::new()?),
            own: Some(Arc::clone(&own) as _),
            revocations: Some(own as _),
        };
        let tokens = Arc::new(TokenVerifier::new(ports, admission.issuers.clone())?);
        let counter = Counter::new(admission, Arc::clone(clock))?;
        counter.restore(&settings.data_dir.quotas());
        let compared = Lines::new("gateway", catalogue::GATEWAY_MIRROR_COMPARED);
        let ports = Ports {
            admit: Arc::new(Door::new(access, Arc::clone(&tokens), Arc::clone(clock))),
            limit: Arc::clone(&counter) as _,
            check: Arc::new(Contracts(Arc::clone(portal))),
            sink: Arc::new(IntoRequests {
                requests: Arc::clone(requests),
                others: vec![(catalogue::GATEWAY_MIRROR_COMPARED, Arc::clone(&compared))],
                portal: Arc::clone(portal),
            }),
        };
        let gateway = Gateway::new(
            settings.config.gateway.clone(),
            ports,
            Arc::clone(clock),
            Arc::clone(&settings.ids),
        )?;
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
