//! Who does which operation.

use serde_json::json;
use trunkline_model::action;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::error::AwsError;
use crate::operation::Operation;
use crate::{data, iot, jobs};

/// Does what is asked.
pub(crate) async fn serve(operation: Operation, call: &Call) -> Outcome {
    use Operation as Op;
    match operation {
        Op::CreateThing => iot::thing::create(call).await,
        Op::DescribeThing => iot::thing::describe(call).await,
        Op::ListThings => iot::thing::list(call).await,
        Op::UpdateThing => iot::thing::update(call).await,
        Op::DeleteThing => iot::thing::delete(call).await,
        Op::CreateThingType => iot::kind::create(call).await,
        Op::DescribeThingType => iot::kind::describe(call).await,
        Op::ListThingTypes => iot::kind::list(call).await,
        Op::DeleteThingType => iot::kind::delete(call).await,
        Op::CreateThingGroup => iot::group::create(call).await,
        Op::DescribeThingGroup => iot::group::describe(call).await,
        Op::ListThingGroups => iot::group::list(call).await,
        Op::UpdateThingGroup => iot::group::update(call).await,
        Op::DeleteThingGroup => iot::group::delete(call).await,
        Op::AddThingToThingGroup => iot::member::add(call).await,
        Op::RemoveThingFromThingGroup => iot::member::remove(call).await,
        Op::ListThingsInThingGroup => iot::member::things(call).await,
        Op::ListThingGroupsForThing => iot::member::groups(call).await,
        Op::CreateKeysAndCertificate => iot::certificate::create_keys(call).await,
        Op::CreateCertificateFromCsr => iot::certificate::create(call).await,
        Op::DescribeCertificate => iot::certificate::describe(call).await,
        Op::ListCertificates => iot::certificate::list(call).await,
        Op::UpdateCertificate => iot::certificate::update(call).await,
        Op::DeleteCertificate => iot::certificate::delete(call).await,
        Op::AttachThingPrincipal => iot::principal::attach(call).await,
        Op::DetachThingPrincipal => iot::principal::detach(call).await,
        Op::ListThingPrincipals => iot::principal::of_thing(call).await,
        Op::ListPrincipalThings => iot::principal::things(call).await,
        Op::DescribeEndpoint => iot::endpoint::describe(call),
        Op::CreateJob => iot::job::create(call).await,
        Op::DescribeJob => iot::job::describe(call).await,
        Op::ListJobs => iot::job::list(call).await,
        Op::CancelJob => iot::job::cancel(call).await,
        Op::DeleteJob => iot::job::delete(call).await,
        Op::GetJobDocument => iot::job::document(call).await,
        Op::DescribeJobExecution => iot::execution::describe(call).await,
        Op::ListJobExecutionsForJob => iot::execution::of_job(call).await,
        Op::ListJobExecutionsForThing => iot::execution::of_thing(call).await,
        Op::CancelJobExecution => iot::execution::cancel(call).await,
        Op::GetThingShadow => data::shadow::get(call).await,
        Op::UpdateThingShadow => data::shadow::update(call).await,
        Op::DeleteThingShadow => data::shadow::delete(call).await,
        Op::ListNamedShadowsForThing => data::shadow::list(call).await,
        Op::Publish => data::message::publish(call).await,
        Op::GetRetainedMessage => data::message::retained(call).await,
        Op::ListRetainedMessages => data::message::list(call).await,
        Op::GetPendingJobExecutions => jobs::pending(call).await,
        Op::StartNextPendingJobExecution => jobs::start_next(call).await,
        Op::DescribeOwnJobExecution => jobs::describe(call).await,
        Op::UpdateJobExecution => jobs::update(call).await,
        Op::Nothing(what) => {
            call.require(&action::THING_READ, "")?;
            Ok(Answer::Document(json!({what: []})))
        }
        Op::Refused(why) => Err(AwsError::invalid(why)),
    }
}
