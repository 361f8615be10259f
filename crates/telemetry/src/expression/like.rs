//! Patterns of `like`.

/// The most characters of a pattern: each may be tried at each character of a text.
pub(crate) const LONGEST: usize = 256;

/// A pattern in which `%` stands for any characters and `_` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Letter(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern; `\` takes the next character as it is.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("a pattern has at most {LONGEST} characters"));
        }
        let mut parts = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '%' if parts.last() == Some(&Part::Many) => continue,
                '%' => Part::Many,
                '_' => Part::One,
                '\\' => match letters.next() {
                    Some(letter) => Part::Letter(letter),
                    None => return Err("nothing follows the `\\` at the pattern's end".into()),
                },
                letter => Part::Letter(letter),
            });
        }
        Ok(Self(parts))
    }

    /// Whether the whole text is like it.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.as_slice();
        let mut rest = text.chars();
        // Where to go on when it goes wrong: behind the last `%`, and one character further on in the text.
        let mut again: Option<(&[Part], std::str::Chars<'_>)> = None;
        loop {
            let mut ahead = rest.clone();
            match (parts.split_first(), ahead.next()) {
                (Some((Part::Many, after)), _) => {
                    parts = after;
                    again = Some((after, rest.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some((Part::One, after)), Some(_)) => {
                    (parts, rest) = (after, ahead);
                    continue;
                }
                (Some((Part::Letter(wanted), after)), Some(letter)) if *wanted == letter => {
                    (parts, rest) = (after, ahead);
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = &mut again else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            (parts, rest) = (after, from.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by the definition.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some(('_', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((letter, rest)) => text.first() == Some(letter) && naive(rest, &text[1..]),
        }
    }

    #[test]
    fn patterns_are_of_the_whole_text() {
        let like = |text: &str, pattern: &str| Pattern::read(pattern).unwrap().matches(text);
        assert!(like("pump-7", "pump%"));
        assert!(like("pump-7", "%_7"));
        assert!(!like("pump-7", "ump%"));
        assert!(!like("pump-7", "pump"));
        assert!(like("", "%") && like("", "") && !like("", "_"));
        assert!(like("100%", "100\\%") && !like("100x", "100\\%"));
        assert!(like("\u{e9}", "_"));
        assert!(Pattern::read("a\\").is_err());
        assert!(Pattern::read(&"a".repeat(257)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn it_is_what_the_definition_says(pattern in "[ab%_]{0,8}", text in "[ab]{0,10}") {
            let (letters, of_text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            let found = Pattern::read(&pattern).unwrap().matches(&text);
            prop_assert_eq!(found, naive(&letters, &of_text), "{} {}", pattern, text);
        }
    }
}
