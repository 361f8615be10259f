//! Named cursors.

use trunkline_log::{CursorState, EventLog, Offset};

use crate::support::{Bed, config, expected, keyed, messages};

fn cursor(name: &str, offset: u64, archiving: bool) -> CursorState {
    CursorState {
        name: name.to_owned(),
        offset: Offset(offset),
        archiving,
    }
}

#[tokio::test]
async fn a_cursor_never_moves_back_and_outlives_a_restart() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    for key in 0..9 {
        log.append(keyed(key)).await.unwrap();
    }
    log.commit("lake", Offset(5), true).await.unwrap();
    log.commit("lake", Offset(3), true).await.unwrap();
    log.commit("tail", Offset(77), false).await.unwrap();
    log.commit("gone", Offset(1), false).await.unwrap();
    log.forget("gone").await.unwrap();
    log.forget("never there").await.unwrap();
    let wanted = [cursor("lake", 5, true), cursor("tail", 9, false)];
    assert_eq!(log.cursors(), wanted);
    log.close().await;
    let (log, _) = bed.open();
    assert_eq!(log.cursors(), wanted);
}

#[tokio::test]
async fn an_unreadable_file_is_set_aside() {
    let bed = Bed::new(config(1 << 20));
    let path = bed.directory.path().join("cursors.json");
    std::fs::write(&path, "[{").unwrap();
    let (log, recovery) = bed.open();
    assert_eq!(
        recovery.cursors_set_aside.as_deref(),
        Some("cursors.json.damaged")
    );
    assert!(!recovery.is_clean() && recovery.to_string().contains("cursors.json.damaged"));
    assert!(log.cursors().is_empty());
    assert_eq!(bed.files("damaged").len(), 1);
}

#[tokio::test]
async fn an_offset_that_a_cursor_has_passed_is_never_given_again() {
    let bed = Bed::new(config(1 << 20));
    let (log, _) = bed.open();
    for key in 0..9 {
        log.append(keyed(key)).await.unwrap();
    }
    log.commit("lake", Offset(9), true).await.unwrap();
    log.close().await;
    let segment = &bed.segments()[0];
    let half = std::fs::metadata(segment).unwrap().len() / 2;
    std::fs::File::options()
        .write(true)
        .open(segment)
        .unwrap()
        .set_len(half)
        .unwrap();

    let (log, recovery) = bed.open();
    assert_eq!(recovery.damage.len(), 1, "{recovery}");
    assert_eq!(log.append(keyed(50)).await.unwrap().first, Offset(9));
    let found = messages(&log, 0).await;
    let (last, before) = found.split_last().unwrap();
    assert_eq!(*last, (9, "message 50".to_owned()));
    assert_eq!(before, &expected(0..9)[..before.len()]);
    assert!((3..9).contains(&before.len()));
    std::fs::remove_file(segment).unwrap();
    drop(log);
    let (log, _) = bed.open();
    assert_eq!(log.bounds().first, Offset(9));
}
