//! The policies that hold where the team has written none.

/// The name under which the built-in policies are listed.
pub(crate) const FILE: &str = "built-in";

/// Each role may do what belongs to it and to the roles before it.
pub(crate) const ROLES: &str = r#"@id("viewer")
@description("A viewer reads what the team shares.")
permit (principal in Role::"viewer", action in Action::"viewer", resource);

@id("developer")
@description("A developer builds and ships services, and sends events.")
permit (principal in Role::"developer", action in Action::"developer", resource);

@id("operator")
@description("An operator runs the platform.")
permit (principal in Role::"operator", action in Action::"operator", resource);

@id("owner")
@description("An owner decides who belongs to the team and what may be erased.")
permit (principal in Role::"owner", action in Action::"owner", resource);
"#;

/// What holds while a file cannot be read and was never readable: it may have forbidden something.
pub(crate) const UNREADABLE: &str = r#"@id("unreadable-file")
@description("A policy file cannot be read, so that only owners may do anything until it is mended.")
forbid (principal, action, resource) unless { principal in Role::"owner" };
"#;
