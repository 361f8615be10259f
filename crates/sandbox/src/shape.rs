//! What of a request has to be known before the namespaces are made.

use std::path::Path;

use crate::Request;

/// Places that are the task's own, in a mount that goes away with it, unless it works below them.
pub(crate) const PLACES: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run"];

const NAMESPACES: &str = "namespaces";
const NETWORK: &str = "network";

/// What a launcher is made for. Requests of the same shape can have each other's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Namespaces are made.
    pub(crate) namespaces: bool,
    /// The network is that of the machine.
    pub(crate) network: bool,
    /// The places that stay as the machine has them.
    pub(crate) shown: Vec<&'static str>,
}

impl Shape {
    pub(crate) fn of(request: &Request, namespaces: bool) -> Self {
        let used = |place: &&&str| {
            let own = [&request.readable, &request.writable].into_iter().flatten();
            let root = request.checkout.as_ref().map(|checkout| &checkout.root);
            own.chain([&request.folder])
                .chain(root)
                .any(|path| path.starts_with(place))
        };
        Self {
            namespaces,
            network: request.network,
            shown: PLACES.iter().filter(used).copied().collect(),
        }
    }

    /// Whether `place` is the task's own.
    pub(crate) fn is_own(&self, place: &str) -> bool {
        self.namespaces && PLACES.contains(&place) && !self.shown.contains(&place)
    }

    /// The places that are the task's own and there at all.
    pub(crate) fn own(&self) -> impl Iterator<Item = &'static str> {
        let own = PLACES.iter().copied().filter(|place| self.is_own(place));
        own.filter(|place| Path::new(place).is_dir())
    }

    /// It as one argument of a program.
    pub(crate) fn argument(&self) -> String {
        let words = [(self.namespaces, NAMESPACES), (self.network, NETWORK)];
        let words = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
        let all: Vec<_> = words.chain(self.shown.iter().copied()).collect();
        all.join(",")
    }

    /// From the argument.
    pub(crate) fn parse(text: &str) -> Self {
        let has = |word: &str| text.split(',').any(|one| one == word);
        Self {
            namespaces: has(NAMESPACES),
            network: has(NETWORK),
            shown: PLACES.iter().copied().filter(|place| has(place)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_an_argument_and_back() {
        let request = Request {
            folder: "/tmp/work".into(),
            readable: vec!["/var/tmp".into(), "/runner".into()],
            network: true,
            ..Request::default()
        };
        for namespaces in [true, false] {
            let shape = Shape::of(&request, namespaces);
            assert_eq!(shape.shown, ["/tmp", "/var/tmp"]);
            assert_eq!(Shape::parse(&shape.argument()), shape);
            assert!(!shape.is_own("/tmp"));
            assert_eq!(shape.is_own("/run"), namespaces);
        }
        assert_eq!(Shape::parse(""), Shape::default());
    }
}
