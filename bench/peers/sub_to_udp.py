"""The messages of a topic as datagrams, as one would write it: XPUB URL, topic, UDP port; 'tuned' for a larger mark."""

import socket
import sys

import zmq

url, topic, port = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sub = zmq.Context().socket(zmq.SUB)
if sys.argv[-1] == "tuned":
    sub.set_hwm(100_000)
sub.connect(url)
sub.setsockopt(zmq.SUBSCRIBE, topic)
while True:
    udp.sendto(sub.recv_multipart()[1], ("127.0.0.1", port))
