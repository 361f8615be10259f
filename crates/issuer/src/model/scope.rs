//! Scopes: what a token may be used for.

/// Asks for an ID token.
pub(crate) const OPENID: &str = "openid";
/// Asks for the groups and the role of the person.
pub(crate) const GROUPS: &str = "groups";
/// Asks for a refresh token.
pub(crate) const OFFLINE: &str = "offline_access";

/// The scopes that have a meaning here; a client may have others, which mean something to the services that check its tokens.
pub(crate) const STANDARD: [&str; 5] = [OPENID, "profile", "email", GROUPS, OFFLINE];

/// The scopes in `text`, each once, in the order of their first appearance.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !scopes.iter().any(|known| known == word) {
            scopes.push(word.into());
        }
    }
    scopes
}

/// The scopes as they are written in a request, an answer and a token.
pub(crate) fn join(scopes: &[String]) -> String {
    scopes.join(" ")
}

/// The scopes that make sense without a person.
pub(crate) fn without_people(scopes: Vec<String>) -> Vec<String> {
    let mut scopes = scopes;
    scopes.retain(|scope| !STANDARD.contains(&scope.as_str()));
    scopes
}

/// Whether `scope` is made of the characters that RFC 6749 allows.
pub(super) fn is_well_formed(scope: &str) -> bool {
    let allowed =
        |byte: u8| byte == 0x21 || (0x23..=0x5b).contains(&byte) || (0x5d..=0x7e).contains(&byte);
    (1..=64).contains(&scope.len()) && scope.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_words_each_once() {
        assert_eq!(split("openid  email openid "), ["openid", "email"]);
        assert_eq!(
            without_people(split("openid orders:read email")),
            ["orders:read"]
        );
        assert!(is_well_formed("orders:read") && !is_well_formed("a b"));
        assert!(!is_well_formed("") && !is_well_formed("a\"b") && !is_well_formed("a\\b"));
    }
}
