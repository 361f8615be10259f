//! Reading the claim out of a header or a query.

use trunkline_model::Timestamp;

use crate::canonical::{ALGORITHM, pairs};
use crate::claim::Form;
use crate::parts::Parts;
use crate::{Request, SignatureError, limits, moment};

/// The parameter and the header of a session token.
pub(crate) const TOKEN: &str = "X-Amz-Security-Token";

/// The parameter with the signature.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// The service that signs an address without its session token, which is added afterwards.
pub(crate) const DEVICE_GATEWAY: &str = "iotdevicegateway";

/// The parameters that make a query a signed one.
const MARKS: [&str; 3] = ["X-Amz-Algorithm", "X-Amz-Credential", SIGNATURE];

/// What was read, whichever way it came.
pub(crate) struct Found {
    pub(crate) parts: Parts,
    pub(crate) date: Timestamp,
    pub(crate) form: Form,
    /// What the query says of the body.
    pub(crate) content: Option<String>,
    pub(crate) session_token: Option<String>,
}

/// The claim of `request`.
pub(crate) fn find(request: &Request<'_>) -> Result<Found, SignatureError> {
    let in_query = pairs(request.query).any(|(name, _)| MARKS.contains(&name.as_str()));
    let mut headers = request.values("authorization");
    match (headers.next(), in_query) {
        (None, false) => Err(SignatureError::Missing),
        (None, true) => of_query(request),
        (Some(header), false) if headers.next().is_none() => of_header(request, header),
        (Some(_), _) => Err(SignatureError::incomplete(
            "the request says more than once who it is from: one header Authorization or one signed address is enough",
        )),
    }
}

fn of_header(request: &Request<'_>, header: &[u8]) -> Result<Found, SignatureError> {
    if !header.starts_with(b"AWS") {
        return Err(SignatureError::Missing);
    }
    if header.len() > limits::AUTHORIZATION {
        let limit = limits::AUTHORIZATION;
        return Err(SignatureError::too_large("Authorization", limit, "bytes"));
    }
    let wrong = || {
        SignatureError::incomplete(
            "Authorization is AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...",
        )
    };
    let text = std::str::from_utf8(header).map_err(|_| wrong())?;
    let (algorithm, rest) = text.trim().split_once(' ').ok_or_else(wrong)?;
    check_algorithm(algorithm)?;
    let [mut credential, mut signed, mut signature] = [None; 3];
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once('=').ok_or_else(wrong)?;
        let place = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed,
            "Signature" => &mut signature,
            _ => return Err(wrong()),
        };
        if place.replace(value).is_some() {
            return Err(wrong());
        }
    }
    let missing = |name: &str| SignatureError::incomplete(format!("Authorization has no {name}"));
    let parts = Parts::read(
        credential.ok_or_else(|| missing("Credential"))?,
        signed.ok_or_else(|| missing("SignedHeaders"))?,
        signature.ok_or_else(|| missing("Signature"))?,
    )?;
    let in_query = pairs(request.query).any(|(name, _)| name == TOKEN);
    if in_query || request.has("x-amz-security-token") {
        return Err(SignatureError::SessionToken);
    }
    Ok(Found {
        date: date_of_header(request)?,
        parts,
        form: Form::Header,
        content: None,
        session_token: None,
    })
}

/// The date of `X-Amz-Date`, or of `Date` where that is missing.
fn date_of_header(request: &Request<'_>) -> Result<Timestamp, SignatureError> {
    let one = |name: &str| {
        let mut values = request.values(name);
        let value = values.next()?;
        let single = values.next().is_none();
        Some(std::str::from_utf8(value).ok().filter(|_| single))
    };
    let date = match (one("x-amz-date"), one("date")) {
        (Some(date), _) => date.and_then(|date| moment::read(date.trim())),
        (None, Some(date)) => date.and_then(|date| moment::read_header(date.trim())),
        (None, None) => {
            return Err(SignatureError::incomplete(
                "a signed request has one of the headers X-Amz-Date and Date",
            ));
        }
    };
    date.ok_or_else(wrong_date)
}

fn of_query(request: &Request<'_>) -> Result<Found, SignatureError> {
    let parameters: Vec<(String, String)> = pairs(request.query)
        .filter(|(name, _)| name.starts_with("X-Amz-"))
        .collect();
    let one = |name: &str| {
        let mut values = parameters.iter().filter(|(other, _)| other == name);
        let value = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            None => Ok(value),
            Some(_) => Err(SignatureError::incomplete(format!(
                "the address has {name} more than once"
            ))),
        }
    };
    let needed = |name: &str| {
        one(name)?
            .ok_or_else(|| SignatureError::incomplete(format!("the signed address has no {name}")))
    };
    check_algorithm(needed("X-Amz-Algorithm")?)?;
    let parts = Parts::read(
        needed("X-Amz-Credential")?,
        needed("X-Amz-SignedHeaders")?,
        needed(SIGNATURE)?,
    )?;
    let session_token = one(TOKEN)?.map(String::from);
    let device_gateway = parts.credential.service == DEVICE_GATEWAY;
    if session_token.is_some() && !device_gateway || request.has("x-amz-security-token") {
        return Err(SignatureError::SessionToken);
    }
    Ok(Found {
        date: moment::read(needed("X-Amz-Date")?).ok_or_else(wrong_date)?,
        parts,
        form: Form::Query {
            seconds: read_expires(one("X-Amz-Expires")?)?,
        },
        content: one("X-Amz-Content-Sha256")?.map(String::from),
        session_token,
    })
}

fn read_expires(text: Option<&str>) -> Result<u32, SignatureError> {
    let Some(text) = text else {
        return Ok(limits::EXPIRES_DEFAULT);
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    seconds
        .filter(|seconds| (1..=limits::EXPIRES_MOST).contains(seconds))
        .ok_or_else(|| {
            let most = limits::EXPIRES_MOST;
            SignatureError::incomplete(format!("X-Amz-Expires is 1 to {most} seconds"))
        })
}

fn check_algorithm(algorithm: &str) -> Result<(), SignatureError> {
    if algorithm == ALGORITHM {
        return Ok(());
    }
    Err(SignatureError::incomplete(format!(
        "the only algorithm is {ALGORITHM}"
    )))
}

fn wrong_date() -> SignatureError {
    SignatureError::incomplete(
        "the date of a signed request is one time as 20260101T120000Z (X-Amz-Date) or Thu, 01 Jan 2026 12:00:00 GMT (Date)",
    )
}
