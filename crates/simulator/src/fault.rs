//! Devices that are not well, so that there is something to be seen.

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::chance::unit;
use crate::path;

/// What is wrong with a device.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Its connection breaks, and it says nothing.
    Silent,
    /// A sensor is off by more and more: the field of its telemetry, and the member of its report that is called the same.
    Drift {
        /// The field.
        field: String,
        /// By how much more each hour.
        per_hour: f64,
    },
    /// It acts as if this were wanted of it, whatever is: a pump that does not slow down overheats.
    Stuck {
        /// Where the input stands in `desired`.
        input: Vec<String>,
        /// What the device takes for it.
        value: Value,
    },
}

/// Which devices have a fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Who {
    /// A share from 0 to 1 of all, drawn by the seed and their names.
    Share(f64),
    /// These.
    Things(Vec<String>),
}

/// A fault that comes and goes.
///
/// As a text it is what is wrong, who has it, and what that needs: `silent:5%`, `drift:2%:temperature=3`, `stuck:pump-7,pump-9:speed=3000`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// With whom.
    pub who: Who,
    /// How often it comes, in the time of the simulation. Devices have it at different times.
    pub every: Duration,
    /// How long it stays each time.
    pub lasts: Duration,
}

/// A text that is no fault.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fault: {reason}")]
pub struct FaultError {
    text: String,
    reason: &'static str,
}

impl Fault {
    /// How often a fault comes that does not say it.
    pub const EVERY: Duration = Duration::from_secs(1_800);
    /// How long a fault stays that does not say it.
    pub const LASTS: Duration = Duration::from_secs(300);

    /// A fault that comes as often and stays as long as usual.
    #[must_use]
    pub const fn new(kind: FaultKind, who: Who) -> Self {
        Self {
            kind,
            who,
            every: Self::EVERY,
            lasts: Self::LASTS,
        }
    }

    /// What of it `thing` has, if anything.
    pub(crate) fn of(&self, seed: u64, thing: &str) -> Option<Attack> {
        let name = match &self.kind {
            FaultKind::Silent => "silent",
            FaultKind::Drift { field, .. } => field,
            FaultKind::Stuck { input, .. } => input.first()?,
        };
        let has = match &self.who {
            Who::Share(share) => unit(seed, &[thing, name, "who"]) < *share,
            Who::Things(things) => things.iter().any(|one| one == thing),
        };
        let every = self.every.as_secs_f64();
        has.then(|| Attack {
            kind: self.kind.clone(),
            shift: unit(seed, &[thing, name, "when"]) * every,
            every,
            well: every - self.lasts.as_secs_f64(),
        })
    }
}

/// A fault of one device.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attack {
    pub(crate) kind: FaultKind,
    shift: f64,
    every: f64,
    /// Seconds of each turn before it begins.
    well: f64,
}

impl Attack {
    /// For how many seconds the device has had it, `seconds` after its start; nothing where it is well.
    pub(crate) fn since(&self, seconds: f64) -> Option<f64> {
        let turn = (seconds + self.shift) % self.every;
        (turn >= self.well).then_some(turn - self.well)
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).map_err(|reason| FaultError {
            text: text.chars().take(80).collect(),
            reason,
        })
    }
}

fn read(text: &str) -> Result<Fault, &'static str> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let who = who(parts.next().ok_or("say who has it, such as silent:5%")?)?;
    let rest = parts.next();
    let setting = || {
        let (name, value) = rest?.split_once('=')?;
        (!name.is_empty()).then_some((name, value))
    };
    let kind = match name {
        "silent" if rest.is_none() => FaultKind::Silent,
        "silent" => return Err("silence needs nothing more, such as silent:5%"),
        "drift" => {
            let (field, value) = setting().ok_or("such as drift:2%:temperature=3, by the hour")?;
            let per_hour: f64 = value
                .parse()
                .map_err(|_| "a drift is a number by the hour")?;
            FaultKind::Drift {
                field: field.into(),
                per_hour,
            }
        }
        "stuck" => {
            let (input, value) = setting().ok_or("such as stuck:2%:speed=3000")?;
            let text = || Value::String(value.into());
            FaultKind::Stuck {
                input: path::read(input).ok_or("such as stuck:2%:speed=3000")?,
                value: serde_json::from_str(value).unwrap_or_else(|_| text()),
            }
        }
        _ => return Err("there are `silent`, `drift` and `stuck`"),
    };
    Ok(Fault::new(kind, who))
}

