"""The wire as Python does it, with the types of AIT: the independent peer of the codec tests.

    wire-peer.py repack             [{frame: hex, form: JSON form}] in; [{frame: hex of the form packed, again: hex of
                                    the frame unpacked and packed again}] out
    wire-peer.py make SEED COUNT    [{msgpack: hex, pickles: [hex of protocol 0 to 5, and pickled twice], form}] out
"""

import base64
import datetime
import json
import pickle
import random
import sys

import msgpack

EPOCH = datetime.datetime(1, 1, 1)


def pack(value):
    return msgpack.packb(value, default=default, strict_types=True, use_bin_type=True)


def default(value):
    if isinstance(value, tuple):
        return msgpack.ExtType(1, pack(list(value)))
    if isinstance(value, datetime.datetime):
        return msgpack.ExtType(2, value.isoformat(timespec="microseconds").encode())
    raise TypeError(value)


def unpack(frame):
    return msgpack.unpackb(frame, ext_hook=ext_hook, strict_map_key=False)


def ext_hook(code, data):
    if code == 1:
        return tuple(unpack(data))
    if code == 2:
        return datetime.datetime.fromisoformat(data.decode())
    return msgpack.ExtType(code, data)


def to_form(value):
    """The JSON form of a value, with a tag wherever one may stand."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"$int": str(value)}
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, tuple):
        return {"$tuple": [to_form(item) for item in value]}
    if isinstance(value, list):
        return [to_form(item) for item in value]
    if isinstance(value, dict):
        return {"$map": [[to_form(key), to_form(item)] for key, item in value.items()]}
    return {"$datetime": value.isoformat(timespec="microseconds")}


def from_form(form):
    if isinstance(form, list):
        return [from_form(item) for item in form]
    if not isinstance(form, dict):
        return form
    tag, body = next(iter(form.items()), ("", None))
    if not tag.startswith("$"):
        return {key: from_form(item) for key, item in form.items()}
    if tag == "$bytes":
        return base64.b64decode(body)
    if tag == "$tuple":
        return tuple(from_form(item) for item in body)
    if tag == "$map":
        return {from_form(key): from_form(item) for key, item in body}
    if tag == "$ext":
        return msgpack.ExtType(body[0], base64.b64decode(body[1]))
    return {"$int": int, "$float": float, "$datetime": datetime.datetime.fromisoformat}[tag](body)


def scalar(rng):
    pick = rng.randrange(9)
    if pick == 0:
        return rng.choice([None, True, False])
    if pick == 1:
        return rng.randint(-200, 70000)
    if pick == 2:
        return rng.choice([-1, 1]) * rng.getrandbits(rng.randint(1, 63))
    if pick == 3:
        return rng.getrandbits(64)
    if pick == 4:
        return rng.choice([0.0, -0.0, 1.0, 1e16, -1e300, 5e-324, float("inf"), float("-inf"), rng.gauss(0, 1e6)])
    if pick == 5:
        return "".join(chr(rng.choice([10, 92, 97, 36, 233, 0x2713, 0x1F680])) for _ in range(rng.randrange(40)))
    if pick == 6:
        return rng.randbytes(rng.choice([0, 1, 16, 255, 256, 300]))
    if pick == 7:
        return bytearray(rng.randbytes(rng.randrange(5)))
    zone = rng.choice([None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(minutes=rng.randint(-1439, 1439)))])
    return (EPOCH + datetime.timedelta(days=rng.randrange(3652058), microseconds=rng.randrange(86400000000))).replace(
        tzinfo=zone, fold=rng.randrange(2)
    )


def key(rng):
    value = scalar(rng)
    return bytes(value) if isinstance(value, bytearray) else value


def value(rng, depth=0):
    pick = rng.randrange(8) if depth < 4 else 7
    size = rng.choice([0, 1, 2, 3, 3, 18])
    if pick == 0:
        shared = value(rng, depth + 1)
        return [shared if rng.random() < 0.2 else value(rng, depth + 1) for _ in range(size)]
    if pick == 1:
        return tuple(value(rng, depth + 1) for _ in range(size))
    if pick == 2:
        return {key(rng): value(rng, depth + 1) for _ in range(size)}
    if pick == 3:
        return (rng.randrange(65536), rng.randbytes(rng.randrange(50)))
    return scalar(rng)


def repack(cases):
    for case in cases:
        frame = bytes.fromhex(case["frame"])
        yield {"frame": pack(from_form(case["form"])).hex(), "again": pack(unpack(frame)).hex()}


def make(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        made = value(rng)
        pickles = [pickle.dumps(made, protocol) for protocol in range(6)]
        pickles.append(pickle.dumps(pickle.dumps(made, 2)))
        yield {"msgpack": pack(made).hex(), "pickles": [each.hex() for each in pickles], "form": to_form(made)}


if __name__ == "__main__":
    if sys.argv[1] == "repack":
        json.dump(list(repack(json.load(sys.stdin))), sys.stdout)
    else:
        json.dump(list(make(int(sys.argv[2]), int(sys.argv[3]))), sys.stdout)
