"""The XSUB/XPUB forwarder of the ZeroMQ guide: XSUB URL, XPUB URL; 'tuned' for high-water marks of 100,000."""

import sys

import zmq

context = zmq.Context()
xsub, xpub = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
if sys.argv[-1] == "tuned":
    xsub.set_hwm(100_000)
    xpub.set_hwm(100_000)
xsub.bind(sys.argv[1])
xpub.bind(sys.argv[2])
zmq.proxy(xsub, xpub)