fn who(text: &str) -> Result<Who, &'static str> {
    if let Some(number) = text.strip_suffix('%') {
        let share: f64 = number.parse().map_err(|_| "a share is 0% to 100%")?;
        let share = share / 100.0;
        let good = (0.0..=1.0).contains(&share);
        return good
            .then_some(Who::Share(share))
            .ok_or("a share is 0% to 100%");
    }
    let things: Vec<String> = text.split(',').map(Into::into).collect();
    if things.iter().any(String::is_empty) {
        return Err("say who has it: a share such as 5%, or names with `,` between them");
    }
    Ok(Who::Things(things))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn faults_are_read() {
        let read = |text: &str| text.parse::<Fault>().unwrap();
        let silent = read("silent:5%");
        assert_eq!(silent, Fault::new(FaultKind::Silent, Who::Share(0.05)));
        let drift = read("drift:pump-1,pump-2:temperature=-1.5");
        assert_eq!(
            drift.who,
            Who::Things(vec!["pump-1".into(), "pump-2".into()])
        );
        assert!(matches!(
            drift.kind,
            FaultKind::Drift { per_hour: -1.5, .. }
        ));
        let stuck = |input: &[&str], value| FaultKind::Stuck {
            input: input.iter().map(|name| (*name).into()).collect(),
            value,
        };
        assert_eq!(
            read("stuck:100%:motor.speed=3000").kind,
            stuck(&["motor", "speed"], json!(3000))
        );
        assert_eq!(
            read("stuck:0%:mode=a:b").kind,
            stuck(&["mode"], json!("a:b"))
        );
    }

    #[test]
    fn what_is_no_fault_is_told() {
        for (text, reason) in [
            ("", "say who"),
            ("silent", "say who"),
            ("silent:", "say who"),
            ("silent:101%", "a share"),
            ("silent:x%", "a share"),
            ("silent:NaN%", "a share"),
            ("silent:5%:a=1", "silence needs nothing"),
            ("drift:5%", "such as drift"),
            ("drift:5%:temperature=much", "a drift is"),
            ("stuck:5%:=1", "such as stuck"),
            ("stuck:5%:a..b=1", "such as stuck"),
            ("broken:5%", "there are"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.reason.starts_with(reason), "{text}: {error}");
        }
    }

    #[test]
    fn it_comes_and_goes_at_a_time_of_its_own() {
        let fault = Fault::new(FaultKind::Silent, Who::Share(0.25));
        let names: Vec<String> = (0..1_000).map(|number| format!("pump-{number}")).collect();
        let attacks: Vec<Attack> = names.iter().filter_map(|name| fault.of(7, name)).collect();
        assert!((200..300).contains(&attacks.len()), "{}", attacks.len());
        assert_eq!(
            attacks[0],
            names.iter().find_map(|name| fault.of(7, name)).unwrap()
        );
        for attack in &attacks {
            let ill = (0..1_800).filter(|second| attack.since(f64::from(*second)).is_some());
            assert!((299..=301).contains(&ill.count()));
        }
        let ill = attacks.iter().filter(|attack| attack.since(60.0).is_some());
        assert!((20..70).contains(&ill.count()));
        let named = Fault::new(FaultKind::Silent, Who::Things(vec!["a".into()]));
        assert!(named.of(1, "a").is_some() && named.of(1, "b").is_none());
        assert_eq!(
            Attack {
                shift: 0.0,
                ..named.of(1, "a").unwrap()
            }
            .since(1_600.0),
            Some(100.0)
        );
    }
}
