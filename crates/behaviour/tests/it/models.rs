//! Which model is in use.

use std::sync::Arc;

use trunkline_behaviour::{Model, Models, shipped};

const VALVE: &str = "kind = \"valve\"\nevery = \"5s\"\n[report]\nx = \"1\"\n";

fn file(name: &str, text: &str) -> (String, String) {
    (format!("behaviour/{name}.toml"), text.to_owned())
}

fn every(model: Option<Arc<Model>>) -> u64 {
    model.unwrap().every().as_secs()
}

#[test]
fn every_shipped_model_is_there_before_any_file() {
    let models = Models::new();
    for (name, text) in shipped() {
        let model = Model::read(name, text).unwrap();
        assert_eq!(models.of(model.kind()).unwrap().name(), model.name());
    }
    assert!(models.of("valve").is_none());
}

#[test]
fn a_file_goes_before_the_shipped_model_as_long_as_it_is_there() {
    let models = Models::new();
    let shipped = models.of("pump").unwrap();
    let own = VALVE.replace("\"valve\"", "\"pump\"").replace("5s", "7s");
    let before = models.version();
    let problems = models.apply(&[file("pump", &own), file("valve", VALVE)]);
    assert_eq!(problems, []);
    assert!(models.version() > before);
    assert_eq!(every(models.of("pump")), 7);
    assert_eq!(every(models.of("valve")), 5);
    assert_eq!(models.apply(&[]), []);
    assert!(Arc::ptr_eq(&models.of("pump").unwrap(), &shipped));
    assert!(models.of("valve").is_none());
}

#[test]
fn a_wrong_file_leaves_its_last_good_version_and_says_where_it_is_wrong() {
    let models = Models::new();
    let wrong = VALVE.replace("\"1\"", "\"nobody\"");
    let problems = models.apply(&[file("valve", &wrong)]);
    assert!(models.of("valve").is_none(), "there was no good one");
    let place = (problems[0].file.as_str(), problems[0].line);
    assert_eq!(place, ("behaviour/valve.toml", Some(4)));
    models.apply(&[file("valve", VALVE)]);
    let good = models.of("valve").unwrap();
    for _ in 0..2 {
        let problems = models.apply(&[file("valve", &wrong)]);
        assert_eq!(problems.len(), 1, "it is told each time");
        assert!(Arc::ptr_eq(&models.of("valve").unwrap(), &good));
    }
    models.apply(&[file("valve", &VALVE.replace("5s", "6s"))]);
    assert_eq!(every(models.of("valve")), 6);
}

#[test]
fn a_model_whose_file_did_not_change_is_the_very_same() {
    let models = Models::new();
    models.apply(&[file("valve", VALVE)]);
    let before = models.of("valve").unwrap();
    models.apply(&[
        file("tap", &VALVE.replace("valve", "tap")),
        file("valve", VALVE),
    ]);
    assert!(Arc::ptr_eq(&models.of("valve").unwrap(), &before));
}

#[test]
fn the_first_of_two_files_for_one_kind_counts() {
    let models = Models::new();
    let files = [file("b", &VALVE.replace("5s", "6s")), file("a", VALVE)];
    let problems = models.apply(&files);
    assert_eq!(every(models.of("valve")), 5);
    assert_eq!(
        problems[0].to_string(),
        "behaviour/b.toml: things of the kind `valve` have their model in `behaviour/a.toml`"
    );
}
