//! Removes old segments that every archiving consumer has passed.

use std::fs;
use std::io;

use super::files::{index_name, segment_name, sync_directory};
use super::state::{Shared, State};
use crate::LogConfig;

/// Removes what is too old or too much; blocks. Tells how many segments went.
///
/// # Errors
/// When a file cannot be removed. Its messages are gone all the same; it is found again when the log is opened.
pub(super) fn enforce(shared: &Shared) -> io::Result<u64> {
    let Some(archived) = shared.cursors.archived() else {
        return Ok(0);
    };
    let now = shared.clock.now().as_micros();
    let removed = take_out(&mut shared.write_state(), &shared.config, archived, now);
    let mut result = Ok(());
    for base in &removed {
        for name in [segment_name(*base), index_name(*base)] {
            match fs::remove_file(shared.directory.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => result = Err(error),
                _ => {}
            }
        }
    }
    if !removed.is_empty() {
        sync_directory(&shared.directory)?;
    }
    result.map(|()| removed.len() as u64)
}

/// Takes the segments that must go out of `state` and returns their bases.
fn take_out(state: &mut State, config: &LogConfig, archived: u64, now: i64) -> Vec<u64> {
    let oldest = now.saturating_sub_unsigned(config.retain_seconds.saturating_mul(1_000_000));
    let mut bytes: u64 = state.segments.iter().map(|one| one.index.length).sum();
    let mut removed = Vec::new();
    while let (Some(first), Some(second)) = (state.segments.front(), state.segments.get(1)) {
        let due = bytes > config.retain_bytes || first.index.appended_at < oldest;
        if !due || second.base > archived {
            break;
        }
        bytes -= first.index.length;
        removed.push(first.base);
        state.segments.pop_front();
    }
    removed
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::super::cache::TailCache;
    use super::super::index::Index;
    use super::super::state::Segment;
    use super::*;

    /// Segments of ten messages and 100 bytes; the n-th was written at second n.
    fn state(segments: u64) -> State {
        let segment = |at: u64| {
            let mut index = Index::empty(at * 10);
            (index.length, index.next) = (100, at * 10 + 10);
            index.appended_at = at as i64 * 1_000_000;
            Segment {
                base: at * 10,
                salt: 0,
                index,
            }
        };
        State {
            segments: (0..segments).map(segment).collect::<VecDeque<_>>(),
            cache: TailCache::new(0),
            next: segments * 10,
        }
    }

    fn config(retain_bytes: u64, retain_seconds: u64) -> LogConfig {
        LogConfig {
            retain_bytes,
            retain_seconds,
            ..LogConfig::default()
        }
    }

    #[test]
    fn size_and_age_count_but_never_past_the_archive() {
        let second = 1_000_000;
        let by_size = take_out(&mut state(5), &config(250, 1_000), u64::MAX, 5 * second);
        assert_eq!(by_size, [0, 10, 20]);
        let by_age = take_out(&mut state(5), &config(9_999, 2), u64::MAX, 4 * second);
        assert_eq!(by_age, [0, 10]);
        assert_eq!(
            take_out(&mut state(5), &config(0, 0), 29, 5 * second),
            [0, 10]
        );
        assert_eq!(
            take_out(&mut state(5), &config(0, 0), 30, 5 * second),
            [0, 10, 20]
        );
        let all = take_out(&mut state(5), &config(0, 0), u64::MAX, 9 * second);
        assert_eq!(all, [0, 10, 20, 30], "the last one takes new records");
    }
}
