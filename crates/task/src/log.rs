//! What a task writes.

/// Bytes from which on a line is cut; the rest of it is a line of its own.
const LINE: usize = 16 * 1024;
/// What stands for a secret.
const MASK: &str = "***";
/// Bytes from which on a secret is masked: one or two letters would stand in every line.
const SHORT: usize = 3;
/// Bytes from which on a line of a secret with several lines is masked: a bracket of a file of JSON is no secret, and neither is the padding at the
/// end of a key.
const SHORT_LINE: usize = 6;

/// Makes lines of bytes: without secrets, and without what would move a terminal's cursor or more. A secret of several lines is masked line by
/// line, and without what is blank around these.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    /// The longest first: one that is a part of another must not spoil it.
    secrets: Vec<String>,
    rest: Vec<u8>,
}

impl Lines {
    /// Lines in which `secrets` do not stand.
    pub(crate) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut all = Vec::new();
        for secret in secrets {
            let lines = secret.split(['\n', '\r']);
            let lines: Vec<_> = lines
                .map(|line| plain(line.trim()))
                .filter(|line| !line.is_empty())
                .collect();
            let least = if lines.len() > 1 { SHORT_LINE } else { SHORT };
            all.extend(lines.into_iter().filter(|line| line.len() >= least));
        }
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self {
            secrets: all,
            rest: Vec::new(),
        }
    }

    /// Takes bytes in and gives the lines that are whole by now.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.rest);
                lines.push(self.clean(&line));
                continue;
            }
            let cut = if self.rest.len() >= LINE {
                self.cut()
            } else {
                0
            };
            if cut > 0 {
                let after = self.rest.split_off(cut);
                let line = std::mem::replace(&mut self.rest, after);
                lines.push(self.clean(&line));
            }
            self.rest.push(*byte);
        }
        lines
    }

    /// Where a line that is too long is cut: before what could be the beginning of a secret, of which neither half would be known as a part of it.
    fn cut(&self) -> usize {
        let longest = self.secrets.first().map_or(0, String::len);
        let first = self.rest.len().saturating_sub(longest.saturating_sub(1));
        let begins_one = |place: &usize| {
            let end = &self.rest[*place..];
            let mut secrets = self.secrets.iter().map(String::as_bytes);
            secrets.any(|secret| secret.len() > end.len() && secret.starts_with(end))
        };
        (first..self.rest.len())
            .find(begins_one)
            .unwrap_or(self.rest.len())
    }

    /// The last line, where it has no end.
    pub(crate) fn end(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| self.clean(&rest))
    }

    fn clean(&self, line: &[u8]) -> String {
        let text = String::from_utf8_lossy(line);
        // What a progress bar wrote over is not there any more.
        let text = text.trim_end_matches('\r');
        let text = text.rsplit('\r').next().unwrap_or_default();
        let mut text = plain(text);
        for secret in &self.secrets {
            if text.contains(secret) {
                text = text.replace(secret, MASK);
            }
        }
        text
    }
}

/// A text without escape sequences other than colours, and without control characters.
fn plain(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' if letters.peek() == Some(&'[') => {
                letters.next();
                let mut sequence = String::new();
                let mut last = None;
                for letter in letters.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&letter) {
                        last = Some(letter);
                        break;
                    }
                    sequence.push(letter);
                }
                let colour = |letter: char| letter.is_ascii_digit() || letter == ';';
                if last == Some('m') && sequence.chars().all(colour) {
                    clean.push_str(&format!("\u{1b}[{sequence}m"));
                }
            }
            // The others end at a bell or at an escape of their own.
            '\u{1b}' => {
                let long = matches!(letters.peek(), Some(']' | 'P' | '_' | '^' | 'X'));
                letters.next_if(|letter| !letter.is_control());
                if long {
                    letters
                        .by_ref()
                        .find(|letter| matches!(letter, '\u{7}' | '\u{1b}'));
                    // An escape and a backslash are an end as well.
                    letters.next_if(|letter| *letter == '\\');
                }
            }
            '\t' => clean.push(letter),
            _ if letter.is_control() => {}
            _ => clean.push(letter),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(secrets: &[&str], pieces: &[&str]) -> Vec<String> {
        let mut lines = Lines::new(secrets.iter().map(ToString::to_string));
        let mut all: Vec<_> = pieces
            .iter()
            .flat_map(|piece| lines.take(piece.as_bytes()))
            .collect();
        all.extend(lines.end());
        all
    }

    #[test]
    fn lines_are_whole_whatever_pieces_they_come_in() {
        assert_eq!(
            lines(&[], &["a", "b\nc\n", "", "\nd"]),
            ["ab", "c", "", "d"]
        );
        assert_eq!(lines(&[], &["10%\r50%\r100%\r\n"]), ["100%"]);
        let long = "x".repeat(LINE + 1);
        assert_eq!(lines(&[], &[&long]).len(), 2);
    }

    #[test]
    fn secrets_do_not_stand_in_them() {
        let secrets = ["hunter2", "hunter", "x"];
        assert_eq!(
            lines(&secrets, &["with hunt", "er2 and hunter x\n"]),
            ["with *** and *** x"]
        );
    }

    #[test]
    fn each_line_of_a_secret_is_one() {
        let key = "-----BEGIN KEY-----\r\n  MIIEvQIBADANBg\n{\nAg==\n-----END KEY-----\n";
        assert_eq!(
            lines(
                &[key],
                &["MIIEvQIBADANBg: {} Ag==\n-----BEGIN KEY----- MIIEvQIBADANBg"]
            ),
            ["***: {} Ag==", "*** ***"]
        );
        // The end of its file is no line of it.
        assert_eq!(lines(&["abc\n"], &["=abc="]), ["=***="]);
    }

    #[test]
    fn a_line_is_not_cut_within_a_secret() {
        let secret = "correct horse battery";
        for before in LINE - secret.len() - 2..LINE + 2 {
            let all = lines(&[secret, "core"], &[&"x".repeat(before), secret, " staple"]);
            assert!(all.len() <= 2, "{before}");
            let whole = all.concat();
            assert_eq!(whole, format!("{}*** staple", "x".repeat(before)));
        }
        // One that is longer than a line makes the line longer.
        let long = "0123456789".repeat(LINE / 5);
        assert_eq!(lines(&[&long], &[&long, "\n"]), ["***"]);
        // What only began as one is told.
        let end = "y".repeat(LINE);
        let all = lines(&[secret], &[&"x".repeat(LINE - 4), "correct", &end]);
        assert_eq!(
            all.concat(),
            format!("{}correct{end}", "x".repeat(LINE - 4))
        );
    }

    #[test]
    fn only_colours_are_left_of_escapes() {
        let text =
            "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jgone\u{1b}]0;title\u{7}!\u{1b}[5;5H\u{8}\u{1b}c\n";
        assert_eq!(lines(&[], &[text]), ["\u{1b}[1;31mred\u{1b}[0m gone!"]);
        assert_eq!(lines(&[], &["\u{1b}[?1;31m\u{1b}["]), [""; 1]);
    }
}
