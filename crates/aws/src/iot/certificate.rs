//! Certificates.

use serde_json::{Value, json};
use trunkline_fleet::{Certificate, CertificateStatus, Issued};
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::arn::{ACCOUNT, Kind};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;
use crate::limits;
use crate::page::{Page, token, wrong_token};
use crate::time::seconds;

/// The thing whose rights count for a certificate; one that is no thing's counts as all of them.
pub(super) fn holder(certificate: &Certificate) -> &str {
    certificate.thing.as_deref().unwrap_or_default()
}

const fn status(status: CertificateStatus) -> &'static str {
    match status {
        CertificateStatus::Active => "ACTIVE",
        CertificateStatus::Inactive => "INACTIVE",
        CertificateStatus::Pending => "PENDING_ACTIVATION",
        CertificateStatus::Revoked => "REVOKED",
    }
}

/// Makes a certificate and its keys; it is no thing's before it is attached to one.
pub(crate) async fn create_keys(call: &Call) -> Outcome {
    call.only(&["setAsActive"])?;
    let active = call.flag("setAsActive")?;
    call.members()?.end()?;
    call.require(&action::THING_CHANGE, "")?;
    let issued = call.fleet().certify_nobody(None, active, call.by()).await?;
    let mut made = made(call, &issued);
    if let Some(key) = &issued.private_key {
        made["keyPair"] = json!({"PublicKey": issued.public_key, "PrivateKey": key.reveal()});
    }
    Ok(Answer::Document(made))
}

/// Makes a certificate for a request.
pub(crate) async fn create(call: &Call) -> Outcome {
    call.only(&["setAsActive"])?;
    let active = call.flag("setAsActive")?;
    let mut members = call.members()?;
    let request = members.text("certificateSigningRequest")?;
    members.end()?;
    let request =
        request.ok_or_else(|| AwsError::invalid("`certificateSigningRequest` is missing"))?;
    call.require(&action::THING_CHANGE, "")?;
    let fleet = call.fleet();
    let issued = fleet.certify_nobody(Some(&request), active, call.by());
    Ok(Answer::Document(made(call, &issued.await?)))
}

fn made(call: &Call, issued: &Issued) -> Value {
    let id = &issued.certificate.id;
    json!({
        "certificateArn": call.arn(Kind::Certificate, id), "certificateId": id, "certificatePem": issued.pem,
    })
}

fn summary(call: &Call, certificate: &Certificate) -> Value {
    json!({
        "certificateArn": call.arn(Kind::Certificate, &certificate.id),
        "certificateId": certificate.id,
        "status": status(certificate.status),
        "certificateMode": "DEFAULT",
        "creationDate": seconds(certificate.created),
    })
}

/// Shows a certificate.
pub(crate) async fn describe(call: &Call) -> Outcome {
    let (certificate, pem) = call.fleet().certificate(call.name(0)).await?;
    call.require(&action::THING_READ, holder(&certificate))?;
    let mut shown = summary(call, &certificate);
    shown["certificatePem"] = pem.into();
    shown["ownedBy"] = ACCOUNT.into();
    shown["caCertificateId"] = certificate.issuer.into();
    shown["validity"] = json!({
        "notBefore": seconds(certificate.not_before), "notAfter": seconds(certificate.not_after),
    });
    let shown = without_nulls(json!({"certificateDescription": shown}));
    Ok(Answer::Document(shown))
}

/// Lists certificates by age, the newest first where nothing else is said.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&["pageSize", "marker", "isAscendingOrder"])?;
    let page = call.page_by("pageSize", "marker", limits::PAGE)?;
    let ascending = call.flag("isAscendingOrder")?;
    call.require(&action::THING_READ, "")?;
    let mut all = call.fleet().certificates(None).await?;
    if !ascending {
        all.reverse();
    }
    let (certificates, next) = part(&page, &all, ascending)?;
    let certificates: Vec<Value> = certificates
        .iter()
        .map(|certificate| summary(call, certificate))
        .collect();
    Ok(Answer::Document(without_nulls(json!({
        "certificates": certificates, "nextMarker": next,
    }))))
}

/// Where a certificate stands in the list. Several may be of one moment, so the id is a part of it; one that goes leaves its place behind.
fn place(certificate: &Certificate) -> (i64, &str) {
    (certificate.created.as_micros(), &certificate.id)
}

/// The page behind the place at which the last one ended.
fn part<'a>(
    page: &Page,
    all: &'a [Certificate],
    ascending: bool,
) -> Result<(&'a [Certificate], Option<String>), AwsError> {
    let rest = if page.after.is_empty() {
        all
    } else {
        let (created, id) = page.after.split_once('/').ok_or_else(wrong_token)?;
        let after = (created.parse().map_err(|_| wrong_token())?, id);
        let shown = |certificate: &Certificate| match ascending {
            true => place(certificate) <= after,
            false => place(certificate) >= after,
        };
        all.get(all.partition_point(shown)..).unwrap_or_default()
    };
    let part = rest.get(..page.count).unwrap_or(rest);
    let next = part.last().filter(|_| part.len() < rest.len());
    let next = next
        .map(place)
        .map(|(created, id)| token(&format!("{created}/{id}")));
    Ok((part, next))
}

/// Switches a certificate on or off, or takes it back for good.
pub(crate) async fn update(call: &Call) -> Outcome {
    call.only(&["newStatus"])?;
    let id = call.name(0);
    let wanted = match call.query("newStatus") {
        Some("ACTIVE") => CertificateStatus::Active,
        Some("INACTIVE") => CertificateStatus::Inactive,
        Some("REVOKED") => CertificateStatus::Revoked,
        _ => {
            let message = "`newStatus` is ACTIVE, INACTIVE or REVOKED";
            return Err(AwsError::invalid(message));
        }
    };
    let (certificate, _) = call.fleet().certificate(id).await?;
    call.require(&action::THING_CHANGE, holder(&certificate))?;
    let changed = call.fleet().set_status(id, wanted, call.by()).await;
    let changed = changed.map_err(AwsError::of_state)?;
    if changed.status != CertificateStatus::Active {
        call.tell().disconnect(id);
    }
    Ok(Answer::Done)
}

/// Forgets a certificate that is no thing's and not active.
pub(crate) async fn delete(call: &Call) -> Outcome {
    call.only(&["forceDelete"])?;
    let id = call.name(0);
    let (certificate, _) = call.fleet().certificate(id).await?;
    call.require(&action::THING_CHANGE, holder(&certificate))?;
    if certificate.status == CertificateStatus::Active {
        let message = "the certificate is active: switch it off or revoke it first";
        return Err(AwsError::bad_state(message));
    }
    if let Some(thing) = certificate.thing {
        let message =
            format!("the certificate is attached to the thing `{thing}`: detach it first");
        return Err(AwsError::new(409, "DeleteConflictException", message));
    }
    let removed = call.fleet().remove_certificate(id, call.by()).await;
    removed.map_err(AwsError::of_state)?;
    call.tell().disconnect(id);
    Ok(Answer::Done)
}
