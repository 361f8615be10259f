//! What is simulated, and against which broker.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use trunkline_behaviour::Model;

use crate::fault::{Fault, FaultKind, Who};

/// How a device shows who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// By its name as the user and this as the password.
    Secret(String),
    /// By a certificate; this needs TLS.
    Certificate {
        /// The certificate, and those between it and its authority, in PEM.
        chain: String,
        /// Its private key in PEM.
        key: String,
    },
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(..)",
            Self::Certificate { .. } => "Certificate { .. }",
        })
    }
}

/// A device as it connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The thing's name, which is the client id too.
    pub name: String,
    /// How it shows that it is that.
    pub proof: Proof,
}

/// Where devices connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// The name or address; over TLS, what the broker's certificate is for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken: the certificates, in PEM, of the authorities that are trusted.
    pub tls: Option<String>,
}

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How the devices behave.
    pub model: Model,
    /// The devices, all of the model's kind; at most 10,000.
    pub devices: Vec<Credential>,
    /// Where they connect to.
    pub broker: Broker,
    /// What everything that is drawn depends on.
    pub seed: u64,
    /// How many times faster than the real one the time of the simulation goes; 1 is real time.
    pub speed: f64,
    /// Whether a device that connects first takes over what its twin reported last, where its model can; or else it begins anew.
    pub resume: bool,
    /// How many steps the work on a job takes.
    pub job_steps: u32,
    /// The share of jobs, from 0 to 1, that fail.
    pub failing: f64,
    /// What is wrong with some of the devices.
    pub faults: Vec<Fault>,
}

impl Plan {
    /// Devices at most.
    pub const DEVICES: usize = 10_000;
    /// Faults at most.
    pub const FAULTS: usize = 32;
    /// How long a step takes at least in real time.
    pub const PERIOD: Duration = Duration::from_millis(10);

    /// A plan in real time, without faults, in which all jobs succeed after three steps.
    #[must_use]
    pub const fn new(model: Model, devices: Vec<Credential>, broker: Broker, seed: u64) -> Self {
        Self {
            model,
            devices,
            broker,
            seed,
            speed: 1.0,
            resume: true,
            job_steps: 3,
            failing: 0.0,
            faults: Vec::new(),
        }
    }

    /// How long a step takes in real time.
    pub(crate) fn period(&self) -> Result<Duration, PlanError> {
        let seconds = self.model.every().as_secs_f64() / self.speed;
        let good = self.speed.is_finite() && self.speed > 0.0;
        let period = Duration::try_from_secs_f64(seconds).ok().filter(|_| good);
        let period = period.ok_or(PlanError::Speed)?;
        if period < Self::PERIOD {
            return Err(PlanError::TooFast);
        }
        Ok(period)
    }

    /// Whether it can be simulated.
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        if self.devices.is_empty() {
            return Err(PlanError::NoDevices);
        }
        if self.devices.len() > Self::DEVICES {
            return Err(PlanError::TooManyDevices);
        }
        let mut names = HashSet::new();
        for Credential { name, proof } in &self.devices {
            if !is_name(name) {
                return Err(PlanError::Name(name.clone()));
            }
            if !names.insert(name.as_str()) {
                return Err(PlanError::Twice(name.clone()));
            }
            if matches!(proof, Proof::Certificate { .. }) && self.broker.tls.is_none() {
                return Err(PlanError::CertificateWithoutTls(name.clone()));
            }
        }
        if !(0.0..=1.0).contains(&self.failing) {
            return Err(PlanError::Failing);
        }
        if self.faults.len() > Self::FAULTS {
            return Err(PlanError::TooManyFaults);
        }
        let mut faults = self.faults.iter();
        faults.try_for_each(|fault| self.check_fault(fault, &names))
    }

    fn check_fault(&self, fault: &Fault, names: &HashSet<&str>) -> Result<(), PlanError> {
        if fault.lasts.is_zero() || fault.lasts > fault.every {
            return Err(PlanError::FaultTime);
        }
        match &fault.who {
            Who::Share(share) if !(0.0..=1.0).contains(share) => return Err(PlanError::Share),
            Who::Share(_) => {}
            Who::Things(things) => {
                let mut things = things.iter();
                if let Some(stranger) = things.find(|thing| !names.contains(thing.as_str())) {
                    return Err(PlanError::Stranger(stranger.clone()));
                }
            }
        }
        let kind = self.model.kind();
        match &fault.kind {
            FaultKind::Silent => Ok(()),
            FaultKind::Drift { per_hour, .. } if !per_hour.is_finite() => Err(PlanError::Drift),
            FaultKind::Drift { field, .. } => {
                known("field", field, self.model.fields().map(Into::into), kind)
            }
            FaultKind::Stuck { input, .. } => {
                known("input", &input.join("."), self.model.inputs(), kind)
            }
        }
    }
}

fn known(
    what: &'static str,
    name: &str,
    all: impl Iterator<Item = String>,
    kind: &str,
) -> Result<(), PlanError> {
    let all: Vec<String> = all.collect();
    if all.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(PlanError::Unknown {
        what,
        name: name.into(),
        kind: kind.into(),
        known: all.join(", "),
    })
}

/// Whether a thing may be called `name`, as AWS has it.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(plain)
}

/// Why a plan cannot be simulated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is nobody to be simulated.
    #[error("there is no device to be simulated")]
    NoDevices,
    /// There are more devices than are simulated at once.
    #[error("at most {} devices are simulated at once", Plan::DEVICES)]
    TooManyDevices,
    /// No thing is called so.
    #[error("`{0}` is no name of a thing: 1 to 128 letters, digits, `:`, `_` and `-`")]
    Name(String),
    /// Two devices have one name, and each would take the other's connection.
    #[error("the device `{0}` is there twice")]
    Twice(String),
    /// The device cannot show its certificate.
    #[error("the device `{0}` has a certificate, which needs TLS: name the broker as mqtts://")]
    CertificateWithoutTls(String),
    /// A certificate, a key, or what is trusted is none.
    #[error("{whose}: {reason}")]
    Certificate {
        /// Whose it is.
        whose: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The broker cannot be named so.
    #[error("`{0}` cannot be the name of a broker")]
    Host(String),
    /// The speed is none.
    #[error("a speed is a number above 0; 1 is real time")]
    Speed,
    /// The steps would follow one another too fast.
    #[error("a step would take less than {} ms of real time: take a lower speed", Plan::PERIOD.as_millis())]
    TooFast,
    /// The share of failing jobs is none.
    #[error("the share of jobs that fail is 0 to 1")]
    Failing,
    /// There are more faults than can be had.
    #[error("a plan has at most {} faults", Plan::FAULTS)]
    TooManyFaults,
    /// A fault has no end or no beginning.
    #[error("a fault lasts longer than no time, and no longer than until it comes again")]
    FaultTime,
    /// The share of devices is none.
    #[error("the share of devices that have a fault is 0 to 1")]
    Share,
    /// The drift is no finite number.
    #[error("a drift is a number by the hour")]
    Drift,
    /// A fault is for a device that is not simulated.
    #[error("a fault is for `{0}`, which is not simulated")]
    Stranger(String),
    /// A fault is in something that the model does not have.
    #[error("things of the kind `{kind}` have no {what} `{name}`, only: {known}")]
    Unknown {
        /// A field or an input.
        what: &'static str,
        /// What is not there.
        name: String,
        /// The model's kind.
        kind: String,
        /// What is there.
        known: String,
    },
}
