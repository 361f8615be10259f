//! Messages of many clients as one append.
//!
//! An append costs much the same for one message as for fifty, and so does waking who waits for it. So each thread has one append under way
//! at a time, and what comes meanwhile is the next: whoever comes first leads it, and the others wait for what comes of it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use trunkline_mqtt::NotKept;

/// Bytes from which on an append takes no more.
const FULL: usize = 1 << 20;
/// Messages that come while an append is under way from which on they come by themselves, and not because of it; and how far apart two appends
/// begin then.
const BUSY: usize = 3;
const APART: Duration = Duration::from_millis(2);

/// Messages as the log takes them: their bytes, and where each of them ends.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) body: Vec<u8>,
    pub(crate) ends: Vec<u32>,
}

impl Part {
    /// Puts the messages of `other` behind these.
    fn extend(&mut self, other: &Self) {
        let before = self.body.len() as u32;
        self.body.extend_from_slice(&other.body);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }
}

/// What is under way, by the threads on which clients live.
#[derive(Debug, Default)]
pub(crate) struct Gather(Mutex<HashMap<ThreadId, Arc<Lane>>>);

#[derive(Debug)]
struct Lane {
    /// Who may append.
    turn: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The next append, which others may join.
    next: Option<Arc<Group>>,
    /// When the last one began.
    began: Option<Instant>,
}

/// What is one append.
#[derive(Debug, Default)]
struct Group {
    part: Mutex<Part>,
    /// Where its first message lies.
    first: OnceLock<Result<u64, NotKept>>,
    ended: Notify,
}

impl Gather {
    /// Appends `part` together with what others have; gives the place of its first message.
    ///
    /// # Errors
    /// [`NotKept`] where the append failed.
    pub(crate) async fn append<F>(
        &self,
        part: Part,
        append: impl FnOnce(Part) -> F,
    ) -> Result<u64, NotKept>
    where
        F: Future<Output = Result<u64, NotKept>>,
    {
        let lane = self.lane();
        let (group, before) = match lane.join(part) {
            Joined::Behind(group, before) => {
                group.end().await;
                (group, before)
            }
            Joined::First(group) => {
                Leader {
                    lane,
                    group: &group,
                }
                .lead(append)
                .await;
                (group, 0)
            }
        };
        let first = group.first.get().copied().unwrap_or(Err(NotKept))?;
        Ok(first + before as u64)
    }

    fn lane(&self) -> Arc<Lane> {
        let thread = std::thread::current().id();
        let mut lanes = locked(&self.0);
        let lane = lanes.entry(thread).or_insert_with(|| {
            Arc::new(Lane {
                turn: Semaphore::new(1),
                state: Mutex::default(),
            })
        });
        Arc::clone(lane)
    }
}

enum Joined {
    First(Arc<Group>),
    /// With how many messages before.
    Behind(Arc<Group>, usize),
}

impl Lane {
    fn join(&self, part: Part) -> Joined {
        let mut state = locked(&self.state);
        if let Some(group) = &state.next {
            let mut there = locked(&group.part);
            if there.body.len() + part.body.len() <= FULL {
                let before = there.ends.len();
                there.extend(&part);
                drop(there);
                return Joined::Behind(Arc::clone(group), before);
            }
        }
        let group = Arc::new(Group {
            part: Mutex::new(part),
            ..Group::default()
        });
        state.next = Some(Arc::clone(&group));
        Joined::First(group)
    }

    /// Lets nobody join `group` any more.
    fn close(&self, group: &Arc<Group>, now: Option<Instant>) {
        let mut state = locked(&self.state);
        if state
            .next
            .as_ref()
            .is_some_and(|next| Arc::ptr_eq(next, group))
        {
            state.next = None;
        }
        state.began = now.or(state.began);
    }
}

impl Group {
    async fn end(&self) {
        let ended = self.ended.notified();
        if self.first.get().is_none() {
            ended.await;
        }
    }
}

/// Who came first. Where it goes away on its way, those behind it do not wait for ever.
struct Leader<'a> {
    lane: Arc<Lane>,
    group: &'a Arc<Group>,
}

