"""Datagrams to a topic, as one would write it: UDP port, XSUB URL, topic."""

import socket
import sys

import zmq

port, url, topic = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", port))
pub = zmq.Context().socket(zmq.PUB)
pub.connect(url)
while True:
    pub.send_multipart([topic, udp.recv(65535)])
