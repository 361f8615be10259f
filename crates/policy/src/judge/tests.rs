//! What a team writes, and that the index never changes an answer.

use proptest::prelude::*;
use trunkline_model::{PrincipalKind, Role, Scope, action};

use super::*;
use crate::PolicyFile;

fn file(name: &str, text: &str) -> PolicyFile {
    PolicyFile {
        name: name.into(),
        text: text.into(),
    }
}

fn policies(text: &str) -> Policies {
    let (policies, problems) = Policies::read(action::ALL, &[file("team.cedar", text)], None);
    assert_eq!(problems, []);
    policies
}

fn somebody(id: &str, role: Role, teams: &[&str]) -> Principal {
    let mut principal = Principal::new(PrincipalKind::Account, id, id, vec![Scope::Owner]);
    principal.role = role;
    principal.teams = teams.iter().map(|team| (*team).to_owned()).collect();
    principal
}

fn ask(
    policies: &Policies,
    who: &Principal,
    action: &'static ActionType,
    resource: &str,
    team: Option<&str>,
) -> Answer {
    policies.judge(&Facts {
        principal: who,
        action,
        resource,
        team,
    })
}

#[test]
fn each_role_does_what_belongs_to_it_and_to_those_before_it() {
    let policies = policies("");
    for (place, role) in Role::ALL.into_iter().enumerate() {
        let who = somebody("acc_1", role, &[]);
        for action in action::ALL {
            let answer = ask(&policies, &who, action, "x", None);
            let needed = Role::ALL
                .iter()
                .position(|other| *other == action.role)
                .unwrap();
            assert_eq!(answer.allowed, place >= needed, "{role} {}", action.name);
            assert_eq!(answer.errors, Vec::<String>::new());
            if answer.allowed {
                assert_eq!(answer.policies, [format!("built-in#{}", action.role)]);
            }
        }
    }
}

#[test]
fn a_team_reads_only_its_own_rows() {
    let policies = policies(
        r#"@id("own-rows")
        forbid (principal, action == Action::"row.read", resource in Table::"requests")
        unless { principal in Role::"owner" || (resource has team && principal.teams.contains(resource.team)) };"#,
    );
    let red = somebody("acc_1", Role::Developer, &["red"]);
    for (table, team, allowed) in [
        ("requests", Some("red"), true),
        ("requests", Some("blue"), false),
        ("requests", None, false),
        ("logs", Some("blue"), true),
    ] {
        let answer = ask(&policies, &red, &action::ROW_READ, table, team);
        assert_eq!(answer.allowed, allowed, "{table} {team:?}");
    }
    let owner = somebody("acc_2", Role::Owner, &[]);
    assert!(
        ask(
            &policies,
            &owner,
            &action::ROW_READ,
            "requests",
            Some("blue")
        )
        .allowed
    );
    let refused = ask(&policies, &red, &action::ROW_READ, "requests", Some("blue"));
    assert_eq!(refused.policies, ["team.cedar#own-rows"]);
}

#[test]
fn a_person_gets_more_and_a_program_less() {
    let policies = policies(
        r#"permit (principal == Person::"acc_9", action in [Action::"gateway.change", Action::"table.erase"], resource);
        @id("only-readings")
        forbid (principal is Service, action == Action::"event.send", resource)
        unless { resource.name like "sensors.*" };
        forbid (principal in Team::"contractors", action, resource == Table::"audit");"#,
    );
    let nine = somebody("acc_9", Role::Viewer, &["contractors"]);
    assert!(ask(&policies, &nine, &action::GATEWAY_CHANGE, "orders", None).allowed);
    assert!(ask(&policies, &nine, &action::TABLE_ERASE, "logs", None).allowed);
    assert!(!ask(&policies, &nine, &action::TABLE_ERASE, "audit", None).allowed);
    assert!(!ask(&policies, &nine, &action::TOKEN_CREATE, "", None).allowed);
    let mut service = somebody("svc_1", Role::Developer, &[]);
    service.kind = PrincipalKind::Service;
    assert!(
        ask(
            &policies,
            &service,
            &action::EVENT_SEND,
            "sensors.heat",
            None
        )
        .allowed
    );
    assert!(!ask(&policies, &service, &action::EVENT_SEND, "shop.order", None).allowed);
}

