//! Mail by SMTP: one server, letters in plain text.

mod config;
mod mailer;

pub use config::{MailConfig, MailTls};
pub use mailer::{Letter, MailError, Mailer};
