//! A crash at any byte after any history: what was acknowledged before is there, and nothing twice.

use std::collections::HashSet;
use std::fs::File;

use proptest::prelude::*;
use trunkline_log::{CutReason, DedupeKey, EventLog, LogConfig, Offset};

use crate::support::{Bed, batch, config, flip, messages, text};

/// What the log must hold, kept beside it.
#[derive(Debug, Default)]
struct Model {
    keys: Vec<u64>,
    /// After each append: the file that is written to, its length, and how many messages there are.
    marks: Vec<(usize, u64, usize)>,
}

impl Model {
    fn expected(&self, count: usize) -> Vec<(u64, String)> {
        (0..)
            .zip(self.keys[..count].iter().map(|key| text(*key)))
            .collect()
    }

    /// How many messages are left when the last file ends at `length`.
    fn surviving(&self, file: usize, length: u64) -> usize {
        self.marks
            .iter()
            .filter(|mark| (mark.0, mark.1) <= (file, length))
            .map(|mark| mark.2)
            .max()
            .unwrap_or(0)
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn bed(segment_bytes: u64) -> Bed {
    Bed::new(LogConfig {
        cache_bytes: 600,
        ..config(segment_bytes)
    })
}

/// Appends `batches` and checks each answer against the model.
async fn append(bed: &Bed, model: &mut Model, batches: &[Vec<u64>]) {
    let (log, _) = bed.open();
    let mut seen: HashSet<u64> = model.keys.iter().copied().collect();
    for keys in batches {
        let texts: Vec<_> = keys.iter().map(|key| text(*key)).collect();
        let bodies: Vec<_> = texts.iter().map(String::as_bytes).collect();
        let dedupe: Vec<_> = keys.iter().map(|key| DedupeKey::from(*key)).collect();
        let before = model.keys.len();
        model
            .keys
            .extend(keys.iter().filter(|key| seen.insert(**key)));
        let appended = log.append(batch(&bodies, &dedupe)).await.unwrap();
        assert_eq!(appended.first, Offset(before as u64));
        assert_eq!(appended.next, Offset(model.keys.len() as u64));
        assert_eq!(
            appended.duplicates as usize,
            keys.len() - (model.keys.len() - before)
        );
        let files = bed.segments();
        let length = files.last().unwrap().metadata().unwrap().len();
        model
            .marks
            .push((files.len() - 1, length, model.keys.len()));
    }
    log.close().await;
}

/// Opens the log after a crash that left `left` messages, and appends everything again.
async fn check(bed: &Bed, model: &Model, left: usize) {
    let (log, _) = bed.open();
    assert_eq!(log.bounds().next, Offset(left as u64));
    assert_eq!(messages(&log, 0).await, model.expected(left));
    for (at, key) in model.keys.iter().enumerate() {
        let body = text(*key);
        let again = batch(&[body.as_bytes()], &[DedupeKey::from(*key)]);
        let appended = log.append(again).await.unwrap();
        assert_eq!(appended.duplicates == 1, at < left, "key {key}");
    }
    assert_eq!(messages(&log, 0).await, model.expected(model.keys.len()));
}

fn batches() -> impl Strategy<Value = Vec<Vec<u64>>> {
    proptest::collection::vec(proptest::collection::vec(0_u64..60, 1..12), 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_survives_a_crash_at_any_byte(
        batches in batches(), more in batches(), share in 0.0..1.0_f64, segment_bytes in 200_u64..3_000,
    ) {
        runtime().block_on(async {
            let bed = bed(segment_bytes);
            let mut model = Model::default();
            append(&bed, &mut model, &batches).await;
            append(&bed, &mut model, &more).await;
            let files = bed.segments();
            let last = files.last().unwrap();
            let length = (last.metadata().unwrap().len() as f64 * share) as u64;
            File::options().write(true).open(last).unwrap().set_len(length).unwrap();
            // A file is made only when the one before it is full, so that no message of that one is lost.
            let left = model.surviving(files.len() - 1, length);
            check(&bed, &model, left).await;
        });
    }

    #[test]
    fn a_flipped_byte_costs_at_most_one_record(
        batches in batches(), file in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(),
        segment_bytes in 200_u64..3_000, lose_indexes: bool,
    ) {
        runtime().block_on(async {
            let bed = bed(segment_bytes);
            let mut model = Model::default();
            append(&bed, &mut model, &batches).await;
            let files = bed.segments();
            let path = file.get(&files);
            flip(path, byte.index(path.metadata().unwrap().len() as usize) as u64);
            if lose_indexes {
                bed.files("index").iter().for_each(|index| std::fs::remove_file(index).unwrap());
            }
            let (log, recovery) = bed.open();
            let found = messages(&log, 0).await;
            let all = model.expected(model.keys.len());
            let lost = all.iter().filter(|message| !found.contains(message)).count();
            assert!(found.iter().all(|message| all.contains(message)));
            assert!(found.is_sorted() && lost < 12, "{recovery}");
            let next = log.append(batch(&[b"new"], &[])).await.unwrap().first.0;
            assert!(next as usize + lost >= all.len());
            assert_eq!(messages(&log, next).await, [(next, "new".to_owned())]);
        });
    }
}

#[tokio::test]
async fn a_crash_at_every_byte_of_a_small_log() {
    let source = bed(1 << 20);
    let mut model = Model::default();
    append(
        &source,
        &mut model,
        &[vec![1, 2], vec![2, 3, 3], vec![3], vec![4]],
    )
    .await;
    let bytes = std::fs::read(&source.segments()[0]).unwrap();
    for length in 0..=bytes.len() {
        let bed = bed(1 << 20);
        let path = bed.directory.path().join("00000000000000000000.log");
        std::fs::write(&path, &bytes[..length]).unwrap();
        let left = model.surviving(0, length as u64);
        let (log, recovery) = bed.open();
        let whole = length == 64 || model.marks.iter().any(|mark| mark.1 == length as u64);
        assert_eq!(recovery.is_clean(), whole, "{length}: {recovery}");
        if let Some(cut) = recovery.cuts.first() {
            let reason = if length < 64 {
                CutReason::TornHeader
            } else {
                CutReason::TornRecord
            };
            assert_eq!(cut.reason, reason, "{length}: {recovery}");
            assert_eq!(cut.position + cut.bytes, length as u64);
            assert!(cut.set_aside.is_none());
        }
        assert_eq!(messages(&log, 0).await, model.expected(left));
        drop(log);
        check(&bed, &model, left).await;
    }
}
