//! Known vulnerabilities, from files of OSV JSON that lie beside the code.

mod database;
mod osv;

pub use database::Advisories;
pub(crate) use osv::Affected;
