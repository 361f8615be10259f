//! From MQTT messages to rows of tables, by rules that the team keeps as files in its workspace.
//!
//! A rule is a TOML file, such as `telemetry/pump.toml`:
//!
//! ```toml
//! topic = "dt/+/telemetry"          # an MQTT filter
//! table = "pump_readings"
//! format = "json"                   # or cbor, sparkplug-b, text, raw
//! each = "readings[*]"              # a row for each element of this array
//! where = "payload.site = 'hall 3' and temperature > -50"
//!
//! [columns]
//! device = { from = "thing()", comment = "The pump." }
//! temperature = { from = "temperature", type = "float", unit = "celsius", required = true }
//! pressure = "pressure"
//! at = { from = "ts", type = "timestamp", format = "milliseconds" }
//! ```
//!
//! * `topic` is a filter as a subscription has it. Whatever it is, a message on `$aws/rules/<rule>/<rest>` goes to the rule whose file
//!   is `<rule>.toml` and to no other; its functions then see `<rest>` as the topic. A rule that takes nothing else says
//!   `topic = "$aws/rules/<rule>/#"`.
//! * `format` says how payloads are read. Without it they are JSON, or CBOR where the message's content type says so.
//! * A path leads into the payload: `a.b[0]."a key with blanks"`. With `each`, it begins at the element, and `payload.a` at the payload.
//! * `where` keeps a row where it is true. It has SQL's three-valued logic: what is missing, or of another kind than that which it is
//!   compared with, is unknown.
//! * A column that is only a path, or that has no `type`, has the type of its function; a path has `json`, which keeps whatever comes.
//! * A column called `time` gives the row its time; without one, that is when the message was received.
//! * A timestamp is a text of RFC 3339, or a number in the `format` that the column says: `seconds`, `milliseconds`, `microseconds` or
//!   `nanoseconds` since 1970. A string takes whole numbers too, and an integer takes `5.0`.
//! * The row is refused, with a reason, where a required column has no value or a value does not fit its column.
//! * Several rules may write one table where their columns are the same, in whatever order.
//!
//! Functions: `topic()`, `topic(n)` counted from 1, `thing()`, `client()`, `principal()`, `content_type()`, `timestamp()`, `payload()`,
//! and with `each`, `item()` and `index()` counted from 0.
//!
//! Nothing here does I/O: the caller hands over files and messages, and takes rows.

mod apply;
mod cell;
mod decode;
mod expression;
mod filter;
mod fit;
mod limits;
mod message;
mod problem;
mod rule;
mod rules;
mod table;
mod time_format;
mod value;

pub use cell::{Cell, Row};
pub use decode::{AliasLimits, Aliases};
pub use limits::Limits;
pub use message::{Failure, Message};
pub use problem::{Problem, RuleFile};
pub use rules::{Reserved, Rules};
pub use table::{Column, ColumnKind, Table};
