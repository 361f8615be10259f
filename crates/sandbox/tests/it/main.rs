//! Confinement for real: this very program is the launcher.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;
use trunkline_sandbox::{Checkout, Level, Request, Sandbox};

/// One test.
type Test = fn(&Fixture);

/// What makes this program hold processes until it is killed.
const HOLD: &str = "--hold";

struct Fixture {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    runtime: Runtime,
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

impl Fixture {
    fn new() -> Self {
        // Not below /tmp, which is the task's own.
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = tempfile::tempdir_in(place).unwrap();
        for name in ["work", "readable", "hidden"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("file"), name).unwrap();
        }
        let launcher = std::env::current_exe().unwrap();
        Self {
            folder,
            sandbox: Sandbox::open(&launcher, Level::None, 2).unwrap(),
            runtime: runtime(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn request(&self, command: &str) -> Request {
        Request {
            command: command.to_owned(),
            folder: self.folder.path().join("work"),
            environment: BTreeMap::from([(
                "PATH".to_owned(),
                "/usr/local/bin:/usr/bin:/bin".to_owned(),
            )]),
            readable: vec![self.folder.path().join("readable")],
            writable: vec![self.folder.path().join("work")],
            ..Request::default()
        }
    }

    /// The exit code and what was said.
    fn run(&self, request: &Request) -> (i32, String) {
        self.runtime.block_on(async {
            let started = self.sandbox.start(request).await.unwrap();
            let output = started.child.wait_with_output().await.unwrap();
            drop(started.tether);
            let said = [output.stdout, output.stderr].concat();
            (
                output.status.code().unwrap_or(-1),
                String::from_utf8_lossy(&said).into_owned(),
            )
        })
    }

    /// Lets what goes on beside go on, until `done`.
    fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        self.runtime.block_on(async {
            for _ in 0..1_000 {
                if done() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("waited in vain: {what}");
        });
    }

    fn sh(&self, command: &str) -> (i32, String) {
        self.run(&self.request(command))
    }
}

fn files_are_those_that_were_named(fixture: &Fixture) {
    let (code, said) = fixture.sh(&format!(
        "cat file {}/file; echo new > made; echo more >> file",
        fixture.path("readable")
    ));
    assert_eq!((code, said.as_str()), (0, "workreadable"));
    assert_eq!(
        std::fs::read_to_string(fixture.path("work/made")).unwrap(),
        "new\n"
    );
    for command in [
        format!("cat {}/file", fixture.path("hidden")),
        format!("ls {}", fixture.path("hidden")),
        format!("echo x > {}/file", fixture.path("readable")),
        format!("echo x > {}/new", fixture.path("hidden")),
        "cat /etc/shadow".to_owned(),
        "echo x > /etc/passwd".to_owned(),
        "echo x > /usr/bin/x".to_owned(),
        format!("ln -s {}/file link && cat link", fixture.path("hidden")),
        format!("ln {}/file hard", fixture.path("hidden")),
        format!(
            "mv {}/file {}/file2",
            fixture.path("readable"),
            fixture.path("readable")
        ),
        "cd /proc/1/root && cat etc/shadow".to_owned(),
    ] {
        let (code, said) = fixture.sh(&command);
        assert!(
            code != 0 && !said.contains("hidden\n") && !said.contains("root:"),
            "{command}: {code} {said}"
        );
    }
    assert_eq!(
        std::fs::read_to_string(fixture.path("hidden/file")).unwrap(),
        "hidden"
    );
}

fn checkout_is_what_was_named(fixture: &Fixture) {
    let root = fixture.folder.path().join("checkout");
    for (path, text) in [
        ("mine/a", "mine"),
        ("mine/deep/b", "deep"),
        ("theirs/a", "theirs"),
        ("theirs/manifest", "manifest"),
        ("lock", "lock"),
        ("out", "out"),
    ] {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), text).unwrap();
    }
    std::os::unix::fs::symlink(fixture.path("hidden"), root.join("leads")).unwrap();
    let all = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
    let request = |command: &str| Request {
        folder: root.join("mine"),
        checkout: Some(Checkout {
            root: root.clone(),
            readable: all(&["lock", "theirs/manifest", "leads", "leads/file", "none"]),
            writable: all(&["mine", "kept/deep", "leads/made"]),
            makes: all(&["out", "made/file.txt"]),
        }),
        writable: Vec::new(),
        ..fixture.request(command)
    };
    let good = "cat a deep/b ../lock ../theirs/manifest; ls .. ../theirs; echo x > new; echo x > ../kept/deep/x; echo x > ../out; echo x > ../made/file.txt";
    let (code, said) = fixture.run(&request(good));
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("minedeeplockmanifest"), "{said}");
    assert!(
        said.contains("theirs\n") && said.contains("manifest\n"),
        "{said}"
    );
    for path in ["mine/new", "kept/deep/x", "out", "made/file.txt"] {
        assert_eq!(std::fs::read_to_string(root.join(path)).unwrap(), "x\n");
    }
    for bad in [
        "cat ../theirs/a",
        "cat ../leads/file",
        "echo x > ../theirs/new",
        "echo x > ../lock",
        "echo x > ../new",
        "echo x > ../theirs/manifest",
        "mkdir ../kept/new",
    ] {
        let (code, said) = fixture.run(&request(bad));
        assert!(
            code != 0 && said.contains("ermission denied"),
            "{bad}: {code} {said}"
        );
    }
    assert!(!Path::new(&fixture.path("hidden/made")).exists());
    // Who may write all of it may not write what git keeps.
    std::fs::create_dir_all(root.join(".git/hooks")).unwrap();
    let all = |command: &str| Request {
        checkout: Some(Checkout {
            root: root.clone(),
            writable: vec![String::new()],
            ..Checkout::default()
        }),
        ..request(command)
    };
    let (code, said) = fixture.run(&all("echo x > ../theirs/a && echo x > ../new"));
    assert_eq!(code, 0, "{said}");
    if fixture.sandbox.level() == Level::Namespaces {
        for bad in [
            "echo x > ../.git/hooks/post-commit",
            "mv ../.git ../other",
            "rm -r ../.git",
        ] {
            let (code, said) = fixture.run(&all(bad));
            assert_ne!(code, 0, "{bad}: {said}");
        }
        assert!(root.join(".git/hooks").is_dir());
    }
}

