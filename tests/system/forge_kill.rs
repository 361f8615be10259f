//! Kill -9 under the forge: whatever it does at that moment, what a pusher was told is in the queue lands, each change once, and the trunk stays green.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::forge::{Checkout, address, until};
use crate::platform::Platform;

/// What came of it, as rows of a table.
type Counted = Vec<(String, usize)>;

/// A service whose test takes a while, and holds what is built against what should be.
const SERVICE: &str = "name = \"shop\"\n[build]\ncmd = \"mkdir -p out && cp main.txt out/shop\"\noutputs = [\"out/**\"]\n[test]\ncmd = \"sleep 0.2; grep -q good out/shop\"\n";
/// A whole way of a change takes about as long.
const WAY: u64 = 520;

fn push(checkout: &Checkout) -> Child {
    Command::new("git")
        .args([
            "push",
            "-q",
            "-o",
            "no-wait",
            "trunk",
            "HEAD:refs/for/trunk",
        ])
        .current_dir(&checkout.folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Where the change of the queue is; `pushed` where the queue does not have it yet, and `landed` where it has left it.
fn stage(platform: &Platform, push_is_over: bool) -> String {
    let (_, text) = platform.curl(&[], "/v1/repositories/shop/queue");
    let queue: Value = serde_json::from_str(&text).unwrap();
    let stage = queue["lanes"][0]["landings"][0]["stage"].as_str();
    let elsewhere = if push_is_over { "landed" } else { "pushed" };
    stage.unwrap_or(elsewhere).to_owned()
}

fn rounds(count: u64) -> Counted {
    let mut platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    checkout.commit(
        "begin",
        &[("service.toml", SERVICE), ("main.txt", "good\n")],
    );
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    let mut at = BTreeMap::<String, usize>::new();
    let mut again = 0;
    for round in 0..count {
        checkout.next_second();
        let subject = format!("change {round}");
        checkout.commit(&subject, &[("main.txt", &format!("good {round}\n"))]);
        let began = Instant::now();
        let mut pushing = push(&checkout);
        // A different moment each round: in the push, in the plan, in a task, as it lands, or right after.
        let moment = Duration::from_millis((round * 97) % WAY);
        std::thread::sleep(moment.saturating_sub(began.elapsed()));
        let over = pushing.try_wait().unwrap().is_some();
        *at.entry(stage(&platform, over)).or_default() += 1;
        platform = platform.kill_and_restart();
        checkout.run(&["remote", "set-url", "trunk", &address(&platform)]);
        if !pushing.wait().unwrap().success() {
            // Nobody was told that it is there, so it is pushed again; it may have been there all the same.
            again += 1;
            let _known = push(&checkout).wait().unwrap();
        }
        until(
            &platform,
            "select distinct landing from landings where outcome = 'landed'",
            |rows| rows.len() as u64 == round + 1,
        );
        checkout.run(&["fetch", "-q", "trunk"]);
        assert_eq!(
            checkout
                .run(&["log", "-1", "--format=%s", "trunk/trunk"])
                .trim(),
            subject
        );
    }
    let log = checkout.run(&["log", "--format=%s", "trunk/trunk"]);
    let landed: Vec<&str> = log.lines().collect();
    let each_once: BTreeSet<&str> = landed.iter().copied().collect();
    assert_eq!(
        (landed.len() as u64, each_once.len()),
        (count + 1, landed.len()),
        "{log}"
    );
    checkout.run(&["fsck", "--strict"]);
    let outcomes = until(&platform, "select distinct outcome from landings", |rows| {
        !rows.is_empty()
    });
    assert_eq!(outcomes, [json!({"outcome": "landed"})]);
    let red: Vec<Value> = until(
        &platform,
        "select count(*) as red from tasks where outcome = 'red'",
        |rows| !rows.is_empty(),
    );
    assert_eq!(red, [json!({"red": 0})]);
    let mut counted = vec![(
        "rounds of kill -9 with a change on its way".to_owned(),
        landed.len() - 1,
    )];
    counted.extend(
        at.into_iter()
            .map(|(stage, times)| (format!("of them while it was `{stage}`"), times)),
    );
    counted.push(("pushes that had to be repeated".to_owned(), again));
    counted.push(("changes that landed once".to_owned(), each_once.len() - 1));
    counted.push(("changes lost, or landed twice, or red".to_owned(), 0));
    counted
}

#[test]
fn six_rounds_lose_no_change_and_land_none_twice() {
    rounds(6);
}

mod slow {
    use std::fmt::Write as _;

    /// Adds to the page where `make kill-report` wants it.
    #[test]
    fn forty_rounds_lose_no_change_and_land_none_twice() {
        let counted = super::rounds(40);
        let Some(file) = std::env::var_os("TRUNKLINE_KILL_REPORT") else {
            return;
        };
        let mut page = std::fs::read_to_string(&file).unwrap();
        page.push_str(
            "\n## The landing queue\n\nA change is pushed in each round, and the platform is killed at a moment that differs; the queue says where the change was.\n\n| what | number |\n| --- | ---: |\n",
        );
        for (what, number) in counted {
            writeln!(page, "| {what} | {number} |").unwrap();
        }
        std::fs::write(file, page).unwrap();
    }
}
