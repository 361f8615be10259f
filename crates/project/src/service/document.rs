//! The document itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::manifest::{Manifest, Wrong};
use crate::model::Ecosystem;

use super::{Deploy, Health, Rollback, Route, Run, Scale, check};

/// What a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// It answers requests.
    #[default]
    Http,
    /// It works by itself and never ends.
    Worker,
    /// It is started, works and ends.
    Job,
    /// It is files.
    Static,
    /// It runs on devices.
    Firmware,
}

/// A `service.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name: small letters, digits and `-`, at most 63, as a host name has them.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: ServiceKind,
    /// Who answers for it: a team as `@name`, or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How it is built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<ServiceTask>,
    /// How it is tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<ServiceTask>,
    /// Its other tasks, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub task: BTreeMap<String, ServiceTask>,
    /// How it is run; one without it is built and tested, and runs elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// How many of it there are.
    #[serde(default)]
    pub scale: Scale,
    /// How it is asked whether it is well.
    #[serde(default)]
    pub health: Health,
    /// Where it is reached.
    #[serde(default)]
    pub route: Route,
    /// How a release of it comes to be.
    #[serde(default)]
    pub deploy: Deploy,
    /// When a release of it is taken back.
    #[serde(default)]
    pub rollback: Rollback,
}

/// Something that is run for a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTask {
    /// The command, for a shell.
    pub cmd: String,
    /// Patterns of the files that it reads, relative to the service; all of its folder where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// Patterns of the files that it makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// The variables of the environment that it sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// What has to be there for it, such as `postgres`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// How long it may take, such as `5m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

pub(crate) fn read(text: &str, _folder: &str) -> Result<Manifest, Wrong> {
    let service: Service = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    if !is_name(&service.name) {
        let problem = format!(
            "`{}` is no name: small letters, digits and `-`, at most 63, beginning with a letter",
            service.name
        );
        return Err(problem.into());
    }
    check::check(&service)?;
    let mut manifest = Manifest::new(Ecosystem::Service);
    manifest.name = Some(service.name.clone());
    manifest.service = Some(Box::new(service));
    Ok(manifest)
}

fn is_name(name: &str) -> bool {
    let fits =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    name.len() <= 63
        && name.bytes().all(fits)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::super::{Rule, Size};
    use super::*;
    use crate::manifest::tests;

    #[test]
    fn a_name_is_enough() {
        let service = tests::read("a/service.toml", "name = \"billing\"")
            .service
            .unwrap();
        assert_eq!(
            (service.name.as_str(), service.kind),
            ("billing", ServiceKind::Http)
        );
    }

    #[test]
    fn all_can_be_said() {
        let text = r#"
            name = "billing"
            kind = "worker"
            owner = "@payments"
            [build]
            cmd = "cargo build -r -p billing"
            inputs = ["src/**"]
            outputs = ["bin/billing"]
            env = ["RUSTFLAGS"]
            [test]
            cmd = "cargo nextest run -p billing"
            needs = ["postgres"]
            timeout = "5m"
            [task.lint]
            cmd = "cargo clippy"
            [run]
            cmd = "./billing"
            memory = "256M"
            [deploy]
            steps = ["5% 2m", "25% 5m"]
            [rollback]
            rules = ["errors", "slow"]
            data = "contract"
        "#;
        let service = tests::read("service.toml", text).service.unwrap();
        assert_eq!(service.test.unwrap().needs, ["postgres"]);
        assert_eq!(service.task["lint"].cmd, "cargo clippy");
        assert_eq!(service.run.unwrap().memory, Some(Size(256 << 20)));
        assert_eq!(service.deploy.steps[1].percent, 25);
        assert_eq!(service.rollback.rules, [Rule::Errors, Rule::Slow]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = |text: &str| {
            Manifest::read("service.toml", text.as_bytes())
                .unwrap_err()
                .to_string()
        };
        assert!(wrong("name = \"a\"\nknd = \"http\"").contains("`knd`"));
        assert!(wrong("name = \"a\"\n[build]\ncmd = 7").starts_with("service.toml:3: "));
        assert!(wrong("name = \"a\"\n[deploy]\nbake = \"5\"").starts_with("service.toml:3: "));
        for (text, what) in [
            ("[run]\nmemory = \"1G\"", "needs `cmd`"),
            ("kind = \"job\"\n[run]\ncmd = \"./a\"", "`http` or `worker`"),
            ("[run]\ncmd = \"./a\"\nenv = { PORT = \"1\" }", "`PORT`"),
            ("[scale]\nmin = 0", "`min`"),
            ("[run]\ncmd = \"./a\"\ndriver = \"oci\"", "`driver`"),
            ("[route]\nauth = [\"jwtt\"]", "`auth`"),
            ("[route]\nhost = \"a b\"", "`host`"),
            ("[deploy]\nsteps = [\"25% 1m\", \"5% 1m\"]", "go up"),
            ("[deploy]\nsteps = []", "at least one"),
            ("[rollback]\nalpha = 0.0", "alpha"),
            ("[route]\npath = \"shop\"", "begins with `/`"),
        ] {
            let text = format!("name = \"a\"\n{text}");
            assert!(wrong(&text).contains(what), "{text}: {}", wrong(&text));
        }
        for name in ["", "A", "-a", "a-", "1a", "a_b"] {
            assert!(
                wrong(&format!("name = \"{name}\"")).contains("no name"),
                "{name}"
            );
        }
    }
}
