//! Which messages a rule takes.

use crate::filter;

/// What the topics of basic ingest begin with: the rule's name and the topic as the rule sees it follow.
pub(crate) const INGEST: &str = "$aws/rules/";

/// The messages that a rule takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Those of a filter, and all that name the rule.
    Filter(String),
    /// Only those that name the rule, and of them those of this filter.
    Ingest(String),
}

impl Topic {
    /// Reads the filter of the rule called `rule`.
    ///
    /// # Errors
    /// What is wrong with it, and what to do about it.
    pub(crate) fn read(filter: &str, rule: &str) -> Result<Self, (String, Option<String>)> {
        filter::check(filter).map_err(|text| (text, None))?;
        let ingest = || format!("a rule that takes nothing else says `{INGEST}{rule}/#`");
        if filter.starts_with("$share/") {
            let text = "a rule is no shared subscription";
            return Err((text.into(), Some("it gets each message once anyway".into())));
        }
        match filter.strip_prefix(INGEST).map(|rest| rest.split_once('/')) {
            Some(Some((name, _))) if name == rule => Ok(Self::Ingest(filter.into())),
            Some(_) => {
                let text = format!("`{INGEST}…` names a rule, and this one is called `{rule}`");
                Err((text, Some(ingest())))
            }
            None => Ok(Self::Filter(filter.into())),
        }
    }

    /// Whether a message for the rule itself, on the whole topic `topic`, is taken.
    pub(crate) fn takes_ingest(&self, topic: &str) -> bool {
        match self {
            Self::Filter(_) => true,
            Self::Ingest(filter) => trunkline_topic::matches(filter, topic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_only_by_itself() {
        let read = |filter: &str| Topic::read(filter, "pump");
        for filter in ["dt/+", "#", "$aws/things/+/shadow/update/accepted"] {
            assert_eq!(read(filter), Ok(Topic::Filter(filter.into())));
        }
        let own = read("$aws/rules/pump/a/+").unwrap();
        assert!(own.takes_ingest("$aws/rules/pump/a/b"));
        assert!(!own.takes_ingest("$aws/rules/pump/b"));
        assert!(read("dt/+").unwrap().takes_ingest("$aws/rules/pump/b"));
        for bad in [
            "$aws/rules/other/#",
            "$aws/rules/+/a",
            "$aws/rules/#",
            "$aws/rules/pump",
            "$share/g/a",
            "a/#/b",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
