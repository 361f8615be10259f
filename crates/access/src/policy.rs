//! What a principal may do, by its scopes.

use async_trait::async_trait;
use trunkline_model::{Principal, Scope};
use trunkline_web::{Authorize, Decision};

/// Decides by scope alone: an action whose verb is `read` or `list` needs `read`, `send` needs `write`, and every other one, known or
/// not, needs `owner`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopePolicy;

#[async_trait]
impl Authorize for ScopePolicy {
    async fn allowed(&self, who: &Principal, action: &str, resource: &str) -> Decision {
        let verb = action.rsplit_once('.').map_or("", |(_, verb)| verb);
        let (scope, name) = match verb {
            "read" | "list" => (Scope::Read, "read"),
            "send" => (Scope::Write, "write"),
            _ => (Scope::Owner, "owner"),
        };
        if who.may(scope) {
            return Decision::Allow;
        }
        let object = if resource.is_empty() {
            String::new()
        } else {
            format!(" to `{resource}`")
        };
        Decision::Deny(format!(
            "{who} may not do `{action}`{object} without the scope `{name}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::PrincipalKind;

    #[tokio::test]
    async fn whatever_is_not_known_needs_an_owner() {
        let reader = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Read]);
        for (action, allowed) in [
            ("table.read", true),
            ("query.list", true),
            ("event.send", false),
            ("table.erase", false),
            ("read", false),
            ("", false),
        ] {
            assert_eq!(
                ScopePolicy.allowed(&reader, action, "").await.is_allowed(),
                allowed,
                "{action}"
            );
        }
        let reason = ScopePolicy.allowed(&reader, "table.erase", "events").await;
        assert_eq!(
            reason,
            Decision::Deny(
                "ci (tok_1) may not do `table.erase` to `events` without the scope `owner`".into()
            )
        );
        assert!(
            ScopePolicy
                .allowed(&Principal::platform(), "table.erase", "events")
                .await
                .is_allowed()
        );
    }
}
