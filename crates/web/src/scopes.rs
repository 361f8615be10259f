//! A decision without policies.

use trunkline_model::Role;

use crate::{Authorize, Decision, Question};

/// Decides by the credential's ceiling and the holder's role alone, as where no policy was ever written.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopesAlone;

impl Authorize for ScopesAlone {
    fn judge(&self, question: &Question<'_>) -> Decision {
        match ceiling(question) {
            Decision::Allow if question.who.role >= question.action.role => Decision::Allow,
            Decision::Allow => Decision::Deny(missing_role(question)),
            denied @ Decision::Deny(_) => denied,
        }
    }

    fn teams(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Whether the credential may be used for the action at all, whatever its holder may do.
#[must_use]
pub fn ceiling(question: &Question<'_>) -> Decision {
    let Question { who, action, .. } = question;
    if who.may(action.scope) {
        return Decision::Allow;
    }
    Decision::Deny(format!(
        "{who} may not do `{}`{} without the scope `{}`",
        action.name,
        object(question),
        action.scope.name()
    ))
}

fn missing_role(question: &Question<'_>) -> String {
    let Question { who, action, .. } = question;
    let (needed, is): (Role, Role) = (action.role, who.role);
    format!(
        "{who} may not do `{}`{}: that needs the role {needed}, and its role is {is}",
        action.name,
        object(question)
    )
}

fn object(question: &Question<'_>) -> String {
    if question.resource.is_empty() {
        String::new()
    } else {
        format!(" to `{}`", question.resource)
    }
}

#[cfg(test)]
mod tests {
    use trunkline_model::{Principal, PrincipalKind, Scope, action};

    use super::*;
    use crate::ClientAddress;

    fn decide(who: &Principal, action: &'static action::ActionType) -> Decision {
        ScopesAlone.decide(&Question {
            who,
            action,
            resource: "events",
            team: None,
            client: ClientAddress::UNKNOWN,
        })
    }

    #[test]
    fn a_credential_never_does_more_than_its_scopes() {
        let reader = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Read]);
        assert!(decide(&reader, &action::TABLE_READ).is_allowed());
        assert!(!decide(&reader, &action::EVENT_SEND).is_allowed());
        assert_eq!(
            decide(&reader, &action::TABLE_ERASE),
            Decision::Deny(
                "ci (tok_1) may not do `table.erase` to `events` without the scope `owner`".into()
            )
        );
        assert!(decide(&Principal::platform(), &action::TABLE_ERASE).is_allowed());
    }

    #[test]
    fn a_session_with_every_scope_does_what_its_role_may() {
        let mut person = Principal::new(PrincipalKind::Account, "acc_1", "ann", vec![Scope::Owner]);
        person.role = Role::Viewer;
        assert!(decide(&person, &action::TABLE_READ).is_allowed());
        assert_eq!(
            decide(&person, &action::TABLE_ERASE),
            Decision::Deny(
                "ann (acc_1) may not do `table.erase` to `events`: that needs the role owner, and its role is viewer"
                    .into()
            )
        );
    }
}
