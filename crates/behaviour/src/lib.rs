//! How devices behave: models that a fleet can be simulated with, and that say what a real device should report.
//!
//! A model is a TOML file of the workspace, such as `behaviour/pump.toml`:
//!
//! ```toml
//! kind = "pump"                       # the type of the things that it describes
//! every = "5s"                        # how long a step is
//!
//! [parameters]
//! ambient = 21
//! warming = 0.06
//!
//! [inputs]                            # from the section `desired` of the twin
//! speed = { default = 1500, min = 0, max = 3000 }
//!
//! [variables]
//! temperature = { start = "ambient", next = "temperature + dt * (warming * speed / 100 - (temperature - ambient) / 60)" }
//!
//! [states.running]                    # the first one is where it begins
//! transitions = [{ when = "temperature > 90", to = "overheated" }]
//!
//! [states.overheated]
//! transitions = [{ when = "temperature < 60 and in_state > 30", to = "running" }]
//!
//! [report]                            # to the section `reported` of the twin, what has changed
//! state = "state"
//! temperature = { value = "round(temperature, 1)", change = 0.5 }
//!
//! [telemetry]
//! topic = "dt/{thing}/telemetry"      # `{kind}` is there too
//!
//! [telemetry.fields]
//! temperature = "round(temperature + noise(0.2), 2)"
//! ```
//!
//! * A step updates the variables in the order of the file, then looks at the transitions of the present state in their order and takes
//!   the first that is true, then makes the report and the telemetry. A name means the newest value, `previous(name)` the one before
//!   the step.
//! * An expression has numbers, `true` and `false`, `+ - * / %`, `= != < <= > >=`, `and or not`, and the functions `if(c, a, b)`,
//!   `min`, `max`, `abs`, `sin`, `cos`, `exp`, `log`, `sqrt`, `power`, `floor`, `ceil`, `round(x, digits)`, `clamp(x, least, most)`,
//!   `noise(sigma)`, `uniform(least, most)`, `chance(p)` and `previous(variable)`. Where there are states, `state = 'running'` asks for
//!   the present one and `in_state` for the seconds in it. `t` is the seconds since the start at the end of the step, `dt` those of the
//!   step, and `pi` is what it is. Only the chosen branch of `if`, and the part of `and` and `or` that decides, is reckoned.
//! * A start sees parameters and the variables above it; a bound, a default and a `change` only parameters.
//! * An expression in which something has no finite number, such as a division by zero, has no value: the variable keeps the one it
//!   had, a start is 0, a condition is not met, and a field or a part of the report is left out. Neither NaN nor infinity ever leaves a
//!   model, nor stays in it. What is larger than the bounds `min` and `max` of a variable is the bound.
//! * Whole numbers are written without a fraction, so that a reported 1500 is the desired 1500.
//!
//! Randomness is a function of the seed, the thing's name, the step, and the place in the model: the same seed gives the same bytes on
//! every machine, in whatever order devices are stepped, and from any step on that a state was kept of.
//!
//! A [`Watch`] runs a model beside a real device, without chance: from each report to the next, with what was wanted of the device meanwhile.
//! [`Models`] has one for each kind of things.
//!
//! Nothing here does I/O, and time is an argument.

mod draft;
mod expression;
mod limits;
mod model;
mod models;
mod problem;
mod program;
mod random;
mod shipped;
mod state;
mod watch;

pub use model::{Model, Prediction, Step, Transition};
pub use models::Models;
pub use problem::Problem;
pub use shipped::shipped;
pub use state::State;
pub use watch::{Residual, Twin, Watch};
