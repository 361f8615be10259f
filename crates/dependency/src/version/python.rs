//! Versions of Python packages (PEP 440).

use std::cmp::Ordering;

/// A version of a Python package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PythonVersion {
    epoch: u64,
    /// Without zeros at the end: `1.0` is `1`.
    release: Vec<u64>,
    phase: Phase,
    post: Option<u64>,
    /// A version in development comes before what it becomes.
    dev: Option<u64>,
    local: Vec<Part>,
}

type Key<'a> = (u64, &'a [u64], (bool, Phase), Option<u64>, u64, &'a [Part]);

/// Where before its release a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Alpha(u64),
    Beta(u64),
    Candidate(u64),
    Released,
}

/// A part of a local version; numbers come after words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    Number(u64),
}

impl PythonVersion {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (public, local) = text.split_once('+').unwrap_or((text, ""));
        let (epoch, mut rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, public),
        };
        let mut release = Vec::new();
        loop {
            release.push(number(&mut rest)?);
            match rest.strip_prefix('.') {
                Some(after) if after.starts_with(|letter: char| letter.is_ascii_digit()) => {
                    rest = after;
                }
                _ => break,
            }
        }
        while release.len() > 1 && release.last() == Some(&0) {
            release.pop();
        }
        let mut version = Self {
            epoch,
            release,
            phase: Phase::Released,
            post: None,
            dev: None,
            local: local_parts(local),
        };
        version.suffixes(rest)?;
        Some(version)
    }

    fn suffixes(&mut self, mut rest: &str) -> Option<()> {
        while !rest.is_empty() {
            // `1.0-1` is a post-release without its word.
            let bare = rest.starts_with('-');
            rest = rest.trim_start_matches(['.', '-', '_']);
            let end = rest
                .find(|letter: char| !letter.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after.trim_start_matches(['.', '-', '_']);
            let count = if rest.starts_with(|letter: char| letter.is_ascii_digit()) {
                number(&mut rest)?
            } else {
                rest = after;
                0
            };
            match word {
                "a" | "alpha" => self.phase = Phase::Alpha(count),
                "b" | "beta" => self.phase = Phase::Beta(count),
                "rc" | "c" | "pre" | "preview" => self.phase = Phase::Candidate(count),
                "post" | "rev" | "r" => self.post = Some(count),
                "" if bare => self.post = Some(count),
                "dev" => self.dev = Some(count),
                _ => return None,
            }
        }
        Some(())
    }

    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn major(&self) -> u64 {
        self.release.first().copied().unwrap_or_default()
    }

    /// What is compared, one after the other.
    fn key(&self) -> Key<'_> {
        // `1.dev1` comes before `1a1`, though it has no phase.
        let before_all = self.dev.is_some() && self.phase == Phase::Released && self.post.is_none();
        (
            self.epoch,
            &self.release,
            (!before_all, self.phase),
            self.post,
            self.dev.unwrap_or(u64::MAX),
            &self.local,
        )
    }
}

impl PartialOrd for PythonVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PythonVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Takes the number at the beginning of `rest`.
fn number(rest: &mut &str) -> Option<u64> {
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    let number = rest[..end].parse().ok()?;
    *rest = &rest[end..];
    Some(number)
}

fn local_parts(local: &str) -> Vec<Part> {
    let parts = local.split(['.', '-', '_']).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse()
                .map_or_else(|_| Part::Word(part.to_owned()), Part::Number)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> PythonVersion {
        PythonVersion::parse(text).unwrap()
    }

    #[test]
    fn versions_have_the_order_of_pep_440() {
        let order = [
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a1.post1",
            "1.0b2",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+5",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.0.1",
            "1.10",
            "2",
            "1!0.1",
        ];
        for (place, one) in order.iter().enumerate() {
            for other in &order[place + 1..] {
                assert!(version(one) < version(other), "{one} < {other}");
            }
        }
    }

    #[test]
    fn one_version_may_be_written_in_many_ways() {
        assert_eq!(version("1.0"), version("1"));
        assert_eq!(version("v1.0-RC_1"), version("1.0rc1"));
        assert_eq!(version("1.0-1"), version("1.0.post1"));
        for text in ["", "one", "1.0~x", "1..0", "1.0what"] {
            assert!(PythonVersion::parse(text).is_none(), "{text}");
        }
    }
}
