//! SQL over HTTP.

mod cell;
mod format;
mod http;
mod model;

pub(crate) use cell::{cell, column_type, row_object};
pub(crate) use http::*;
