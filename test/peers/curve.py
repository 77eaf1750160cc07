"""pyzmq with CURVE. What it is told is one line of JSON on standard input; keys are Z85.

    curve.py proxy     {public, secret, allowed: [key]}: an XSUB/XPUB proxy with a ZAP authenticator; prints its two URLs
    curve.py pass      {xsub, xpub, public, secret, server, messages}: publishes and subscribes the messages of `message`,
                       compares each that comes, and prints how many were right
    curve.py knock     {url, public, secret, server}: connects a SUB, and prints the first event of its handshake
    curve.py keys      prints a pair of keys, public and secret
"""

import hashlib
import json
import sys

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

# Messages that may be on their way: less than what a proxy holds for one subscriber.
WINDOW = 200


def size_of(number):
    """Mostly small, some large: 0 bytes to 1 MiB."""
    if number % 1000 == 999:
        return 1024 * 1024 - number
    if number % 100 == 50:
        return number * 131 % 70000
    return number % 300


def message(number):
    seed = str(number).encode()
    return [b"telem", hashlib.shake_128(seed).digest(size_of(number))]


def secured(socket, told):
    socket.curve_publickey = told["public"].encode()
    socket.curve_secretkey = told["secret"].encode()
    socket.curve_serverkey = told["server"].encode()
    return socket


def proxy(context, told):
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    authenticator.configure_curve_callback("*", credentials_provider=Allowed(told["allowed"]))
    sockets = [context.socket(kind) for kind in (zmq.XSUB, zmq.XPUB)]
    for socket in sockets:
        socket.sndhwm = socket.rcvhwm = 0
        socket.curve_publickey = told["public"].encode()
        socket.curve_secretkey = told["secret"].encode()
        socket.curve_server = True
        print("tcp://127.0.0.1:%d" % socket.bind_to_random_port("tcp://127.0.0.1"), flush=True)
    zmq.proxy(*sockets)


class Allowed:
    def __init__(self, keys):
        self.keys = keys

    def callback(self, domain, key):
        return key.decode() in self.keys


def pass_through(context, told):
    publisher = secured(context.socket(zmq.XPUB), told)
    subscriber = secured(context.socket(zmq.SUB), told)
    publisher.sndhwm = subscriber.rcvhwm = 0
    subscriber.subscribe(b"telem")
    subscriber.connect(told["xpub"])
    publisher.connect(told["xsub"])
    # The proxy asks for a topic of its own, too.
    while publisher.recv() != b"\x01telem":
        pass
    right = 0
    for number in range(told["messages"] + WINDOW):
        if number < told["messages"]:
            publisher.send_multipart(message(number))
        if number >= WINDOW:
            frames = subscriber.recv_multipart()
            if frames != message(number - WINDOW):
                sys.exit("message %d: %r" % (number - WINDOW, [len(frame) for frame in frames]))
            right += 1
    print(right, flush=True)
    for socket in (publisher, subscriber):
        socket.close(linger=0)


def knock(context, told):
    socket = secured(context.socket(zmq.SUB), told)
    monitor = socket.get_monitor_socket(
        zmq.EVENT_HANDSHAKE_SUCCEEDED
        | zmq.EVENT_HANDSHAKE_FAILED_AUTH
        | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
        | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    )
    socket.connect(told["url"])
    event = recv_monitor_message(monitor)
    print(event["event"].name, event["value"], flush=True)
    socket.close(linger=0)


def main():
    action = sys.argv[1]
    if action == "keys":
        print(*(key.decode() for key in zmq.curve_keypair()))
        return
    told = json.loads(sys.stdin.readline())
    {"proxy": proxy, "pass": pass_through, "knock": knock}[action](zmq.Context(), told)


main()
