//! The key that signs for one day, region and service.

use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign, verify};

use crate::scope::{Credential, END};

/// Made of a secret; the secret cannot be made of it.
pub(crate) struct SigningKey(Key);

impl SigningKey {
    pub(crate) fn new(secret: &str, credential: &Credential) -> Self {
        let first = Key::new(HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        let parts = [
            &credential.day,
            &credential.region,
            &credential.service,
            END,
        ];
        Self(parts.into_iter().fold(first, |key, part| {
            Key::new(HMAC_SHA256, sign(&key, part.as_bytes()).as_ref())
        }))
    }

    pub(crate) fn sign(&self, text: &str) -> Tag {
        sign(&self.0, text.as_bytes())
    }

    /// Whether it gives `signature` for `text`; that takes the same time wherever they differ.
    pub(crate) fn verify(&self, text: &str, signature: &[u8; 32]) -> bool {
        verify(&self.0, text.as_bytes(), signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    /// The example that AWS published with the algorithm.
    #[test]
    fn keys_are_those_of_the_published_examples() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let credential =
            Credential::read("AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request").unwrap();
        let key = SigningKey::new(secret, &credential);
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
            f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        let tag = key.sign(text);
        assert_eq!(
            hex(tag.as_ref()),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
        let signature: [u8; 32] = tag.as_ref().try_into().unwrap();
        assert!(key.verify(text, &signature) && !key.verify("", &signature));
    }
}
