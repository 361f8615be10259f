//! What every signature consists of.

use crate::scope::Credential;
use crate::{Request, SignatureError, hex, limits};

/// The three parts that stand in the header or in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) credential: Credential,
    /// In lower case and in order.
    pub(crate) signed: Vec<String>,
    pub(crate) signature: [u8; 32],
}

impl Parts {
    pub(crate) fn read(
        credential: &str,
        signed: &str,
        signature: &str,
    ) -> Result<Self, SignatureError> {
        Ok(Self {
            credential: Credential::read(credential)?,
            signed: read_signed(signed)?,
            signature: hex::bytes(signature).ok_or_else(|| {
                SignatureError::incomplete("Signature is 64 hexadecimal digits in lower case")
            })?,
        })
    }
}

fn read_signed(text: &str) -> Result<Vec<String>, SignatureError> {
    let names: Vec<&str> = text.split(';').take(limits::SIGNED + 1).collect();
    if names.len() > limits::SIGNED {
        return Err(SignatureError::too_large(
            "SignedHeaders",
            limits::SIGNED,
            "names",
        ));
    }
    if !names.iter().all(|name| is_header(name)) || !names.is_sorted_by(|one, other| one < other) {
        return Err(SignatureError::incomplete(
            "SignedHeaders is a list of header names in lower case and alphabetical order, with `;` between them",
        ));
    }
    Ok(names.into_iter().map(Into::into).collect())
}

/// Whether `name` can be a header's, in lower case.
fn is_header(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
        })
}

/// Whether all is signed that must be: who is asked, and whatever speaks to the service beside the body.
pub(crate) fn check_coverage(
    request: &Request<'_>,
    signed: &[String],
) -> Result<(), SignatureError> {
    let is_signed = |name: &str| signed.iter().any(|signed| signed == name);
    if !is_signed("host") {
        return Err(SignatureError::Coverage(
            "the header `host` must be signed".into(),
        ));
    }
    for (name, _) in request.headers {
        let name = name.to_ascii_lowercase();
        if name.starts_with("x-amz-") && !is_signed(&name) {
            return Err(SignatureError::Coverage(format!(
                "the header `{name}` must be signed, as all that begin with x-amz-"
            )));
        }
    }
    Ok(())
}

/// Whether the request is small enough to be looked at.
pub(crate) fn check_size(request: &Request<'_>) -> Result<(), SignatureError> {
    let bytes = |what, length: usize, limit| {
        if length <= limit {
            return Ok(());
        }
        Err(SignatureError::too_large(what, limit, "bytes"))
    };
    bytes("the method", request.method.len(), limits::METHOD)?;
    bytes("the path", request.path.len(), limits::PATH)?;
    bytes("the query", request.query.len(), limits::QUERY)?;
    let parameters = request.query.split('&').count();
    if parameters > limits::PARAMETERS {
        return Err(SignatureError::too_large(
            "the query",
            limits::PARAMETERS,
            "parameters",
        ));
    }
    if request.headers.len() > limits::HEADERS {
        return Err(SignatureError::too_large(
            "the headers",
            limits::HEADERS,
            "of them",
        ));
    }
    let headers = request.headers.iter();
    let total = headers.map(|(name, value)| name.len() + value.len()).sum();
    bytes("the headers", total, limits::HEADER_BYTES)?;
    let method = request.method;
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SignatureError::incomplete("the method is not one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_headers_have_one_form() {
        assert_eq!(
            read_signed("content-type;host;x-amz-date").unwrap(),
            ["content-type", "host", "x-amz-date"]
        );
        let many: Vec<String> = (0..65).map(|number| format!("a{number:02}")).collect();
        for bad in [
            "",
            ";",
            "host;",
            "Host",
            "host;host",
            "x-amz-date;host",
            "a b",
            "h\u{f6}st",
            &many.join(";"),
        ] {
            assert!(read_signed(bad).is_err(), "{bad}");
        }
        assert_eq!(read_signed(&many[1..].join(";")).unwrap().len(), 64);
    }

    #[test]
    fn what_speaks_to_the_service_must_be_signed() {
        let request = Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[("Host", b"a"), ("X-Amz-Meta", b"b"), ("accept", b"c")],
        };
        let check = |signed: &[&str]| {
            let signed: Vec<String> = signed.iter().map(|name| (*name).into()).collect();
            check_coverage(&request, &signed)
        };
        assert_eq!(check(&["host", "x-amz-meta"]), Ok(()));
        for (signed, name) in [(&["host"][..], "`x-amz-meta`"), (&["x-amz-meta"], "`host`")] {
            let error = check(signed).unwrap_err();
            assert_eq!(
                (error.name(), error.status()),
                ("InvalidSignatureException", 403)
            );
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
