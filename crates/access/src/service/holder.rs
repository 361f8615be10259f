//! What the rooms that judge and vouch for people ask: who is called what, which teams there are, how a session began.

use std::sync::PoisonError;

use trunkline_model::{Principal, Timestamp};
use trunkline_web::ClientAddress;

use super::Access;
use crate::store::{principal_called, session_begun, team_names};
use crate::{AccessError, SessionId};

/// How a session began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBegun {
    /// Its id.
    pub id: SessionId,
    /// When its person signed in.
    pub at: Timestamp,
    /// How: `password`, `totp`, `recovery_code`, `passkey`, `link`, `invitation`, `token`, or the id of an issuer.
    pub method: String,
}

impl Access {
    /// The names of all teams, as they were at most a second ago.
    #[must_use]
    pub fn team_names(&self) -> Vec<String> {
        self.team_names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the names of all teams for [`Self::team_names`].
    pub(super) async fn read_team_names(&self) -> Result<(), AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        let names = team_names(&mut reader).await?;
        *self
            .team_names
            .write()
            .unwrap_or_else(PoisonError::into_inner) = names;
        Ok(())
    }

    /// The person, service account or token with the id, the e-mail address or the name `name`, in this order. Of several tokens of one
    /// name it is the newest.
    ///
    /// # Errors
    /// [`AccessError::Store`] when they cannot be read.
    pub async fn principal_called(&self, name: &str) -> Result<Option<Principal>, AccessError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(principal_called(&mut reader, name).await?)
    }

    /// How the live session with the cookie `cookie` began; nothing where it is none of a person.
    ///
    /// # Errors
    /// [`AccessError::Store`] when it cannot be read.
    pub async fn session_begun(&self, cookie: &str) -> Result<Option<SessionBegun>, AccessError> {
        let known = match self.look_up_session(cookie, ClientAddress::UNKNOWN).await {
            Ok(known) => known,
            Err(AccessError::BadCredential) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut reader = self.store.readers().acquire().await?;
        Ok(session_begun(&mut reader, &known.id).await?)
    }
}
