use super::*;
use trunkline_model::PrincipalKind;

const NOON: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn known(purpose: Purpose, used: Option<Timestamp>, expires: Option<Timestamp>) -> Known {
    let found = Found {
        name: "ci".into(),
        id: "ses_1".into(),
        principal: Principal::new(PrincipalKind::Account, "acc_1", "owner", Vec::new()),
        last_used: used,
        created: NOON,
        expires,
    };
    Known::new(purpose, found, Lifetimes::new(&AccessConfig::default()))
}

fn after(days: i64) -> Timestamp {
    NOON.plus_micros(days * DAY)
}

#[test]
fn a_session_slides_up_to_its_longest_life() {
    let session = known(Purpose::Session, Some(NOON), None);
    assert!(session.is_live(after(29)) && !session.is_live(after(30)));
    for days in [29, 58, 87] {
        assert!(session.is_live(after(days)) && session.note(after(days)));
    }
    assert_eq!(
        session.expires(),
        Some(after(90)),
        "90 days are the end, used or not"
    );
    assert!(!session.is_live(after(90)));
}

#[test]
fn a_session_ends_with_the_token_it_came_from() {
    let session = known(Purpose::Session, Some(NOON), Some(after(7)));
    assert!(session.is_live(after(6)) && !session.is_live(after(7)));
}

#[test]
fn a_token_lives_until_it_expires_used_or_not() {
    assert!(known(Purpose::Token, None, None).is_live(after(9_999)));
    let token = known(Purpose::Token, None, Some(after(1)));
    assert!(token.is_live(NOON) && !token.is_live(after(1)));
}

#[test]
fn a_use_is_written_down_once_a_minute() {
    let token = known(Purpose::Token, None, None);
    assert!(token.note(NOON));
    assert!(!token.note(NOON.plus_micros(59_999_999)));
    assert!(
        !token.note(NOON.plus_micros(-DAY)),
        "a clock that goes back writes nothing"
    );
    assert!(token.note(NOON.plus_micros(60_000_000)));
}

#[test]
fn what_was_read_before_a_revocation_does_not_come_in_after_it() {
    let (cache, now) = (Cache::new(), Instant::now());
    let digest = Purpose::Token.digest("a");
    let entry = Arc::new(known(Purpose::Token, None, None));
    cache.believe(now);
    let generation = cache.generation();
    cache.clear();
    cache.put(generation, digest, Arc::clone(&entry));
    assert!(cache.get(&digest, now).is_none());
    cache.put(cache.generation(), digest, entry);
    assert!(cache.get(&digest, now).is_some());
}

#[test]
fn a_cache_that_nobody_compares_with_the_tables_is_not_believed() {
    let (cache, now) = (Cache::new(), Instant::now());
    let digest = Purpose::Token.digest("a");
    cache.put(
        cache.generation(),
        digest,
        Arc::new(known(Purpose::Token, None, None)),
    );
    assert!(cache.get(&digest, now).is_none(), "never compared");
    cache.believe(now);
    assert!(cache.get(&digest, now).is_some());
    assert!(
        cache.get(&digest, now + Duration::from_secs(1)).is_none(),
        "compared too long ago"
    );
}

#[test]
fn memory_is_bounded() {
    let cache = Cache::new();
    for number in 0..=MAX_ENTRIES {
        let digest = Purpose::Token.digest(&number.to_string());
        assert!(cache.put_wrong(digest) && !cache.put_wrong(digest));
    }
    assert_eq!(cache.wrong.lock().unwrap().len(), 1);
}
