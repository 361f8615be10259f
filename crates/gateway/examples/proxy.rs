//! Serves one route file without accounts, limits or events, for measurements:
//! `cargo run --release --example proxy -- routes.toml 127.0.0.1:7080 [threads]`.

use std::error::Error;
use std::sync::Arc;

use trunkline_gateway::{Gateway, GatewayConfig, Ports, RouteFile};
use trunkline_model::{RandomIds, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(listen)) = (arguments.next(), arguments.next()) else {
        return Err("usage: proxy FILE ADDRESS [THREADS]".into());
    };
    let config = GatewayConfig {
        listen: listen.parse()?,
        workers: arguments.next().map_or(Ok(0), |text| text.parse())?,
        connections_per_address: 16_384,
        ..GatewayConfig::default()
    };
    let gateway = Gateway::new(
        config,
        Ports::default(),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    )?;
    let text = std::fs::read_to_string(&path)?;
    let problems = gateway.apply(&[RouteFile { name: path, text }]);
    if !problems.is_empty() {
        return Err(format!("{problems:?}").into());
    }
    let _running = gateway.start()?;
    std::future::pending().await
}
