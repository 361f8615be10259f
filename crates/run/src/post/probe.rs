//! Asking an instance whether it is well.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use trunkline_project::service::{Health, ServiceKind};

use super::instance::Pulse;

/// How often one is asked that is not well yet.
const SOON: Duration = Duration::from_millis(25);
/// How often one is asked that is well.
const LATER: Duration = Duration::from_secs(2);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Answers in a row that are missing until one that was well is not.
const MISSED: u32 = 3;
/// How long what takes no requests has to run until it is taken for well.
const SETTLED: Duration = Duration::from_millis(500);

/// Asks again and again, and notes what comes of it.
pub(super) async fn probe(
    kind: ServiceKind,
    health: Health,
    port: u16,
    pulse: Arc<Pulse>,
    wake: Arc<Notify>,
) {
    if kind != ServiceKind::Http {
        // Whether it has ended, the driver tells.
        tokio::time::sleep(SETTLED).await;
        pulse.well.store(true, Ordering::Relaxed);
        return wake.notify_one();
    }
    let (mut good, mut bad) = (0, 0);
    loop {
        if !pulse.asleep.load(Ordering::Relaxed) {
            let answered = tokio::time::timeout(PATIENCE, ask(port, health.path.as_deref())).await;
            // One that was stopped in between could not answer.
            if pulse.asleep.load(Ordering::Relaxed) {
                continue;
            }
            if answered.is_ok_and(|answered| answered) {
                (good, bad) = (good + 1, 0);
            } else {
                (good, bad) = (0, bad + 1);
            }
        }
        let well = pulse.well.load(Ordering::Relaxed);
        let now = if well {
            bad < MISSED
        } else {
            good >= health.answers
        };
        if now != well {
            pulse.well.store(now, Ordering::Relaxed);
            wake.notify_one();
        }
        tokio::time::sleep(if now { LATER } else { SOON }).await;
    }
}

async fn ask(port: u16, path: Option<&str>) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    let Some(path) = path else {
        return true;
    };
    let request = hyper::Request::get(path)
        .header(hyper::header::HOST, format!("127.0.0.1:{port}"))
        .header(hyper::header::USER_AGENT, "trunkline-health")
        .body(Empty::<Bytes>::new());
    let Ok(request) = request else {
        return false;
    };
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let Ok((mut sender, connection)) = shaken else {
        return false;
    };
    let mut answer = std::pin::pin!(sender.send_request(request));
    let answered = tokio::select! {
        answered = &mut answer => answered,
        // Who closes behind the answer has answered.
        _closed = connection => answer.await,
    };
    answered.is_ok_and(|answered| answered.status().is_success())
}
