"""A device as AWS teaches to write it, with awsiotsdk: provisioned with a claim, then its shadow and its jobs.

    aws_iot_client.py ADDRESS FOLDER TEMPLATE SERIAL API TOKEN

FOLDER has `root.pem`, `claim.pem` and `claim.key`. What the device is given is written beside them. Prints `all well`.
"""

import json
import os
import queue
import sys
import threading
import urllib.request
from concurrent.futures import Future
from pathlib import Path

from awscrt.mqtt import QoS
from awscrt.mqtt_request_response import ClientOptions, SubscriptionStatusEventType
from awsiot import (
    ServiceStreamOptions,
    V2ServiceException,
    iotidentity,
    iotjobs,
    iotshadow,
    mqtt5_client_builder,
    mqtt_connection_builder,
)

address, folder, template, serial, api, token = sys.argv[1:]
host, port = address.rsplit(":", 1)
folder = Path(folder)
SOON = 10


def options(responses=2):
    return ClientOptions(
        max_request_response_subscriptions=responses, max_streaming_subscriptions=4, operation_timeout_in_seconds=SOON
    )


# All that was made, to the end: the library must not lose what its own threads still work on.
alive, ends = [], {}


def client(certificate, key, name):
    """A connected client of version 5."""
    connected, stopped = Future(), Future()
    made = mqtt5_client_builder.mtls_from_path(
        endpoint="localhost", port=int(port), cert_filepath=str(folder / certificate), pri_key_filepath=str(folder / key),
        ca_filepath=str(folder / "root.pem"), client_id=name, clean_session=True,
        on_lifecycle_connection_success=lambda data: connected.done() or connected.set_result(data),
        on_lifecycle_connection_failure=lambda data: connected.done() or connected.set_exception(data.exception),
        on_lifecycle_stopped=lambda data: stopped.done() or stopped.set_result(data),
    )
    alive.append(made)
    ends[id(made)] = stopped
    made.start()
    connected.result(SOON)
    return made


def leave(made):
    """Ends a client's connection, and waits until it has ended."""
    made.stop()
    ends[id(made)].result(SOON)


def old_client(certificate, key, name):
    """A connected client of version 3.1.1."""
    made = mqtt_connection_builder.mtls_from_path(
        endpoint="localhost", port=int(port), cert_filepath=str(folder / certificate), pri_key_filepath=str(folder / key),
        ca_filepath=str(folder / "root.pem"), client_id=name, clean_session=True,
    )
    made.connect().result(SOON)
    return made


def provision():
    claim = client("claim.pem", "claim.key", "claiming")
    identity = iotidentity.IotIdentityClientV2(claim, options())
    keys = identity.create_keys_and_certificate(iotidentity.CreateKeysAndCertificateRequest()).result(SOON)
    (folder / "device.pem").write_text(keys.certificate_pem)
    (folder / "device.key").write_text(keys.private_key)
    request = iotidentity.RegisterThingRequest(
        template_name=template, certificate_ownership_token=keys.certificate_ownership_token, parameters={"SerialNumber": serial}
    )
    registered = identity.register_thing(request).result(SOON)
    alive.append(identity)
    leave(claim)
    return registered


def refused():
    """A serial number that is not on the list gets the words of AWS."""
    claim = client("claim.pem", "claim.key", "claiming")
    identity = iotidentity.IotIdentityClientV2(claim, options())
    keys = identity.create_keys_and_certificate(iotidentity.CreateKeysAndCertificateRequest()).result(SOON)
    request = iotidentity.RegisterThingRequest(
        template_name=template, certificate_ownership_token=keys.certificate_ownership_token, parameters={"SerialNumber": "nobody's"}
    )
    try:
        identity.register_thing(request).result(SOON)
        raise AssertionError("a serial number that is not allowed was registered")
    except V2ServiceException as error:
        assert error.modeled_error.error_code == "InvalidParameters", error.modeled_error
    alive.append(identity)
    leave(claim)


def shadow(thing):
    device = client("device.pem", "device.key", thing)
    shadows = iotshadow.IotShadowClientV2(device, options(4))
    deltas, ready = queue.Queue(), threading.Event()
    streaming = ServiceStreamOptions(
        incoming_event_listener=deltas.put,
        subscription_status_listener=lambda event: event.type == SubscriptionStatusEventType.SUBSCRIPTION_ESTABLISHED and ready.set(),
    )
    operation = shadows.create_shadow_delta_updated_stream(iotshadow.ShadowDeltaUpdatedSubscriptionRequest(thing_name=thing), streaming)
    operation.open()
    assert ready.wait(SOON)
    try:
        shadows.get_shadow(iotshadow.GetShadowRequest(thing_name=thing)).result(SOON)
        raise AssertionError("a shadow that is not there was found")
    except V2ServiceException as error:
        assert error.modeled_error.code == 404, error.modeled_error
    state = iotshadow.ShadowState(desired={"on": True}, reported={"on": False})
    updated = shadows.update_shadow(iotshadow.UpdateShadowRequest(thing_name=thing, state=state)).result(SOON)
    assert updated.version == 1, updated
    delta = deltas.get(timeout=SOON)
    assert delta.state == {"on": True} and delta.version == 1, delta
    found = shadows.get_shadow(iotshadow.GetShadowRequest(thing_name=thing)).result(SOON)
    assert found.state.reported == {"on": False} and found.state.delta == {"on": True}, found
    named = iotshadow.UpdateNamedShadowRequest(thing_name=thing, shadow_name="net", state=iotshadow.ShadowState(reported={"rssi": -60}))
    assert shadows.update_named_shadow(named).result(SOON).version == 1
    shadows.delete_shadow(iotshadow.DeleteShadowRequest(thing_name=thing)).result(SOON)
    alive.extend([shadows, operation])
    leave(device)


