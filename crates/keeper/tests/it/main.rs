//! The keeper for real: this very program is the keeper and the launcher.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;
use trunkline_keeper::{Ended, Keeper, KeeperError, Order, Seen, Stand};
use trunkline_sandbox::Request;

/// One test.
type Test = fn(&Fixture);

/// After how long without a question the keeper of a test ends what it holds.
const ORPHANED: Duration = Duration::from_secs(3);

struct Fixture {
    folder: tempfile::TempDir,
    keeper: Keeper,
    runtime: Runtime,
}

impl Fixture {
    fn new() -> Self {
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = tempfile::tempdir_in(place).unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        let program = std::env::current_exe().unwrap();
        let keeper = Keeper::new(folder.path().join("run"), program, "none", ORPHANED);
        let mut builder = tokio::runtime::Builder::new_current_thread();
        Self {
            folder,
            keeper,
            runtime: builder.enable_all().build().unwrap(),
        }
    }

    fn order(&self, id: &str, command: &str) -> Order {
        let work = self.folder.path().join("work");
        Order {
            id: id.to_owned(),
            label: format!("label of {id}"),
            request: Request {
                command: command.to_owned(),
                folder: work.clone(),
                environment: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
                writable: vec![work],
                network: true,
                ..Request::default()
            },
        }
    }

    async fn start(&self, id: &str, command: &str) {
        self.keeper.ensure().await.unwrap();
        self.keeper.start(self.order(id, command)).await.unwrap();
    }

    /// Waits until what is seen of `id` is as it should be.
    async fn until(&self, id: &str, is: impl Fn(Option<&Seen>) -> bool) -> Option<Seen> {
        let mut after = 0;
        loop {
            let (count, all) = self.keeper.list(after).await.unwrap();
            after = count;
            let one = all.into_iter().find(|one| one.id == id);
            if is(one.as_ref()) {
                return one;
            }
        }
    }

