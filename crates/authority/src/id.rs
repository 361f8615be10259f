//! What a certificate is known by.

use aws_lc_rs::digest::{SHA256, digest};

/// The id of the certificate with these DER bytes: their SHA-256 in lower-case hexadecimal digits, as AWS IoT has it.
#[must_use]
pub fn certificate_id(der: &[u8]) -> String {
    hex(digest(&SHA256, der).as_ref())
}

/// Lower-case hexadecimal digits, two for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_digest_of_the_bytes() {
        assert_eq!(
            certificate_id(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
