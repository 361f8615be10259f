//! What comes in, and what is told of what could not be used.

use trunkline_model::Timestamp;

/// A message as a client published it. A text that is empty counts as one that is not there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// What it says.
    pub payload: &'a [u8],
    /// The client that sent it.
    pub client: Option<&'a str>,
    /// Who the client is.
    pub principal: Option<&'a str>,
    /// The device that it is, where it is one.
    pub thing: Option<&'a str>,
    /// When it was received.
    pub received: Timestamp,
    /// The type of the payload, where the sender says it.
    pub content_type: Option<&'a str>,
}

/// Something in a message that no row could be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule that wanted it; nothing where the message names a rule that there is not, or is a birth that no rule wants.
    pub rule: Option<String>,
    /// Why, in words for people. It is short, whatever the payload holds.
    pub reason: String,
}

/// A text of the payload, short enough for a reason.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 64;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_do_not_repeat_long_texts() {
        assert_eq!(shown("hot"), "`hot`");
        assert_eq!(shown(&"\u{e9}".repeat(65)).chars().count(), 64 + 3);
    }
}