fn how_it_ends_is_told(fixture: &Fixture) {
    assert_eq!(fixture.sh("exit 7").0, 7);
    assert_eq!(
        fixture.sh("kill -TERM $$; sleep 1; exit 3").0 % 256,
        if fixture.sandbox.level() == Level::Namespaces {
            3
        } else {
            143
        }
    );
    assert_eq!(fixture.sh("sh -c 'kill -9 $$'").0, 137);
    let environment = fixture.sh("env | sort").1;
    assert!(
        environment.contains("PATH=") && !environment.contains("CARGO"),
        "{environment}"
    );
}

fn there_is_no_network_but_where_it_is_wanted(fixture: &Fixture) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let speak = format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && echo reached");
    let (code, said) = fixture.sh(&speak);
    assert!(code != 0 && !said.contains("reached"), "{said}");
    let wanted = Request {
        network: true,
        ..fixture.request(&speak)
    };
    assert_eq!(fixture.run(&wanted), (0, "reached\n".to_owned()));
    if fixture.sandbox.level() == Level::Namespaces {
        // With itself a task may speak.
        let own = "python3 -c \"import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); c = socket.create_connection(s.getsockname()); print('spoke')\"";
        let (code, said) = fixture.sh(own);
        assert_eq!((code, said.trim()), (0, "spoke"));
    }
}

