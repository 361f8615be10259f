//! Letting the devices live.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use trunkline_behaviour::{Model, shipped};
use trunkline_model::Clock;
use trunkline_simulator::sample::{faults, fleet};
use trunkline_simulator::{Broker, Plan, Simulation};

use super::registry::Registry;
use super::surroundings::{self, KINDS};
use crate::Target;

/// What everything that is drawn depends on: the sample is the same everywhere.
const SEED: u64 = 2026;

/// Registers the devices of the sample at `target`, and lets them live at the broker that listens at `broker` until `stop`.
///
/// # Errors
/// A device cannot be registered, or cannot be simulated.
pub async fn run(
    target: Target,
    broker: SocketAddr,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let registry = Registry::new(target);
    let mut simulations = JoinSet::new();
    for kind in KINDS {
        let file = format!("behaviour/{kind}.toml");
        let (name, text) = shipped()
            .into_iter()
            .find(|(name, _)| *name == file)
            .with_context(|| format!("there is no model for the kind `{kind}`"))?;
        let model =
            Model::read(name, text).map_err(|problems| anyhow::anyhow!("{file}: {problems:?}"))?;
        let mut devices = Vec::new();
        for thing in fleet().iter().filter(|thing| thing.kind == kind) {
            devices.push(registry.credential(thing).await?);
        }
        let broker = Broker {
            host: broker.ip().to_string(),
            port: broker.port(),
            tls: None,
        };
        let mut plan = Plan::new(model, devices, broker, SEED);
        plan.faults = faults(kind);
        let simulation = Simulation::new(&plan, Arc::clone(&clock))?;
        simulations.spawn(simulation.run(stop.clone()));
    }
    surroundings::make(&registry).await?;
    while simulations.join_next().await.is_some() {}
    Ok(())
}
