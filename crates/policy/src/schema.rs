//! The schema that policies are checked against, made from the list of actions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use trunkline_model::Role;
use trunkline_model::action::ActionType;

/// The kinds of principals, as policies name them.
pub(crate) const PRINCIPALS: [&str; 6] =
    ["Device", "Job", "Person", "Platform", "Service", "Token"];

/// The schema in Cedar's own notation.
pub(crate) fn text(actions: &[&ActionType]) -> String {
    let mut schema = String::from("// What people and programs are.\nentity Role;\n");
    let resources: BTreeSet<&str> = actions.iter().map(|action| action.resource).collect();
    for principal in PRINCIPALS {
        write(
            &mut schema,
            format_args!(
                "entity {principal} in [Role, Team] {{ name: String, role: String, teams: Set<String>, scopes: Set<String> }};\n"
            ),
        );
    }
    schema.push_str("\n// What things are. `team` is there where a thing belongs to one.\n");
    for resource in resources
        .iter()
        .copied()
        .chain(["Team"])
        .collect::<BTreeSet<_>>()
    {
        let parents = if resource == "Rows" {
            " in [Table]"
        } else {
            ""
        };
        write(
            &mut schema,
            format_args!("entity {resource}{parents} {{ name: String, team?: String }};\n"),
        );
    }
    schema.push_str("\n// What may be done: an action belongs to the least role that may do it.\n");
    for role in Role::ALL {
        write(&mut schema, format_args!("action \"{role}\";\n"));
    }
    let principals = PRINCIPALS.join(", ");
    for action in actions {
        write(
            &mut schema,
            format_args!(
                "// {}\naction \"{}\" in [\"{}\"] appliesTo {{ principal: [{principals}], resource: [{}] }};\n",
                action.meaning, action.name, action.role, action.resource
            ),
        );
    }
    schema
}

fn write(text: &mut String, piece: std::fmt::Arguments<'_>) {
    if text.write_fmt(piece).is_err() {
        // Writing to a text does not fail.
        text.clear();
    }
}
