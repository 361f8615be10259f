//! Teams, invitations, service accounts and what people prove themselves with.

use serde::{Deserialize, Serialize};
use trunkline_model::{Role, Timestamp};
use utoipa::ToSchema;

use super::{InvitationId, PasskeyId, ServiceId};
use trunkline_proof::Secret;

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Member {
    /// The account's id.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Who belongs to it, in the order of their names.
    pub members: Vec<Member>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// An invitation that is neither used nor too old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    #[schema(value_type = String, example = "inv_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: InvitationId,
    /// The email of who is invited, where it is known.
    #[schema(required = true)]
    pub email: Option<String>,
    /// What who is invited will be.
    #[schema(value_type = String, example = "developer")]
    pub role: Role,
    /// The teams that it will belong to.
    pub teams: Vec<String>,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// The name of who made it.
    pub by: String,
}

/// An invitation as who holds its code sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvitationLook {
    /// The email that the account will have; null where it may be chosen.
    #[schema(required = true)]
    pub email: Option<String>,
    /// What the account will be.
    #[schema(value_type = String, example = "developer")]
    pub role: Role,
    /// The teams that it will belong to.
    pub teams: Vec<String>,
    /// When it stops being good.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// The name of who made it.
    pub invited_by: String,
}

/// An invitation that was made, with its code for the only time.
#[derive(Debug)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The code that joins once.
    pub code: Secret,
    /// When it stops being good.
    pub expires: Timestamp,
}

impl NewInvitation {
    /// The link's address where people reach the platform at `base`. The code stands in the fragment, which a browser sends to nobody.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        format!(
            "{}/join#invitation={}",
            base.trim_end_matches('/'),
            self.code.reveal()
        )
    }
}

/// A link to set a new password, with its code for the only time.
#[derive(Debug)]
pub struct NewReset {
    /// The code that sets a password once.
    pub code: Secret,
    /// When it stops being good.
    pub expires: Timestamp,
}

impl NewReset {
    /// The link's address where people reach the platform at `base`.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        format!(
            "{}/reset#code={}",
            base.trim_end_matches('/'),
            self.code.reveal()
        )
    }
}

/// What shall be different about a person; what is missing stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonChange {
    /// 1 to 64 letters, digits, spaces, `.`, `_` or `-`.
    pub name: Option<String>,
    /// An email that no other account has.
    pub email: Option<String>,
    /// `viewer`, `developer`, `operator` or `owner`.
    #[schema(value_type = Option<String>)]
    pub role: Option<Role>,
    /// Whether it may not come in any more.
    pub disabled: Option<bool>,
}

/// An account of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceAccount {
    /// Its id.
    #[schema(value_type = String, example = "svc_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: ServiceId,
    /// The name that people know it by.
    pub name: String,
    /// What it is in the team.
    #[schema(value_type = String, example = "developer")]
    pub role: Role,
    /// The teams that it belongs to.
    pub teams: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Whether its tokens are worthless.
    pub disabled: bool,
}

/// A passkey as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PasskeyEntry {
    /// Its id.
    #[schema(value_type = String, example = "psk_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: PasskeyId,
    /// The name that its person gave it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it last signed in; null where it never did.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used: Option<Timestamp>,
}
