//! Messages for one rule, and the topics that filters take.

use trunkline_telemetry::{Cell, Failure};

use crate::support::{apply, compile, message, rows, text};

const ANY: &str = "topic = \"#\"\ntable = \"everything\"\n[columns]\ntopic = \"topic()\"\n";
const OWN: &str = "topic = \"$aws/rules/own/#\"\ntable = \"own\"\n[columns]\ntopic = \"topic()\"\nfirst = \"topic(1)\"\n";
const PART: &str =
    "topic = \"$aws/rules/part/a/+\"\ntable = \"part\"\n[columns]\ntopic = \"topic()\"\n";
const USUAL: &str =
    "topic = \"dt/+\"\ntable = \"usual\"\n[columns]\ntopic = \"topic()\"\nfirst = \"topic(1)\"\n";

fn failure(reason: &str) -> Vec<Failure> {
    vec![Failure {
        rule: None,
        reason: reason.into(),
    }]
}

#[test]
fn a_message_for_a_rule_goes_to_it_alone_and_its_functions_see_the_rest() {
    let rules = compile(&[("any", ANY), ("own", OWN), ("part", PART), ("usual", USUAL)]);
    let found = rows(&rules, &message("$aws/rules/own/dt/x", b"{}"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].cells, [text("dt/x"), text("dt")]);
    // Whatever its own filter is.
    let found = rows(&rules, &message("$aws/rules/usual/other/x/y", b"{}"));
    assert_eq!(found[0].cells, [text("other/x/y"), text("other")]);
    let found = rows(&rules, &message("$aws/rules/own", b"{}"));
    assert_eq!(found[0].cells, [Cell::Null, Cell::Null]);
    let found = rows(&rules, &message("$aws/rules/part/a/b", b"{}"));
    assert_eq!(found[0].cells, [text("a/b")]);
}

#[test]
fn a_message_for_no_rule_is_not_lost_without_a_word() {
    let rules = compile(&[("any", ANY), ("part", PART)]);
    let (found, failures) = apply(&rules, &message("$aws/rules/none/dt/x", b"{}"));
    assert_eq!(
        (found, failures),
        (vec![], failure("there is no rule `none`"))
    );
    let (found, failures) = apply(&rules, &message("$aws/rules/part/b", b"{}"));
    assert_eq!(
        (found, failures),
        (vec![], failure("the rule `part` takes no such topic"))
    );
}

#[test]
fn wildcards_take_no_topics_of_the_platform() {
    let rules = compile(&[("any", ANY), ("own", OWN), ("usual", USUAL)]);
    let tables = |topic: &str| {
        let found = rows(&rules, &message(topic, b"{}"));
        found.into_iter().map(|row| row.table).collect::<Vec<_>>()
    };
    assert_eq!(tables("dt/x"), ["everything", "usual"]);
    assert_eq!(tables("dt/x/y"), ["everything"]);
    assert_eq!(tables("$aws/things/a/shadow/get"), Vec::<String>::new());
    let things = compile(&[(
        "things",
        "topic = \"$aws/things/+/shadow/update/accepted\"\ntable = \"t\"\n[columns]\nthing = \"topic(3)\"\n",
    )]);
    let found = rows(
        &things,
        &message("$aws/things/a/shadow/update/accepted", b"{}"),
    );
    assert_eq!(found[0].cells, [text("a")]);
}
