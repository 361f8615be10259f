//! Models and plans.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use trunkline_behaviour::{Model, shipped};
use trunkline_model::SystemClock;
use trunkline_simulator::{Broker, Credential, Plan, Proof, Simulation, Totals};

/// A model that comes with the platform.
pub(crate) fn shipped_model(kind: &str) -> Model {
    let file = format!("behaviour/{kind}.toml");
    let files = shipped();
    let (name, text) = files.iter().find(|(name, _)| *name == file).unwrap();
    Model::read(name, text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A model of the kind `toy` with a step of 100 ms, an input `speed` and a counter.
pub(crate) fn toy() -> Model {
    let text = r#"
kind = "toy"
every = "100ms"
[inputs]
speed = { default = 1, min = 0, max = 10 }
[variables]
count = { start = 0, next = "count + 1" }
[states.slow]
transitions = [{ when = "speed > 5", to = "fast" }]
[states.fast]
transitions = [{ when = "speed <= 5", to = "slow" }]
[report]
speed = "speed"
state = "state"
total = { value = "count", change = 1000000 }
[telemetry]
topic = "dt/{thing}/telemetry"
[telemetry.fields]
count = "count"
level = "speed + uniform(0, 0.5)"
state = "state"
"#;
    Model::read("behaviour/toy.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A device with a secret.
pub(crate) fn device(name: &str) -> Credential {
    Credential {
        name: name.into(),
        proof: Proof::Secret(format!("secret of {name}")),
    }
}

pub(crate) fn plan(names: &[&str], port: u16) -> Plan {
    let broker = Broker {
        host: "127.0.0.1".into(),
        port,
        tls: None,
    };
    let devices = names.iter().map(|name| device(name)).collect();
    Plan::new(toy(), devices, broker, 7)
}

/// A simulation that runs until it is dropped or stopped.
pub(crate) struct Running {
    stop: CancellationToken,
    totals: tokio::sync::watch::Receiver<Totals>,
    task: JoinHandle<Totals>,
}

impl Running {
    pub(crate) fn start(plan: &Plan) -> Self {
        let simulation = Simulation::new(plan, Arc::new(SystemClock)).unwrap();
        let (stop, totals) = (CancellationToken::new(), simulation.totals());
        Self {
            task: tokio::spawn(simulation.run(stop.clone())),
            stop,
            totals,
        }
    }

    /// Waits until the totals are as they are wanted.
    pub(crate) async fn until(&mut self, wanted: impl FnMut(&Totals) -> bool) -> Totals {
        let found = self.totals.wait_for(wanted);
        if let Ok(totals) = tokio::time::timeout(Duration::from_secs(30), found).await {
            return totals.unwrap().clone();
        }
        panic!("it did not come to that: {:?}", self.totals.borrow());
    }

    pub(crate) async fn stop(self) -> Totals {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}
