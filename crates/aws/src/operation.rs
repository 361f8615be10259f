//! Which operation a request asks for: its service, its method and its path say it.

use crate::limits;
use crate::service::Service;
use crate::service::Service::{Data, Iot, Jobs};

use Operation as Op;

/// An operation, by the name that AWS gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateThing,
    DescribeThing,
    ListThings,
    UpdateThing,
    DeleteThing,
    CreateThingType,
    DescribeThingType,
    ListThingTypes,
    DeleteThingType,
    CreateThingGroup,
    DescribeThingGroup,
    ListThingGroups,
    UpdateThingGroup,
    DeleteThingGroup,
    AddThingToThingGroup,
    RemoveThingFromThingGroup,
    ListThingsInThingGroup,
    ListThingGroupsForThing,
    CreateKeysAndCertificate,
    CreateCertificateFromCsr,
    DescribeCertificate,
    ListCertificates,
    UpdateCertificate,
    DeleteCertificate,
    AttachThingPrincipal,
    DetachThingPrincipal,
    ListThingPrincipals,
    ListPrincipalThings,
    DescribeEndpoint,
    CreateJob,
    DescribeJob,
    ListJobs,
    CancelJob,
    DeleteJob,
    GetJobDocument,
    DescribeJobExecution,
    ListJobExecutionsForJob,
    ListJobExecutionsForThing,
    CancelJobExecution,
    GetThingShadow,
    UpdateThingShadow,
    DeleteThingShadow,
    ListNamedShadowsForThing,
    Publish,
    GetRetainedMessage,
    ListRetainedMessages,
    GetPendingJobExecutions,
    StartNextPendingJobExecution,
    DescribeOwnJobExecution,
    UpdateJobExecution,
    /// A list of what there is none of, under this name.
    Nothing(&'static str),
    /// What the platform does another way, with how.
    Refused(&'static str),
}

impl Operation {
    /// Bytes that the body may have.
    pub(crate) const fn body(self) -> usize {
        match self {
            Self::Publish | Self::UpdateThingShadow => limits::MESSAGE,
            Self::CreateJob => limits::JOB,
            _ => limits::BODY,
        }
    }
}

/// Said of policies.
const RIGHTS: &str = "there are no policies for devices: the rights of a device follow the thing that its certificate is attached to (its \
                      own topics, its shadows, its jobs)";

/// Said of certificates that somebody else made.
const AUTHORITIES: &str = "a certificate that another authority signed is not registered by itself: register the authority in the console or \
                           at /v1/authorities, and its devices join by connecting";

/// Said of types that are not to be used any more.
const DEPRECATION: &str = "types are not deprecated: delete a type at once, its things stay";

/// All operations. `{}` is a part of the path, `{+}` all that is left of it; of two that fit the first counts.
const TABLE: &[(Service, &str, &str, Operation)] = &[
    (Iot, "GET", "things", Op::ListThings),
    (Iot, "POST", "things/{}", Op::CreateThing),
    (Iot, "GET", "things/{}", Op::DescribeThing),
    (Iot, "PATCH", "things/{}", Op::UpdateThing),
    (Iot, "DELETE", "things/{}", Op::DeleteThing),
    (
        Iot,
        "GET",
        "things/{}/thing-groups",
        Op::ListThingGroupsForThing,
    ),
    (Iot, "PUT", "things/{}/principals", Op::AttachThingPrincipal),
    (
        Iot,
        "DELETE",
        "things/{}/principals",
        Op::DetachThingPrincipal,
    ),
    (Iot, "GET", "things/{}/principals", Op::ListThingPrincipals),
    (Iot, "GET", "principals/things", Op::ListPrincipalThings),
    (Iot, "GET", "things/{}/jobs", Op::ListJobExecutionsForThing),
    (Iot, "GET", "things/{}/jobs/{}", Op::DescribeJobExecution),
    (
        Iot,
        "PUT",
        "things/{}/jobs/{}/cancel",
        Op::CancelJobExecution,
    ),
    (Iot, "GET", "thing-types", Op::ListThingTypes),
    (Iot, "POST", "thing-types/{}", Op::CreateThingType),
    (Iot, "GET", "thing-types/{}", Op::DescribeThingType),
    (Iot, "DELETE", "thing-types/{}", Op::DeleteThingType),
    (
        Iot,
        "POST",
        "thing-types/{}/deprecate",
        Op::Refused(DEPRECATION),
    ),
    (Iot, "GET", "thing-groups", Op::ListThingGroups),
    (
        Iot,
        "PUT",
        "thing-groups/addThingToThingGroup",
        Op::AddThingToThingGroup,
    ),
    (
        Iot,
        "PUT",
        "thing-groups/removeThingFromThingGroup",
        Op::RemoveThingFromThingGroup,
    ),
    (Iot, "POST", "thing-groups/{}", Op::CreateThingGroup),
    (Iot, "GET", "thing-groups/{}", Op::DescribeThingGroup),
    (Iot, "PATCH", "thing-groups/{}", Op::UpdateThingGroup),
    (Iot, "DELETE", "thing-groups/{}", Op::DeleteThingGroup),
    (
        Iot,
        "GET",
        "thing-groups/{}/things",
        Op::ListThingsInThingGroup,
    ),
    (
        Iot,
        "POST",
        "keys-and-certificate",
        Op::CreateKeysAndCertificate,
    ),
    (Iot, "POST", "certificates", Op::CreateCertificateFromCsr),
    (Iot, "GET", "certificates", Op::ListCertificates),
    (Iot, "GET", "certificates/{}", Op::DescribeCertificate),
    (Iot, "PUT", "certificates/{}", Op::UpdateCertificate),
    (Iot, "DELETE", "certificates/{}", Op::DeleteCertificate),
    (
        Iot,
        "POST",
        "certificate/register",
        Op::Refused(AUTHORITIES),
    ),
    (
        Iot,
        "POST",
        "certificate/register-no-ca",
        Op::Refused(AUTHORITIES),
    ),
    (Iot, "POST", "cacertificate", Op::Refused(AUTHORITIES)),
    (Iot, "GET", "policies", Op::Nothing("policies")),
    (Iot, "GET", "principal-policies", Op::Nothing("policies")),
    (
        Iot,
        "POST",
        "attached-policies/{+}",
        Op::Nothing("policies"),
    ),
    (Iot, "POST", "policies/{}", Op::Refused(RIGHTS)),
    (Iot, "POST", "policies/{}/version", Op::Refused(RIGHTS)),
    (Iot, "PUT", "target-policies/{}", Op::Refused(RIGHTS)),
    (Iot, "PUT", "principal-policies/{}", Op::Refused(RIGHTS)),
    (Iot, "GET", "endpoint", Op::DescribeEndpoint),
    (Iot, "GET", "jobs", Op::ListJobs),
    (Iot, "PUT", "jobs/{}", Op::CreateJob),
    (Iot, "GET", "jobs/{}", Op::DescribeJob),
    (Iot, "DELETE", "jobs/{}", Op::DeleteJob),
    (Iot, "PUT", "jobs/{}/cancel", Op::CancelJob),
    (Iot, "GET", "jobs/{}/job-document", Op::GetJobDocument),
    (Iot, "GET", "jobs/{}/things", Op::ListJobExecutionsForJob),
    (Data, "GET", "things/{}/shadow", Op::GetThingShadow),
    (Data, "POST", "things/{}/shadow", Op::UpdateThingShadow),
    (Data, "DELETE", "things/{}/shadow", Op::DeleteThingShadow),
    (
        Data,
        "GET",
        "api/things/shadow/ListNamedShadowsForThing/{}",
        Op::ListNamedShadowsForThing,
    ),
    (Data, "POST", "topics/{+}", Op::Publish),
    (Data, "GET", "retainedMessage", Op::ListRetainedMessages),
    (Data, "GET", "retainedMessage/{+}", Op::GetRetainedMessage),
    (Jobs, "GET", "things/{}/jobs", Op::GetPendingJobExecutions),
    (
        Jobs,
        "PUT",
        "things/{}/jobs/$next",
        Op::StartNextPendingJobExecution,
    ),
    (
        Jobs,
        "GET",
        "things/{}/jobs/{}",
        Op::DescribeOwnJobExecution,
    ),
    (Jobs, "POST", "things/{}/jobs/{}", Op::UpdateJobExecution),
];

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An operation, and what its path is about.
    Operation(Operation, Vec<String>),
    /// Something that only other methods do.
    Method,
    /// Nothing that there is.
    Nothing,
}

