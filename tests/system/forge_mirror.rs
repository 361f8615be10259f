//! A repository that follows one on another platform, and one that is followed.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::forge::{Checkout, address};
use crate::platform::{Platform, done};

const OPEN: &str = "[mirror]\nallow_private_addresses = true\n";

/// The mirror of a repository, once it is so.
fn until(platform: &Platform, name: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let shown =
            done(&platform.trunkline(&["repository", "mirror", "show", name, "--output", "json"]));
        let mirror: Value = serde_json::from_str(&shown).unwrap();
        if holds(&mirror) {
            return mirror;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{mirror}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn tip(checkout: &Checkout, place: &str, branch: &str) -> String {
    let listed = checkout.run(&["ls-remote", place, &format!("refs/heads/{branch}")]);
    listed.split('\t').next().unwrap_or_default().to_owned()
}

/// A platform with one commit, one that has a token of it, and a checkout of that commit.
fn two(folder: &Path) -> (Platform, Platform, Checkout) {
    let there = Platform::start();
    let checkout = Checkout::new(&there, &folder.join("work"));
    checkout.commit("begin", &[("README.md", "x\n")]);
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    let secret = [("TRUNKLINE_SECRET_THERE", there.token.as_str())];
    let here = Platform::configured_with(OPEN, &secret);
    (there, here, checkout)
}

#[test]
fn a_repository_follows_one_elsewhere_and_another_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (there, here, checkout) = two(folder.path());
    done(&here.trunkline(&["repository", "create", "shop"]));
    let plain = format!("{}/git/shop", there.api);
    let made = done(&here.trunkline(&[
        "repository",
        "mirror",
        "set",
        "shop",
        "--from",
        &plain,
        "--branch",
        "trunk",
        "--secret",
        "THERE",
        "--output",
        "json",
    ]));
    let made: Value = serde_json::from_str(&made).unwrap();
    let begin = checkout.run(&["rev-parse", "HEAD"]).trim().to_owned();
    until(&here, "shop", |mirror| mirror["commit"] == *begin);
    assert_eq!(tip(&checkout, &address(&here), "trunk"), begin);
    // What follows takes no changes of its own.
    let refused = checkout.git(&["push", &address(&here), "HEAD:refs/for/trunk"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && told.contains("changes are made there"),
        "{told}"
    );

    // A webhook with the secret has it look at once; one without it is refused.
    checkout.next_second();
    checkout.commit("second", &[("README.md", "y\n")]);
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    checkout.run(&["fetch", "-q", "trunk"]);
    let second = tip(&checkout, "trunk", "trunk");
    let token = made["webhook"]["secret"].as_str().unwrap();
    let hook = |shown: &str| {
        let header = format!("x-gitlab-token: {shown}");
        let arguments = [
            "-X",
            "POST",
            "-H",
            &header,
            "-H",
            "x-gitlab-event: Push Hook",
            "-d",
            "{}",
        ];
        here.curl(&arguments, "/webhooks/git/shop").0
    };
    assert_eq!((hook("guessed"), hook(token)), (401, 202));
    until(&here, "shop", |mirror| mirror["commit"] == *second);

    // The other way round: a repository elsewhere follows the trunk here.
    done(&here.trunkline(&["repository", "create", "own"]));
    let own = address(&here).replace("/git/shop", "/git/own");
    checkout.run(&["push", "-q", &own, "HEAD:trunk"]);
    done(&here.trunkline(&[
        "repository",
        "mirror",
        "set",
        "own",
        "--to",
        &plain,
        "--branch",
        "copy",
        "--secret",
        "THERE",
    ]));
    let first = tip(&checkout, &own, "trunk");
    until(&here, "own", |mirror| mirror["commit"] == *first);
    assert_eq!(tip(&checkout, "trunk", "copy"), first);
    checkout.next_second();
    checkout.commit("third", &[("README.md", "z\n")]);
    checkout.run(&["push", "-q", &own, "HEAD:refs/for/trunk"]);
    let third = tip(&checkout, &own, "trunk");
    until(&here, "own", |mirror| mirror["commit"] == *third);

    part_ways(&checkout, &own, (&begin, &third));
    let failing = until(&here, "own", |mirror| mirror["state"] == "failing");
    assert!(
        failing["problem"].as_str().unwrap().contains("git"),
        "{failing}"
    );
    checkout.run(&["fetch", "-q", "trunk", "copy"]);
    let kept = checkout.run(&["log", "-1", "--format=%s", "FETCH_HEAD"]);
    assert_eq!(kept.trim(), "elsewhere");
    done(&here.trunkline(&["repository", "mirror", "remove", "shop"]));
}

/// Where two sides went apart nothing is thrown away, and somebody is told: a commit on either side that the other does not have.
fn part_ways(checkout: &Checkout, own: &str, (begin, third): (&str, &str)) {
    checkout.run(&["reset", "-q", "--hard", begin]);
    checkout.commit("elsewhere", &[("other.md", "x\n")]);
    checkout.run(&["push", "-q", "-f", "trunk", "HEAD:copy"]);
    checkout.run(&["checkout", "-q", third]);
    checkout.next_second();
    checkout.commit("fourth", &[("README.md", "4\n")]);
    checkout.run(&["push", "-q", own, "HEAD:refs/for/trunk"]);
}

#[test]
fn a_mirror_goes_with_its_repository() {
    let folder = tempfile::tempdir().unwrap();
    let (there, here, checkout) = two(folder.path());
    let plain = format!("{}/git/shop", there.api);
    let make = || done(&here.trunkline(&["repository", "create", "shop"]));
    make();
    done(&here.trunkline(&[
        "repository",
        "mirror",
        "set",
        "shop",
        "--to",
        &plain,
        "--branch",
        "copy",
        "--secret",
        "THERE",
    ]));
    done(&here.trunkline(&["repository", "remove", "shop", "--yes"]));
    // One of the same name is another, which nobody said may go elsewhere.
    make();
    checkout.run(&["push", "-q", &address(&here), "HEAD:trunk"]);
    let gone = here.trunkline(&["repository", "mirror", "show", "shop"]);
    assert!(!gone.status.success());
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(tip(&checkout, "trunk", "copy"), "");
}
