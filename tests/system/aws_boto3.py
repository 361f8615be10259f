"""A program as AWS teaches to write it, with boto3: things, types, groups, certificates, shadows, messages and jobs.

    aws_boto3.py ENDPOINT KEY SECRET

ENDPOINT is the platform's address with `/aws` behind it, KEY and SECRET an access key of an owner. What is made is taken away again.
Prints a line for each part, and `all well` at the end.
"""

import json
import sys
import time
import uuid
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, key, secret = sys.argv[1:]
REGION = "eu-central-1"
SOON = 15


def client(service, key=key, secret=secret):
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=SOON, read_timeout=SOON)
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret, config=config
    )


iot, data, jobs = client("iot"), client("iot-data"), client("iot-jobs-data")
mark = uuid.uuid4().hex[:8]
PUMP, VALVE, KIND, SITE, HALL = (f"{name}-{mark}" for name in ("pump", "valve", "kind", "site", "hall"))


@contextmanager
def raises(exception, status):
    """What is inside is refused with this exception."""
    try:
        yield
    except exception as error:
        found = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert found == status, error.response
        assert error.response["Error"]["Message"] and error.response["ResponseMetadata"]["RequestId"], error.response
        return
    raise AssertionError(f"{exception.__name__} was not raised")


@contextmanager
def refused(code):
    """What is inside is refused with an exception of this name, which the service does not list."""
    try:
        yield
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return
    raise AssertionError(f"{code} was not raised")


def pages(service, operation, member, size="PageSize", **arguments):
    """All entries of a list, two at a time."""
    found = service.get_paginator(operation).paginate(**arguments, PaginationConfig={size: 2})
    return [entry for page in found for entry in page[member]]


def until(look, wanted):
    """Waits until `look` gives what is wanted."""
    end = time.monotonic() + SOON
    while (seen := look()) != wanted:
        assert time.monotonic() < end, seen
        time.sleep(0.1)


def types_and_things():
    iot.create_thing_type(
        thingTypeName=KIND, thingTypeProperties={"thingTypeDescription": "moves water", "searchableAttributes": ["site"]}
    )
    shown = iot.describe_thing_type(thingTypeName=KIND)
    assert shown["thingTypeProperties"]["searchableAttributes"] == ["site"], shown
    assert KIND in [kind["thingTypeName"] for kind in pages(iot, "list_thing_types", "thingTypes")]
    attributes = {"site": "oslo", "mark": mark}
    made = iot.create_thing(thingName=PUMP, thingTypeName=KIND, attributePayload={"attributes": attributes})
    assert made["thingArn"] == f"arn:aws:iot:{REGION}:000000000000:thing/{PUMP}", made
    iot.create_thing(thingName=PUMP, thingTypeName=KIND, attributePayload={"attributes": attributes})
    with raises(iot.exceptions.ResourceAlreadyExistsException, 409):
        iot.create_thing(thingName=PUMP)
    with raises(iot.exceptions.ResourceNotFoundException, 404):
        iot.create_thing(thingName=VALVE, thingTypeName="none")
    iot.create_thing(thingName=VALVE, attributePayload={"attributes": {"mark": mark}})
    with raises(iot.exceptions.ResourceNotFoundException, 404):
        iot.describe_thing(thingName=f"none-{mark}")
    with raises(iot.exceptions.InvalidRequestException, 400):
        iot.update_thing(thingName=PUMP, expectedVersion=1)
    iot.update_thing(thingName=PUMP, attributePayload={"attributes": {"model": "m1"}, "merge": True})
    shown = iot.describe_thing(thingName=PUMP)
    assert shown["attributes"] == {**attributes, "model": "m1"} and shown["defaultClientId"] == PUMP, shown
    iot.update_thing(thingName=PUMP, attributePayload={"attributes": {"mark": mark}})
    assert iot.describe_thing(thingName=PUMP)["attributes"] == {"mark": mark}
    marked = pages(iot, "list_things", "things", attributeName="mark", attributeValue=mark)
    assert [thing["thingName"] for thing in marked] == [PUMP, VALVE], marked
    of_kind = iot.list_things(thingTypeName=KIND)["things"]
    assert [thing["thingName"] for thing in of_kind] == [PUMP], of_kind
    assert iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]


