//! Whether a sender may send what it sends.

use crate::error::Refusal;

/// Says whether the sender may send events of a type.
pub(crate) type MaySend<'a> = &'a dyn Fn(&str) -> Result<(), Refusal>;
