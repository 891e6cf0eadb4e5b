#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ssh-agent that misbehaves, for the tests (draft-miller-ssh-agent has the protocol).

    agent.py SOCKET MODE [FILE.pub...]

Prints one line when it listens. On standard error, one line each: list / sign FINGERPRINT / message
TYPE / closed. The keys of FILE.pub are what it lists, with their comments, where MODE says
nothing else.

    refuse        FAILURE to each signature
    sign-garbage  a SIGN_RESPONSE that is no signature
    sign-wrong    a well-formed ed25519 signature, of nothing
    sign-type     a signature that says it is of another algorithm
    sign-silent   never answers a request to sign
    sign-close    closes the connection instead of signing
    comment       comments that are terminal escapes and bad UTF-8
    close         closes each connection at once
    close-list    closes in answer to the first request
    huge          an answer that claims 4 GB
    long          an answer that claims 200,000 bytes, and brings 100
    zero          an answer of no bytes
    type          an answer of a type that does not exist
    failure       FAILURE to the list
    count         claims 4,294,967,295 identities and brings none
    blob          an identity whose key is longer than the message
    empty-blob    an identity whose key is no byte
    odd-blob      an identity whose key is none
    many          a thousand identities that nobody knows
    silent        never answers
    full          takes no connection, and its queue is full: one that was stopped
    drip          its answer comes byte by byte, one each half second
    noise         random bytes, for ever
"""

import base64
import hashlib
import os
import random
import socket
import struct
import sys
import threading
import time

FAILURE, LIST, LISTED, SIGN, SIGNED = 5, 11, 12, 13, 14


def u32(number):
    return struct.pack(">I", number)


def string(value):
    return u32(len(value)) + value


def ed25519(seed):
    return string(b"ssh-ed25519") + string(hashlib.sha256(seed).digest())


def tell(text):
    print(text, file=sys.stderr, flush=True)


def fingerprint(blob):
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def keys_of(files):
    keys = []
    for name in files:
        with open(name, "rb") as file:
            words = file.read().split(None, 2)
        keys.append((base64.b64decode(words[1]), words[2].strip() if len(words) > 2 else b""))
    return keys


def listing(keys):
    body = b"".join(string(blob) + string(comment) for blob, comment in keys)
    return bytes([LISTED]) + u32(len(keys)) + body


ESCAPES = b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xaegnp.exe\xff\xc0\xaf\r\nsuccess: owned"


def answer_to_list(mode, keys):
    """The bytes that are sent, length and all; None: no answer, b'': close."""
    special = {
        "close-list": lambda: b"",
        "huge": lambda: u32(0xFFFFFFFF) + listing(keys),
        "long": lambda: u32(200000) + bytes([LISTED]) * 100,
        "zero": lambda: u32(0),
        "type": lambda: string(bytes([99]) + u32(1)),
        "failure": lambda: string(bytes([FAILURE])),
        "count": lambda: string(bytes([LISTED]) + u32(0xFFFFFFFF)),
        "blob": lambda: string(bytes([LISTED]) + u32(1) + u32(0x7FFFFFFF) + b"ssh-ed25519"),
        "empty-blob": lambda: string(listing([(b"", b"no key")])),
        "odd-blob": lambda: string(listing([(b"\xff" * 51, b"no key")])),
        "many": lambda: string(listing([(ed25519(b"%d" % n), b"key %d" % n) for n in range(1000)])),
        "comment": lambda: string(listing([(blob, ESCAPES) for blob, _ in keys])),
        "silent": lambda: None,
    }
    return special[mode]() if mode in special else string(listing(keys))


def answer_to_sign(mode):
    wrong = string(b"ssh-ed25519") + string(bytes(64))
    special = {
        "sign-garbage": lambda: string(bytes([SIGNED]) + string(b"\xff" * 70)),
        "sign-wrong": lambda: string(bytes([SIGNED]) + string(wrong)),
        "comment": lambda: string(bytes([SIGNED]) + string(wrong)),
        "sign-type": lambda: string(bytes([SIGNED]) + string(string(b"ssh-rsa") + string(bytes(64)))),
        "sign-silent": lambda: None,
        "sign-close": lambda: b"",
    }
    return special.get(mode, lambda: string(bytes([FAILURE])))()


class Closed(Exception):
    pass


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise Closed
        data += part
    return data


def send(connection, mode, data):
    if data is None:
        return
    if not data:
        raise Closed
    if mode == "drip":
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.5)
    else:
        connection.sendall(data)


def serve(connection, mode, keys):
    try:
        while mode == "noise":
            receive(connection, 1)
            generator = random.Random(4711)
            while True:
                connection.sendall(generator.randbytes(4096))
        while mode != "close":
            message = receive(connection, struct.unpack(">I", receive(connection, 4))[0])
            if message[0] == LIST:
                tell("list")
                send(connection, mode, answer_to_list(mode, keys))
            elif message[0] == SIGN:
                length = struct.unpack(">I", message[1:5])[0]
                tell("sign %s" % fingerprint(message[5:5 + length]))
                send(connection, mode, answer_to_sign(mode))
            else:
                tell("message %d" % message[0])
                connection.sendall(string(bytes([FAILURE])))
    except (Closed, OSError):
        pass
    tell("closed")
    connection.close()


def fill(path):
    """Connections until the queue takes no more; they are to be kept."""
    waiting = []
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(path)
        except BlockingIOError:
            return waiting
        waiting.append(connection)


def main():
    path, mode, *files = sys.argv[1:]
    if ("    %s " % mode) not in __doc__:
        sys.exit("no mode %s" % mode)
    keys = keys_of(files)
    listener = socket.socket(socket.AF_UNIX)
    os.umask(0o177)
    listener.bind(path)
    listener.listen(0 if mode == "full" else 8)
    listener.settimeout(300)
    waiting = fill(path) if mode == "full" else None
    print(path, flush=True)
    if waiting:
        time.sleep(300)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mode, keys), daemon=True).start()


if __name__ == "__main__":
    main()