def groups():
    iot.create_thing_group(thingGroupName=SITE)
    iot.create_thing_group(thingGroupName=HALL, parentGroupName=SITE, thingGroupProperties={"thingGroupDescription": "hot"})
    shown = iot.describe_thing_group(thingGroupName=HALL)["thingGroupMetadata"]
    assert [group["groupName"] for group in shown["rootToParentThingGroups"]] == [SITE], shown
    assert abs(shown["creationDate"].timestamp() - time.time()) < 300, shown
    iot.add_thing_to_thing_group(thingGroupName=SITE, thingName=PUMP)
    iot.add_thing_to_thing_group(thingGroupArn=f"arn:aws:iot:{REGION}:000000000000:thinggroup/{HALL}", thingName=VALVE)
    assert iot.list_things_in_thing_group(thingGroupName=SITE)["things"] == [PUMP]
    assert pages(iot, "list_things_in_thing_group", "things", thingGroupName=SITE, recursive=True) == [PUMP, VALVE]
    assert [group["groupName"] for group in iot.list_thing_groups_for_thing(thingName=VALVE)["thingGroups"]] == [HALL]
    below = pages(iot, "list_thing_groups", "thingGroups", parentGroup=SITE)
    assert [group["groupName"] for group in below] == [HALL], below
    with raises(iot.exceptions.ResourceNotFoundException, 404):
        iot.describe_thing_group(thingGroupName=f"none-{mark}")
    with raises(iot.exceptions.InvalidRequestException, 400):
        iot.delete_thing_group(thingGroupName=SITE)


def certificates():
    made = iot.create_keys_and_certificate(setAsActive=True)
    number, arn = made["certificateId"], made["certificateArn"]
    assert made["keyPair"]["PrivateKey"].startswith("-----BEGIN"), made["certificateId"]
    with raises(iot.exceptions.InvalidRequestException, 400):
        iot.create_policy(policyName="p", policyDocument="{}")
    assert iot.list_principal_policies(principal=arn)["policies"] == []
    iot.attach_thing_principal(thingName=PUMP, principal=arn)
    assert iot.list_thing_principals(thingName=PUMP)["principals"] == [arn]
    assert iot.list_principal_things(principal=arn)["things"] == [PUMP]
    shown = iot.describe_certificate(certificateId=number)["certificateDescription"]
    assert shown["status"] == "ACTIVE" and shown["certificatePem"] == made["certificatePem"], shown
    assert shown["validity"]["notAfter"].timestamp() > time.time() + 300 * 86_400, shown
    listed = pages(iot, "list_certificates", "certificates")
    assert number in [certificate["certificateId"] for certificate in listed]
    with raises(iot.exceptions.InvalidRequestException, 400):
        iot.delete_thing(thingName=PUMP)
    with raises(iot.exceptions.CertificateStateException, 406):
        iot.delete_certificate(certificateId=number)
    iot.update_certificate(certificateId=number, newStatus="INACTIVE")
    with raises(iot.exceptions.DeleteConflictException, 409):
        iot.delete_certificate(certificateId=number)
    iot.detach_thing_principal(thingName=PUMP, principal=arn)
    iot.delete_certificate(certificateId=number)
    with raises(iot.exceptions.ResourceNotFoundException, 404):
        iot.describe_certificate(certificateId=number)


def update(state, **more):
    answer = data.update_thing_shadow(thingName=PUMP, payload=json.dumps({"state": state, **more}))
    return json.load(answer["payload"])


