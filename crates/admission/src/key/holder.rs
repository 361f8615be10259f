//! Whose API key it is.

/// Who holds an API key, and what the key is good for. Never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id, such as `tok_01J…`; limits and quotas are counted by it.
    pub id: String,
    /// The name that people gave the key.
    pub name: String,
    /// The name of its usage plan; without one the route's default holds.
    pub plan: Option<String>,
    /// What the key may be used for, such as `read`.
    pub scopes: Vec<String>,
    /// The account, service account or token in whose name it acts.
    pub principal_id: String,
    /// The teams of that principal, by name.
    pub teams: Vec<String>,
}
