//! Sending mail by SMTP.

use std::fmt;
use std::time::Duration;

use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::{MailConfig, MailTls};

/// How long one step of the conversation with the server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail in plain text.
pub struct Letter {
    /// The address that it goes to.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// A mail carries a secret, so its text is never shown.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter(..)")
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// It cannot be written as a mail.
    #[error("the mail cannot be written")]
    Message(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server did not take it.
    #[error("the mail server did not take the mail: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
}

impl MailError {
    /// The kind of failure, without what the server said: that may quote an address.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Config(_) => "mail is not configured as it must be",
            Self::Message(_) => "the mail cannot be written",
            Self::Server(error) if error.is_permanent() => "the server refused it",
            Self::Server(error) if error.is_transient() => "the server does not take it now",
            Self::Server(error) if error.is_timeout() => "the server did not answer in time",
            Self::Server(error) if error.is_tls() => "the connection cannot be made secret",
            Self::Server(_) => "the server cannot be reached",
        }
    }
}

/// Sends mails through one server.
pub struct Mailer {
    from: Mailbox,
    server: AsyncSmtpTransport<Tokio1Executor>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// A mailer as it is configured; nothing is sent yet.
    ///
    /// # Errors
    /// [`MailError::Config`] when the sender is no address or the password cannot be read.
    pub fn new(config: &MailConfig) -> Result<Self, MailError> {
        let wrong =
            |what: &str, error: &dyn fmt::Display| MailError::Config(format!("{what}: {error}"));
        let from = config.from.parse().map_err(|error| wrong("from", &error))?;
        let tls = |needed: fn(TlsParameters) -> Tls| {
            TlsParameters::new(config.host.clone())
                .map(needed)
                .map_err(|error| wrong("tls", &error))
        };
        let (tls, port) = match config.tls {
            MailTls::Starttls => (tls(Tls::Required)?, 587),
            MailTls::Tls => (tls(Tls::Wrapper)?, 465),
            MailTls::None => (Tls::None, 25),
        };
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some(user) = &config.username {
            let password = match &config.password_file {
                Some(file) => {
                    std::fs::read_to_string(file).map_err(|error| wrong("password_file", &error))?
                }
                None => String::new(),
            };
            server = server.credentials(Credentials::new(user.clone(), password.trim_end().into()));
        }
        Ok(Self {
            from,
            server: server.build(),
        })
    }

    /// Sends one mail and waits until the server has taken it.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let to: Mailbox = letter
            .to
            .parse()
            .map_err(|error| MailError::Message(Box::new(error)))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .singlepart(SinglePart::plain(letter.text.clone()))
            .map_err(|error| MailError::Message(Box::new(error)))?;
        self.server.send(message).await?;
        Ok(())
    }
}