def shadows():
    with raises(data.exceptions.ResourceNotFoundException, 404):
        data.get_thing_shadow(thingName=PUMP)
    first = update({"desired": {"on": True, "level": 3}, "reported": {"on": False}}, clientToken="t")
    assert first["version"] == 1 and first["clientToken"] == "t", first
    update({"desired": {"level": None}})
    shown = json.load(data.get_thing_shadow(thingName=PUMP)["payload"])
    assert shown["state"] == {"desired": {"on": True}, "reported": {"on": False}, "delta": {"on": True}}, shown
    assert shown["version"] == 2 and "timestamp" in shown["metadata"]["desired"]["on"], shown
    with raises(data.exceptions.ConflictException, 409):
        update({"desired": {"on": False}}, version=1)
    update({"desired": None}, version=2)
    shown = json.load(data.get_thing_shadow(thingName=PUMP)["payload"])
    assert shown["state"] == {"reported": {"on": False}}, shown
    with raises(data.exceptions.InvalidRequestException, 400):
        data.update_thing_shadow(thingName=PUMP, payload=b"{")
    with raises(data.exceptions.RequestEntityTooLargeException, 413):
        update({"desired": {"text": "x" * 9_000}})
    for name in ("net", "gps", "power"):
        data.update_thing_shadow(thingName=PUMP, shadowName=name, payload=json.dumps({"state": {"reported": {"a": 1}}}))
    names = data.list_named_shadows_for_thing(thingName=PUMP, pageSize=2)
    rest = data.list_named_shadows_for_thing(thingName=PUMP, pageSize=2, nextToken=names["nextToken"])
    assert names["results"] + rest["results"] == ["gps", "net", "power"], (names, rest)
    data.delete_thing_shadow(thingName=PUMP, shadowName="net")
    with raises(data.exceptions.ResourceNotFoundException, 404):
        data.get_thing_shadow(thingName=PUMP, shadowName="net")


def messages():
    topics = [f"boto3/{mark}/{name} ü" for name in "abc"]
    for topic in topics:
        data.publish(topic=topic, qos=1, retain=True, payload=topic.encode())
    data.publish(
        topic=f"boto3/{mark}/live", qos=0, payload=b"\x00\xff", contentType="application/x", responseTopic="boto3/answers",
        correlationData="AP8=", payloadFormatIndicator="UNSPECIFIED_BYTES", messageExpiry=60,
        userProperties=[{"a": "b"}, {"a": "c"}],
    )
    data.publish(topic=f"boto3/{mark}/live", payload=b"x", userProperties=json.dumps([{"a": "b"}]))

    def kept():
        found = pages(data, "list_retained_messages", "retainedTopics")
        return [entry["topic"] for entry in found if entry["topic"].startswith(f"boto3/{mark}/")]

    until(kept, topics)
    message = data.get_retained_message(topic=topics[0])
    assert message["payload"] == topics[0].encode() and message["qos"] == 1, message
    assert abs(message["lastModifiedTime"] / 1_000 - time.time()) < 300, message
    with raises(data.exceptions.InvalidRequestException, 400):
        data.publish(topic="boto3/#", payload=b"x")
    for topic in topics:
        data.publish(topic=topic, qos=1, retain=True, payload=b"")
    until(kept, [])
    with raises(data.exceptions.ResourceNotFoundException, 404):
        data.get_retained_message(topic=topics[0])