def old_shadow(thing):
    """The same as programs of version 3.1.1 do it."""
    connection = old_client("device.pem", "device.key", thing)
    shadows = iotshadow.IotShadowClient(connection)
    accepted = queue.Queue()
    subscribed, _ = shadows.subscribe_to_update_shadow_accepted(
        iotshadow.UpdateShadowSubscriptionRequest(thing_name=thing), QoS.AT_LEAST_ONCE, accepted.put
    )
    subscribed.result(SOON)
    request = iotshadow.UpdateShadowRequest(thing_name=thing, state=iotshadow.ShadowState(reported={"n": 1}), client_token="t")
    shadows.publish_update_shadow(request, QoS.AT_LEAST_ONCE).result(SOON)
    answer = accepted.get(timeout=SOON)
    assert answer.client_token == "t" and answer.state.reported == {"n": 1}, answer
    connection.disconnect().result(SOON)
    alive.extend([connection, shadows])


def post(path, body):
    request = urllib.request.Request(api + path, json.dumps(body).encode(), method="POST")
    request.add_header("content-type", "application/json")
    request.add_header("authorization", f"Bearer {token}")
    return json.load(urllib.request.urlopen(request))


def jobs(thing):
    device = client("device.pem", "device.key", thing)
    all_jobs = iotjobs.IotJobsClientV2(device, options(4))
    changes, ready = queue.Queue(), threading.Event()
    streaming = ServiceStreamOptions(
        incoming_event_listener=changes.put,
        subscription_status_listener=lambda event: event.type == SubscriptionStatusEventType.SUBSCRIPTION_ESTABLISHED and ready.set(),
    )
    request = iotjobs.NextJobExecutionChangedSubscriptionRequest(thing_name=thing)
    operation = all_jobs.create_next_job_execution_changed_stream(request, streaming)
    operation.open()
    assert ready.wait(SOON)
    nothing = all_jobs.start_next_pending_job_execution(iotjobs.StartNextPendingJobExecutionRequest(thing_name=thing)).result(SOON)
    assert nothing.execution is None, nothing
    post("/v1/jobs", {"jobId": "update-1", "targets": [thing], "document": {"version": "1.2.3"}})
    told = changes.get(timeout=SOON)
    assert told.execution.job_id == "update-1" and told.execution.job_document == {"version": "1.2.3"}, told
    pending = all_jobs.get_pending_job_executions(iotjobs.GetPendingJobExecutionsRequest(thing_name=thing)).result(SOON)
    assert [job.job_id for job in pending.queued_jobs] == ["update-1"], pending
    started = all_jobs.start_next_pending_job_execution(
        iotjobs.StartNextPendingJobExecutionRequest(thing_name=thing, status_details={"step": "download"})
    ).result(SOON)
    assert started.execution.status == iotjobs.JobStatus.IN_PROGRESS, started
    wrong = iotjobs.UpdateJobExecutionRequest(thing_name=thing, job_id="update-1", status=iotjobs.JobStatus.SUCCEEDED, expected_version=99)
    try:
        all_jobs.update_job_execution(wrong).result(SOON)
        raise AssertionError("a wrong version was accepted")
    except V2ServiceException as error:
        assert error.modeled_error.code == iotjobs.RejectedErrorCode.VERSION_MISMATCH, error.modeled_error
    done = iotjobs.UpdateJobExecutionRequest(
        thing_name=thing, job_id="update-1", status=iotjobs.JobStatus.SUCCEEDED, expected_version=started.execution.version_number
    )
    all_jobs.update_job_execution(done).result(SOON)
    assert changes.get(timeout=SOON).execution is None
    alive.extend([all_jobs, operation])
    leave(device)


refused()
registered = provision()
assert registered.device_configuration == {"interval": "5"}, registered
thing = registered.thing_name
shadow(thing)
old_shadow(thing)
jobs(thing)
print(json.dumps({"thing": thing}))
print("all well", flush=True)
# Without the library's own end, in which it now and then breaks.
os._exit(0)
