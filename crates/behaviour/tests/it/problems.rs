//! What is wrong with a file is told with its place and what to do.

use trunkline_behaviour::Model;

fn problems(text: &str) -> Vec<String> {
    let problems = Model::read("behaviour/pump.toml", text).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

/// The only problem of a model with `entry` in `section`.
fn only(section: &str, entry: &str) -> String {
    let mut found = problems(&format!(
        "kind = \"pump\"\nevery = \"5s\"\n{section}\n{entry}\n{}",
        if section == "[report]" {
            ""
        } else {
            "[report]\ny = 1\n"
        }
    ));
    assert_eq!(found.len(), 1, "{entry}: {found:#?}");
    let found = found.remove(0);
    found.strip_prefix("behaviour/pump.toml:").unwrap().into()
}

#[test]
fn faults_of_expressions_have_their_place_in_the_file() {
    for (expression, wanted) in [
        ("", "4:5: a value is missing before the end"),
        ("1 +", "4:9: a value is missing before the end"),
        (
            "1 2",
            "4:8: the expression goes on with `2` where it could end",
        ),
        ("(1", "4:8: `)` is missing before the end"),
        (
            "sped",
            "4:6: nothing is called `sped` (did you mean `speed`?)",
        ),
        (
            "True",
            "4:6: nothing is called `True` (`true` is written in small letters)",
        ),
        (
            "sine(1)",
            "4:6: there is no function `sine()` (did you mean `sin`?)",
        ),
        ("sin()", "4:10: a value is missing before `)`"),
        ("sin(1, 2)", "4:11: `)` is missing before `,`"),
        ("clamp(1, 2)", "4:16: `,` is missing before `)`"),
        ("min(1)", "4:11: `,` is missing before `)`"),
        (
            "1 + true",
            "4:10: a number is needed here, and this is true or false",
        ),
        (
            "true + 1",
            "4:6: a number is needed here, and this is true or false",
        ),
        (
            "1 and true",
            "4:6: true or false is needed here, and this is a number",
        ),
        (
            "true or 1",
            "4:14: true or false is needed here, and this is a number",
        ),
        (
            "not 1",
            "4:10: true or false is needed here, and this is a number",
        ),
        (
            "true < false",
            "4:11: true or false is neither larger nor smaller (`=` and `!=` compare it)",
        ),
        (
            "true = 1",
            "4:13: true or false is needed here, and this is a number",
        ),
        (
            "if(1, 2, 3)",
            "4:9: true or false is needed here, and this is a number",
        ),
        (
            "if(true, 2, false)",
            "4:18: a number is needed here, and this is true or false",
        ),
        (
            "chance(true)",
            "4:13: a number is needed here, and this is true or false",
        ),
        ("previous(1)", "4:15: `previous` asks for one variable"),
        ("previous(speed)", "4:15: there is no variable `speed`"),
        (
            "round(1, 13)",
            "4:15: `round` keeps 0 to 12 digits behind the point",
        ),
        (
            "round(1, 1.5)",
            "4:15: `round` keeps 0 to 12 digits behind the point",
        ),
        (
            "'a'",
            "4:6: a text has no place here (a state is asked for as `state = 'name'`)",
        ),
        (
            "state = 'a'",
            "4:6: the model has no states (they are tables `[states.<name>]`)",
        ),
        ("a == 1", "4:8: `=` means nothing here (one `=` compares)"),
        ("1e999", "4:6: the number 1e999 is too large"),
    ] {
        let entry = format!("x = \"{expression}\"\n[inputs]\nspeed = {{ default = 1 }}");
        assert_eq!(only("[report]", &entry), wanted, "{expression}");
    }
}

#[test]
fn states_are_known_by_their_names() {
    let section = "[states.running]\n[states.stopped]\n[report]";
    let found = |entry: &str| {
        problems(&format!(
            "kind = \"pump\"\nevery = \"5s\"\n{section}\n{entry}\n"
        ))
        .join("\n")
    };
    for (expression, wanted) in [
        (
            "state = 'runing'",
            ":6:14: there is no state 'runing' (did you mean `running`?)",
        ),
        (
            "state = 'x'",
            ":6:14: there is no state 'x' (there are running, stopped)",
        ),
        (
            "state = 1",
            ":6:14: the name of a state is needed here (it stands in single quotes)",
        ),
        (
            "state + 1",
            ":6:6: a number is needed here, and this is a state",
        ),
        (
            "state > 'running'",
            ":6:12: a state is neither larger nor smaller",
        ),
        (
            "if(true, state, state)",
            ":6:15: a state cannot be chosen (states follow transitions)",
        ),
    ] {
        let found = found(&format!("x = \"{expression}\""));
        assert!(found.contains(wanted), "{expression}: {found}");
    }
    let transition = |entry: &str| only("[states.a]\n[states.b]", entry);
    for (entry, wanted) in [
        (
            "transitions = [{ when = \"true\", to = \"c\" }]",
            "5:39: there is no state 'c'",
        ),
        (
            "transitions = [{ when = \"true\", to = \"b\" }]",
            "5:39: a transition leads to another state",
        ),
        (
            "transitions = [{ when = \"1\", to = \"a\" }]",
            "5:26: true or false is needed here, and this is a number",
        ),
        (
            "transitions = [{ to = \"a\" }]",
            "5:16: `when` is missing in a transition",
        ),
        (
            "transitions = 1",
            "5:15: `transitions` is an array of tables",
        ),
        (
            "transition = []",
            "5:1: a state has no `transition` (did you mean `transitions`?)",
        ),
    ] {
        assert_eq!(transition(entry), wanted, "{entry}");
    }
}

#[test]
fn what_is_reckoned_has_its_keys() {
    for (section, entry, wanted) in [
        (
            "[variables]",
            "a = { next = 1 }",
            "4:1: `start` is missing in `a`",
        ),
        (
            "[variables]",
            "a = { strat = 1, start = 1 }",
            "4:7: a variable has no `strat` (did you mean `start`?)",
        ),
        ("[variables]", "a = 1", "4:5: `a` is a table with `start`"),
        (
            "[variables]",
            "a = { start = [] }",
            "4:15: `start` is an expression: a text, a number, true or false",
        ),
        (
            "[variables]",
            "a = { start = nan }",
            "4:15: `start` is a finite decimal number",
        ),
        (
            "[variables]",
            "a = { start = 0x10 }",
            "4:15: `start` is a finite decimal number",
        ),
        (
            "[variables]",
            "a = { start = 1, next = true }",
            "4:25: a number is needed here, and this is true or false",
        ),
        (
            "[variables]",
            "a = { start = true, min = 0 }",
            "4:27: only a number has bounds",
        ),
        (
            "[variables]",
            "a = { start = 1, min = 3, max = 2 }",
            "4:33: `max` is smaller than `min`",
        ),
        (
            "[variables]",
            "a = { start = 1, min = \"1 / 0\" }",
            "4:25: this has no finite value",
        ),
        (
            "[variables]",
            "a = { start = \"b\" }\nb = { start = 1 }",
            "4:16: nothing is called `b`",
        ),
        (
            "[variables]",
            "a = { start = \"t\" }",
            "4:16: `t` is not known before the first step",
        ),
        (
            "[variables]",
            "a = { start = 1, max = \"noise(1)\" }",
            "4:25: `noise()` is by chance, and this is the same for all devices",
        ),
        (
            "[variables]",
            "a = { start = 1 }\nb = { start = 1, max = \"a\" }",
            "5:25: `a` is no parameter, and nothing else is known here",
        ),
        (
            "[variables]",
            "pi = { start = 1 }",
            "4:1: `pi` means something already",
        ),
        (
            "[variables]",
            "a-b = { start = 1 }",
            "4:1: nothing can be called `a-b` (a name is 1 to 64 letters, digits and `_`, and begins with no digit)",
        ),
        (
            "[parameters]\na = 1\n[variables]",
            "a = { start = 1 }",
            "6:1: `a` means something already",
        ),
        (
            "[parameters]",
            "a = \"1 / 0\"",
            "4:6: this has no finite value",
        ),
    ] {
        assert_eq!(only(section, entry), wanted, "{section} {entry}");
    }
}

#[test]
fn what_comes_in_and_goes_out_has_its_keys() {
    for (section, entry, wanted) in [
        (
            "[inputs]",
            "a = { from = \"a..b\", default = 1 }",
            "4:15: a path is the names of members with `.` between them",
        ),
        ("[inputs]", "a = {}", "4:1: `default` is missing in `a`"),
        (
            "[inputs]",
            "a = { default = false, max = 1 }",
            "4:30: only a number has bounds",
        ),
        (
            "[report]",
            "a = { change = 1 }",
            "4:1: `value` is missing in `a`",
        ),
        (
            "[report]",
            "a = { value = true, change = 1 }",
            "4:30: a number is needed here, and this is true or false",
        ),
        (
            "[telemetry]",
            "topic = \"a/{thign}\"\nfields = { a = 1 }",
            "4:12: there is no `{thign}` (did you mean `thing`?)",
        ),
        (
            "[telemetry]",
            "topic = \"a\"",
            "3:2: `fields` is missing in `telemetry`",
        ),
        (
            "[telemetry]",
            "topic = \"a\"\nwhen = 1\nfields = { a = 1 }",
            "5:8: true or false is needed here, and this is a number",
        ),
        (
            "[telemetry]",
            "topic = \"a\"\nfields = { a = { value = 1 } }",
            "5:16: `a` is an expression: a text, a number, true or false",
        ),
        (
            "[states.\"a'b\"]",
            "",
            "3:10: the name of a state has 1 to 128 bytes and none of `' / + #`",
        ),
    ] {
        assert_eq!(only(section, entry), wanted, "{section} {entry}");
    }
}

#[test]
fn a_file_is_whole() {
    assert_eq!(
        problems(""),
        [
            "behaviour/pump.toml: `kind` is missing",
            "behaviour/pump.toml: `every` is missing",
            "behaviour/pump.toml: the model tells nothing: `report` or `telemetry` is missing",
        ]
    );
    assert!(problems("kind =")[0].starts_with("behaviour/pump.toml:1:"));
    assert_eq!(
        problems("kind = 1\nevry = \"5s\"\nevery = \"5s\"\nreport = {}\n"),
        [
            "behaviour/pump.toml:1:8: `kind` is a text",
            "behaviour/pump.toml:2:1: a model has no `evry` (did you mean `every`?)",
        ]
    );
    for every in [
        "5",
        "5 d",
        "9ms",
        "25h",
        "-1s",
        "99999999999999999999s",
        "1.5s",
    ] {
        let found = problems(&format!("kind = \"a\"\nevery = \"{every}\"\n[report]\n"));
        assert_eq!(
            found,
            ["behaviour/pump.toml:2:10: `every` is 10ms to 24h (such as 500ms, 5s, 1m, 1h)"],
            "{every}"
        );
    }
    let named = Model::read(
        "behaviour/a b.toml",
        "kind = \"a\"\nevery = \"1s\"\n[report]\n",
    );
    assert!(named.unwrap_err()[0].text.contains("`a b`"));
    let good = Model::read("x/pump.toml", "kind = \"a\"\nevery = \"1 h\"\n[report]\n").unwrap();
    assert_eq!((good.name(), good.kind()), ("pump", "a"));
    assert_eq!(good.every().as_secs(), 3600);
}

#[test]
fn all_problems_are_told_in_the_order_of_the_file() {
    let found = problems(
        "kind = \"pump\"\nevery = \"5s\"\n[variables]\na = { start = 1, next = \"b\" }\nc = { start = \"1 +\" }\n[report]\nx = \"c + sin(true)\"\n",
    );
    let places: Vec<_> = found
        .iter()
        .map(|problem| problem.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "behaviour/pump.toml:4:26",
            "behaviour/pump.toml:5:19",
            "behaviour/pump.toml:7:14",
        ],
        "{found:#?}"
    );
}

