//! Needs that nobody uses, and uses that nobody declared.

use trunkline_dependency::Kind;

use crate::world::{Files, files, fixes, mended, report, shown, text};

/// Two projects of one language, of which the first needs the second or not, and has `source`.
fn cargo(needs: bool, source: &str) -> Files {
    let need = if needs {
        "[dependencies]\n# money\nshop-money = { path = \"../money\" }\nlog = \"1\"\n"
    } else {
        "[dependencies]\nlog = \"1\"\n"
    };
    files(&[
        (
            "api/Cargo.toml",
            &format!("[package]\nname = \"api\"\n{need}"),
        ),
        ("api/src/lib.rs", source),
        ("money/Cargo.toml", "[package]\nname = \"shop-money\"\n"),
        ("money/src/lib.rs", ""),
    ])
}

fn node(needs: bool, file: &str, source: &str) -> Files {
    let need = if needs {
        "{\n    \"@s/money\": \"workspace:*\"\n  }"
    } else {
        "{}"
    };
    files(&[
        (
            "package.json",
            "{\"name\": \"s\", \"workspaces\": [\"p/*\"]}",
        ),
        (
            "p/api/package.json",
            &format!(
                "{{\n  \"name\": \"@s/api\",\n  \"scripts\": {{\"build\": \"tsc\"}},\n  \"dependencies\": {need}\n}}\n"
            ),
        ),
        ("p/api/src/main.ts", "export const a = 1;\n"),
        (&format!("p/api/{file}"), source),
        (
            "p/money/package.json",
            "{\"name\": \"@s/money\", \"bin\": {\"count-money\": \"x.js\"}}",
        ),
    ])
}

#[test]
fn a_need_of_rust_that_nobody_uses_is_found_and_removed() {
    let repository = cargo(true, "pub fn a() {}\n");
    assert_eq!(
        shown(&report(&repository)),
        ["api/Cargo.toml:5: unused: `api` needs `shop-money` and no file of it says so"]
    );
    let after = mended(&repository, &fixes(&repository));
    assert_eq!(
        text(&after, "api/Cargo.toml"),
        "[package]\nname = \"api\"\n[dependencies]\n# money\nlog = \"1\"\n"
    );
}

#[test]
fn a_target_outside_the_folder_of_its_project_uses_what_it_needs() {
    let mut repository = cargo(true, "pub fn a() {}\n");
    let manifest = text(&repository, "api/Cargo.toml").to_owned();
    let target = "[[bench]]\nname = \"all\"\npath = \"../tests/bench/main.rs\"\n";
    repository.extend(files(&[
        ("api/Cargo.toml", &format!("{manifest}{target}")),
        ("tests/bench/other/deep.rs", "use shop_money::Cents;\n"),
    ]));
    assert_eq!(shown(&report(&repository)), [""; 0]);
    repository.remove("tests/bench/other/deep.rs");
    assert_eq!(shown(&report(&repository)).len(), 1);
}

#[test]
fn whatever_may_be_a_use_of_rust_is_one() {
    for source in [
        "use shop_money::Cents;",
        "pub use shop_money as m;",
        "fn a() { shop_money::count!() }",
        "//! See [`shop_money`].",
        "#[doc = \"shop_money\"] fn a() {}",
    ] {
        assert_eq!(shown(&report(&cargo(true, source))), [""; 0], "{source}");
    }
    let mut by_feature = cargo(true, "");
    let manifest = text(&by_feature, "api/Cargo.toml").to_owned();
    let manifest = format!("{manifest}[features]\nfast = [\"shop-money/fast\"]\n");
    by_feature.insert("api/Cargo.toml".into(), manifest.into_bytes());
    assert_eq!(shown(&report(&by_feature)), [""; 0]);
}

#[test]
fn a_use_of_rust_that_nobody_declared_is_found_where_it_can_be_nothing_else() {
    assert_eq!(
        shown(&report(&cargo(false, "\nuse shop_money::Cents;\n"))),
        ["api/src/lib.rs:2: missing: `api` uses `shop-money` and does not need it"]
    );
    for source in [
        "mod shop_money;\nuse shop_money::Cents;",
        "// use shop_money::Cents;",
        "const A: &str = \"\nuse shop_money::Cents;\";",
        "use other::shop_money;",
    ] {
        assert_eq!(shown(&report(&cargo(false, source))), [""; 0], "{source}");
    }
}

#[test]
fn a_need_of_node_that_nobody_uses_is_found_and_removed() {
    let repository = node(true, "README.txt", "@s/money");
    assert_eq!(
        shown(&report(&repository)),
        ["p/api/package.json:5: unused: `@s/api` needs `@s/money` and no file of it says so"]
    );
    let after = mended(&repository, &fixes(&repository));
    assert!(text(&after, "p/api/package.json").contains("\"dependencies\": {\n    \n  }"));
    assert_eq!(shown(&report(&after)), [""; 0]);
}