def all_jobs():
    one, two = f"ota-{mark}", f"later-{mark}"
    pump = f"arn:aws:iot:{REGION}:000000000000:thing/{PUMP}"
    hall = f"arn:aws:iot:{REGION}:000000000000:thinggroup/{HALL}"
    document = {"version": "1.2.3"}
    iot.create_job(
        jobId=one, targets=[pump, hall], document=json.dumps(document), description="the new image", targetSelection="SNAPSHOT",
        jobExecutionsRolloutConfig={"maximumPerMinute": 100}, timeoutConfig={"inProgressTimeoutInMinutes": 10},
        abortConfig={"criteriaList": [
            {"failureType": "FAILED", "action": "CANCEL", "thresholdPercentage": 50.5, "minNumberOfExecutedThings": 5}
        ]},
    )
    with raises(iot.exceptions.ResourceAlreadyExistsException, 409):
        iot.create_job(jobId=one, targets=[pump], document="{}")
    with raises(iot.exceptions.InvalidRequestException, 400):
        iot.create_job(jobId=two, targets=[pump], documentSource="https://example.com/job")
    until(lambda: [job["jobId"] for job in jobs.get_pending_job_executions(thingName=PUMP)["queuedJobs"]], [one])
    until(lambda: [job["jobId"] for job in jobs.get_pending_job_executions(thingName=VALVE)["queuedJobs"]], [one])
    shown = iot.describe_job(jobId=one)["job"]
    assert shown["targets"] == [pump, hall] and shown["status"] == "IN_PROGRESS", shown
    assert shown["abortConfig"]["criteriaList"][0]["thresholdPercentage"] == 50.5, shown
    assert shown["jobProcessDetails"]["numberOfQueuedThings"] == 2, shown
    assert json.loads(iot.get_job_document(jobId=one)["document"]) == document
    begun = jobs.start_next_pending_job_execution(thingName=PUMP, statusDetails={"step": "download"})["execution"]
    assert begun["jobId"] == one and json.loads(begun["jobDocument"]) == document, begun
    with raises(jobs.exceptions.InvalidStateTransitionException, 409):
        jobs.update_job_execution(thingName=PUMP, jobId=one, status="SUCCEEDED", expectedVersion=99)
    described = jobs.describe_job_execution(thingName=PUMP, jobId="$next", includeJobDocument=True)["execution"]
    assert described["status"] == "IN_PROGRESS" and described["statusDetails"] == {"step": "download"}, described
    done = jobs.update_job_execution(
        thingName=PUMP, jobId=one, status="SUCCEEDED", expectedVersion=begun["versionNumber"], includeJobExecutionState=True
    )
    assert done["executionState"]["status"] == "SUCCEEDED", done
    with raises(jobs.exceptions.TerminalStateException, 410):
        jobs.describe_job_execution(thingName=PUMP, jobId=one)
    with raises(jobs.exceptions.ResourceNotFoundException, 404):
        jobs.describe_job_execution(thingName=PUMP, jobId=two)
    seen = iot.describe_job_execution(jobId=one, thingName=PUMP)["execution"]
    assert seen["status"] == "SUCCEEDED" and seen["thingArn"] == pump, seen
    assert [entry["thingArn"] for entry in pages(iot, "list_job_executions_for_job", "executionSummaries", jobId=one, status="SUCCEEDED")] == [pump]
    assert [entry["jobId"] for entry in pages(iot, "list_job_executions_for_thing", "executionSummaries", thingName=PUMP)] == [one]
    with raises(iot.exceptions.VersionConflictException, 409):
        iot.cancel_job_execution(jobId=one, thingName=VALVE, expectedVersion=99)
    iot.cancel_job_execution(jobId=one, thingName=VALVE)
    until(lambda: iot.describe_job(jobId=one)["job"]["status"], "COMPLETED")
    iot.create_job(jobId=two, targets=[pump], document="{}")
    assert {one, two} <= {job["jobId"] for job in pages(iot, "list_jobs", "jobs")}
    with raises(iot.exceptions.InvalidStateTransitionException, 409):
        iot.delete_job(jobId=two)
    iot.cancel_job(jobId=two, reasonCode="NOT_NEEDED", force=True)
    until(lambda: iot.describe_job(jobId=two)["job"]["status"], "CANCELED")
    for job in (one, two):
        iot.delete_job(jobId=job)
        with raises(iot.exceptions.ResourceNotFoundException, 404):
            iot.describe_job(jobId=job)


def signatures():
    with refused("InvalidSignatureException"):
        client("iot", secret=secret[::-1] + "x").list_things()
    with refused("UnrecognizedClientException"):
        client("iot-data", key="NOBODY00000000000000").get_thing_shadow(thingName=PUMP)
    with refused("UnknownOperationException"):
        iot.list_security_profiles()


def take_away():
    for thing in (PUMP, VALVE):
        iot.delete_thing(thingName=thing)
        iot.delete_thing(thingName=thing)
    for group in (HALL, SITE):
        iot.delete_thing_group(thingGroupName=group)
    iot.delete_thing_type(thingTypeName=KIND)
    with raises(iot.exceptions.ResourceNotFoundException, 404):
        iot.delete_thing_type(thingTypeName=KIND)


for part in (types_and_things, groups, certificates, shadows, messages, all_jobs, signatures, take_away):
    part()
    print(f"ok {part.__name__}", flush=True)
print("all well")