#[test]
fn what_is_too_large_is_refused() {
    let report = |expression: &str| only("[report]", &format!("x = \"{expression}\""));
    let deep = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(report(&deep(33)).contains("more than 32 parts"));
    let long = format!("1{}", "+1".repeat(2_048));
    assert!(report(&long).contains("at most 4096 bytes"));
    let fits = format!(
        "kind = \"a\"\nevery = \"1s\"\n[report]\nx = \"{}\"\n",
        &long[..4_095]
    );
    assert!(Model::read("a.toml", &fits).is_ok());
    let many = format!("max({})", vec!["1"; 17].join(", "));
    assert!(report(&many).contains("more than 16 values"));
    let stack = format!("{}1{}", "1 + 2 * (".repeat(30), ")".repeat(30));
    assert!(Model::read("a.toml", &fits.replace(&long[..4_095], &stack)).is_ok());
    let stack = format!(
        "{}1{}",
        "0 < 1 + 2 * max(1, 2, if(".repeat(8),
        ", 1, 1))".repeat(8)
    );
    let _: String = report(&stack);
    let entries: String = (0..65)
        .map(|number| format!("v{number} = {{ start = 0 }}\n"))
        .collect();
    assert_eq!(
        only("[variables]", &entries),
        "3:2: `variables` has more than 64 entries"
    );
    let large = format!(
        "kind = \"a\"\nevery = \"1s\"\n# {}\n[report]\n",
        "a".repeat(300_000)
    );
    assert!(problems(&large)[0].contains("more than 262144 bytes"));
    let heavy: String = (0..10)
        .map(|number| format!("x{number} = \"{}\"\n", &long[..3_999]))
        .collect();
    let heavy = format!("kind = \"a\"\nevery = \"1s\"\n[report]\n{heavy}");
    assert!(problems(&heavy)[0].contains("8192 operations"));
}
