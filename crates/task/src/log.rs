//! What a task writes.

/// The longest line, in bytes; the rest of it is a line of its own.
const LINE: usize = 16 * 1024;
/// What stands for a secret.
const MASK: &str = "***";

/// Makes lines of bytes: without secrets, and without what would move a terminal's cursor or more.
#[derive(Debug)]
pub(crate) struct Lines {
    secrets: Vec<String>,
    rest: Vec<u8>,
}

impl Lines {
    /// Lines in which `secrets` do not stand.
    pub(crate) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        // One or two letters would stand in every line.
        let secrets = secrets.into_iter().filter(|secret| secret.len() > 2);
        let mut secrets: Vec<_> = secrets.collect();
        // One that is a part of another must not spoil it.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self {
            secrets,
            rest: Vec::new(),
        }
    }

    /// Takes bytes in and gives the lines that are whole by now.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            if *byte == b'\n' || self.rest.len() >= LINE {
                let line = std::mem::take(&mut self.rest);
                lines.push(self.clean(&line));
            }
            if *byte != b'\n' {
                self.rest.push(*byte);
            }
        }
        lines
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
    fn only_colours_are_left_of_escapes() {
        let text =
            "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jgone\u{1b}]0;title\u{7}!\u{1b}[5;5H\u{8}\u{1b}c\n";
        assert_eq!(lines(&[], &[text]), ["\u{1b}[1;31mred\u{1b}[0m gone!"]);
        assert_eq!(lines(&[], &["\u{1b}[?1;31m\u{1b}["]), [""; 1]);
    }
}