fn others_are_out_of_sight(fixture: &Fixture) {
    if fixture.sandbox.level() < Level::Namespaces {
        return;
    }
    let (code, said) = fixture.sh("ls /proc | grep -c '^[0-9]'");
    assert_eq!(code, 0);
    assert!(said.trim().parse::<u32>().unwrap() < 10, "{said}");
    let own = std::process::id();
    assert_ne!(fixture.sh(&format!("kill -0 {own}")).0, 0);
    if fixture.folder.path().starts_with("/tmp") {
        // It works below it, so another folder is its own.
        let (_, said) = fixture.sh("echo x > $TMPDIR/mine && echo wrote");
        assert_eq!(said, "wrote\n");
        return;
    }
    // What is temporary is its own.
    let mark = PathBuf::from("/tmp").join(format!("trunkline-{own}"));
    std::fs::write(&mark, "").unwrap();
    let (_, said) = fixture.sh("ls /tmp; echo x > /tmp/mine && echo wrote");
    std::fs::remove_file(&mark).unwrap();
    assert_eq!(said, "wrote\n");
    assert!(!Path::new("/tmp/mine").exists());
}

fn power_is_not_to_be_had(fixture: &Fixture) {
    for command in [
        "mount -t tmpfs none /mnt",
        "unshare --user true",
        "unshare --mount true",
        "chroot / true",
    ] {
        let (code, said) = fixture.sh(command);
        assert!(code != 0, "{command}: {said}");
    }
    let (_, said) = fixture.sh("grep -E 'NoNewPrivs|Seccomp:' /proc/self/status");
    assert!(
        said.contains("NoNewPrivs:\t1") && said.contains("Seccomp:\t2"),
        "{said}"
    );
}

fn what_it_takes_is_bounded(fixture: &Fixture) {
    let small = Request {
        file_bytes: Some(1 << 20),
        ..fixture.request("head -c 3000000 /dev/zero > big; wc -c < big")
    };
    let (_, said) = fixture.run(&small);
    assert!(said.contains("1048576"), "{said}");
    if fixture.sandbox.level() == Level::Namespaces {
        let few = Request {
            processes: Some(16),
            ..fixture.request("for i in $(seq 40); do sleep 1 & done; wait; echo over")
        };
        let (code, said) = fixture.run(&few);
        assert!(said.to_lowercase().contains("fork"), "{code} {said}");
    }
    let memory = Request {
        memory_bytes: Some(64 << 20),
        ..fixture.request("python3 -c \"x = bytearray(200 << 20); print('got it')\"")
    };
    let (code, said) = fixture.run(&memory);
    assert!(code != 0 && !said.contains("got it"), "{said}");
}

fn who_is_killed_leaves_nothing(fixture: &Fixture) {
    let number = std::process::id() % 1_000;
    let text = format!("sleep 63{number}");
    let is_there = || {
        std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&arguments)
                .replace('\0', " ")
                .trim()
                == text
        })
    };
    let request = fixture.request(&format!("{text} & {text}; wait"));
    let started = fixture.sandbox.start(&request);
    let mut started = fixture.runtime.block_on(started).unwrap();
    fixture.until("it is there", is_there);
    fixture.runtime.block_on(started.child.kill()).unwrap();
    if fixture.sandbox.level() == Level::Namespaces {
        fixture.until("it is gone", || !is_there());
    }
}

/// The processes that come of one, however far.
fn descendants(of: u32) -> Vec<u32> {
    let mut found = vec![of];
    let mut next = 0;
    while next < found.len() {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(id) = name.parse::<u32>() else {
                continue;
            };
            let about = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // Behind the name, which stands in brackets: its state, and who started it.
            let behind = about.rsplit(')').next().unwrap_or_default();
            let mut words = behind.split_whitespace();
            let living = words.next() != Some("Z");
            if living && words.next() == Some(&found[next].to_string()) {
                found.push(id);
            }
        }
        next += 1;
    }
    found.remove(0);
    found
}