impl Leader<'_> {
    async fn lead<F>(self, append: impl FnOnce(Part) -> F)
    where
        F: Future<Output = Result<u64, NotKept>>,
    {
        // Nobody closes it.
        let _turn = self.lane.turn.acquire().await;
        let (began, came) = (
            locked(&self.lane.state).began,
            locked(&self.group.part).ends.len(),
        );
        if let Some(began) = began
            && came >= BUSY
        {
            tokio::time::sleep_until(began + APART).await;
        }
        self.lane.close(self.group, Some(Instant::now()));
        let part = std::mem::take(&mut *locked(&self.group.part));
        let first = append(part).await;
        self.group.first.get_or_init(|| first);
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        self.lane.close(self.group, None);
        self.group.first.get_or_init(|| Err(NotKept));
        self.group.ended.notify_waiters();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::future::join_all;

    use super::*;

    fn part(text: &str) -> Part {
        Part {
            body: text.as_bytes().to_vec(),
            ends: (1..=text.len() as u32).collect(),
        }
    }

    /// A log in which each byte is a message.
    #[derive(Default)]
    struct Log {
        all: RefCell<String>,
        appends: RefCell<Vec<usize>>,
    }

    impl Log {
        async fn append(&self, part: Part) -> Result<u64, NotKept> {
            assert_eq!(part.ends.len(), part.body.len());
            let text = String::from_utf8(part.body).unwrap();
            // Whoever is ready comes meanwhile.
            tokio::task::yield_now().await;
            self.appends.borrow_mut().push(text.len());
            let first = self.all.borrow().len();
            self.all.borrow_mut().push_str(&text);
            Ok(first as u64)
        }
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_the_next_append_and_each_knows_its_place() {
        let (gather, log) = (Gather::default(), Log::default());
        let keep = async |text: &str| {
            let first = gather.append(part(text), |part| log.append(part)).await;
            let first = first.unwrap() as usize;
            let all = log.all.borrow();
            assert_eq!(&all[first..first + text.len()], text);
        };
        join_all(["ab", "c", "def", "g", "hi"].map(&keep)).await;
        assert_eq!(*log.appends.borrow(), [2, 7]);
        keep("j").await;
        assert_eq!(
            *log.appends.borrow(),
            [2, 7, 1],
            "nobody waits without need"
        );
    }

    #[tokio::test]
    async fn appends_keep_a_distance_where_much_comes_by_itself() {
        let (gather, log) = (Gather::default(), Log::default());
        let keep = async |text: &str| {
            let kept = gather.append(part(text), |part| log.append(part)).await;
            kept.unwrap();
        };
        let begun = Instant::now();
        join_all(["a", "b", "c", "d"].map(&keep)).await;
        assert!(begun.elapsed() >= APART);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_and_who_goes_away_leaves_nobody_waiting() {
        let (gather, log) = (Gather::default(), Log::default());
        let failing = async |text: &str| gather.append(part(text), async |_| Err(NotKept)).await;
        let failed = join_all(["a", "b", "c"].map(&failing)).await;
        assert_eq!(failed, [Err(NotKept); 3]);
        // The first is under way, the second leads the next append and goes away, the third is behind it.
        let first = gather.append(part("a"), |part| log.append(part));
        let mut second = Box::pin(gather.append(part("b"), |part| log.append(part)));
        let third = gather.append(part("c"), |part| log.append(part));
        let both = async {
            tokio::select! {
                biased;
                _ = &mut second => {}
                () = tokio::task::yield_now() => {}
            }
            drop(second);
        };
        let (first, (), third) = tokio::join!(first, both, third);
        assert_eq!((first, third), (Ok(0), Err(NotKept)));
        let after = gather.append(part("d"), |part| log.append(part)).await;
        assert_eq!(after, Ok(1));
    }

    #[tokio::test]
    async fn an_append_has_an_end() {
        let (gather, log) = (Gather::default(), Log::default());
        let large = "x".repeat(FULL - 1);
        let keep = async |text: &str| gather.append(part(text), |part| log.append(part)).await;
        let kept = join_all(["a", &large, "bc", "d"].map(&keep)).await;
        let at = FULL as u64;
        assert_eq!(kept, [Ok(0), Ok(1), Ok(at), Ok(at + 2)]);
        assert_eq!(*log.appends.borrow(), [1, FULL - 1, 3]);
    }
}
