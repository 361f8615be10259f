//! What is signed.

/// A request as it came over the wire, without its body.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path as it was sent, percent signs and all.
    pub path: &'a str,
    /// The query as it was sent, without the `?`; empty where there is none.
    pub query: &'a str,
    /// The headers in the order in which they came, names in any case. `host` must be among them: with HTTP/2 the caller writes
    /// `:authority` there.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Request<'a> {
    /// The values of the header `name`, which is given in lower case.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// Whether there is a header `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }
}
