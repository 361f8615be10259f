//! One certificate from the server.

use std::error::Error;

use instant_acme::{
    Account, AccountBuilder, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use crate::AcmeConfig;
use crate::Challenges;
use crate::files;

/// Why no certificate was had.
pub(super) type Failed = Box<dyn Error + Send + Sync>;

/// Orders a certificate for all names of `acme` and keeps it.
///
/// # Errors
/// Whatever the server refuses, and files that cannot be written.
pub(super) async fn order(acme: &AcmeConfig, challenges: &Challenges) -> Result<(), Failed> {
    let account = account(acme).await?;
    let names: Vec<_> = acme
        .names
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    let identifiers: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            status => return Err(format!("an authorization is {status:?}").into()),
        }
        let mut challenge = authorization
            .challenge(ChallengeType::Http01)
            .ok_or("the server offers no HTTP-01 challenge")?;
        challenges.put(&challenge.token, challenge.key_authorization().as_str());
        challenge.set_ready().await?;
    }
    let retries = RetryPolicy::default();
    let status = order.poll_ready(&retries).await?;
    if status != OrderStatus::Ready {
        return Err(format!(
            "the order is {status:?}: do the names lead to this listener at port 80?"
        )
        .into());
    }
    let key = KeyPair::generate()?;
    let mut request = CertificateParams::new(names)?;
    request.distinguished_name = DistinguishedName::new();
    order
        .finalize_csr(request.serialize_request(&key)?.der())
        .await?;
    let chain = order.poll_certificate(&retries).await?;
    files::keep_certificate(acme, &chain, &key.serialize_pem())?;
    Ok(())
}

/// Whether the server refused a request only because its nonce was too old. The client tries each request three times by itself.
pub(super) fn stale_nonce(error: &(dyn Error + 'static)) -> bool {
    matches!(
        error.downcast_ref(),
        Some(instant_acme::Error::Api(problem))
            if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce")
    )
}

fn builder(acme: &AcmeConfig) -> Result<AccountBuilder, instant_acme::Error> {
    // Its client asks for the process's own choice, and there are two to choose from. Whoever chose before may have done so.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    match &acme.root {
        Some(root) => Account::builder_with_root(root),
        None => Account::builder(),
    }
}

/// The account that was made before, or a new one.
async fn account(acme: &AcmeConfig) -> Result<Account, Failed> {
    if let Some(known) = files::account(acme) {
        let credentials = serde_json::from_slice(&known)?;
        return Ok(builder(acme)?.from_credentials(credentials).await?);
    }
    let contact: Vec<_> = acme
        .contact
        .iter()
        .map(|address| format!("mailto:{address}"))
        .collect();
    let contact: Vec<_> = contact.iter().map(String::as_str).collect();
    let wanted = NewAccount {
        contact: &contact,
        terms_of_service_agreed: acme.agree_to_terms,
        only_return_existing: false,
    };
    let made = builder(acme)?.create(&wanted, acme.directory.clone(), None);
    let (account, credentials) = made.await?;
    files::keep_account(acme, &serde_json::to_vec(&credentials)?)?;
    Ok(account)
}
