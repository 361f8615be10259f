//! Requests for certificates.

use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PublicKeyData, SanType, SignatureAlgorithm, SigningKey,
};
use trunkline_authority::{
    Authority, AuthorityError, IssuedCertificate, KeyKind, Unreadable, verify_issued_by,
};
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::support::{AUTHORITY, days, ids, now, plain};

/// A request with a key of 1,024 bits.
const SHORT_RSA: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIIBTjCBuAIBADAPMQ0wCwYDVQQDDAR3ZWFrMIGfMA0GCSqGSIb3DQEBAQUAA4GN
ADCBiQKBgQC67eCCHMeetAOchEKYkUiVrwOTV1r9fpnD8eKIIW4Gs8cFPYtfyFbY
fw1dMlCi81NpDnPWiycw1mfL+ycmg4Tno9iFiku/tuzRtZ6R5iv4RkRkzAZMepNU
S3peX3VlnD8HX/sXIVZbPR1+eA5+eBPVvGAa2RxIro15tmQARUAmlwIDAQABoAAw
DQYJKoZIhvcNAQELBQADgYEAeXx5eyXZRX3QbjpVKbLJI7ZlIa083rp3PnRsIEot
8n6Wh5nYQtc/gYPyXXHxLHypY097BVo4Rf2nH2kJl/X/l6lpk6QNeAUO08CptswW
vHp1Jp+70WllaXMW7bAn7InWR0KGa48P+LZ/B3Nqk7kZvjGdQ2sPm6pixn4PDPT5
mB4=
-----END CERTIFICATE REQUEST-----
";

/// A request with a key of 2,048 bits, signed with SHA-1.
const SHA_1: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIICUzCCATsCAQAwDjEMMAoGA1UEAwwDb2xkMIIBIjANBgkqhkiG9w0BAQEFAAOC
AQ8AMIIBCgKCAQEAl14OO8U1Yz47z9zN4UaT0T67ysIVDiHzkKIv9o9sYj9iJtgI
wzVLQAQs0psSgPXGj3rFrSeZQKtQMiaZjVWgycB8KE4M4v15U9x8UuVZuyNa6cnj
+J/RF9prxPdWo1zvODUp437K2D+VJx7fa+HTdxIigBMPcY7Hgl0zhqYlyaM1l/O2
1pOYDpRjzLzOMdmFpYlz/w86e++B+HIofpTf5bQj1NjFpg3EySoXVNp7nn++G6ra
TATVaqdAVaEr2oIQOmWgW5luSOd9IHu8OzzzHrPZ4LOCSIpQsnW8w3yKB274NUb6
gornaLowanegVDJ6XcF3rRyP8qEn5eBxc/eZ8wIDAQABoAAwDQYJKoZIhvcNAQEF
BQADggEBAAw76g+npn7xPAal6PX6/znP3hEdu4KuSyLJZXYyYER77/X5DlqYD9bK
MVOIkcujhU+TVk+lHFtpQGbol3RYeVv4/lthvj5zO9Wmz6W2uIDsuO1qmCgK/g/e
oH9MwEzebO6GQQYJOIZPLptXNZ0o7X2PVo+/PmRCyfgtARUheFMgj8arOz67//L6
ue6WJkCGiYNi0aWoCYhMynyYvo/09QYpGziLk5yStP3m5UbDXS3RPG9FTW9O+ClP
J5V/WqqHm937iHHDxNnw4TKSguRV3thKXE3KKiwyT/c+QIR8K2REXHIQgOBM8Bun
pjVtTZFhwjhYLifDaf0JMdyfBJbgnvc=
-----END CERTIFICATE REQUEST-----
";

