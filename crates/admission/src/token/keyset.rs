//! The keys of an issuer.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::SignatureAlgorithm;

/// The most keys of a set; further ones are passed over.
const MAX_KEYS: usize = 100;

/// The bytes of an RSA modulus: 2048 to 8192 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A public key, good for one algorithm.
pub(super) struct Key {
    kid: Option<String>,
    pub(super) algorithm: SignatureAlgorithm,
    /// Read once: to read a key again costs about as much as to check a signature.
    public: ParsedPublicKey,
    /// Names id, algorithm and key, so that it is known again in the next set.
    print: [u8; 32],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// Whether `signature`, in base64, is one of this key for `signed`.
    pub(super) fn has_signed(&self, signed: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
            self.public
                .verify_sig(signed.as_bytes(), &signature)
                .is_ok()
        })
    }
}

/// The parameters of an RSA algorithm; nothing for another.
const fn rsa(algorithm: SignatureAlgorithm) -> Option<&'static RsaParameters> {
    use SignatureAlgorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    match algorithm {
        Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Es256 | Es384 | EdDsa => None,
    }
}

/// The keys of an issuer that can be used.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<Arc<Key>>,
}

/// What a search for a key comes to.
#[derive(Debug)]
pub(super) enum Found<'a> {
    Key(&'a Arc<Key>),
    /// There are keys with this id, for other algorithms.
    OtherAlgorithm,
    Nothing,
}

impl KeySet {
    /// Reads a key set, leaving out keys that are for something else or for algorithms that are not `allowed`.
    pub(super) fn read(bytes: &[u8], allowed: &[SignatureAlgorithm]) -> Result<Self, &'static str> {
        let document: Value =
            serde_json::from_slice(bytes).map_err(|_| "the key set is not JSON")?;
        let keys = document.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("the key set has no list `keys`")?;
        let keys = keys
            .iter()
            .take(MAX_KEYS)
            .filter_map(|jwk| key(jwk, allowed));
        Ok(Self {
            keys: keys.map(Arc::new).collect(),
        })
    }

    /// How many keys can be used.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether this set has `key` too.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.keys.iter().any(|have| have.print == key.print)
    }

    /// Whether everything in this set is in `other` too.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.keys.iter().all(|key| other.has(key))
    }

    /// The key with the id `kid` for `algorithm`.
    pub(super) fn find(&self, kid: &str, algorithm: SignatureAlgorithm) -> Found<'_> {
        let mut found = Found::Nothing;
        for key in &self.keys {
            if key.kid.as_deref() != Some(kid) {
                continue;
            }
            if key.algorithm == algorithm {
                return Found::Key(key);
            }
            found = Found::OtherAlgorithm;
        }
        found
    }

    /// The one key of a set of one.
    pub(super) fn only(&self, algorithm: SignatureAlgorithm) -> Found<'_> {
        match self.keys.as_slice() {
            [key] if key.algorithm == algorithm => Found::Key(key),
            [_] => Found::OtherAlgorithm,
            _ => Found::Nothing,
        }
    }
}

/// The key that `jwk` describes, if it is one for signatures with an allowed algorithm.
fn key(jwk: &Value, allowed: &[SignatureAlgorithm]) -> Option<Key> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    if let Some(Value::Array(operations)) = jwk.get("key_ops")
        && !operations.iter().any(|operation| operation == "verify")
    {
        return None;
    }
    let algorithm = algorithm(text("kty")?, text("crv"), text("alg"), allowed)?;
    let (public, parts) = if let Some(parameters) = rsa(algorithm) {
        let (modulus, exponent) = (bytes(text("n")?)?, bytes(text("e")?)?);
        if !RSA_BYTES.contains(&modulus.len()) {
            return None;
        }
        let components = PublicKeyComponents {
            n: modulus.as_slice(),
            e: exponent.as_slice(),
        };
        let key = components.to_parsed_public_key(parameters).ok()?;
        (key, [modulus, exponent])
    } else if algorithm == SignatureAlgorithm::EdDsa {
        let point = bytes(text("x")?).filter(|point| point.len() == 32)?;
        let key = ParsedPublicKey::new(&signature::ED25519, &point).ok()?;
        (key, [point, Vec::new()])
    } else {
        let (size, parameters) = if algorithm == SignatureAlgorithm::Es256 {
            (32, &signature::ECDSA_P256_SHA256_FIXED)
        } else {
            (48, &signature::ECDSA_P384_SHA384_FIXED)
        };
        let (x, y) = (bytes(text("x")?)?, bytes(text("y")?)?);
        if x.len() != size || y.len() != size {
            return None;
        }
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        let key = ParsedPublicKey::new(parameters, &point).ok()?;
        (key, [x, y])
    };
    let kid = text("kid").map(str::to_owned);
    let print = fingerprint(kid.as_deref(), algorithm, &parts);
    Some(Key {
        kid,
        algorithm,
        public,
        print,
    })
}