/// Finds what `method` does to a path of these parts.
pub(crate) fn find(service: Service, method: &str, path: &[String]) -> Found {
    let mut there = false;
    for (_, does, pattern, operation) in TABLE.iter().filter(|entry| entry.0 == service) {
        if let Some(parameters) = fit(pattern, path) {
            if *does == method {
                return Found::Operation(*operation, parameters);
            }
            there = true;
        }
    }
    if there { Found::Method } else { Found::Nothing }
}

fn fit(pattern: &str, path: &[String]) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut path = path;
    for wanted in pattern.split('/') {
        let (part, rest) = path.split_first()?;
        match wanted {
            "{+}" => {
                parameters.push(path.join("/"));
                return Some(parameters);
            }
            // A name has no slashes: with one it would be another topic, or another row.
            "{}" if part.contains('/') => return None,
            "{}" => parameters.push(part.clone()),
            wanted if wanted == part => {}
            _ => return None,
        }
        path = rest;
    }
    path.is_empty().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::segments;

    fn found(service: Service, method: &str, path: &str) -> Found {
        find(service, method, &segments(path).unwrap())
    }

    #[test]
    fn the_same_path_means_another_thing_to_another_service() {
        let of = |service| found(service, "GET", "/things/a/jobs/b");
        let both = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            of(Iot),
            Found::Operation(Op::DescribeJobExecution, both.clone())
        );
        assert_eq!(
            of(Jobs),
            Found::Operation(Op::DescribeOwnJobExecution, both)
        );
        assert_eq!(of(Data), Found::Nothing);
        assert_eq!(found(Data, "PUT", "/things/a/shadow"), Found::Method);
    }

    #[test]
    fn words_come_before_names_and_names_have_no_slashes() {
        let add = found(Iot, "PUT", "/thing-groups/addThingToThingGroup");
        assert_eq!(add, Found::Operation(Op::AddThingToThingGroup, Vec::new()));
        let next = found(Jobs, "PUT", "/things/a/jobs/%24next");
        assert_eq!(
            next,
            Found::Operation(Op::StartNextPendingJobExecution, vec!["a".into()])
        );
        assert_eq!(found(Iot, "GET", "/things/a%2Fb"), Found::Nothing);
        assert_eq!(found(Iot, "GET", "/things/a/b"), Found::Nothing);
    }

    #[test]
    fn a_topic_is_all_that_is_left() {
        for path in ["/topics/a/b", "/topics/a%2Fb"] {
            let topic = found(Data, "POST", path);
            assert_eq!(topic, Found::Operation(Op::Publish, vec!["a/b".into()]));
        }
        assert_eq!(found(Data, "POST", "/topics"), Found::Nothing);
    }
}
