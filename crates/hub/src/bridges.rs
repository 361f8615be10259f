//! Bridges to other brokers: how they reach our own, and what becomes of them as events.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use trunkline_bridge::{BridgeStatus, Bridges, Dropped, Home, Local, Ports, Side, Watch};
use trunkline_model::{Clock, IdGen, action, catalogue};
use trunkline_proof::{Purpose, Secret};
use trunkline_web::{Caller, Problem, Reply};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Hub;
use crate::watch::IntoEvents;

/// Who bridges are at our own broker. Their sessions belong to this name, which no thing, person or service can have.
pub(crate) const PRINCIPAL: &str = "$bridge";
/// What the client ids of bridges begin with at our own broker.
pub(crate) const CLIENT_IDS: &str = "bridge:";

/// Where our own broker is, and with what bridges come in. The secret is another one at each start and never leaves the process.
#[derive(Debug)]
pub(crate) struct Own {
    secret: Secret,
    /// Where the broker listens for MQTT as it is; nothing until it does.
    address: OnceLock<SocketAddr>,
}

impl Own {
    pub(crate) fn new(ids: &dyn IdGen) -> Self {
        Self {
            secret: Purpose::Session.make(ids),
            address: OnceLock::new(),
        }
    }

    /// Whether this is what bridges show.
    pub(crate) fn is(&self, username: Option<&str>, password: &str) -> bool {
        let digest = |text: &str| Purpose::Session.digest(text);
        username == Some(PRINCIPAL) && digest(password) == digest(self.secret.reveal())
    }

    /// Says where the broker listens.
    pub(crate) fn listens(&self, address: SocketAddr) {
        self.address.get_or_init(|| address);
    }
}

#[async_trait]
impl Home for Own {
    async fn local(&self) -> Result<Local, String> {
        let address = self.address.get().copied().ok_or(
            "the platform does not listen for MQTT without TLS, which its bridges need: set `mqtt.listen`",
        )?;
        let secret = self.secret.reveal().to_owned();
        Ok(Local::new(address, PRINCIPAL.into(), secret))
    }
}

impl Watch for IntoEvents {
    fn connected(&self, bridge: &str, side: Side, address: &str) {
        let data = json!({"bridge": bridge, "side": side.word(), "address": address});
        self.tell(catalogue::FLEET_BRIDGE_CONNECTED, bridge, &data);
    }

    fn disconnected(&self, bridge: &str, side: Side, address: &str, reason: &str) {
        let data =
            json!({"bridge": bridge, "side": side.word(), "address": address, "reason": reason});
        self.tell(catalogue::FLEET_BRIDGE_DISCONNECTED, bridge, &data);
    }

    fn dropped(&self, bridge: &str, dropped: &Dropped) {
        let mut data = json!(dropped);
        if let Value::Object(data) = &mut data {
            data.insert("bridge".into(), bridge.into());
        }
        self.tell(catalogue::FLEET_BRIDGE_DROPPED, bridge, &data);
    }
}

/// Bridges that have no file yet.
pub(crate) fn bridges(
    own: &Arc<Own>,
    watch: &Arc<IntoEvents>,
    (clock, ids): (Arc<dyn Clock>, Arc<dyn IdGen>),
    folder: PathBuf,
) -> Arc<Bridges> {
    Arc::new(Bridges::new(Ports {
        home: Arc::clone(own) as _,
        watch: Arc::clone(watch) as _,
        clock,
        ids,
        folder,
    }))
}

/// All bridges.
#[derive(Serialize, ToSchema)]
struct BridgeList {
    /// How each of them is, by name.
    #[schema(value_type = Vec<Object>)]
    bridges: Vec<BridgeStatus>,
}

/// The routes about the broker; they need a caller.
pub fn routes(hub: Arc<Hub>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).with_state(hub)
}

/// Lists the bridges to other brokers, and how they are.
#[utoipa::path(
    get, path = "/v1/bridges", tag = "bridges", operation_id = "listBridges",
    responses(
        (status = 200, description = "all bridges", body = BridgeList),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(State(hub): State<Arc<Hub>>, caller: Caller) -> Reply<Json<BridgeList>> {
    caller.require(&action::THING_READ, "")?;
    let bridges = hub.bridges().status();
    Ok(Json(BridgeList { bridges }))
}
