//! Ranges that drifted apart, in four languages at once.

use proptest::prelude::*;
use trunkline_dependency::Kind;

use crate::world::{Files, files, fixes, mended, of_kind, report, shown, text};

fn shop() -> Files {
    files(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"rust/*\"]\n[workspace.dependencies]\nserde = { version = \"1.0.200\", features = [\"derive\"] } # all of us\n",
        ),
        (
            "rust/a/Cargo.toml",
            "[package]\nname = \"a\"\n[dependencies]\nserde.workspace = true\nlog = \"0.4\"\n",
        ),
        (
            "rust/b/Cargo.toml",
            "[package]\nname = \"b\"\n[dependencies]\n# why not of the workspace?\nserde = \"1.0.100\"\nlog = \"^0.4\"\n",
        ),
        (
            "rust/c/Cargo.toml",
            "[package]\nname = \"c\"\n[dependencies]\nserde.workspace = true\n[target.'cfg(unix)'.dependencies]\nserde = \"1.0.100\"\n",
        ),
        (
            "package.json",
            "{\"name\": \"shop\", \"workspaces\": [\"web/*\"]}",
        ),
        (
            "web/a/package.json",
            "{\n  \"name\": \"wa\",\n  \"dependencies\": {\n    \"react\": \"^19.0.0\"\n  },\n  \"peerDependencies\": {\"vue\": \">=3\"}\n}\n",
        ),
        (
            "web/b/package.json",
            "{\n  \"name\": \"wb\",\n  \"dependencies\": { \"react\":  \"^18.0.0\", \"vue\": \"^3.5.0\" }\n}\n",
        ),
        (
            "web/c/package.json",
            "{\"name\": \"wc\", \"devDependencies\": {\"react\": \"^19.0.0\"}}",
        ),
        (
            "go/a/go.mod",
            "module e.org/a\n\nrequire (\n\te.org/x v1.2.0 // pinned by hand\n\te.org/y v0.1.0 // indirect\n)\n",
        ),
        (
            "go/b/go.mod",
            "module e.org/b\n\nrequire e.org/x v1.3.0\nrequire e.org/y v0.2.0\n",
        ),
        (
            "py/a/pyproject.toml",
            "[project]\nname = \"pa\"\ndependencies = [\n    \"httpx[http2]>=0.27 ; python_version > '3.9'\", # client\n]\n",
        ),
        (
            "py/b/pyproject.toml",
            "[tool.poetry]\nname = \"pb\"\n[tool.poetry.dependencies]\nHttpX = \"^0.28\"\n",
        ),
    ])
}

#[test]
fn all_four_languages_are_looked_at_in_one_pass() {
    let report = report(&shop());
    let drifts: Vec<_> = of_kind(&report, Kind::Drift)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        drifts,
        [
            "Cargo.toml:4: drift: `serde` is asked for in 2 ranges: `1.0.100` (2), `1.0.200` (1)",
            "go/a/go.mod:4: drift: `e.org/x` is asked for in 2 ranges: `v1.2.0` (1), `v1.3.0` (1)",
            "web/b/package.json:3: drift: `react` is asked for in 2 ranges: `^18.0.0` (1), `^19.0.0` (2)",
            "py/a/pyproject.toml:4: drift: `httpx` is asked for in 2 ranges: `>=0.27` (1), `^0.28` (1)",
        ]
    );
    assert_eq!(report.findings[0].projects, ["cargo:a", "cargo:c"]);
}

#[test]
fn a_fix_changes_ranges_and_nothing_else() {
    let mut before = shop();
    before.insert(
        "dependencies.toml".into(),
        b"[drift]\nprefer = \"highest\"\n[pin]\n\"node:react\" = \"^19.1.0\"\n".to_vec(),
    );
    let after = mended(&before, &fixes(&before));
    assert_eq!(
        text(&after, "rust/b/Cargo.toml"),
        text(&before, "rust/b/Cargo.toml").replace("1.0.100", "1.0.200")
    );
    assert_eq!(
        text(&after, "web/b/package.json"),
        text(&before, "web/b/package.json").replace("^18.0.0", "^19.1.0")
    );
    assert_eq!(
        text(&after, "go/a/go.mod"),
        text(&before, "go/a/go.mod").replace("v1.2.0", "v1.3.0")
    );
    assert_eq!(
        text(&after, "py/a/pyproject.toml"),
        text(&before, "py/a/pyproject.toml").replace(">=0.27", "^0.28")
    );
    assert_eq!(text(&after, "Cargo.toml"), text(&before, "Cargo.toml"));
    assert_eq!(shown(&report(&after)), [""; 0]);
}

#[test]
fn a_pin_holds_for_all() {
    let mut repository = shop();
    repository.insert(
        "dependencies.toml".into(),
        b"[pin]\nserde = \"1.0.200\"\n".to_vec(),
    );
    let report = report(&repository);
    let pins = of_kind(&report, Kind::Pin);
    assert_eq!(
        pins[0].to_string(),
        "rust/b/Cargo.toml:5: pin: `serde` is pinned to `1.0.200` and 2 manifests ask for something else"
    );
    assert!(
        of_kind(&report, Kind::Drift)
            .iter()
            .all(|one| one.name != "serde")
    );
}

#[test]
fn a_manifest_that_changed_since_is_not_edited() {
    let repository = shop();
    let report = report(&repository);
    let mut other = repository.clone();
    other.insert("go/a/go.mod".into(), b"module e.org/a\n".to_vec());
    let error = trunkline_dependency::fix(&report, &other).unwrap_err();
    assert!(
        error.to_string().contains("no dependency `e.org/x`"),
        "{error}"
    );
}

fn range() -> impl Strategy<Value = String> {
    (0_u8..3, 0_u8..3, prop::sample::select(vec!["^", "~", ""]))
        .prop_map(|(major, minor, sign)| format!("{sign}{major}.{minor}.0"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn after_a_fix_there_is_no_drift_and_a_second_fix_does_nothing(
        ranges in prop::collection::vec(prop::collection::vec(range(), 1..4), 1..5),
        spaced in any::<bool>(),
    ) {
        let mut repository = Files::new();
        for (number, ranges) in ranges.iter().enumerate() {
            let join = if spaced { " ,\n    " } else { "," };
            let needs: Vec<_> = ranges.iter().enumerate().map(|(need, range)| format!("\"n{need}\" : \"{range}\"")).collect();
            let node = format!("{{\"name\": \"p{number}\", \"dependencies\": {{{}}}, \"x\": [1]}}", needs.join(join));
            repository.insert(format!("n{number}/package.json"), node.into_bytes());
            let needs: Vec<_> = ranges.iter().enumerate().map(|(need, range)| format!("n{need} = {{ version = '{range}' }} # {need}\n")).collect();
            let cargo = format!("[package]\nname = \"p{number}\"\n[dependencies]\n{}", needs.concat());
            repository.insert(format!("c{number}/Cargo.toml"), cargo.into_bytes());
        }
        let after = mended(&repository, &fixes(&repository));
        prop_assert!(of_kind(&report(&after), Kind::Drift).is_empty());
        prop_assert!(fixes(&after).edits.is_empty());
    }
}
