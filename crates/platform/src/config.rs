//! The whole configuration, section by section.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_access::AccessConfig;
use trunkline_api::{ApiConfig, PgwireConfig};
use trunkline_artifact::ArtifactConfig;
use trunkline_ingest::IngestConfig;
use trunkline_lake::LakeConfig;
use trunkline_log::LogConfig;
use trunkline_store::StoreConfig;
use trunkline_web::WebConfig;

/// `trunkline.toml`. Every section and every key may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who may come in, and how.
    pub access: AccessConfig,
    /// Whose tokens the gateway takes, and how much their holders may ask for.
    pub admission: trunkline_edge::AdmissionConfig,
    /// The console and the HTTP API.
    pub api: ApiConfig,
    /// Images for updates over the air.
    pub artifacts: ArtifactConfig,
    /// Git hosting, the landing queue and the tasks of changes.
    pub forge: trunkline_forge::ForgeConfig,
    /// The API gateway.
    pub gateway: trunkline_gateway::GatewayConfig,
    /// What is taken in and what is refused.
    pub ingest: IngestConfig,
    /// The OpenID provider with which services sign people in.
    pub issuer: trunkline_issuer::IssuerConfig,
    /// The tables and SQL.
    pub lake: LakeConfig,
    /// Large files of repositories.
    pub lfs: trunkline_lfs::LfsConfig,
    /// The event log.
    pub log: LogConfig,
    /// Mirrors of repositories elsewhere.
    pub mirror: trunkline_mirror::MirrorConfig,
    /// The MQTT broker.
    pub mqtt: trunkline_hub::MqttConfig,
    /// OpenTelemetry.
    pub otlp: OtlpConfig,
    /// SQL over the PostgreSQL protocol.
    pub pgwire: PgwireConfig,
    /// Services: what runs of the trunks.
    pub run: trunkline_run::RunConfig,
    /// The control state.
    pub store: StoreConfig,
    /// Limits that hold for every HTTP address.
    pub web: WebConfig,
    /// The team's files.
    pub workspace: WorkspaceConfig,
}

/// Where the files lie by which the team says how the platform is to behave: policies, routes, API documents.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceConfig {
    /// The folder, usually a checkout of the team's repository; `workspace` in the data directory where it is empty. It need not be
    /// there, and changes take effect at once.
    pub folder: String,
}

/// Where OpenTelemetry data is taken, on the ports that its exporters try first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OtlpConfig {
    /// Address and port for OTLP over HTTP; empty is off. The API's own port takes OTLP too.
    pub listen: String,
    /// Address and port for OTLP over gRPC; empty is off.
    pub grpc_listen: String,
}

impl Default for OtlpConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:4318".into(),
            grpc_listen: "127.0.0.1:4317".into(),
        }
    }
}
