"""A plain XSUB/XPUB broker, as AIT's: prints its two URLs, then forwards until it is killed."""

import zmq

context = zmq.Context()
xsub = context.socket(zmq.XSUB)
xpub = context.socket(zmq.XPUB)
for socket in (xsub, xpub):
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    print(f"tcp://127.0.0.1:{port}", flush=True)
zmq.proxy(xsub, xpub)
