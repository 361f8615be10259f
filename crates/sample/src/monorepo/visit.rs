//! Visitors of the service that is run.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// How often somebody comes.
const EVERY: Duration = Duration::from_millis(100);

/// Visits the shop's page at the gateway, whose address is `base`, until it is told to stop.
pub async fn visit(base: String, stop: CancellationToken) {
    let client = reqwest::Client::new();
    let address = format!("{base}/storefront/");
    while stop
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        // Before the first release serves there is nothing here.
        if let Err(error) = client.get(&address).send().await {
            tracing::debug!(%error, "the sample's page was not reached");
        }
    }
}
