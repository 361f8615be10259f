//! Weights that change while requests pass.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::Gateway;
use crate::error::GatewayError;

/// The greatest weight.
const MOST: u32 = 10_000;

impl Gateway {
    /// Gives targets of an upstream new weights, which count from the next request on. Targets that are not named keep theirs.
    ///
    /// # Errors
    /// There is no such upstream or target, or no weight above 0 would be left.
    pub fn set_weights(
        &self,
        upstream: &str,
        weights: &BTreeMap<String, u32>,
    ) -> Result<(), GatewayError> {
        let table = self.core.table.load();
        let unknown = || GatewayError::Unknown {
            kind: "upstream",
            name: upstream.into(),
        };
        let upstream = table.upstreams.get(upstream).ok_or_else(unknown)?;
        let now = upstream
            .targets
            .iter()
            .map(|target| (target.url.as_str(), target.weight.load(Ordering::Relaxed)));
        let new = merge(&now.collect::<Vec<_>>(), weights)?;
        for (target, weight) in upstream.targets.iter().zip(new) {
            target.weight.store(weight, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Requests that are under way at a target of an upstream; 0 where there is none of this URL.
    #[must_use]
    pub fn in_flight(&self, upstream: &str, url: &str) -> u32 {
        let table = self.core.table.load();
        let targets = table.upstreams.get(upstream).map(|one| &one.targets);
        let mut targets = targets.into_iter().flatten();
        let target = targets.find(|target| target.url == url);
        target.map_or(0, |target| target.in_flight())
    }

    /// Gives the sides of a route's split new weights, which count from the next request on.
    ///
    /// # Errors
    /// There is no such route or side, or no weight above 0 would be left.
    pub fn set_split(
        &self,
        route: &str,
        weights: &BTreeMap<String, u32>,
    ) -> Result<(), GatewayError> {
        let table = self.core.table.load();
        let unknown = || GatewayError::Unknown {
            kind: "route",
            name: route.into(),
        };
        let route = table
            .routes
            .iter()
            .find(|entry| entry.name == route)
            .ok_or_else(unknown)?;
        let now = route.sides.iter().map(|side| {
            (
                side.upstream.name.as_str(),
                side.weight.load(Ordering::Relaxed),
            )
        });
        let new = merge(&now.collect::<Vec<_>>(), weights)?;
        for (side, weight) in route.sides.iter().zip(new) {
            side.weight.store(weight, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn merge(now: &[(&str, u32)], weights: &BTreeMap<String, u32>) -> Result<Vec<u32>, GatewayError> {
    if let Some(name) = weights
        .keys()
        .find(|name| !now.iter().any(|(known, _)| known == name))
    {
        return Err(GatewayError::Weights(format!(
            "`{name}` is not one of those that have weights here"
        )));
    }
    let new: Vec<u32> = now
        .iter()
        .map(|(name, weight)| weights.get(*name).copied().unwrap_or(*weight))
        .collect();
    if new.iter().any(|&weight| weight > MOST) || new.iter().all(|&weight| weight == 0) {
        return Err(GatewayError::Weights(format!(
            "weights are from 0 to {MOST}, and one has to be above 0"
        )));
    }
    Ok(new)
}