    async fn ended(&self, id: &str) -> i32 {
        let seen = self.until(id, |one| {
            one.is_some_and(|one| matches!(one.stand, Stand::Ended(_)))
        });
        match seen.await.unwrap().stand {
            Stand::Ended(Ended { exit }) => exit,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the log of `id` has `text`: what was written last comes in behind the end.
    async fn logged(&self, id: &str, text: &str) {
        for _ in 0..500 {
            let written = std::fs::read_to_string(self.keeper.log(id)).unwrap_or_default();
            if written.contains(text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`{text}` is not in the log of {id}");
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ended = self.runtime.block_on(self.keeper.end());
    }
}

fn what_it_holds_is_told_with_its_end(fixture: &Fixture) {
    fixture.runtime.block_on(async {
        fixture
            .start("one", "echo here; echo there >&2; exit 7")
            .await;
        assert_eq!(fixture.ended("one").await, 7);
        fixture.logged("one", " here\n").await;
        fixture.logged("one", " there\n").await;
        let twice = fixture.keeper.start(fixture.order("one", "true")).await;
        assert!(matches!(twice, Err(KeeperError::Refused(why)) if why.contains("already")));
        fixture.keeper.forget("one").await.unwrap();
        fixture.until("one", |one| one.is_none()).await;
        let strange = fixture.keeper.start(fixture.order("../one", "true")).await;
        assert!(matches!(strange, Err(KeeperError::Refused(why)) if why.contains("no name")));
        assert!(fixture.keeper.kill("nobody").await.is_err());
    });
}

fn who_listens_ends_in_peace_and_who_does_not_at_once(fixture: &Fixture) {
    fixture.runtime.block_on(async {
        let listens = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done";
        fixture.start("listens", listens).await;
        fixture.logged("listens", "up").await;
        fixture.keeper.quit("listens").await.unwrap();
        assert_eq!(fixture.ended("listens").await, 3);
        fixture.logged("listens", "bye").await;
        fixture.start("deaf", "echo up; exec sleep 60").await;
        fixture.logged("deaf", "up").await;
        fixture.keeper.quit("deaf").await.unwrap();
        assert!([137, 143].contains(&fixture.ended("deaf").await));
        fixture
            .start("killed", "trap '' TERM; echo up; sleep 60 & sleep 60")
            .await;
        fixture.logged("killed", "up").await;
        fixture.keeper.kill("killed").await.unwrap();
        assert_eq!(fixture.ended("killed").await, 137);
    });
}

fn what_is_parked_stands_still(fixture: &Fixture) {
    let count = fixture.folder.path().join("work/count");
    let length = || std::fs::metadata(&count).map_or(0, |about| about.len());
    fixture.runtime.block_on(async {
        fixture
            .start("one", "while :; do printf x >> count; sleep 0.01; done")
            .await;
        while length() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        fixture.keeper.park("one").await.unwrap();
        fixture
            .until("one", |one| one.unwrap().stand == Stand::Parked)
            .await;
        let then = length();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(length() <= then + 1);
        fixture.keeper.unpark("one").await.unwrap();
        let stood = length();
        while length() < stood + 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // One that is parked hears all the same that it is to end.
        fixture.keeper.park("one").await.unwrap();
        fixture.keeper.quit("one").await.unwrap();
        fixture.ended("one").await;
    });
}

fn another_client_finds_what_is_held(fixture: &Fixture) {
    fixture.runtime.block_on(async {
        fixture.start("one", "echo up; exec sleep 60").await;
        let again = fixture.keeper.clone();
        assert!(again.is_there().await.unwrap());
        again.ensure().await.unwrap();
        let (_, all) = again.list(0).await.unwrap();
        assert_eq!(
            (all[0].label.as_str(), all[0].stand),
            ("label of one", Stand::Running)
        );
        let process = format!("/proc/{}", all[0].process);
        assert!(PathBuf::from(&process).exists());
        // Nobody asks any more: after a while all has ended.
        let begun = std::time::Instant::now();
        while PathBuf::from(&process).exists() {
            assert!(begun.elapsed() < Duration::from_secs(30));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(begun.elapsed() >= Duration::from_secs(2));
        assert!(!again.is_there().await.unwrap());
    });
}

fn what_is_no_question_is_refused(fixture: &Fixture) {
    use std::io::{Read as _, Write as _};
    fixture.runtime.block_on(fixture.keeper.ensure()).unwrap();
    let socket = fixture.folder.path().join("run/keeper.sock");
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    stream.write_all(b"hello\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("that is no question"), "{answer}");
    // What is held may connect, and is not listened to.
    let socket = fixture.folder.path().join("run/keeper.sock");
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    let guessed = "{\"key\":\"\",\"ask\":{\"do\":\"list\",\"after\":0}}\n";
    stream.write_all(guessed.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("not the key"), "{answer}");
}

fn who_connects_waits_for_whoever_goes_on(fixture: &Fixture) {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    fixture.runtime.block_on(async {
        fixture.keeper.ensure().await.unwrap();
        assert!(fixture.keeper.sockets("gateway").await.unwrap().is_empty());
        let sockets = [listener.as_fd()];
        fixture.keeper.keep("gateway", &sockets).await.unwrap();
    });
    drop(listener);
    let mut client = std::net::TcpStream::connect(address).unwrap();
    client.write_all(b"hello").unwrap();
    let mut kept = fixture
        .runtime
        .block_on(fixture.keeper.sockets("gateway"))
        .unwrap();
    let again = std::net::TcpListener::from(kept.remove(0));
    assert_eq!(again.local_addr().unwrap(), address);
    let (mut taken, _) = again.accept().unwrap();
    drop(client);
    let mut heard = String::new();
    taken.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "hello");
    drop(again);
    fixture
        .runtime
        .block_on(fixture.keeper.keep("gateway", &[]))
        .unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}

const TESTS: &[(&str, Test)] = &[
    (
        "what_it_holds_is_told_with_its_end",
        what_it_holds_is_told_with_its_end,
    ),
    (
        "who_listens_ends_in_peace_and_who_does_not_at_once",
        who_listens_ends_in_peace_and_who_does_not_at_once,
    ),
    ("what_is_parked_stands_still", what_is_parked_stands_still),
    (
        "another_client_finds_what_is_held",
        another_client_finds_what_is_held,
    ),
    (
        "who_connects_waits_for_whoever_goes_on",
        who_connects_waits_for_whoever_goes_on,
    ),
    (
        "what_is_no_question_is_refused",
        what_is_no_question_is_refused,
    ),
];

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes()).unwrap();
}

fn main() -> ExitCode {
    if let Some(code) = trunkline_sandbox::launch().or_else(trunkline_keeper::keep) {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // What runs tests first asks which there are, in the words of the standard harness.
    if arguments.iter().any(|one| one == "--list") {
        if !arguments.iter().any(|one| one == "--ignored") {
            for (name, _) in TESTS {
                say(&format!("{name}: test"));
            }
        }
        return ExitCode::SUCCESS;
    }
    let mut wanted = arguments.iter().filter(|one| !one.starts_with('-'));
    let name = wanted.next().map_or("", String::as_str);
    for (_, test) in TESTS.iter().filter(|(known, _)| known.contains(name)) {
        test(&Fixture::new());
    }
    ExitCode::SUCCESS
}
