//! Lists in pages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::AwsError;

/// Which page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Behind what it begins; empty for the first.
    pub(crate) after: String,
    /// How many entries it may have.
    pub(crate) count: usize,
}

/// What is handed out where a page ended.
pub(crate) fn token(after: &str) -> String {
    STANDARD.encode(after)
}

/// What was handed out where an earlier page ended.
pub(crate) fn read_token(token: &str) -> Result<String, AwsError> {
    let bytes = STANDARD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(wrong_token)
}

/// Said of a token that was never handed out.
pub(crate) fn wrong_token() -> AwsError {
    AwsError::invalid("the token is not one that an earlier page gave")
}

impl Page {
    /// The page out of all entries, which are in the order of their keys, and the token for the next.
    pub(crate) fn of<T>(
        &self,
        all: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let later = |entry: &T| self.after.is_empty() || key(entry) > self.after;
        let mut entries: Vec<T> = all.into_iter().filter(later).take(self.count + 1).collect();
        let more = entries.len() > self.count;
        entries.truncate(self.count);
        let next = entries
            .last()
            .filter(|_| more)
            .map(|last| token(&key(last)));
        (entries, next)
    }

    /// How many entries to ask for, to see whether there are more.
    pub(crate) fn one_more(&self) -> u32 {
        u32::try_from(self.count + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let all = ["a", "b", "c", "d", "e"];
        let mut page = Page {
            after: String::new(),
            count: 2,
        };
        let mut seen = Vec::new();
        loop {
            let (entries, next) = page.of(all.to_vec(), ToString::to_string);
            assert!(entries.len() <= 2);
            seen.extend(entries);
            let Some(next) = next else { break };
            page.after = read_token(&next).unwrap();
        }
        assert_eq!(seen, all);
        assert!(read_token("%").is_err() && read_token("/w==").is_err());
    }
}