#[test]
fn whatever_may_be_a_use_of_node_is_one() {
    for (file, source) in [
        ("src/a.ts", "import { a } from \"@s/money\";"),
        ("src/a.js", "module.exports = require('@s/money/sub');"),
        ("src/a.mjs", "export * from '@s/money';"),
        ("tsconfig.json", "{\"extends\": \"@s/money/tsconfig.json\"}"),
        (
            "vite.config.ts",
            "export default { alias: { '@s/money': 'x' } };",
        ),
        ("src/a.css", "@import \"@s/money/a.css\";"),
        (
            "tsconfig.build.json",
            "{\"references\": [{\"path\": \"../money\"}]}",
        ),
    ] {
        assert_eq!(shown(&report(&node(true, file, source))), [""; 0], "{file}");
    }
    let mut by_script = node(true, "x.txt", "");
    let manifest = text(&by_script, "p/api/package.json").replace("tsc", "count-money --all");
    by_script.insert("p/api/package.json".into(), manifest.into_bytes());
    assert_eq!(shown(&report(&by_script)), [""; 0]);
}

#[test]
fn a_phantom_of_node_is_found() {
    assert_eq!(
        shown(&report(&node(
            false,
            "src/a.ts",
            "\nimport { a } from '@s/money/sub';"
        ))),
        ["p/api/src/a.ts:2: missing: `@s/api` uses `@s/money` and does not need it"]
    );
    for (file, source) in [
        ("src/a.ts", "// import '@s/money';"),
        ("src/a.ts", "const name = '@s/money';"),
        ("test/fixtures/a.ts", "import '@s/money';"),
        ("README.md", "import '@s/money';"),
    ] {
        assert_eq!(
            shown(&report(&node(false, file, source))),
            [""; 0],
            "{file} {source}"
        );
    }
}

#[test]
fn modules_of_go_are_known_by_the_longest_name() {
    let repository = |require: &str, source: &str| {
        files(&[
            ("go.work", "use (\n./a\n./b\n./b/c\n)\n"),
            ("a/go.mod", &format!("module e.org/a\n{require}")),
            ("a/main.go", source),
            ("b/go.mod", "module e.org/b\n"),
            ("b/c/go.mod", "module e.org/b/c\n"),
        ])
    };
    let require = "require e.org/b v0.0.0\n";
    let used = repository(require, "package a\nimport \"e.org/b/x\"\n");
    assert_eq!(shown(&report(&used)), [""; 0]);
    assert_eq!(
        shown(&report(&repository(
            require,
            "package a\nimport \"e.org/b/c/x\"\n"
        ))),
        [
            "a/go.mod:2: unused: `e.org/a` needs `e.org/b` and no file of it says so",
            "a/main.go:2: missing: `e.org/a` uses `e.org/b/c` and does not need it",
        ]
    );
}

#[test]
fn packages_of_python_are_known_by_their_modules() {
    let repository = |needs: &str, source: &str| {
        files(&[
            (
                "pyproject.toml",
                "[tool.uv.workspace]\nmembers = [\"py/*\"]\n",
            ),
            (
                "py/a/pyproject.toml",
                &format!("[project]\nname = \"a\"\ndependencies = [{needs}]\n"),
            ),
            ("py/a/src/a/__init__.py", source),
            ("py/b/pyproject.toml", "[project]\nname = \"shop-b\"\n"),
            ("py/b/src/banking/__init__.py", ""),
        ])
    };
    let used = repository("\"shop-b\"", "def f():\n    from banking.x import y\n");
    assert_eq!(shown(&report(&used)), [""; 0]);
    let unused = repository("\"six\", \"shop-b\"", "import os\n");
    assert_eq!(
        shown(&report(&unused)),
        ["py/a/pyproject.toml:3: unused: `a` needs `shop-b` and no file of it says so"]
    );
    let after = mended(&unused, &fixes(&unused));
    assert!(text(&after, "py/a/pyproject.toml").contains("dependencies = [\"six\"]"));
    assert_eq!(
        shown(&report(&repository("", "import os, banking\n"))),
        ["py/a/src/a/__init__.py:1: missing: `a` uses `shop-b` and does not need it"]
    );
}

#[test]
fn a_policy_names_exceptions() {
    let mut repository = cargo(true, "");
    let policy = "[[ignore]]\nkind = \"unused\"\nname = \"shop-money\"\nproject = \"api\"\nreason = \"links a library\"\n";
    repository.insert("dependencies.toml".into(), policy.into());
    let report = report(&repository);
    assert!(report.findings.is_empty());
    assert_eq!(report.ignored[&Kind::Unused], 1);
}

#[test]
fn a_project_without_sources_is_there_for_what_it_needs() {
    let mut repository = cargo(true, "");
    repository.remove("api/src/lib.rs");
    assert_eq!(shown(&report(&repository)), [""; 0]);
}
