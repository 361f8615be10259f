//! Which files of the workspace each room wants.

use std::sync::Arc;

use trunkline_behaviour::Models;
use trunkline_edge::RouteFiles;
use trunkline_gateway::RouteFile;
use trunkline_hub::{BridgeFile, Hub, RuleFile, TopicRules};
use trunkline_permit::{Permits, PolicyFile};
use trunkline_portal::{ApiFile, Portal};
use trunkline_workspace::{Kind, WorkspaceFile};

/// The team's policies.
pub(super) fn policies(permits: Arc<Permits>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| PolicyFile { name, text })
            .collect();
        permits.apply(&files);
    };
    Kind::new("policies", &[".cedar"], Box::new(apply))
}

/// The services' API documents: `apis/<service>/openapi.yaml`, or `.yml` or `.json`.
pub(super) fn documents(portal: Arc<Portal>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .filter_map(|file| {
                let service = file.name.split('/').nth(1)?.to_owned();
                Some(ApiFile {
                    service,
                    text: file.text,
                })
            })
            .collect();
        portal.apply(&files);
    };
    let endings = &["/openapi.yaml", "/openapi.yml", "/openapi.json"];
    Kind::new("apis", endings, Box::new(apply))
}

/// The gateway's routes.
pub(super) fn routes(routes: Arc<RouteFiles>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| RouteFile { name, text })
            .collect();
        for problem in routes.set_workspace(files) {
            let (file, line, what) = (problem.file, problem.line, problem.text);
            tracing::warn!(file, line, what, "a route file is not used");
        }
    };
    Kind::new("gateway", &[".toml"], Box::new(apply))
}

/// The rules that make rows of MQTT messages.
pub(super) fn topic_rules(rules: Arc<TopicRules>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| RuleFile { name, text });
        rules.apply(files.collect());
    };
    Kind::new("telemetry", &[".toml"], Box::new(apply))
}

/// The bridges to other brokers.
pub(super) fn bridges(hub: Arc<Hub>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| BridgeFile { name, text })
            .collect();
        for problem in hub.bridges().put(&files) {
            tracing::warn!(%problem, "a bridge's file is not used");
        }
    };
    Kind::new("bridge", &[".toml"], Box::new(apply))
}

/// How devices of each kind behave.
pub(super) fn behaviour(models: Arc<Models>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| (name, text))
            .collect();
        for problem in models.apply(&files) {
            tracing::warn!(%problem, "a behaviour model is not used, and the one before holds on");
        }
    };
    Kind::new("behaviour", &[".toml"], Box::new(apply))
}
