//! Active health checks.

use std::sync::{Arc, Weak};

use http::{Request, header};

use super::pool::Sender;
use super::{Target, Upstream};
use crate::proxy::UpBody;

/// Checks the targets of an upstream until nobody uses it any more.
pub(crate) async fn watch(upstream: Weak<Upstream>) {
    let mut runs: Vec<(bool, u32)> = Vec::new();
    loop {
        let every = {
            let Some(upstream) = upstream.upgrade() else {
                return;
            };
            let every = upstream.rule.health.as_ref().map(|rule| rule.every.0);
            runs.resize(upstream.targets.len(), (true, 0));
            if every.is_some() {
                let checks = upstream
                    .targets
                    .iter()
                    .map(|target| check(&upstream, target));
                let results = futures::future::join_all(checks).await;
                for ((target, run), well) in upstream.targets.iter().zip(&mut runs).zip(results) {
                    judge(&upstream, target, run, well);
                }
            }
            upstream
                .targets
                .iter()
                .for_each(|target| target.pool.sweep());
            every.unwrap_or(std::time::Duration::from_secs(30))
        };
        tokio::time::sleep(every).await;
    }
}

fn judge(upstream: &Upstream, target: &Target, run: &mut (bool, u32), well: bool) {
    let Some(rule) = &upstream.rule.health else {
        return;
    };
    *run = if run.0 == well {
        (well, run.1.saturating_add(1))
    } else {
        (well, 1)
    };
    let first = target.state() == super::TargetState::Unknown;
    let needed = if well {
        rule.healthy_after
    } else {
        rule.unhealthy_after
    };
    if run.1 >= needed || (first && well) {
        target.set_healthy(well);
    }
}

/// Whether the target answers its health path with a 2xx, on a connection of its own.
async fn check(upstream: &Upstream, target: &Arc<Target>) -> bool {
    let Some(rule) = &upstream.rule.health else {
        return true;
    };
    tokio::time::timeout(rule.timeout.0, ask(upstream, target, rule.path.get_ref()))
        .await
        .unwrap_or(false)
}

async fn ask(upstream: &Upstream, target: &Target, path: &str) -> bool {
    let Ok(sender) = upstream.connect(target).await else {
        return false;
    };
    let request = |uri: String| {
        Request::get(uri)
            .header(header::USER_AGENT, "trunkline-health")
            .body(UpBody::Empty)
    };
    let answer = match sender {
        Sender::Http1(mut sender) => {
            let Ok(mut request) = request(path.into()) else {
                return false;
            };
            request
                .headers_mut()
                .insert(header::HOST, target.authority.clone());
            sender.send_request(request).await
        }
        Sender::Http2(mut sender) => {
            let authority = target.authority.to_str().unwrap_or_default();
            let Ok(request) = request(format!("http://{authority}{path}")) else {
                return false;
            };
            sender.send_request(request).await
        }
    };
    answer.is_ok_and(|answer| answer.status().is_success())
}
