"""Publishes and subscribes with paho: each version of the protocol, each quality of service, a session that waits, and a will."""

import queue
import socket
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

address, token = sys.argv[1:]
host, port = address.rsplit(":", 1)


def client(name, version, stay=False, will=None):
    """A connected client, and the queue of the messages that it gets."""
    options = {}
    if version == mqtt.MQTTv311:
        options["clean_session"] = not stay
    made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=version, **options)
    made.username_pw_set("test", token)
    messages, connected, subscribed = queue.Queue(), queue.Queue(), queue.Queue()
    made.on_message = lambda _client, _data, message: messages.put(message)
    made.on_connect = lambda _client, _data, flags, reason, _properties: connected.put((flags, reason))
    made.on_subscribe = lambda *_: subscribed.put(True)
    if will:
        made.will_set(will, b"gone", qos=1)
    if version == mqtt.MQTTv5:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 60 if stay else 0
        made.connect(host, int(port), clean_start=not stay, properties=properties)
    else:
        made.connect(host, int(port))
    made.loop_start()
    flags, reason = connected.get(timeout=10)
    assert reason == 0, reason
    return made, messages, subscribed, flags


def subscribe(made, subscribed, topic, qos):
    made.subscribe(topic, qos)
    subscribed.get(timeout=10)


for version, label in [(mqtt.MQTTv311, "v3"), (mqtt.MQTTv5, "v5")]:
    reader, messages, subscribed, _ = client(f"reader-{label}", version, stay=True)
    subscribe(reader, subscribed, f"paho/{label}/#", 2)
    subscribe(reader, subscribed, f"will/{label}", 1)
    sender, _, _, _ = client(f"sender-{label}", version)
    for qos in (0, 1, 2):
        for number in range(10):
            sender.publish(f"paho/{label}/{qos}", str(number), qos=qos).wait_for_publish(10)
        got = [messages.get(timeout=10) for _ in range(10)]
        assert [message.payload for message in got] == [str(number).encode() for number in range(10)], got
        assert all(message.qos == qos for message in got)
    # A will is sent when the client goes without a word.
    mortal, _, _, _ = client(f"mortal-{label}", version, will=f"will/{label}")
    mortal.loop_stop()
    mortal.socket().shutdown(socket.SHUT_RDWR)
    assert messages.get(timeout=10).payload == b"gone"
    # A session waits: what came meanwhile is delivered, in its order.
    reader.disconnect()
    reader.loop_stop()
    time.sleep(0.2)
    reader, messages, _, flags = client(f"reader-{label}", version, stay=True)
    assert flags.session_present
    reader.disconnect()
    sender.disconnect()

print("all well")
