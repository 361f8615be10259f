//! Messages of many clients as one append.
//!
//! An append costs much the same for one message as for fifty, and so does waking who waits for it. So each thread has one append under way
//! at a time, and what comes meanwhile is the next.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use trunkline_mqtt::NotKept;

use crate::beat::{self, APART};

/// Bytes from which on an append takes no more.
const FULL: usize = 1 << 20;
/// Clients that come behind the first while an append is under way, from which on they come by themselves and not because of it. Appends keep
/// a distance then.
const BUSY: usize = 2;
/// With how many messages an append begins all the same.
const ENOUGH: usize = 256;
/// How exact a timer is: it ends so much late at the most.
const TIMER: Duration = Duration::from_millis(1);

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
    /// How many came behind the first.
    behind: AtomicUsize,
    /// There is enough for one append.
    enough: Notify,
    /// Where its first message lies.
    first: OnceLock<Result<u64, NotKept>>,
    ended: Notify,
}

impl Gather {
    /// Appends `part` together with what others have; gives the place of its first message. It goes on although who asked goes away: others
    /// wait for it too.
    ///
    /// # Errors
    /// [`NotKept`] where the append failed.
    pub(crate) async fn append<F>(
        &self,
        part: Part,
        append: impl FnOnce(Part) -> F + Send + 'static,
    ) -> Result<u64, NotKept>
    where
        F: Future<Output = Result<u64, NotKept>> + Send + 'static,
    {
        let lane = self.lane();
        let (group, before) = match lane.join(part) {
            Joined::Behind(group, before) => (group, before),
            Joined::First(group) => {
                tokio::spawn(Turn(lane, Arc::clone(&group)).take(append));
                (group, 0)
            }
        };
        Ok(group.end().await? + before as u64)
    }

    fn lane(&self) -> Arc<Lane> {
        let thread = std::thread::current().id();
        let mut lanes = locked(&self.0);
        let lane = lanes.entry(thread).or_default();
        Arc::clone(lane)
    }
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            turn: Semaphore::new(1),
            state: Mutex::default(),
        }
    }
}

#[derive(Debug)]
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
                let enough = before < ENOUGH && there.ends.len() >= ENOUGH;
                drop(there);
                group.behind.fetch_add(1, Ordering::Relaxed);
                if enough {
                    group.enough.notify_one();
                }
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
    /// Waits for its end; the place of its first message.
    async fn end(&self) -> Result<u64, NotKept> {
        let ended = self.ended.notified();
        if let Some(first) = self.first.get() {
            return *first;
        }
        ended.await;
        self.first.get().copied().unwrap_or(Err(NotKept))
    }
}

/// The turn of a group. Whatever ends it, nobody waits for it afterwards.
struct Turn(Arc<Lane>, Arc<Group>);

