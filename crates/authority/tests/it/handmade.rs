//! Certificates that the library does not make, written byte by byte.

use rcgen::{KeyPair, PublicKeyData, SigningKey};

/// `ecdsa-with-SHA256`.
const ECDSA: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
];
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
const UNIT: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x0b];

/// A tag, the length, and `parts` one after the other.
pub(crate) fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = u16::try_from(contents.len()).unwrap();
    let mut der = vec![tag];
    match length {
        0..0x80 => der.push(length.to_be_bytes()[1]),
        _ => {
            der.push(0x82);
            der.extend(length.to_be_bytes());
        }
    }
    der.extend(contents);
    der
}

/// A name with a common name, and with several organisational units before it.
pub(crate) fn name(units: &[&str], common_name: &str) -> Vec<u8> {
    let part = |kind: &[u8], text: &str| {
        let text = tagged(0x0c, &[text.as_bytes()]);
        tagged(0x31, &[&tagged(0x30, &[kind, &text])])
    };
    let mut parts: Vec<Vec<u8>> = units.iter().map(|unit| part(UNIT, unit)).collect();
    parts.push(part(COMMON_NAME, common_name));
    tagged(0x30, &[&parts.concat()])
}

/// Basic constraints that name an authority.
pub(crate) fn authority() -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x13], true, &[0x30, 0x03, 0x01, 0x01, 0xff])
}

/// One extension.
pub(crate) fn extension(kind: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    let value = tagged(0x04, &[value]);
    tagged(0x30, &[&tagged(0x06, &[kind]), critical, &value])
}

/// A certificate that is valid in 2027, of version 1 where it has no `extensions`.
pub(crate) fn certificate(
    issuer: &[u8],
    signer: &KeyPair,
    subject: &[u8],
    key: &KeyPair,
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let validity = [
        tagged(0x17, &[b"270101000000Z"]),
        tagged(0x17, &[b"271231235959Z"]),
    ];
    let validity = tagged(0x30, &[&validity.concat()]);
    let key = key.subject_public_key_info();
    let serial: &[u8] = &[0x02, 0x01, 0x07];
    let plain: [&[u8]; 6] = [serial, ECDSA, issuer, &validity, subject, &key];
    let says = if extensions.is_empty() {
        tagged(0x30, &plain)
    } else {
        let version = tagged(0xa0, &[&[0x02, 0x01, 0x02]]);
        let all = tagged(0xa3, &[&tagged(0x30, &[&extensions.concat()])]);
        tagged(0x30, &[&version, &plain.concat(), &all])
    };
    let signature = tagged(0x03, &[&[0], &signer.sign(&says).unwrap()]);
    tagged(0x30, &[&says, ECDSA, &signature])
}
