"""Publishes and reads without a pause while the platform is killed again and again.

Reads lines from stdin: an address each time the platform is there again, and `end`. Then it waits until all is acknowledged and read, and
prints what was sent and what came, as JSON.
"""

import collections
import json
import queue
import socket
import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MessageState
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

token, thing = sys.argv[1:]
address = sys.stdin.readline().strip()
ended = threading.Event()
# Messages under way at most; each waits for its acknowledgement.
WINDOW = 20


def reachable():
    """Where the platform is, once it is."""
    while True:
        # It may be killed again, and come back elsewhere, before a client is there.
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return host, int(port)
        except OSError:
            time.sleep(0.02)


class Client:
    """A client whose session stays, and that comes back wherever the platform is."""

    def __init__(self, name):
        self.made = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        self.made.username_pw_set("storm", token)
        self.made._messages_reconnect_reset_out = self.forget_nothing
        self.made.max_inflight_messages_set(WINDOW)
        self.made.on_connect = lambda *_: self.connected.set()
        self.made.on_disconnect = lambda *_: self.connected.clear()
        self.connected = threading.Event()

    def forget_nothing(self):
        """Mends paho: at a second try to connect it sends a message anew that the broker has already received."""
        for message in self.made._out_messages.values():
            if message.state == MessageState.MQTT_MS_RESEND_PUBREL:
                message.state = MessageState.MQTT_MS_WAIT_FOR_PUBCOMP
        mqtt.Client._messages_reconnect_reset_out(self.made)

    def come(self):
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600
        host, port = reachable()
        try:
            self.made.connect(host, port, clean_start=False, properties=properties)
        except OSError:
            # Killed again in this very moment; the next address comes soon.
            return
        self.made.loop_start()

    def go(self):
        self.made.loop_stop()
        self.made.disconnect()


def came():
    """Counts of messages by topic and payload."""
    return collections.Counter()


def reader(name, counts):
    made = Client(name)
    made.made.on_message = lambda _client, _data, message: counts.update([(message.topic, int(message.payload))])
    return made


def subscribe(made, topic, qos):
    done = threading.Event()
    made.made.on_subscribe = lambda *_: done.set()
    made.come()
    assert made.connected.wait(10)
    made.made.subscribe(topic, qos)
    assert done.wait(10)


here, away = came(), came()
here_reader, away_reader = reader("storm-here", here), reader("storm-away", away)
subscribe(here_reader, "storm/#", 2)
subscribe(away_reader, "storm/#", 2)
away_reader.go()

sender = Client("storm-out")
unacknowledged, sent = {}, {1: 0, 2: 0}
sender.made.on_publish = lambda _client, _data, mid, *_: unacknowledged.pop(mid, None)
sender.come()
assert sender.connected.wait(10)

versions, answers = [], queue.Queue()
twin = Client("storm-twin")
twin.made.on_message = lambda _client, _data, message: answers.put(json.loads(message.payload))
subscribe(twin, f"$aws/things/{thing}/shadow/update/accepted", 1)


clients = [here_reader, sender, twin]


def listen():
    """Follows the platform to its addresses."""
    global address
    for line in sys.stdin:
        if line.strip() == "end":
            break
        address = line.strip()
    ended.set()


def follow():
    """Connects clients anew, to where the platform is now."""
    at = address
    while True:
        if at == address:
            time.sleep(0.01)
            continue
        at = address
        for client in clients:
            client.made.loop_stop()
            client.come()


print("ready", flush=True)
threading.Thread(target=listen, daemon=True).start()
threading.Thread(target=follow, daemon=True).start()
asked, since = None, 0.0
while not ended.is_set():
    if len(unacknowledged) < WINDOW:
        qos = 1 + (sent[1] + sent[2]) % 2
        info = sender.made.publish(f"storm/{qos}", str(sent[qos]), qos=qos)
        unacknowledged[info.mid] = True
        sent[qos] += 1
    else:
        time.sleep(0.001)
    while not answers.empty():
        answer = answers.get()
        versions.append(answer["version"])
        if answer.get("clientToken") == asked:
            asked = None
    # One update at a time; what is not answered was lost with the platform.
    if asked is None or time.monotonic() - since > 2:
        asked, since = str(time.monotonic()), time.monotonic()
        document = {"state": {"reported": {"n": len(versions)}}, "clientToken": asked}
        twin.made.publish(f"$aws/things/{thing}/shadow/update", json.dumps(document), qos=1)
    if sent[1] % 10 == 0:
        time.sleep(0.001)


def wait(what, counts):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not unacknowledged and len(counts) == sent[1] + sent[2]:
            # What would come twice comes soon.
            time.sleep(1)
            return
        time.sleep(0.05)
    print(f"{what}: {len(unacknowledged)} not acknowledged, {len(counts)} of {sent} came", file=sys.stderr)


wait("here", here)
away_reader.come()
wait("away", away)
twice = {name: [key for key, count in counts.items() if key[0] == "storm/2" and count > 1] for name, counts in (("here", here), ("away", away))}
print(json.dumps({
    "sent": sum(sent.values()), "sent_once": sent[2], "unacknowledged": len(unacknowledged),
    "here": len(here), "away": len(away), "twice_here": twice["here"], "twice_away": twice["away"],
    "repeated": sum(here.values()) - len(here), "versions": versions,
}))
