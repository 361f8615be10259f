//! What duplicates cost, by what lies on this machine.

use std::path::{Path, PathBuf};

use trunkline_dependency::{Cost, Installed, Kind, Prices as _};
use trunkline_project::Ecosystem;

use crate::world::{files, of_kind, report_with};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Prices of the checkout in `folder`, whose caches are there too.
fn installed(folder: &Path, paths: &[String]) -> Installed {
    let environment = |name: &str| match name {
        "CARGO_HOME" => Some(folder.join("cargo")),
        "GOMODCACHE" => Some(folder.join("go")),
        _ => None::<PathBuf>,
    };
    Installed::new(folder, paths, &environment)
}

#[test]
fn a_package_of_each_ecosystem_costs_what_lies_here() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let source = "cargo/registry/src/index.crates.io-1/log-0.4.1/src/lib.rs";
    write(folder, source, "12345");
    write(folder, "go/example.org/!ada/x@v1.2.0/x.go", "1234567");
    let site = "ml/.venv/lib/python3.13/site-packages/My_Package-1.0.dist-info/RECORD";
    write(
        folder,
        site,
        "my/a.py,sha256=x,30\nmy/b.py,sha256=x,12\nRECORD,,\n",
    );
    write(
        folder,
        "web/node_modules/@shop/ui/package.json",
        "{\"version\": \"3.0.0\"}",
    );
    write(
        folder,
        "web/node_modules/.pnpm/ms@2.0.0/node_modules/ms/package.json",
        "{\"version\": \"2.0.0\"}",
    );
    let paths = ["ml/pyproject.toml", "web/package.json"].map(str::to_owned);
    let prices = installed(folder, &paths);
    let bytes = |ecosystem, name, version| {
        let price = prices.price(ecosystem, name, version);
        price.and_then(|price| price.bytes)
    };
    assert_eq!(bytes(Ecosystem::Cargo, "log", "0.4.1"), Some(5));
    assert_eq!(bytes(Ecosystem::Cargo, "log", "0.4.2"), None);
    assert_eq!(bytes(Ecosystem::Go, "example.org/Ada/x", "v1.2.0"), Some(7));
    assert_eq!(bytes(Ecosystem::Python, "my-package", "1.0"), Some(42));
    assert_eq!(bytes(Ecosystem::Node, "@shop/ui", "3.0.0"), Some(20));
    assert_eq!(bytes(Ecosystem::Node, "ms", "2.0.0"), Some(20));
    assert_eq!(bytes(Ecosystem::Node, "ms", "2.0.1"), None);
}

#[test]
fn a_duplicate_of_node_costs_all_its_copies_and_what_it_alone_brings_in() {
    let lock = r#"{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": "*", "b": "*", "ms": "*"}},
"node_modules/a": {"version": "1.0.0", "dependencies": {"ms": "^1.0.0"}},
"node_modules/a/node_modules/ms": {"version": "1.0.0", "dependencies": {"tiny": "*"}},
"node_modules/b": {"version": "1.0.0", "dependencies": {"ms": "^1.0.0"}},
"node_modules/b/node_modules/ms": {"version": "1.0.0", "dependencies": {"tiny": "*"}},
"node_modules/ms": {"version": "2.0.0"},
"node_modules/tiny": {"version": "1.0.0"}}}"#;
    let repository = files(&[
        ("package.json", "{\"name\": \"shop\"}"),
        ("package-lock.json", lock),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for copy in ["a", "b"] {
        let name = format!("node_modules/{copy}/node_modules/ms");
        let manifest = format!("{name}/package.json");
        write(folder, &manifest, "{\"version\": \"1.0.0\"}");
        write(folder, &format!("{name}/index.js"), "0123456789");
    }
    write(
        folder,
        "node_modules/ms/package.json",
        "{\"version\": \"2.0.0\"}",
    );
    let paths: Vec<String> = repository.keys().cloned().collect();
    let report = report_with(&repository, &installed(folder, &paths));
    let [finding] = of_kind(&report, Kind::MajorDuplicate)[..] else {
        panic!("{report:?}");
    };
    // `tiny` is not there, so what it costs is not known.
    let cost = Cost {
        packages: 2,
        bytes: Some(60),
        unmeasured: 1,
        build_millis: None,
    };
    assert_eq!(finding.cost, Some(cost));
}
