//! Requests to the sample's shop through the gateway, good and bad ones.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use trunkline_model::IdGen;

use crate::Target;
use crate::chance::Chance;

/// How often the shop is asked.
const EVERY: Duration = Duration::from_millis(400);

/// Asks through the gateway, whose address and key `gateway` has, until it is told to stop.
pub async fn ask(gateway: Target, ids: Arc<dyn IdGen>, stop: CancellationToken) {
    let client = reqwest::Client::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let chance = Chance(&*ids);
        let at = |path: &str| format!("{}{path}", gateway.base);
        let item = ["lamp", "chair", "table", "shelf"][chance.below(4) as usize];
        let good = json!({"item": item, "quantity": 1 + chance.below(5)});
        let request = match chance.below(20) {
            // Nobody said who it is.
            0 => client.get(at("/orders")),
            // The document wants at least one.
            1 => client
                .post(at("/orders"))
                .bearer_auth(&gateway.token)
                .json(&json!({"item": item, "quantity": 0})),
            2 => client.get(at("/shop/coupons")),
            3..8 => client
                .post(at("/orders"))
                .bearer_auth(&gateway.token)
                .json(&good),
            8..12 => client.get(at(&format!("/shop/orders/{}", 1 + chance.below(40)))),
            _ => client
                .get(at("/orders?limit=5"))
                .bearer_auth(&gateway.token),
        };
        if let Err(error) = request.send().await {
            tracing::debug!(%error, "the sample's shop was not reached");
        }
    }
}
