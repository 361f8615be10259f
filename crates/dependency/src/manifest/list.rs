//! Taking one entry out of a list or a table between brackets, whatever its form.

use std::ops::Range;

/// An entry between brackets.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) entry: Range<usize>,
    /// The end of the entry before.
    pub(super) before: Option<usize>,
    /// The beginning of the entry after.
    pub(super) after: Option<usize>,
    /// The place of the closing bracket.
    pub(super) close: usize,
    /// Whether a comma may stay before the closing bracket.
    pub(super) comma_may_stay: bool,
}

/// The entries at `all`, which are in order and end at `close`.
pub(super) fn slots(all: &[Range<usize>], close: usize, comma_may_stay: bool) -> Vec<Slot> {
    let slots = all.iter().enumerate().map(|(place, entry)| Slot {
        entry: entry.clone(),
        before: place.checked_sub(1).map(|place| all[place].end),
        after: all.get(place + 1).map(|next| next.start),
        close,
        comma_may_stay,
    });
    slots.collect()
}

impl Slot {
    /// The bytes that have to go with the entry: its lines where it has them for itself, and one comma.
    pub(super) fn removal(&self, text: &str) -> Range<usize> {
        if (self.after.is_some() || self.comma_may_stay)
            && let Some(lines) = own_lines(text, &self.entry)
        {
            return lines;
        }
        match (self.before, self.after) {
            (_, Some(after)) => self.entry.start..after,
            (Some(before), None) => before..self.entry.end,
            (None, None) => {
                let end = text[self.entry.end..self.close].rfind(',');
                let end = end.map_or(self.entry.end, |comma| self.entry.end + comma + 1);
                self.entry.start..end
            }
        }
    }
}

/// The lines of an entry, the end of the last one too; nothing where something else but a comma or a comment stands on them.
pub(super) fn own_lines(text: &str, entry: &Range<usize>) -> Option<Range<usize>> {
    let start = text[..entry.start].rfind('\n').map_or(0, |place| place + 1);
    let end = text[entry.end..]
        .find('\n')
        .map_or(text.len(), |place| entry.end + place + 1);
    let before = text[start..entry.start].trim();
    let after = text[entry.end..end].trim();
    let after = after.strip_prefix(',').unwrap_or(after).trim();
    (before.is_empty() && (after.is_empty() || after.starts_with('#'))).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` without the entry at `place`, where entries are single letters.
    fn without(text: &str, place: usize, comma_may_stay: bool) -> String {
        let letters = text
            .char_indices()
            .filter(|(_, letter)| letter.is_alphabetic());
        let all: Vec<_> = letters.map(|(start, _)| start..start + 1).collect();
        let close = text.rfind(']').unwrap();
        let removal = slots(&all, close, comma_may_stay)[place].removal(text);
        format!("{}{}", &text[..removal.start], &text[removal.end..])
    }

    #[test]
    fn an_entry_goes_with_one_comma() {
        assert_eq!(without("[a, b, c]", 0, false), "[b, c]");
        assert_eq!(without("[a, b, c]", 2, false), "[a, b]");
        assert_eq!(without("[a]", 0, false), "[]");
        assert_eq!(without("[a, ]", 0, true), "[ ]");
    }

    #[test]
    fn an_entry_goes_with_its_line() {
        let list = "[\n  a,\n  b, # 1\n  c\n]";
        assert_eq!(without(list, 1, false), "[\n  a,\n  c\n]");
        assert_eq!(without(list, 2, true), "[\n  a,\n  b, # 1\n]");
        assert_eq!(without("[\n  a,\n  b\n]", 1, false), "[\n  a\n]");
    }
}
