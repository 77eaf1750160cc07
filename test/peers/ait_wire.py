"""Frames as AIT 3 writes and reads them (ait.core.server.utils): two of them, topic and msgpack."""

import datetime

import msgpack


def default(value):
    if isinstance(value, tuple):
        return msgpack.ExtType(1, msgpack.packb(list(value), default=default, strict_types=True, use_bin_type=True))
    if isinstance(value, datetime.datetime):
        return msgpack.ExtType(2, value.isoformat(timespec="microseconds").encode())
    raise TypeError(value)


def ext_hook(code, data):
    if code == 1:
        return tuple(msgpack.unpackb(data, ext_hook=ext_hook, raw=False))
    if code == 2:
        return datetime.datetime.fromisoformat(data.decode())
    return msgpack.ExtType(code, data)


def encode(topic, value):
    return [topic.encode("utf-8"), msgpack.packb(value, default=default, strict_types=True, use_bin_type=True)]


def decode(frames):
    topic, payload = frames
    return topic.decode("utf-8"), msgpack.unpackb(payload, ext_hook=ext_hook, raw=False)
