"""Datagrams to a topic, as one would write it: UDP port, XSUB URL, topic; 'tuned' for a larger buffer and mark."""

import socket
import sys

import zmq

port, url, topic = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
pub = zmq.Context().socket(zmq.PUB)
if sys.argv[-1] == "tuned":
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    pub.set_hwm(100_000)
udp.bind(("127.0.0.1", port))
pub.connect(url)
while True:
    pub.send_multipart([topic, udp.recv(65535)])
