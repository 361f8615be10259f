//! What can be wrong with what is handed in.

use trunkline_model::Timestamp;

use crate::KeyKind;

/// Why a text or some bytes cannot be read as what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is larger than anything that would be accepted.
    #[error("the {what} is larger than {limit} bytes")]
    TooLarge {
        /// What it should be.
        what: &'static str,
        /// How large it may be.
        limit: usize,
    },
    /// There is none.
    #[error("there is no {0} in it")]
    Missing(&'static str),
    /// There are more than there may be.
    #[error("there are more certificates in it than {0}")]
    TooMany(usize),
    /// The bytes say something else, or nothing that follows the rules.
    #[error("it cannot be read as a {0}")]
    Malformed(&'static str),
}

/// Why nothing was signed, or the authority itself cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// What was handed in cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The request is not signed with the key that it names.
    #[error("the request is not signed with the private key that belongs to its public key")]
    Proof,
    /// The request is signed in a way that is not accepted.
    #[error(
        "the request is signed with an algorithm that is not accepted: sign it with SHA-256 or stronger"
    )]
    Algorithm,
    /// No certificate is made for keys of this kind.
    #[error(
        "no certificate is made for {0}: use ECDSA P-256 or P-384, RSA with 2,048 to 8,192 bits, or Ed25519"
    )]
    Key(KeyKind),
    /// The name cannot stand in a certificate.
    #[error("`{name}` cannot be the name: {reason}")]
    Name {
        /// The beginning of the name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A certificate for a server needs names, and not too many.
    #[error("a server's certificate is for 1 to {0} names")]
    Names(usize),
    /// Nothing can be valid for so short or so long.
    #[error("a certificate is valid for a second at least and for {0} days at most")]
    Validity(u64),
    /// The time is none that a certificate can carry.
    #[error("{0} is not a time that a certificate can carry")]
    Time(Timestamp),
    /// The issuing authority is at its end.
    #[error("the issuing authority ended at {0}: renew it")]
    Ended(Timestamp),
    /// A private key and a certificate that were handed in do not belong together.
    #[error("the private key does not belong to the certificate of the {0}")]
    OtherKey(&'static str),
    /// The root's private key is kept elsewhere.
    #[error("the private key of the root is not here, and nothing can be signed with it")]
    NoRootKey,
    /// The root and what stands under it do not fit.
    #[error("the certificates of the authority do not fit together: {0}")]
    Unfit(#[from] Untrusted),
    /// The cryptography failed.
    #[error("a key or a certificate could not be made")]
    Library(#[from] rcgen::Error),
}

/// Why a certificate is not what it claims to be, or its authority cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is not the certificate of an authority.
    #[error(
        "the certificate of `{0}` is not that of a certificate authority: its basic constraints do not say so"
    )]
    NotAuthority(String),
    /// It is an authority's where a device's is wanted.
    #[error("the certificate of `{0}` is that of a certificate authority")]
    Authority(String),
    /// The authority may not sign certificates.
    #[error("the key usage of `{0}` does not include the signing of certificates")]
    MayNotSign(String),
    /// It has a critical extension that nobody here understands.
    #[error("the certificate of `{0}` has a critical extension that is not supported")]
    Extension(String),
    /// It is not valid yet.
    #[error("the certificate of `{subject}` is not valid before {begins}")]
    NotYet {
        /// Whose it is.
        subject: String,
        /// When it begins.
        begins: Timestamp,
    },
    /// It is not valid any more.
    #[error("the certificate of `{subject}` ended at {ends}")]
    Ended {
        /// Whose it is.
        subject: String,
        /// When it ended.
        ends: Timestamp,
    },
    /// Another authority is named in it.
    #[error("the certificate of `{subject}` was not issued by `{authority}`")]
    OtherIssuer {
        /// Whose it is.
        subject: String,
        /// The authority that it was held against.
        authority: String,
    },
    /// The signature is not that of the authority.
    #[error("the signature on the certificate of `{0}` is not that of its issuer")]
    Signature(String),
    /// The signature is of a kind that is not accepted.
    #[error(
        "the certificate of `{0}` is signed with an algorithm that is not accepted, such as SHA-1 or a short RSA key"
    )]
    Algorithm(String),
    /// The chain does not lead to a self-signed certificate.
    #[error("`{0}` is not self-signed, and the certificates above it are not there")]
    Incomplete(String),
    /// There are more authorities below one of them than it allows.
    #[error("`{0}` allows fewer authorities below it than there are")]
    PathLength(String),
    /// The verification certificate is for another registration code.
    #[error("the common name of the verification certificate is not the registration code")]
    Code,
}
