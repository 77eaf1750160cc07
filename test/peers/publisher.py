"""Publishes as AIT's clients do, on a PUB socket, once somebody listens.

    publisher.py XSUB TOPIC < lines     each line is a Python literal: one message

A PUB socket does not know who listens, so it is an XPUB here: it is the same on the wire. What it does not wait for is
that all subscribers are there: start them first.
"""

import ast
import sys

import zmq

from ait_wire import encode

url, topic = sys.argv[1:]
socket = zmq.Context().socket(zmq.XPUB)
socket.sndhwm = 0
socket.connect(url)
while True:
    subscription = socket.recv()
    if subscription[:1] == b"\x01" and topic.encode().startswith(subscription[1:]):
        break
for line in sys.stdin:
    socket.send_multipart(encode(topic, ast.literal_eval(line)))
socket.close(linger=-1)
