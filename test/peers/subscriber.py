"""Subscribes as AIT's clients do, and prints each message as it decodes it.

    subscriber.py XPUB PREFIX...    one line a message: how many frames, the topic, the type, the value
"""

import sys

import zmq

from ait_wire import decode

socket = zmq.Context().socket(zmq.SUB)
socket.rcvhwm = 0
for prefix in sys.argv[2:]:
    socket.setsockopt_string(zmq.SUBSCRIBE, prefix)
socket.connect(sys.argv[1])
while True:
    frames = socket.recv_multipart()
    topic, value = decode(frames)
    shown = value.hex() if isinstance(value, bytes) else repr(value)
    print(len(frames), topic, type(value).__name__, shown, flush=True)
