//! Which part of an artifact a request wants, and whether it wants any: RFC 9110, sections 13 and 14.

use axum::http::{HeaderMap, HeaderName, Method, header};

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All bytes, with 200.
    Whole,
    /// The bytes from the first to the last one, with 206.
    Part(u64, u64),
    /// Nothing, since whoever asks has it: 304.
    Had,
    /// Nothing, since it is not what whoever asks expects: 412.
    Changed,
    /// Nothing, since there is no such part: 416.
    Beyond,
}

/// What a request with these headers is answered with, where there are so many bytes and their tag is `tag`, quotes included.
///
/// There are only strong tags and no times of modification, so conditions on a time are not looked at, and one in `If-Range` is not met. Of
/// several ranges none is given, but the whole: the standard lets a server leave a range out of account.
pub(crate) fn wanted(method: &Method, headers: &HeaderMap, tag: &str, bytes: u64) -> Wanted {
    if headers.contains_key(header::IF_MATCH) && !names(headers, header::IF_MATCH, tag, false) {
        return Wanted::Changed;
    }
    if names(headers, header::IF_NONE_MATCH, tag, true) {
        return Wanted::Had;
    }
    // Ranges are defined for GET alone.
    if method != Method::GET || !if_range(headers, tag) {
        return Wanted::Whole;
    }
    match only(headers, header::RANGE).and_then(range) {
        Some(range) => range.of(bytes),
        None => Wanted::Whole,
    }
}

/// Whether a list of tags in `header` has `tag`, or is `*`. A weak tag counts only where `weak` says so.
fn names(headers: &HeaderMap, header: HeaderName, tag: &str, weak: bool) -> bool {
    let lines = headers.get_all(header);
    let mut lines = lines.iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| {
        line.trim() == "*" || tags(line).any(|(is_weak, one)| one == tag && (weak || !is_weak))
    })
}

/// The tags of a list, each with whether it is weak, up to the first that is none. A tag may have commas.
fn tags(list: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (weak, tag) = rest
            .strip_prefix("W/")
            .map_or((false, rest), |tag| (true, tag));
        let end = tag.strip_prefix('"')?.find('"')? + 2;
        let (tag, more) = tag.split_at_checked(end)?;
        rest = more;
        Some((weak, tag))
    })
}

/// Whether the range counts: there is no condition for it, or it is this very content.
fn if_range(headers: &HeaderMap, tag: &str) -> bool {
    !headers.contains_key(header::IF_RANGE)
        || only(headers, header::IF_RANGE).is_some_and(|text| text.trim() == tag)
}

/// The value of a header that is there once.
fn only(headers: &HeaderMap, header: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(header).iter();
    let first = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(first)
}

/// One range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// From the first to the last one, or to the end.
    From(u64, Option<u64>),
    /// So many at the end.
    Last(u64),
}

impl Range {
    const fn of(self, bytes: u64) -> Wanted {
        let Some(end) = bytes.checked_sub(1) else {
            return Wanted::Beyond;
        };
        match self {
            Self::Last(0) => Wanted::Beyond,
            Self::Last(count) => Wanted::Part(bytes.saturating_sub(count), end),
            Self::From(first, _) if first > end => Wanted::Beyond,
            Self::From(first, Some(last)) if last < end => Wanted::Part(first, last),
            Self::From(first, _) => Wanted::Part(first, end),
        }
    }
}

/// The only range of `text`; nothing where there are several, where it counts in something else than bytes, or where it is none.
fn range(text: &str) -> Option<Range> {
    let (unit, ranges) = text.trim().split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    // A list may have empty elements.
    let mut ranges = ranges
        .split(',')
        .map(|one| one.trim_matches([' ', '\t']))
        .filter(|one| !one.is_empty());
    let (first, last) = ranges.next()?.split_once('-')?;
    if ranges.next().is_some() {
        return None;
    }
    match (first, last) {
        ("", count) => Some(Range::Last(number(count)?)),
        (first, "") => Some(Range::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Range::From(first, Some(last)))
        }
    }
}

