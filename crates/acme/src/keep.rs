//! When a certificate is ordered.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trunkline_model::Clock;

use crate::AcmeConfig;
use crate::order::{Failed, order, stale_nonce};
use crate::{Challenges, files};

/// The most time until the certificate is looked at again.
const LOOK: Duration = Duration::from_secs(12 * 3_600);
/// The wait after an order that failed, doubled each time: servers count failures.
const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3_600);
/// How many orders in a row a server may refuse for their nonce alone. It asks for nothing but another try, and counts none of them.
const NONCES: usize = 5;

/// Has a certificate at hand for the names of `acme`, until the listeners close.
pub async fn keep(
    acme: AcmeConfig,
    challenges: Arc<Challenges>,
    clock: Arc<dyn Clock>,
    closing: CancellationToken,
) {
    let mut wait = FIRST_WAIT;
    loop {
        let rest = files::rest(&acme, clock.now()).unwrap_or_default();
        let pause = if rest.is_zero() {
            let ordered = tokio::select! {
                ordered = try_order(&acme, &challenges) => ordered,
                () = closing.cancelled() => return,
            };
            challenges.clear();
            match ordered {
                Ok(()) => {
                    tracing::info!(names = ?acme.names, "the gateway has a new certificate");
                    wait = FIRST_WAIT;
                    // One that is due again at once, because its life is short or a clock is wrong, is not ordered without a pause.
                    let rest = files::rest(&acme, clock.now()).unwrap_or_default();
                    rest.clamp(FIRST_WAIT, LOOK)
                }
                Err(error) => {
                    tracing::warn!(%error, names = ?acme.names, again_in = ?wait, "no certificate was had from the ACME server");
                    let pause = wait;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    pause
                }
            }
        } else {
            rest.min(LOOK)
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.cancelled() => return,
        }
    }
}

/// Orders until the server does more than refuse a nonce.
async fn try_order(acme: &AcmeConfig, challenges: &Challenges) -> Result<(), Failed> {
    for _ in 1..NONCES {
        match order(acme, challenges).await {
            Err(error) if stale_nonce(error.as_ref()) => {}
            ordered => return ordered,
        }
    }
    order(acme, challenges).await
}