/// A request with a key on a curve that is made for coins.
const OTHER_CURVE: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIHHMG4CAQAwDzENMAsGA1UEAwwEY29pbjBWMBAGByqGSM49AgEGBSuBBAAKA0IA
BAkqCS/shN3IkPemf5JMxAo5mcmo7l2R/Uo8AV6EcjDyPzAw82Fd1tbTeFu42EMG
+y+Aotlb0fS3d5735V6iVxWgADAKBggqhkjOPQQDAgNJADBGAiEAp4jOB13wtXFk
BHylZSdUMXGjWByZTT6PJdhJdW4dZjACIQCFdCPJ4EmE+yJ5Pg5JPCzEzeoFBtI2
E/a1JVw7OJ+N8A==
-----END CERTIFICATE REQUEST-----
";

fn sign(request: &[u8]) -> Result<IssuedCertificate, AuthorityError> {
    AUTHORITY.sign_csr(request, "pump-7", Authority::VALIDITY, now(), &ids(20))
}

fn request_with(algorithm: &'static SignatureAlgorithm) -> (String, KeyPair) {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let request = plain("somebody else").serialize_request(&key).unwrap();
    (request.pem().unwrap(), key)
}

#[test]
fn keys_of_each_accepted_kind_get_their_certificate() {
    for (algorithm, kind) in [
        (&rcgen::PKCS_ECDSA_P256_SHA256, KeyKind::EcdsaP256),
        (&rcgen::PKCS_ECDSA_P384_SHA384, KeyKind::EcdsaP384),
        (&rcgen::PKCS_ED25519, KeyKind::Ed25519),
        (&rcgen::PKCS_RSA_SHA256, KeyKind::Rsa { bits: 2_048 }),
        (&rcgen::PKCS_RSA_SHA512, KeyKind::Rsa { bits: 2_048 }),
    ] {
        let (request, key) = request_with(algorithm);
        let issued = sign(request.as_bytes()).unwrap();
        assert_eq!(issued.known.key, kind);
        assert_eq!(issued.known.subject, "CN=pump-7");
        let (_, read) = X509Certificate::from_der(&issued.der).unwrap();
        assert_eq!(read.public_key().raw, key.subject_public_key_info());
        verify_issued_by(AUTHORITY.chain_pem().as_bytes(), &issued.der, now()).unwrap();
    }
}

#[test]
fn der_and_the_older_label_are_read_too() {
    let key = KeyPair::generate().unwrap();
    let request = plain("a").serialize_request(&key).unwrap();
    sign(request.der()).unwrap();
    let pem = request.pem().unwrap();
    let older = pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    sign(older.as_bytes()).unwrap();
    sign(format!("Data:\n  Version: 1\n{}", pem.replace('\n', "\r\n")).as_bytes()).unwrap();
}

#[test]
fn nothing_that_a_request_wants_is_granted() {
    let mut wants = plain("root");
    wants.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wants.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    wants.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wants.subject_alt_names = vec![SanType::DnsName("shop.example".try_into().unwrap())];
    wants.custom_extensions = vec![CustomExtension::from_oid_content(
        &[1, 3, 6, 1, 4, 1, 9, 9],
        vec![0x05, 0x00],
    )];
    let key = KeyPair::generate().unwrap();
    let request = wants.serialize_request(&key).unwrap();
    let issued = sign(request.der()).unwrap();
    assert!(!issued.known.is_ca);
    let (_, read) = X509Certificate::from_der(&issued.der).unwrap();
    let constraints = read.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && !constraints.value.ca);
    let usage = read.key_usage().unwrap().unwrap();
    assert!(usage.critical);
    assert_eq!(usage.value.flags, 1, "signatures and nothing else");
    let purposes = read.extended_key_usage().unwrap().unwrap().value;
    assert!(purposes.client_auth && !purposes.server_auth && !purposes.any);
    assert_eq!(read.extensions().len(), 5);
    for extension in read.extensions() {
        assert!(
            matches!(
                extension.parsed_extension(),
                ParsedExtension::BasicConstraints(_)
                    | ParsedExtension::KeyUsage(_)
                    | ParsedExtension::ExtendedKeyUsage(_)
                    | ParsedExtension::AuthorityKeyIdentifier(_)
                    | ParsedExtension::SubjectKeyIdentifier(_)
            ),
            "{extension:?}"
        );
    }
}