fn the_next_one_is_ready(fixture: &Fixture) {
    if fixture.sandbox.level() == Level::None {
        return;
    }
    let own = || descendants(std::process::id());
    // Of each the launcher and its two steps.
    let are_ready = || own().len() == 6;
    fixture.until("one of an earlier test has ended", || own().is_empty());
    assert_eq!(fixture.sh("echo 1").1, "1\n");
    fixture.until("two wait", are_ready);
    let waiting = own();
    let left = || own().iter().filter(|id| waiting.contains(id)).count();
    assert_eq!(fixture.sh("echo 2").1, "2\n");
    fixture.until("one was taken, and another waits", || {
        are_ready() && left() == 3
    });
    // What is wanted is another than what waits.
    let other = Request {
        network: true,
        ..fixture.request("echo 3")
    };
    assert_eq!(fixture.run(&other).1, "3\n");
    fixture.until("those for it wait", || are_ready() && left() == 0);
    // They have died.
    for id in own() {
        let mut kill = std::process::Command::new("kill");
        // The others may have gone with the first.
        let _gone = kill.args(["-9", &id.to_string()]).output();
    }
    fixture.until("they are gone", || own().is_empty());
    assert_eq!(fixture.sh("echo 4").1, "4\n");
    fixture.until("two wait again", are_ready);
    // Nothing comes.
    fixture.until("they have ended", || own().is_empty());
}

fn nothing_outlives_who_started_it(fixture: &Fixture) {
    if fixture.sandbox.level() == Level::None {
        return;
    }
    let mut holder = std::process::Command::new(std::env::current_exe().unwrap())
        .args([HOLD, &fixture.path("work")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let own = || descendants(holder.id());
    // One that runs, with its shell as its second step, and one that waits.
    let ready = || own().len() >= 4 && Path::new(&fixture.path("work/running")).exists();
    fixture.until("all are there", ready);
    let all = own();
    holder.kill().unwrap();
    holder.wait().unwrap();
    let is_there = |id: &u32| {
        let about = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !about.is_empty() && !about.contains(") Z ")
    };
    fixture.until("all are gone", || !all.iter().any(is_there));
}

/// Starts a command that does not end, and waits to be killed.
fn hold(folder: &Path) {
    let launcher = std::env::current_exe().unwrap();
    let sandbox = Sandbox::open(&launcher, Level::None, 2).unwrap();
    let request = Request {
        command: "touch running; sleep 600".to_owned(),
        folder: folder.to_owned(),
        environment: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        writable: vec![folder.to_owned()],
        ..Request::default()
    };
    runtime().block_on(async {
        let _held = sandbox.start(&request).await.unwrap();
        std::future::pending::<()>().await;
    });
}

/// What the standard harness would print.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn main() -> ExitCode {
    if let Some(code) = trunkline_sandbox::launch() {
        return code;
    }
    let all: &[(&str, Test)] = &[
        (
            "files_are_those_that_were_named",
            files_are_those_that_were_named,
        ),
        ("checkout_is_what_was_named", checkout_is_what_was_named),
        ("how_it_ends_is_told", how_it_ends_is_told),
        (
            "there_is_no_network_but_where_it_is_wanted",
            there_is_no_network_but_where_it_is_wanted,
        ),
        ("others_are_out_of_sight", others_are_out_of_sight),
        ("power_is_not_to_be_had", power_is_not_to_be_had),
        ("what_it_takes_is_bounded", what_it_takes_is_bounded),
        ("who_is_killed_leaves_nothing", who_is_killed_leaves_nothing),
        ("the_next_one_is_ready", the_next_one_is_ready),
        (
            "nothing_outlives_who_started_it",
            nothing_outlives_who_started_it,
        ),
    ];
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|one| one == HOLD) {
        hold(Path::new(&arguments[1]));
        return ExitCode::SUCCESS;
    }
    // What runs tests first asks which there are, in the words of the standard harness.
    if arguments.iter().any(|one| one == "--list") {
        if !arguments.iter().any(|one| one == "--ignored") {
            for (name, _) in all {
                say(&format!("{name}: test"));
            }
        }
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|one| !one.starts_with('-'))
        .collect();
    let fixture = Fixture::new();
    say(&format!(
        "the machine gives `{}`",
        fixture.sandbox.level().name()
    ));
    for (name, test) in all {
        if wanted.is_empty() || wanted.iter().any(|one| name.contains(one.as_str())) {
            test(&fixture);
            say(&format!("test {name} ... ok"));
        }
    }
    ExitCode::SUCCESS
}
