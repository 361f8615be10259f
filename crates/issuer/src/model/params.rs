//! The parameters of a request, as OAuth reads them.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The longest value that is read; a longer one counts as malformed.
const MAX_VALUE: usize = 4096;

/// Parameters of a query string or a form. One without a value counts as left out, as RFC 6749 has it.
#[derive(Clone, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    malformed: Option<String>,
}

/// Values may be secrets.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}

impl Params {
    /// Reads `text`, a query string or the body of a form.
    pub(crate) fn parse(text: &str) -> Self {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if value.is_empty() {
                continue;
            }
            // `resource` is the one parameter that may come more than once (RFC 8707).
            let repeated = params.values.contains_key(&*name) && name != "resource";
            if repeated || value.len() > MAX_VALUE || value.contains('\0') {
                params
                    .malformed
                    .get_or_insert_with(|| name.chars().take(40).collect());
            }
            params.values.insert(name.into_owned(), value.into_owned());
        }
        params
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The value of `name`, owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(Into::into)
    }

    /// The name of a parameter that came more than once or is too long.
    pub(crate) fn malformed(&self) -> Option<&str> {
        self.malformed.as_deref()
    }

    /// The same parameters with `name` set to `value`, or left out.
    pub(crate) fn with(mut self, name: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.values.insert(name.into(), value),
            None => self.values.remove(name),
        };
        self
    }

    /// The parameters as a query string.
    pub(crate) fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.values)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_none_and_a_second_one_is_noticed() {
        let params = Params::parse("a=1&b=&c=%20x&a=2");
        assert_eq!((params.get("b"), params.get("c")), (None, Some(" x")));
        assert_eq!(params.malformed(), Some("a"));
        assert_eq!(Params::parse("a=1&b=2").malformed(), None);
        let long = format!("state={}", "x".repeat(5000));
        assert_eq!(Params::parse(&long).malformed(), Some("state"));
        assert!(!format!("{:?}", Params::parse("client_secret=hush")).contains("hush"));
    }

    #[test]
    fn a_query_string_comes_out_as_it_went_in() {
        let params = Params::parse("a=1+2&b=%26").with("a", None);
        assert_eq!(params.to_query(), "b=%26");
    }
}
