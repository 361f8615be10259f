//! Expressions as flat programs.

mod emit;
mod operation;
mod run;

pub(crate) use emit::Emitter;
pub(crate) use operation::{Binary, Operation, Unary};
pub(crate) use run::{Program, World};
