//! Which key signs when. Pure, so that a whole year of rotations is a test.

use trunkline_model::Timestamp;

/// Microseconds for which a key is shown before it signs: whoever checks tokens has fetched it by then.
pub(crate) const LEAD: i64 = 24 * 3_600_000_000;

/// The place of the key that signs at `now`, of keys that begin to sign at `starts`, in that order. Where none began yet, the first.
pub(crate) fn signing(starts: &[Timestamp], now: Timestamp) -> Option<usize> {
    let begun = starts.iter().take_while(|start| **start <= now).count();
    (!starts.is_empty()).then(|| begun.saturating_sub(1))
}

/// How many of the oldest keys are of no more use: another one signs for longer than any token of theirs lives.
pub(crate) fn finished(starts: &[Timestamp], longest_token: i64, now: Timestamp) -> usize {
    starts
        .iter()
        .skip(1)
        .take_while(|next| next.plus_micros(longest_token) < now)
        .count()
}

/// When a key that must be made now begins to sign; nothing while none must be made. `life` is how long a key signs.
pub(crate) fn next_start(starts: &[Timestamp], life: i64, now: Timestamp) -> Option<Timestamp> {
    let Some(newest) = starts.last() else {
        return Some(now);
    };
    let due = newest.plus_micros(life.max(2 * LEAD));
    (due.plus_micros(-LEAD) <= now).then(|| due.max(now.plus_micros(LEAD)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn day(days: i64) -> Timestamp {
        Timestamp::from_micros(days * DAY)
    }

    #[test]
    fn a_year_of_rotations_never_signs_with_a_key_that_was_not_shown_for_a_day() {
        let (mut keys, mut shown) = (Vec::new(), Vec::new());
        let tokens = 3_600_000_000;
        for hour in 0..24 * 365 {
            let now = Timestamp::from_micros(hour * 3_600_000_000);
            if let Some(start) = next_start(&keys, 90 * DAY, now) {
                keys.push(start);
                shown.push(now);
            }
            let gone = finished(&keys, tokens, now);
            let signs = signing(&keys, now).unwrap();
            assert!(signs >= gone, "a key that signs is never removed");
            assert!(signs == 0 || now.micros_since(shown[signs]) >= LEAD);
        }
        assert_eq!(keys.len(), 5);
        assert_eq!(finished(&keys, tokens, day(365)), 4);
    }

    #[test]
    fn after_a_long_stop_a_new_key_is_still_shown_first() {
        let keys = [day(0)];
        assert_eq!(next_start(&keys, 90 * DAY, day(88)), None);
        assert_eq!(next_start(&keys, 90 * DAY, day(89)), Some(day(90)));
        assert_eq!(next_start(&keys, 90 * DAY, day(400)), Some(day(401)));
        assert_eq!(signing(&keys, day(400)), Some(0));
        assert_eq!(signing(&[], day(1)), None);
    }

    #[test]
    fn an_old_key_stays_until_its_last_token_is_gone() {
        let keys = [day(0), day(90)];
        assert_eq!(finished(&keys, DAY, day(91)), 0);
        assert_eq!(finished(&keys, DAY, day(92)), 1);
        assert_eq!(finished(&keys[..1], DAY, day(900)), 0);
    }
}
