//! Services from their first release on.

use std::sync::Arc;

use trunkline_model::Coded as _;
use trunkline_run::{Stand, Wish};

use crate::fakes::{Fixture, World};

fn manifest(command: &str) -> String {
    serde_json::json!({
        "name": "hello",
        "run": { "cmd": command, "secrets": ["STRIPE"] },
        "route": { "path": "/hello" },
        "health": { "within": "1s" },
        "deploy": { "steps": ["10% 50ms", "50% 50ms"], "bake": "50ms", "requests": 10 },
    })
    .to_string()
}

fn world() -> Arc<World> {
    let world = World::default();
    world.push("c1", &manifest("one"));
    *world.errors.lock().unwrap() = Some(0);
    Arc::new(world)
}

fn weights(world: &World) -> Vec<u32> {
    let mut weights: Vec<_> = world
        .targets
        .lock()
        .unwrap()
        .iter()
        .map(|one| one.weight)
        .collect();
    weights.sort_unstable();
    weights
}

#[tokio::test]
async fn a_release_takes_the_place_of_the_one_before_which_stays_ready() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    let first = world.orders.lock().unwrap()[0].clone();
    assert_eq!(first.environment["STRIPE"], "hush");
    assert_eq!(first.environment["TRUNKLINE_RELEASE"], "1");
    assert!(
        first.folder.ends_with("hello")
            && first.folder.starts_with(folder.path().join("run/releases"))
    );
    world.push("c2", &manifest("two"));
    fixture.serves(2).await;
    fixture
        .until(|seen| seen.instances.iter().any(|one| one.state == "parked"))
        .await;
    assert_eq!(weights(&world), [0, 10_000]);
    let all = fixture.services.deployments("hello").await.unwrap();
    assert_eq!(all[0].state, "settled");
    assert!(
        all[0].reason.contains("no worse than before"),
        "{}",
        all[0].reason
    );

    let wish = Wish::default();
    fixture
        .services
        .roll_back("hello", &wish, "ada")
        .await
        .unwrap();
    assert_eq!(weights(&world), [0, 10_000]);
    assert_eq!(
        fixture
            .services
            .service("hello")
            .await
            .unwrap()
            .serving
            .unwrap()
            .number,
        1
    );
    let again = fixture
        .services
        .roll_back("hello", &wish, "ada")
        .await
        .unwrap_err();
    assert_eq!(again.code().code, "TL-RUN-002");
    fixture
        .services
        .promote("hello", &wish, "ada")
        .await
        .unwrap();
    assert_eq!(
        fixture
            .services
            .service("hello")
            .await
            .unwrap()
            .serving
            .unwrap()
            .number,
        2
    );
    assert_eq!(
        world.orders.lock().unwrap().len(),
        2,
        "nothing was started again"
    );
}

#[tokio::test]
async fn one_that_does_worse_is_taken_back_and_without_an_answer_nothing_passes() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    *world.errors.lock().unwrap() = None;
    world.push("c2", &manifest("two"));
    fixture.is_in_canary().await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let seen = fixture.services.service("hello").await.unwrap();
    assert_eq!(seen.deployment.unwrap().step, 1);
    *world.errors.lock().unwrap() = Some(30);
    fixture.serves(1).await;
    let all = fixture.services.deployments("hello").await.unwrap();
    assert_eq!(all[0].state, "rolled_back");
    let evidence = all[0].evidence.as_ref().unwrap();
    assert_eq!(evidence["rules"][0]["rule"], "errors");
    assert_eq!(evidence["rules"][0]["release"]["bad"], 30);
}