/// The one algorithm that a key of this type is good for. A key set that leaves `alg` out means, for RSA, the first RSA algorithm of
/// the issuer.
fn algorithm(
    kind: &str,
    curve: Option<&str>,
    named: Option<&str>,
    allowed: &[SignatureAlgorithm],
) -> Option<SignatureAlgorithm> {
    use SignatureAlgorithm::{EdDsa, Es256, Es384};
    let fitting = match (kind, curve) {
        ("RSA", _) => {
            let mut rsa = allowed.iter().copied().filter(|a| a.is_rsa());
            match named {
                Some(named) => rsa.find(|algorithm| algorithm.name() == named),
                None => rsa.next(),
            }
        }
        ("EC", Some("P-256")) => Some(Es256),
        ("EC", Some("P-384")) => Some(Es384),
        ("OKP", Some("Ed25519")) => Some(EdDsa),
        _ => None,
    }?;
    // RFC 9864 calls EdDSA on this curve `Ed25519`.
    let is_named =
        |named: &str| named == fitting.name() || (fitting == EdDsa && named == "Ed25519");
    (allowed.contains(&fitting) && named.is_none_or(is_named)).then_some(fitting)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

fn fingerprint(kid: Option<&str>, algorithm: SignatureAlgorithm, parts: &[Vec<u8>; 2]) -> [u8; 32] {
    let mut input = Vec::new();
    for part in [
        kid.unwrap_or_default().as_bytes(),
        algorithm.name().as_bytes(),
        &parts[0],
        &parts[1],
    ] {
        input.extend_from_slice(&part.len().to_le_bytes());
        input.extend_from_slice(part);
    }
    let mut print = [0; 32];
    print.copy_from_slice(digest(&SHA256, &input).as_ref());
    print
}

#[cfg(test)]
mod tests {
    use super::*;
    use SignatureAlgorithm::{EdDsa, Es256, Ps256, Rs256};
    use serde_json::json;

    fn read(keys: &Value, allowed: &[SignatureAlgorithm]) -> KeySet {
        let document = json!({"keys": keys}).to_string();
        KeySet::read(document.as_bytes(), allowed).unwrap()
    }

    fn rsa(bits: usize) -> Value {
        let n = URL_SAFE_NO_PAD.encode(vec![0xC1; bits / 8]);
        json!({"kty": "RSA", "kid": "r", "n": n, "e": "AQAB"})
    }

    fn with(mut jwk: Value, name: &str, value: Value) -> Value {
        jwk[name] = value;
        jwk
    }

    #[test]
    fn a_key_is_good_for_one_algorithm() {
        let set = read(&json!([rsa(2048)]), &[Es256, Ps256, Rs256]);
        assert!(matches!(set.find("r", Ps256), Found::Key(_)));
        assert!(matches!(set.find("r", Rs256), Found::OtherAlgorithm));
        assert!(matches!(set.find("s", Ps256), Found::Nothing));
        let named = with(rsa(2048), "alg", json!("RS256"));
        let set = read(&json!([named]), &[Ps256, Rs256]);
        assert!(matches!(set.find("r", Rs256), Found::Key(_)));
        assert!(matches!(set.find("r", Ps256), Found::OtherAlgorithm));
        assert!(matches!(set.only(Rs256), Found::Key(_)));
    }

    #[test]
    fn keys_for_something_else_are_left_out() {
        for unfit in [
            rsa(1024),
            with(rsa(2048), "use", json!("enc")),
            with(rsa(2048), "key_ops", json!(["encrypt"])),
            with(rsa(2048), "alg", json!("RSA-OAEP")),
            with(rsa(2048), "alg", json!("HS256")),
            json!({"kty": "oct", "kid": "o", "k": "c2VjcmV0", "alg": "HS256"}),
            json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": "AA", "y": "AA"}),
            json!({"kty": "OKP", "crv": "Ed448", "kid": "e", "x": "AA"}),
            json!("key"),
        ] {
            assert_eq!(read(&json!([unfit]), &[Rs256, Es256, EdDsa]).len(), 0);
        }
        assert_eq!(
            read(&json!([rsa(2048)]), &[Es256]).len(),
            0,
            "not an algorithm of the issuer"
        );
        let many = vec![rsa(2048); 300];
        assert_eq!(read(&json!(many), &[Rs256]).len(), MAX_KEYS);
    }

    #[test]
    fn what_is_not_a_key_set_is_told() {
        for text in ["", "[]", "{}", r#"{"keys":{}}"#] {
            assert!(KeySet::read(text.as_bytes(), &[Rs256]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_known_again_by_what_it_is_and_not_by_its_name() {
        let one = read(&json!([rsa(2048)]), &[Rs256]);
        let same = read(&json!([with(rsa(2048), "x5t", json!("more"))]), &[Rs256]);
        let other = read(&json!([with(rsa(2048), "e", json!("Aw"))]), &[Rs256]);
        assert!(one.is_within(&same) && !one.is_within(&other));
    }
}
