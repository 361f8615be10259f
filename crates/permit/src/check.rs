//! Asking what somebody else may do, and why.

use serde::Serialize;
use trunkline_model::{Principal, action};
use trunkline_web::{ClientAddress, Question};
use utoipa::ToSchema;

use crate::{PermitError, Permits};

/// What somebody may do, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// Whether it may be done.
    pub allowed: bool,
    /// Who was asked about.
    pub principal: CheckedPrincipal,
    /// What was to be done.
    pub action: String,
    /// The thing that it was to be done to.
    pub resource: String,
    /// The policies that decided.
    pub policies: Vec<CheckedPolicy>,
    /// Why not, where it may not.
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// Somebody who was asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedPrincipal {
    /// Its id.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
    /// What it is in the team.
    #[schema(value_type = String, example = "developer")]
    pub role: trunkline_model::Role,
    /// The teams that it belongs to.
    pub teams: Vec<String>,
    /// The ceiling of its credential.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<trunkline_model::Scope>,
}

/// A policy that decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedPolicy {
    /// Its id.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// The line on which it begins.
    #[schema(required = true)]
    pub line: Option<usize>,
    /// The policy itself, in Cedar.
    pub text: String,
}

impl Permits {
    /// What `who`, an id, an address or a name, may do. Nothing is noted: it is only asked.
    ///
    /// # Errors
    /// [`PermitError::ActionUnknown`] and [`PermitError::PrincipalUnknown`] where a word means nothing.
    pub async fn check(
        &self,
        who: &str,
        action: &str,
        resource: &str,
    ) -> Result<Checked, PermitError> {
        let action = action::find(action)
            .ok_or_else(|| PermitError::ActionUnknown(action.chars().take(64).collect()))?;
        let principal = self
            .holders
            .called(who)
            .await
            .map_err(PermitError::Holders)?
            .ok_or_else(|| PermitError::PrincipalUnknown(who.chars().take(64).collect()))?;
        let (table, team) = match (action.resource, resource.split_once('/')) {
            ("Rows", Some((table, team))) => (table, Some(team)),
            _ => (resource, None),
        };
        let verdict = self.verdict(&Question {
            who: &principal,
            action,
            resource: table,
            team,
            client: ClientAddress::UNKNOWN,
        });
        let book = self.book();
        let policies = verdict.policies.iter();
        Ok(Checked {
            allowed: verdict.reason.is_none(),
            action: action.name.into(),
            resource: resource.into(),
            policies: policies
                .filter_map(|id| book.policies.policy(id))
                .map(|policy| CheckedPolicy {
                    id: policy.id.clone(),
                    file: policy.file.clone(),
                    line: policy.line,
                    text: policy.text.clone(),
                })
                .collect(),
            reason: verdict.reason.map(|reason| reason.to_string()),
            principal: principal.into(),
        })
    }
}

impl From<Principal> for CheckedPrincipal {
    fn from(principal: Principal) -> Self {
        Self {
            id: principal.id,
            name: principal.name,
            role: principal.role,
            teams: principal.teams,
            scopes: principal.scopes,
        }
    }
}
