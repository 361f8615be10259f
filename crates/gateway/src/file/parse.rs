//! From text to rules.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Problem, RouteFile, RouteRule, UpstreamRule};

/// The most bytes of one route file.
const MOST_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    upstream: Vec<UpstreamRule>,
    #[serde(default)]
    route: Vec<RouteRule>,
}

/// A route file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    pub(crate) file: String,
    text: String,
    pub(crate) upstreams: Vec<UpstreamRule>,
    pub(crate) routes: Vec<RouteRule>,
}

impl Parsed {
    /// A problem at the place of `spanned`.
    pub(crate) fn problem<T>(&self, spanned: &Spanned<T>, text: impl Into<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            line: Some(line_of(&self.text, &spanned.span())),
            text: text.into(),
        }
    }
}

/// Reads a file; its first problem where it cannot be read.
pub(crate) fn parse(file: &RouteFile) -> Result<Parsed, Problem> {
    if file.text.len() > MOST_BYTES {
        let text = format!("the file has more than {MOST_BYTES} bytes");
        return Err(Problem {
            file: file.name.clone(),
            line: None,
            text,
        });
    }
    let document: Document = toml::from_str(&file.text).map_err(|error| Problem {
        file: file.name.clone(),
        line: error.span().map(|span| line_of(&file.text, &span)),
        text: error.message().trim().replace('\n', " "),
    })?;
    Ok(Parsed {
        file: file.name.clone(),
        text: file.text.clone(),
        upstreams: document.upstream,
        routes: document.route,
    })
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let end = span.start.min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Parsed, Problem> {
        parse(&RouteFile {
            name: "gateway/a.toml".into(),
            text: text.into(),
        })
    }

    #[test]
    fn a_small_file_is_read_with_its_defaults() {
        let parsed = read("[[upstream]]\nname = \"a\"\ntargets = [{ url = \"http://127.0.0.1:1\" }]\n\n[[route]]\nname = \"a\"\npath = \"/\"\nupstream = \"a\"\nsticky = { cookie = \"side\" }\n").unwrap();
        assert_eq!(parsed.upstreams[0].targets[0].weight, 1);
        assert_eq!(
            parsed.routes[0].sticky,
            Some(super::super::Sticky::Cookie("side".into()))
        );
        assert_eq!(parsed.problem(&parsed.routes[0].path, "x").line, Some(7));
    }

    #[test]
    fn a_route_is_open_to_everybody_only_where_it_says_so() {
        let auth = |line: &str| {
            let text = format!("[[route]]\nname = \"a\"\npath = \"/\"\nupstream = \"b\"\n{line}\n");
            read(&text).map(|parsed| parsed.routes[0].auth.len())
        };
        assert_eq!(auth("").unwrap(), 3);
        assert_eq!(auth("auth = [\"none\"]").unwrap(), 0);
        assert_eq!(auth("auth = [\"key\", \"jwt\"]").unwrap(), 2);
        for (line, why) in [
            ("auth = []", "opens a route to everybody"),
            ("auth = [\"none\", \"key\"]", "stands alone"),
            ("auth = [\"basic\"]", "basic"),
        ] {
            let problem = auth(line).unwrap_err();
            assert!(problem.text.contains(why), "{}", problem.text);
            assert_eq!(problem.line, Some(5));
        }
    }

    #[test]
    fn problems_have_lines() {
        let problem =
            read("[[route]]\nname = \"a\"\npath = \"/\"\nupstraem = \"b\"\n").unwrap_err();
        assert_eq!(problem.line, Some(4));
        assert!(problem.text.contains("upstraem"), "{}", problem.text);
        assert_eq!(
            read("[[upstream]]\nname = \"a\"\ntargets = []\ntimeout = \"soon\"\n")
                .unwrap_err()
                .line,
            Some(4)
        );
        assert_eq!(read("[[route]\n").unwrap_err().line, Some(1));
    }
}