impl Turn {
    async fn take<F>(self, append: impl FnOnce(Part) -> F)
    where
        F: Future<Output = Result<u64, NotKept>>,
    {
        let Self(lane, group) = &self;
        // Nobody closes it.
        let _turn = lane.turn.acquire().await;
        let began = locked(&lane.state).began;
        if let Some(began) = began
            && group.behind.load(Ordering::Relaxed) >= BUSY
            && locked(&group.part).ends.len() < ENOUGH
        {
            // The word that there is enough waits for whoever asks, so none is missed.
            let due = began + APART - TIMER;
            drop(tokio::time::timeout_at(due, group.enough.notified()).await);
        }
        let now = Instant::now();
        lane.close(group, Some(now));
        if group.behind.load(Ordering::Relaxed) >= BUSY {
            beat::begin(now);
        }
        let part = std::mem::take(&mut *locked(&group.part));
        let first = append(part).await;
        group.first.get_or_init(|| first);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Self(lane, group) = self;
        lane.close(group, None);
        group.first.get_or_init(|| Err(NotKept));
        group.ended.notify_waiters();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::join_all;

    use super::*;

    fn part(text: &str) -> Part {
        Part {
            body: text.as_bytes().to_vec(),
            ends: (1..=text.len() as u32).collect(),
        }
    }

    /// A log in which each byte is a message.
    #[derive(Clone, Debug, Default)]
    struct Log(Arc<Mutex<Said>>);

    #[derive(Debug, Default)]
    struct Said {
        all: String,
        appends: Vec<usize>,
    }

    impl Log {
        async fn append(self, part: Part) -> Result<u64, NotKept> {
            assert_eq!(part.ends.len(), part.body.len());
            let text = String::from_utf8(part.body).unwrap();
            // Whoever is ready comes meanwhile.
            tokio::task::yield_now().await;
            let mut said = locked(&self.0);
            said.appends.push(text.len());
            let first = said.all.len();
            said.all.push_str(&text);
            Ok(first as u64)
        }

        async fn keep(&self, gather: &Gather, text: &str) -> Result<u64, NotKept> {
            let log = self.clone();
            gather.append(part(text), |part| log.append(part)).await
        }

        fn appends(&self) -> Vec<usize> {
            locked(&self.0).appends.clone()
        }
    }

    #[tokio::test]
    async fn what_is_there_together_is_one_append_and_each_knows_its_place() {
        let (gather, log) = (Gather::default(), Log::default());
        let keep = async |text: &str| {
            let first = log.keep(&gather, text).await.unwrap() as usize;
            assert_eq!(&locked(&log.0).all[first..first + text.len()], text);
        };
        join_all(["ab", "c", "def", "g", "hi"].map(&keep)).await;
        assert_eq!(log.appends(), [9]);
        keep("j").await;
        assert_eq!(log.appends(), [9, 1]);
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_the_next_append_and_keeps_a_distance() {
        let (gather, log) = (Arc::new(Gather::default()), Log::default());
        let begun = Instant::now();
        let keep = async |text: &str| log.keep(&gather, text).await;
        let first = keep("a");
        let others = async {
            // The first has its turn by now.
            tokio::task::yield_now().await;
            join_all(["b", "c", "d"].map(&keep)).await
        };
        let (first, others) = tokio::join!(first, others);
        assert_eq!((first, others), (Ok(0), vec![Ok(1), Ok(2), Ok(3)]));
        assert_eq!(log.appends(), [1, 3]);
        assert!(begun.elapsed() >= APART - TIMER);
    }

    #[test]
    fn who_has_a_turn_is_told_once_there_is_enough() {
        let lane = Lane::default();
        let half = "x".repeat(ENOUGH / 2);
        let Joined::First(group) = lane.join(part("a")) else {
            panic!("nobody was there before");
        };
        let told = || group.enough.notified().now_or_never().is_some();
        lane.join(part(&half));
        assert!(!told());
        lane.join(part(&half));
        assert!(told());
        lane.join(part("b"));
        assert!(!told(), "it is told once");
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all() {
        let gather = Gather::default();
        let failing = async |text: &str| gather.append(part(text), async |_| Err(NotKept)).await;
        let failed = join_all(["a", "b", "c"].map(&failing)).await;
        assert_eq!(failed, [Err(NotKept); 3]);
        let panics = gather.append(part("d"), async |_| panic!("a test"));
        assert_eq!(panics.await, Err(NotKept));
        assert_eq!(Log::default().keep(&gather, "e").await, Ok(0));
    }

    #[tokio::test]
    async fn who_comes_first_and_goes_away_takes_nobody_along() {
        let (gather, log) = (Gather::default(), Log::default());
        let mut first = Box::pin(log.keep(&gather, "a"));
        let goes = async {
            tokio::select! {
                biased;
                _ = &mut first => {}
                () = std::future::ready(()) => {}
            }
            drop(first);
        };
        let ((), second) = tokio::join!(goes, log.keep(&gather, "b"));
        assert_eq!(second, Ok(1));
        assert_eq!(log.appends(), [2]);
    }

    #[tokio::test]
    async fn an_append_has_an_end() {
        let (gather, log) = (Gather::default(), Log::default());
        let large = "x".repeat(FULL - 1);
        let keep = async |text: &str| log.keep(&gather, text).await;
        let kept = join_all(["a", &large, "bc", "d"].map(&keep)).await;
        let at = FULL as u64;
        assert_eq!(kept, [Ok(0), Ok(1), Ok(at), Ok(at + 2)]);
        assert_eq!(log.appends(), [FULL, 3]);
    }
}
