//! Mails that the platform sends to people.

use std::sync::Arc;

use super::Access;
use crate::events::MailFailed;
use crate::{AccessError, Account, NewInvitation};
use trunkline_mail::Letter;
use trunkline_proof::fold_email;

impl Access {
    /// Mails an invitation after the answer, and says whether that is possible at all.
    pub fn mail_invitation(
        self: &Arc<Self>,
        email: &str,
        invitation: &NewInvitation,
        base: &str,
        by: &str,
    ) -> bool {
        let (Some(_), Ok(to)) = (&self.mailer, fold_email(email)) else {
            return false;
        };
        let Ok(turn) = Arc::clone(&self.mailing).try_acquire_owned() else {
            return false;
        };
        let letter = Letter {
            to,
            subject: format!("{by} invites you to Trunkline"),
            text: format!(
                "{by} invites you to the team's Trunkline.\n\nOpen this address to join. It is good once, until {}:\n\n{}\n\n\
                 If you do not know what this is about, you need not do anything.\n",
                invitation.expires,
                invitation.url(base),
            ),
        };
        let (access, subject) = (Arc::clone(self), invitation.id.to_string());
        tokio::spawn(async move {
            if let Err(error) = access.send(&letter, "invitation", &subject).await {
                tracing::warn!(%error, "an invitation was not mailed");
            }
            drop(turn);
        });
        true
    }

    /// Mails a reset link.
    pub(super) async fn send_reset(&self, account: &Account, url: &str) -> Result<(), AccessError> {
        let Some(to) = account.email.clone() else {
            return Ok(());
        };
        let letter = Letter {
            to,
            subject: "Set a new password for Trunkline".into(),
            text: format!(
                "Hello {},\n\nsomebody, hopefully you, asked to set a new password for Trunkline.\n\nOpen this address to do so. It is \
                 good once and for an hour:\n\n{url}\n\nIf it was not you, you need not do anything: your password stays as it is.\n",
                account.name,
            ),
        };
        self.send(&letter, "password reset", &account.id.to_string())
            .await
    }

    /// Sends a mail; a failure is written as an event.
    async fn send(&self, letter: &Letter, about: &str, subject: &str) -> Result<(), AccessError> {
        let Some(mailer) = &self.mailer else {
            return Ok(());
        };
        let Err(error) = mailer.send(letter).await else {
            return Ok(());
        };
        let reason = error.reason();
        tracing::warn!(%error, about, subject, reason, "a mail was not sent");
        let now = self.clock.now();
        let payload = MailFailed {
            about,
            subject,
            reason,
        };
        let mut transaction = self.store.begin().await?;
        self.record(&mut transaction, subject, now, &payload)
            .await?;
        Ok(transaction.commit().await?)
    }
}