#[test]
fn a_bad_file_is_named_with_its_line_and_its_last_good_version_stays() {
    let good = r#"@id("no-audit") forbid (principal, action == Action::"table.read", resource == Table::"audit") unless { principal in Role::"owner" };"#;
    let viewer = somebody("acc_1", Role::Viewer, &[]);
    let denied = |policies: &Policies, table: &str| {
        !ask(policies, &viewer, &action::TABLE_READ, table, None).allowed
    };
    let (first, _) = Policies::read(action::ALL, &[file("a.cedar", good)], None);
    assert!(denied(&first, "audit") && !denied(&first, "logs"));
    for bad in [
        "\n\nforbid (principal, action, resource) when { ;",
        "\n\nforbid (principal, action == Action::\"table.red\", resource);",
        "\n\npermit (principal, action == Action::\"table.read\", resource) when { resource.colour == 1 };",
    ] {
        let (second, problems) = Policies::read(
            action::ALL,
            &[file("a.cedar", bad), file("b.cedar", "")],
            Some(&first),
        );
        assert_eq!(problems[0].file, "a.cedar");
        assert_eq!(problems[0].line, Some(3), "{problems:?}");
        assert!(denied(&second, "audit") && !denied(&second, "logs"));
        // Without a good version nobody but an owner may do anything: the file may have forbidden it.
        let (alone, _) = Policies::read(action::ALL, &[file("a.cedar", bad)], None);
        assert!(denied(&alone, "logs"));
        let owner = somebody("acc_2", Role::Owner, &[]);
        assert!(ask(&alone, &owner, &action::TABLE_READ, "logs", None).allowed);
        // Once it is gone, so is its last good version.
        let (gone, problems) = Policies::read(action::ALL, &[], Some(&second));
        assert!(problems.is_empty() && !denied(&gone, "audit"));
    }
}

#[test]
fn a_policy_is_found_by_its_id_with_file_line_and_annotations() {
    let policies = policies(
        "// a comment\n@id(\"x\")\n@description(\"Why.\")\npermit (principal, action, resource);\npermit (principal == Person::\"a\", action, resource);",
    );
    let named = policies.policy("team.cedar#x").unwrap();
    assert_eq!((named.line, named.built_in), (Some(2), false));
    assert_eq!(named.annotations["description"], "Why.");
    assert!(policies.policy("team.cedar#1").is_some());
    assert_eq!(policies.all().len(), 6);
    assert!(policies.all()[0].built_in);
    assert!(policies.schema().contains("action \"table.read\""));
}

#[test]
fn ids_that_stand_twice_and_templates_are_refused() {
    for text in [
        "@id(\"x\") permit (principal, action, resource); @id(\"x\") permit (principal, action, resource);",
        "permit (principal == ?principal, action, resource);",
    ] {
        let (_, problems) = Policies::read(action::ALL, &[file("a.cedar", text)], None);
        assert_eq!(problems.len(), 1, "{text}");
    }
}

/// A random policy over few enough words that many of them meet.
fn policy() -> impl Strategy<Value = String> {
    let principal = prop::sample::select(vec![
        "principal",
        "principal == Person::\"p1\"",
        "principal == Service::\"p1\"",
        "principal in Team::\"red\"",
        "principal in Team::\"blue\"",
        "principal in Role::\"operator\"",
        "principal in Role::\"viewer\"",
        "principal is Service",
        "principal is Person in Team::\"red\"",
    ]);
    let action = prop::sample::select(vec![
        "action",
        "action == Action::\"table.read\"",
        "action == Action::\"row.read\"",
        "action in Action::\"viewer\"",
        "action in [Action::\"owner\", Action::\"table.read\"]",
    ]);
    let resource = prop::sample::select(vec![
        "resource",
        "resource == Table::\"t1\"",
        "resource in Table::\"t1\"",
        "resource is Rows",
        "resource is Table",
    ]);
    let condition = prop::sample::select(vec![
        "",
        " when { principal.role == \"viewer\" }",
        " unless { principal.teams.contains(\"red\") }",
        " when { principal.name like \"p*\" }",
        // Overflows, so that the policy cannot be judged.
        " when { 9223372036854775807 + 1 == 0 }",
    ]);
    let effect = prop::sample::select(vec!["permit", "permit", "forbid"]);
    (effect, principal, action, resource, condition).prop_map(
        |(effect, principal, action, resource, condition)| {
            format!("{effect} ({principal}, {action}, {resource}){condition};\n")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_gives_the_answer_of_all_policies(
        texts in prop::collection::vec(policy(), 0..24),
        questions in prop::collection::vec(
            (0..4_usize, 0..2_usize, any::<bool>(), 0..4_usize, 0..5_usize, 0..3_usize), 1..24
        ),
    ) {
        // One by one: whatever strict validation refuses is no policy.
        let files: Vec<_> = texts.iter().enumerate()
            .map(|(place, text)| file(&format!("{place}.cedar"), text))
            .filter(|one| Policies::read(action::ALL, std::slice::from_ref(one), None).1.is_empty())
            .collect();
        let (policies, problems) = Policies::read(action::ALL, &files, None);
        prop_assert_eq!(problems, []);
        for (role, id, service, teams, act, thing) in questions {
            let teams: &[&str] = [&[][..], &["red"], &["blue"], &["blue", "red"]][teams];
            let mut who = somebody(["p1", "p2"][id], Role::ALL[role], teams);
            if service {
                who.kind = PrincipalKind::Service;
            }
            let actions = [&action::TABLE_READ, &action::ROW_READ, &action::TABLE_ERASE, &action::SQL_RUN, &action::EVENT_SEND];
            let facts = Facts {
                principal: &who,
                action: actions[act],
                resource: ["t1", "t2", ""][thing],
                team: (thing == 1).then_some("red"),
            };
            let all = policies.judged(&facts, |policies, _, _, _| Some(std::sync::Arc::new(policies.set.clone())));
            prop_assert_eq!(policies.judge(&facts), all);
        }
    }
}
