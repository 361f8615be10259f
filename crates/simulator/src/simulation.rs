//! Many devices at once.

use std::sync::Arc;

use rumqttc::v5::MqttOptions;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use trunkline_model::Clock;

use crate::device::{Device, Habits};
use crate::link::{Count, Doors, Drive, Pace};
use crate::{Plan, PlanError, Totals};

/// A plan that can be carried out.
#[derive(Debug)]
pub struct Simulation {
    devices: Vec<Ready>,
    clock: Arc<dyn Clock>,
    seed: u64,
    count: Count,
}

/// A device that has not connected yet.
struct Ready {
    device: Device,
    options: MqttOptions,
    pace: Pace,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The options have the secret.
        f.debug_struct("Ready")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Simulation {
    /// Prepares the devices of `plan`. Nothing connects before [`Simulation::run`].
    ///
    /// # Errors
    /// [`PlanError`] with the first thing that is wrong with the plan.
    pub fn new(plan: &Plan, clock: Arc<dyn Clock>) -> Result<Self, PlanError> {
        plan.check()?;
        let (period, doors) = (plan.period()?, Doors::to(&plan.broker)?);
        let (habits, many) = (Arc::new(Habits::of(plan)), plan.devices.len());
        let mut devices = Vec::with_capacity(many);
        for (number, credential) in plan.devices.iter().enumerate() {
            let faults = plan.faults.iter();
            let attacks = faults.filter_map(|fault| fault.of(plan.seed, &credential.name));
            let device = Device::new(Arc::clone(&habits), &credential.name, attacks.collect());
            devices.push(Ready {
                device,
                options: doors.options(credential)?,
                pace: Pace::of(number, many, period),
            });
        }
        let count = Count::new(Totals {
            started: clock.now(),
            devices: many,
            ..Totals::default()
        });
        Ok(Self {
            devices,
            clock,
            seed: plan.seed,
            count,
        })
    }

    /// What it has done so far; it changes whenever that does.
    #[must_use]
    pub fn totals(&self) -> watch::Receiver<Totals> {
        self.count.watch()
    }

    /// Lets all devices live until `stop`, and says what they did. They end their connections in good order, which takes two seconds at
    /// the most.
    pub async fn run(self, stop: CancellationToken) -> Totals {
        let mut tasks = JoinSet::new();
        for Ready {
            device,
            options,
            pace,
        } in self.devices
        {
            let drive = Drive {
                device,
                count: self.count.clone(),
                clock: Arc::clone(&self.clock),
                seed: self.seed,
                stop: stop.clone(),
            };
            tasks.spawn(drive.run(options, pace));
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a simulated device came to an end");
            }
        }
        self.count.totals()
    }
}
