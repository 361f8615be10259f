//! What became of a push.

/// How a push for the trunk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is in the trunk, as the commit of this (short) name.
    Landed(String),
    /// It was taken, and did not land yet.
    Waits,
    /// It was not taken, for this reason.
    Refused(String),
}

impl Pushed {
    /// Reads what `git push --porcelain` printed about one ref for `branch`; nothing where it came to no ref.
    pub(super) fn read(printed: &str, branch: &str) -> Option<Self> {
        printed.lines().find_map(|line| {
            let (flag, rest) = line.split_once('\t')?;
            let (refs, summary) = rest.split_once('\t')?;
            let (_, to) = refs.rsplit_once(':')?;
            if flag == "!" {
                return Some(Self::Refused(reason(summary).to_owned()));
            }
            // A landing queue answers with the ref that it moved.
            if to == format!("refs/heads/{branch}") {
                let (_, new) = summary.rsplit_once("..")?;
                let new = new.trim_start_matches('.').split(' ').next()?;
                return Some(Self::Landed(new.to_owned()));
            }
            Some(Self::Waits)
        })
    }
}

/// `why` of `[remote rejected] (why)`.
fn reason(summary: &str) -> &str {
    let inner = summary.split_once('(').map(|(_, rest)| rest);
    inner
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_lands_waits_or_is_refused() {
        let read =
            |line: &str| Pushed::read(&format!("To http://h/git/shop\n{line}\nDone\n"), "trunk");
        assert_eq!(
            read(" \t1234:refs/heads/trunk\tabc1..def2"),
            Some(Pushed::Landed("def2".into()))
        );
        assert_eq!(
            read("*\t1234:refs/for/trunk\t[new reference]"),
            Some(Pushed::Waits)
        );
        assert_eq!(
            read("!\t1234:refs/for/trunk\t[remote rejected] (test of a fails (x) with it)"),
            Some(Pushed::Refused("test of a fails (x) with it".into()))
        );
        assert_eq!(Pushed::read("", "trunk"), None);
    }
}