#[tokio::test]
async fn what_does_not_start_fails_with_its_last_words() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    world.broken.lock().unwrap().insert("two".to_owned());
    world.push("c2", &manifest("two"));
    let failed = async |number: i64| {
        for _ in 0..2_000 {
            let all = fixture.services.deployments("hello").await.unwrap();
            if let Some(one) = all
                .iter()
                .find(|one| one.number == number && one.state == "failed")
            {
                return one.reason.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("{:#?}", fixture.services.deployments("hello").await);
    };
    let reason = failed(2).await;
    assert!(
        reason.contains("it ended with 3") && reason.contains("the database is not there"),
        "{reason}"
    );
    *world.unbuildable.lock().unwrap() = Some("`build` does not end well".to_owned());
    world.push("c3", &manifest("three"));
    assert!(
        failed(3)
            .await
            .contains("cannot be brought: `build` does not end well")
    );
    *world.unbuildable.lock().unwrap() = None;
    let unknown = manifest("four").replace("STRIPE", "NOBODY");
    world.push("c4", &unknown);
    assert!(failed(4).await.contains("there is no secret `NOBODY`"));
    fixture.serves(1).await;
}

#[tokio::test]
async fn a_platform_that_comes_back_goes_on_where_it_was() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    *world.errors.lock().unwrap() = None;
    world.push("c2", &manifest("two"));
    fixture.is_in_canary().await;
    drop(fixture);
    // What a platform before left behind is removed, and what is needed stays.
    let left = folder.path().join("run/instances/ins_left");
    std::fs::create_dir_all(&left).unwrap();
    let part = folder.path().join("run/releases/rel_left.part");
    std::fs::create_dir_all(&part).unwrap();
    world.targets.lock().unwrap().clear();
    let fixture = Fixture::open(&world, folder.path()).await;
    assert_eq!(
        weights(&world),
        [1_000, 9_000],
        "routes are there before anybody asks"
    );
    *world.errors.lock().unwrap() = Some(0);
    fixture.serves(2).await;
    assert_eq!(world.orders.lock().unwrap().len(), 2);
    assert!(!left.exists() && !part.exists());
    let kept = std::fs::read_dir(folder.path().join("run/releases")).unwrap();
    assert_eq!(kept.count(), 2);
    // All that ran is gone: what serves is started again.
    world.end_all();
    fixture
        .until(|_| world.orders.lock().unwrap().len() == 3)
        .await;
    fixture.serves(2).await;
}

#[tokio::test]
async fn what_was_started_twice_runs_once() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    world.hold_twice();
    let quit = || !world.done.lock().unwrap().is_empty();
    fixture.until(|_| quit()).await;
    fixture.until(|seen| seen.instances.len() == 1).await;
    fixture.serves(1).await;
    assert_eq!(world.done.lock().unwrap().as_slice(), ["quit"]);
    assert_eq!(weights(&world), [10_000]);
}

#[tokio::test]
async fn pinned_it_stays_and_gone_from_the_trunk_it_ends() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let fixture = Fixture::open(&world, folder.path()).await;
    fixture.serves(1).await;
    let wish = Wish {
        reason: "the fair".to_owned(),
        ..Wish::default()
    };
    fixture
        .services
        .pin("hello", true, &wish, "ada")
        .await
        .unwrap();
    world.push("c2", &manifest("two"));
    fixture
        .until(|seen| {
            seen.problem
                .as_ref()
                .is_some_and(|why| why.contains("the fair"))
        })
        .await;
    assert!(
        fixture
            .services
            .service("hello")
            .await
            .unwrap()
            .deployment
            .is_none()
    );
    fixture
        .services
        .pin("hello", false, &wish, "ada")
        .await
        .unwrap();
    fixture.serves(2).await;
    world.push("c3", "");
    ended(&fixture, &world).await;
    // A mistyped file ends nothing.
    world.push("c4", &manifest("four"));
    fixture.serves(3).await;
    world.push("c5", "{");
    fixture.until(|seen| seen.problem.is_some()).await;
    fixture.serves(3).await;
    // With its repository it ends too.
    world.push("", "");
    ended(&fixture, &world).await;
}

async fn ended(fixture: &Fixture, world: &World) {
    for _ in 0..2_000 {
        if fixture.services.service("hello").await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(fixture.services.service("hello").await.is_err());
    assert!(world.targets.lock().unwrap().is_empty());
    let stands = world.stands();
    assert!(stands.iter().all(|stand| matches!(stand, Stand::Ended(_))));
}