#[test]
fn weak_and_odd_keys_are_refused() {
    let kind = |request: &str| match sign(request.as_bytes()) {
        Err(AuthorityError::Key(kind)) => kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(SHORT_RSA), KeyKind::Rsa { bits: 1_024 });
    assert_eq!(kind(OTHER_CURVE), KeyKind::Other("1.3.132.0.10".into()));
    let (request, _) = request_with(&rcgen::PKCS_ECDSA_P521_SHA512);
    assert_eq!(kind(&request), KeyKind::Other("1.3.132.0.35".into()));
    assert!(matches!(
        sign(SHA_1.as_bytes()),
        Err(AuthorityError::Algorithm)
    ));
}

/// Asks for the key of somebody else.
struct Liar {
    shown: KeyPair,
    own: KeyPair,
}

impl PublicKeyData for Liar {
    fn der_bytes(&self) -> &[u8] {
        self.shown.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.own.algorithm()
    }
}

impl SigningKey for Liar {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.own.sign(message)
    }
}

#[test]
fn a_request_for_the_key_of_somebody_else_is_refused() {
    let liar = Liar {
        shown: KeyPair::generate().unwrap(),
        own: KeyPair::generate().unwrap(),
    };
    let request = plain("a").serialize_request(&liar).unwrap();
    assert!(matches!(sign(request.der()), Err(AuthorityError::Proof)));
}

#[test]
fn a_broken_signature_is_refused() {
    let key = KeyPair::generate().unwrap();
    let mut request = plain("a").serialize_request(&key).unwrap().der().to_vec();
    *request.last_mut().unwrap() ^= 1;
    assert!(matches!(sign(&request), Err(AuthorityError::Proof)));
}

#[test]
fn what_is_no_request_or_too_large_is_refused() {
    let unreadable = |request: &[u8]| match sign(request) {
        Err(AuthorityError::Unreadable(unreadable)) => unreadable,
        other => panic!("{other:?}"),
    };
    let what = "certificate signing request";
    assert_eq!(unreadable(b""), Unreadable::Missing(what));
    assert_eq!(
        unreadable(b"\x30\x03\x02\x01\x00"),
        Unreadable::Malformed(what)
    );
    assert_eq!(unreadable(b"\xff\xfe"), Unreadable::Malformed(what));
    let large = Unreadable::TooLarge {
        what,
        limit: 16_384,
    };
    assert_eq!(unreadable(&[0x30; 20_000]), large);
    assert_eq!(unreadable("a".repeat(1 << 20).as_bytes()), large);
    let certificate = AUTHORITY.root_pem();
    assert_eq!(
        unreadable(certificate.as_bytes()),
        Unreadable::Missing(what)
    );
    let (request, _) = request_with(&rcgen::PKCS_ED25519);
    assert_eq!(
        unreadable(request.repeat(2).as_bytes()),
        Unreadable::Malformed(what)
    );
    let key = KeyPair::generate().unwrap();
    let mut trailing = plain("a").serialize_request(&key).unwrap().der().to_vec();
    trailing.push(0);
    assert_eq!(unreadable(&trailing), Unreadable::Malformed(what));
}

#[test]
fn serial_numbers_are_of_128_bits_and_differ() {
    let (request, _) = request_with(&rcgen::PKCS_ED25519);
    let ids = ids(21);
    let serials: std::collections::HashSet<String> = (0..50)
        .map(|_| {
            let issued = AUTHORITY.sign_csr(request.as_bytes(), "a", days(1), now(), &ids);
            issued.unwrap().known.serial
        })
        .collect();
    assert_eq!(serials.len(), 50);
    assert!(
        serials
            .iter()
            .all(|serial| (28..=32).contains(&serial.len()))
    );
    assert!(
        serials
            .iter()
            .any(|serial| serial.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']))
    );
}
