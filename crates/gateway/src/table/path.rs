//! Path rules.

/// A path as a route file writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathRule {
    /// Everything at or under it; kept without a slash at the end.
    Prefix(String),
    /// This path alone.
    Exact(String),
    /// Segments, of which those in braces match anything.
    Template(Vec<Part>),
}

/// A segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Any,
}

impl PathRule {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (exact, path) = match text.strip_prefix('=') {
            Some(path) => (true, path),
            None => (false, text),
        };
        let normal = trunkline_scrutiny::normal_path(path)
            .map_err(|why| format!("`{text}` is not a path: {why}"))?;
        if normal != path || path.contains(['?', '#', ' ']) {
            return Err(format!("`{text}` is not a path in its plain form"));
        }
        if exact {
            return Ok(Self::Exact(path.into()));
        }
        if path.contains(['{', '}']) {
            return template(path);
        }
        Ok(Self::Prefix(path.trim_end_matches('/').into()))
    }

    /// Whether the prefix covers `path`; exact paths and templates cover nothing here.
    pub(crate) fn covers(&self, path: &str) -> bool {
        match self {
            Self::Prefix(prefix) => path
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            Self::Exact(exact) => exact == path,
            Self::Template(_) => false,
        }
    }
}

fn template(path: &str) -> Result<PathRule, String> {
    let part = |segment: &str| match segment
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
    {
        Some(name)
            if !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
        {
            Ok(Part::Any)
        }
        Some(_) => Err(format!("`{segment}` is not a parameter such as {{id}}")),
        None if segment.contains(['{', '}']) => {
            Err(format!("`{segment}` mixes a parameter with text"))
        }
        None => Ok(Part::Literal(segment.into())),
    };
    path[1..]
        .split('/')
        .map(part)
        .collect::<Result<_, _>>()
        .map(PathRule::Template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_apart() {
        assert_eq!(PathRule::read("/a/"), Ok(PathRule::Prefix("/a".into())));
        assert_eq!(PathRule::read("/"), Ok(PathRule::Prefix(String::new())));
        assert_eq!(PathRule::read("=/a/"), Ok(PathRule::Exact("/a/".into())));
        assert_eq!(
            PathRule::read("/a/{id}"),
            Ok(PathRule::Template(vec![
                Part::Literal("a".into()),
                Part::Any
            ]))
        );
        for bad in [
            "a", "", "=", "/a//b", "/../a", "/a?b", "/%61", "/a{x}", "/{}", "/{a b}",
        ] {
            assert!(PathRule::read(bad).is_err(), "{bad}");
        }
        assert!(
            PathRule::Prefix("/a".into()).covers("/a/b")
                && !PathRule::Prefix("/a".into()).covers("/ab")
        );
    }
}
