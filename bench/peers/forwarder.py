"""The XSUB/XPUB forwarder of the ZeroMQ guide: XSUB URL, XPUB URL."""

import sys

import zmq

context = zmq.Context()
xsub, xpub = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
xsub.bind(sys.argv[1])
xpub.bind(sys.argv[2])
zmq.proxy(xsub, xpub)
