//! `trunkline api`.
