//! The platform, as `trunkline up` composes it.

use std::sync::Arc;

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use trunkline_model::{Clock, ManualClock, SystemClock};
use trunkline_platform::{Config, DataDir, Running, Settings, start};

/// A running platform that ends with the test.
#[derive(Debug)]
pub struct Node {
    /// The platform's clock, which begins at the real time and stands until it is moved.
    pub clock: Arc<ManualClock>,
    running: Running,
    client: reqwest::Client,
    token: String,
    _folder: TempDir,
}

impl Node {
    /// Starts a platform with the default configuration, on free ports.
    ///
    /// # Errors
    /// Whatever keeps it from starting.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Config::default()).await
    }

    /// Starts a platform with `config`; its ports are replaced by free ones.
    ///
    /// # Errors
    /// Whatever keeps it from starting.
    pub async fn with(mut config: Config) -> anyhow::Result<Self> {
        let free = || "127.0.0.1:0".to_owned();
        config.gateway.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        (config.api.listen, config.mqtt.listen, config.pgwire.listen) = (free(), free(), free());
        (config.otlp.listen, config.otlp.grpc_listen) = (free(), free());
        config.mqtt.tls_listen = free();
        let folder = tempfile::tempdir()?;
        let data_dir = DataDir::new(folder.path().join("data"));
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let mut settings = Settings::new(data_dir.clone(), config);
        settings.clock = Arc::clone(&clock) as _;
        let running = start(settings).await?;
        Ok(Self {
            clock,
            running,
            client: reqwest::Client::new(),
            token: data_dir
                .read_local_token()
                .context("the platform wrote no token")?,
            _folder: folder,
        })
    }

    /// Sends a request as the owner; gives the status and the answer.
    ///
    /// # Errors
    /// When there is no answer, or it is not JSON.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: String,
    ) -> anyhow::Result<(u16, Value)> {
        let answer = self
            .client
            .request(method, format!("http://{}{path}", self.running.api))
            .bearer_auth(&self.token)
            .header("content-type", media_type)
            .body(body)
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_slice(&answer.bytes().await?)?))
    }

    /// The rows of an SQL statement.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn sql(&self, query: &str) -> anyhow::Result<Vec<Value>> {
        let body = json!({ "query": query }).to_string();
        let (_, mut answer) = self
            .request(Method::POST, "/v1/sql", "application/json", body)
            .await?;
        match answer["rows"].take() {
            Value::Array(rows) => Ok(rows),
            _ => anyhow::bail!("{query}: {answer}"),
        }
    }

    /// Stops the platform as a service manager does.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}
