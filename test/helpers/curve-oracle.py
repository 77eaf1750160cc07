"""CurveZMQ (RFC 26) by PyNaCl: an independent oracle for each command. JSON in, JSON out, bytes as hex.

    curve-oracle.py ACTION    hello, welcome, initiate, ready, message: make a command
                              open-hello, open-welcome, open-initiate, open-ready, open-message: take one apart
"""
import json
import struct
import sys

from nacl.bindings import (
    crypto_box,
    crypto_box_keypair,
    crypto_box_open,
    crypto_scalarmult_base,
    crypto_secretbox,
    crypto_secretbox_open,
    randombytes,
)


def short(count):
    return struct.pack(">Q", count)


def hello(client_secret, server_key, count):
    """client_secret is c'."""
    box = crypto_box(bytes(64), b"CurveZMQHELLO---" + short(count), server_key, client_secret)
    return {"command": b"\x05HELLO\x01\x00" + bytes(72) + crypto_scalarmult_base(client_secret) + short(count) + box}


def open_hello(command, server_secret):
    assert len(command) == 200 and command[:8] == b"\x05HELLO\x01\x00" and command[8:80] == bytes(72)
    key, nonce, box = command[80:112], command[112:120], command[120:]
    signature = crypto_box_open(box, b"CurveZMQHELLO---" + nonce, key, server_secret)
    return {"key": key, "count": struct.unpack(">Q", nonce)[0], "signature": signature}


def welcome(client_key, server_secret, cookie_key):
    """client_key is C'. The answer has the pair of the connection, S' and s'."""
    public, secret = crypto_box_keypair()
    cookie_nonce, nonce = randombytes(16), randombytes(16)
    cookie = cookie_nonce + crypto_secretbox(client_key + secret, b"COOKIE--" + cookie_nonce, cookie_key)
    box = crypto_box(public + cookie, b"WELCOME-" + nonce, client_key, server_secret)
    return {"command": b"\x07WELCOME" + nonce + box, "public": public, "secret": secret, "cookie": cookie}


def open_welcome(command, client_secret, server_key):
    assert len(command) == 168 and command[:8] == b"\x07WELCOME"
    plain = crypto_box_open(command[24:], b"WELCOME-" + command[8:24], server_key, client_secret)
    assert len(plain) == 128
    return {"key": plain[:32], "cookie": plain[32:]}


def initiate(permanent_secret, client_secret, connection_key, server_key, cookie, metadata, count):
    """connection_key is S', server_key S."""
    vouch_nonce = randombytes(16)
    public = crypto_scalarmult_base(client_secret)
    vouch = crypto_box(public + server_key, b"VOUCH---" + vouch_nonce, connection_key, permanent_secret)
    plain = crypto_scalarmult_base(permanent_secret) + vouch_nonce + vouch + metadata
    box = crypto_box(plain, b"CurveZMQINITIATE" + short(count), connection_key, client_secret)
    return {"command": b"\x08INITIATE" + cookie + short(count) + box}


def open_initiate(command, connection_secret, client_key):
    """connection_secret is s', client_key C'."""
    assert command[:9] == b"\x08INITIATE"
    plain = crypto_box_open(command[113:], b"CurveZMQINITIATE" + command[105:113], client_key, connection_secret)
    key = plain[:32]
    vouched = crypto_box_open(plain[48:128], b"VOUCH---" + plain[32:48], key, connection_secret)
    return {
        "cookie": command[9:105],
        "count": struct.unpack(">Q", command[105:113])[0],
        "key": key,
        "vouchedClient": vouched[:32],
        "vouchedServer": vouched[32:],
        "metadata": plain[128:],
    }


def ready(connection_secret, client_key, metadata, count):
    box = crypto_box(metadata, b"CurveZMQREADY---" + short(count), client_key, connection_secret)
    return {"command": b"\x05READY" + short(count) + box}


def open_ready(command, client_secret, connection_key):
    assert command[:6] == b"\x05READY"
    nonce = command[6:14]
    metadata = crypto_box_open(command[14:], b"CurveZMQREADY---" + nonce, connection_key, client_secret)
    return {"metadata": metadata, "count": struct.unpack(">Q", nonce)[0]}


def message(prefix, secret, key, flags, data, count):
    box = crypto_box(bytes([flags]) + data, prefix + short(count), key, secret)
    return {"command": b"\x07MESSAGE" + short(count) + box}


def open_message(prefix, command, secret, key):
    assert command[:8] == b"\x07MESSAGE"
    plain = crypto_box_open(command[16:], prefix + command[8:16], key, secret)
    return {"flags": plain[0], "data": plain[1:], "count": struct.unpack(">Q", command[8:16])[0]}


def decode(value):
    return bytes.fromhex(value) if isinstance(value, str) else value


def encode(value):
    return value.hex() if isinstance(value, bytes) else value


action = globals()[sys.argv[1].replace("-", "_")]
answer = action(**{name: decode(value) for name, value in json.load(sys.stdin).items()})
json.dump({name: encode(value) for name, value in answer.items()}, sys.stdout)