/// Digits as a number. One that is too large for any content is as good as the largest.
fn number(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"abc\"";

    fn ask(method: &Method, said: &[(HeaderName, &str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(name.clone(), value.parse().unwrap());
        }
        wanted(method, &headers, TAG, 10)
    }

    fn range_of(text: &str) -> Wanted {
        ask(&Method::GET, &[(header::RANGE, text)])
    }

    #[test]
    fn a_range_is_from_to_and_with_its_end() {
        assert_eq!(range_of("bytes=0-0"), Wanted::Part(0, 0));
        assert_eq!(range_of("bytes=2-5"), Wanted::Part(2, 5));
        assert_eq!(range_of("bytes=9-9"), Wanted::Part(9, 9));
        assert_eq!(range_of("bytes=3-"), Wanted::Part(3, 9));
        assert_eq!(range_of("Bytes=3-"), Wanted::Part(3, 9));
    }

    #[test]
    fn a_range_beyond_the_end_is_cut() {
        assert_eq!(range_of("bytes=5-10"), Wanted::Part(5, 9));
        assert_eq!(
            range_of("bytes=5-99999999999999999999999"),
            Wanted::Part(5, 9)
        );
    }

    #[test]
    fn a_range_that_begins_behind_the_end_cannot_be_met() {
        for beyond in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999999-",
        ] {
            assert_eq!(range_of(beyond), Wanted::Beyond, "{beyond}");
        }
    }

    #[test]
    fn a_suffix_counts_from_the_end() {
        assert_eq!(range_of("bytes=-3"), Wanted::Part(7, 9));
        assert_eq!(range_of("bytes=-10"), Wanted::Part(0, 9));
        assert_eq!(range_of("bytes=-11"), Wanted::Part(0, 9));
    }

    #[test]
    fn what_is_no_range_of_bytes_is_not_looked_at() {
        for other in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1 - 2",
            "rows=1-2",
            "bytes=--1",
        ] {
            assert_eq!(range_of(other), Wanted::Whole, "{other}");
        }
        let twice = [(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")];
        assert_eq!(ask(&Method::GET, &twice), Wanted::Whole);
    }

    #[test]
    fn several_ranges_are_the_whole_and_empty_ones_are_none() {
        assert_eq!(range_of("bytes=0-1,4-5"), Wanted::Whole);
        assert_eq!(range_of("bytes=0-1, 40-50"), Wanted::Whole);
        assert_eq!(range_of("bytes=, 0-1 ,\t,"), Wanted::Part(0, 1));
    }

    #[test]
    fn only_get_has_ranges() {
        assert_eq!(
            ask(&Method::HEAD, &[(header::RANGE, "bytes=0-1")]),
            Wanted::Whole
        );
        assert_eq!(
            ask(&Method::HEAD, &[(header::RANGE, "bytes=90-")]),
            Wanted::Whole
        );
    }

    #[test]
    fn a_range_with_a_condition_needs_the_very_same_content() {
        let with = |condition: &str| {
            ask(
                &Method::GET,
                &[(header::RANGE, "bytes=1-2"), (header::IF_RANGE, condition)],
            )
        };
        assert_eq!(with(TAG), Wanted::Part(1, 2));
        for other in [
            "\"abd\"",
            "W/\"abc\"",
            "abc",
            "Thu, 26 Nov 2026 08:00:00 GMT",
            "*",
        ] {
            assert_eq!(with(other), Wanted::Whole, "{other}");
        }
        let beyond = [(header::RANGE, "bytes=90-"), (header::IF_RANGE, "\"old\"")];
        assert_eq!(ask(&Method::GET, &beyond), Wanted::Whole);
        assert_eq!(ask(&Method::GET, &[(header::IF_RANGE, TAG)]), Wanted::Whole);
    }

    #[test]
    fn who_has_it_gets_nothing_and_that_comes_before_ranges() {
        for had in [
            TAG,
            "W/\"abc\"",
            "*",
            "\"x,y\", \"abc\"",
            "W/\"x\" ,\"abc\"",
        ] {
            let said = [(header::IF_NONE_MATCH, had), (header::RANGE, "bytes=90-")];
            assert_eq!(ask(&Method::GET, &said), Wanted::Had, "{had}");
            assert_eq!(ask(&Method::HEAD, &said[..1]), Wanted::Had, "{had}");
        }
        for other in ["\"x\"", "abc", "", "\"a,\"abc", "\"abc"] {
            assert_eq!(
                ask(&Method::GET, &[(header::IF_NONE_MATCH, other)]),
                Wanted::Whole,
                "{other}"
            );
        }
        let lines = [
            (header::IF_NONE_MATCH, "\"x\""),
            (header::IF_NONE_MATCH, TAG),
        ];
        assert_eq!(ask(&Method::GET, &lines), Wanted::Had);
    }

    #[test]
    fn who_expects_other_content_gets_nothing() {
        for other in ["\"x\"", "W/\"abc\"", ""] {
            let said = [(header::IF_MATCH, other), (header::IF_NONE_MATCH, TAG)];
            assert_eq!(ask(&Method::GET, &said), Wanted::Changed, "{other}");
        }
        for same in [TAG, "*", "\"x\", \"abc\""] {
            let said = [(header::IF_MATCH, same), (header::RANGE, "bytes=0-1")];
            assert_eq!(ask(&Method::GET, &said), Wanted::Part(0, 1), "{same}");
        }
    }

    #[test]
    fn nothing_has_no_part() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-".parse().unwrap());
        assert_eq!(wanted(&Method::GET, &headers, TAG, 0), Wanted::Beyond);
    }
}
