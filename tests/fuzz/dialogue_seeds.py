#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes the dialogues that the fuzzer begins with, a file each, into the folder that is named:
# dialogue_seeds.py DIR. dialogue.h says what an input looks like.
"""Seeds for dialogue_fuzz."""

import os
import struct
import sys

NONE, PASSWORD, PUBLICKEY, KBDINT, GSSAPI = range(5)
TOGETHER, RAW, ECHO, FLOOD = 1, 2, 4, 8
REPEAT = {1: 0, 2: 7, 3: 8, 5: 9, 17: 10, 33: 11, 65: 12, 101: 13, 129: 14, 400: 15}
EOF, RESET, SILENCE, SIGNAL = range(4)
KRB5 = bytes([6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2])
ALL = "none,publickey,password,keyboard-interactive,gssapi-with-mic"
TOKEN, LONG, HUGE, COMPLETE, FAILS, EXPIRED, CREDENTIAL, LATER, STALLS = 1, 2, 3, 4, 8, 16, 32, 64, 128


def string(text):
    """A string of SSH."""
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">I", len(data)) + data


def failure(methods=ALL, partial=False):
    return b"\x33" + string(methods) + bytes([partial])


SUCCESS = b"\x34"


def banner(text):
    return b"\x35" + string(text) + string("")


def info(*prompts, name="", instruction=""):
    data = b"\x3c" + string(name) + string(instruction) + string("") + struct.pack(">I", len(prompts))
    for text in prompts:
        data += string(text) + b"\0"
    return data


def change(text):
    return b"\x3c" + string(text) + string("en")


def disconnect(text, reason=2):
    return b"\x01" + struct.pack(">I", reason) + string(text) + string("")


def mechanism():
    return b"\x3c" + string(KRB5)


def token(data=b"token"):
    return b"\x3d" + string(data)


def gss_error(text):
    return b"\x40" + struct.pack(">II", 0xD0000, 1) + string(text) + string("")


def record(payload, flags=0, repeat=1):
    return bytes([flags | REPEAT[repeat] << 4]) + struct.pack(">H", len(payload)) + payload


PK_OK = record(b"", ECHO)


def head(chain, rules=1, end=EOF, gss=(LONG, COMPLETE), last=0, **other):
    """The head of an input; what is not named is 0."""
    steps = list(chain) + [0] * (4 - len(chain))
    script = (list(gss) + [COMPLETE] * 7)[:7] + [last]
    return bytes(
        [
            other.get("at_once", 0) | other.get("early", 0) << 1 | end << 2 | other.get("sending", 0) << 5,
            other.get("flags", 0),
            rules,
            other.get("identities", 0) | other.get("person", 0) << 5,
            len(chain),
            steps[0] | steps[1] << 4,
            steps[2] | steps[3] << 4,
            other.get("format", 0),
            other.get("breaks_at", 0),
            other.get("chunk", 0),
        ]
        + script
        + [0] * 2
    )


def seed(chain, *records, **options):
    return head(chain, **options) + b"".join(r if isinstance(r, tuple) else r for r in records)


def kexinit(method, guess=False):
    """One that libssh2 can agree to."""
    names = (method, "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", "")
    return b"\x14" + bytes(16) + b"".join(map(string, names)) + bytes([guess]) + bytes(4)


def rekeys():
    """Name and records of key exchanges in the middle of the dialogue. Nobody can sign here."""
    host_key = string(string("ssh-ed25519") + string(bytes(range(32))))
    signature = string(string("ssh-ed25519") + string(bytes(64)))
    public = {
        "diffie-hellman-group14-sha256": string(b"\x7f" + bytes(range(255))),
        "curve25519-sha256": string(bytes(range(1, 33))),
        "ecdh-sha2-nistp256": string(b"\x04" + bytes(64)),
    }
    for method, key in public.items():
        begin, reply = record(kexinit(method)), record(b"\x1f" + host_key + key + signature)
        yield "rekey-" + method, [begin, reply, record(b"\x15")]
        yield "rekey-trailing-" + method, [begin, record(b"\x1f" + host_key + key + signature + b"\0")]
        yield "rekey-guess-" + method, [record(kexinit(method + ",x", True)), reply, reply]
    begin = record(kexinit("diffie-hellman-group-exchange-sha256"))
    group = record(b"\x1f" + string(b"\0\xff" + b"\xab" * 255) + string(b"\2"))
    reply = record(b"\x21" + host_key + public["diffie-hellman-group14-sha256"] + signature)
    yield "rekey-group-exchange", [begin, group, reply]
    yield "rekey-twice", [begin, begin]
    yield "rekey-nothing-in-common", [record(kexinit("none"))]
    yield "rekey-newkeys", [record(b"\x15")]
    yield "rekey", [record(kexinit("diffie-hellman-group14-sha256"))]


def seeds():
    """Name and bytes of each."""
    no, yes, more = record(failure()), record(SUCCESS), record(failure("publickey,keyboard-interactive", True))
    ask = record(info("Password: "))
    yield "list", seed([], no)
    yield "list-accepted", seed([], yes, flags=2)
    yield "list-banner", seed([], record(banner("Welcome\r\n\x1b[2J\xe2\x80\xae")), record(failure(), TOGETHER), format=1)
    yield "none-failure", seed([NONE], no, format=2)
    yield "password-success", seed([PASSWORD], no, yes)
    yield "password-failure", seed([PASSWORD], no, no, format=3)
    yield "password-not-listed", seed([PASSWORD], record(failure("publickey")))
    yield "password-change", seed([PASSWORD], no, record(change("Your password has expired.\x1b[0m")))
    yield "password-partial-kbdint", seed([PASSWORD, KBDINT], no, more, ask, yes, rules=2)
    yield "kbdint-success", seed([KBDINT], ask, yes, format=1)
    yield "kbdint-rounds", seed([KBDINT], record(info("Password: ", "code: ", name="PAM", instruction="two of\nthem")),
                                record(info()), record(info("empty")), yes, rules=2)
    yield "kbdint-many-rounds", seed([KBDINT], record(info(), 0, 129), yes)
    yield "kbdint-many-prompts", seed([KBDINT], record(info(*[f"p{i}" for i in range(100)])), no, rules=3)
    yield "kbdint-long-answers", seed([KBDINT], record(info("1", "2", "3")), yes, rules=3 | 3 << 6)
    yield "kbdint-message", seed([KBDINT], record(info(name="Approve", instruction="on your\nphone")), yes, person=2)
    yield "kbdint-too-many-prompts", seed([KBDINT], record(info(*["p"] * 101)), no)
    yield "kbdint-no-answer", seed([KBDINT], ask, rules=0, flags=1)
    yield "kbdint-person", seed([KBDINT], record(info("(x)\nask me: ", instruction="hello\x07")), yes, rules=3, person=2)
    yield "kbdint-refused", seed([KBDINT], record(info("Password: "), 0, 5), rules=1, format=2)
    yield "kbdint-failure-queued", seed([KBDINT], ask, record(failure(), TOGETHER))
    yield "kbdint-success-queued", seed([KBDINT], ask, record(SUCCESS, TOGETHER))
    yield "publickey-success", seed([PUBLICKEY], PK_OK, yes)
    yield "publickey-refused", seed([PUBLICKEY], no, no, identities=4)
    yield "publickey-public-half", seed([PUBLICKEY], PK_OK, identities=1)
    yield "publickey-rsa-refused", seed([PUBLICKEY], no, identities=2)
    yield "publickey-three-keys", seed([PUBLICKEY], no, PK_OK, identities=8)
    yield "publickey-other-key", seed([PUBLICKEY], record(b"\x3c" + string("ssh-ed25519") + string("other")))
    yield "publickey-partial-twice", seed([PUBLICKEY, PUBLICKEY], PK_OK, more, PK_OK, yes, identities=4)
    yield "publickey-without-query", seed([PUBLICKEY], yes)
    yield "publickey-ok-twice", seed([PUBLICKEY], PK_OK, PK_OK)
    for name, gss in (("", (LONG, COMPLETE)), ("-later", (TOKEN | LATER, COMPLETE | LATER)), ("-huge", (HUGE, HUGE, COMPLETE))):
        yield "gssapi" + name, seed([GSSAPI], record(mechanism()), record(token()), record(token()) if "hu" in name else b"",
                                    yes, gss=gss, flags=12, format=1)
    yield "gssapi-no-mic", seed([GSSAPI], record(mechanism()), record(token()), yes, last=1)
    yield "gssapi-mic-fails", seed([GSSAPI], record(mechanism()), record(token()), yes, last=2)
    yield "gssapi-no-ticket", seed([GSSAPI], gss=(FAILS,))
    yield "gssapi-expired", seed([GSSAPI], gss=(FAILS | EXPIRED,))
    yield "gssapi-stalls", seed([GSSAPI], gss=(STALLS,))
    yield "gssapi-fails-later", seed([GSSAPI], record(mechanism()), record(token()), gss=(LONG, FAILS | TOKEN))
    yield "gssapi-success-after-our-error", seed([GSSAPI], record(mechanism()), record(token()), record(SUCCESS),
                                                 gss=(LONG, FAILS | TOKEN))
    yield "gssapi-server-error", seed([GSSAPI], record(mechanism()), record(gss_error("No such\x1b key")),
                                      record(failure(), TOGETHER), format=1)
    yield "gssapi-error-success", seed([GSSAPI], record(mechanism()), record(gss_error("no")), record(SUCCESS, TOGETHER))
    yield "gssapi-error-token", seed([GSSAPI], record(mechanism()), record(b"\x41" + string("err")), record(failure(), TOGETHER))
    yield "gssapi-other-mechanism", seed([GSSAPI], record(b"\x3c" + string(KRB5[:-1] + b"\x03")))
    yield "gssapi-many-tokens", seed([GSSAPI], record(mechanism()), record(token(), 0, 33), yes, gss=[TOKEN] * 7)
    yield "chain-of-four", seed([GSSAPI, PUBLICKEY, PASSWORD, KBDINT], no, record(mechanism()), record(token()), more, PK_OK, record(failure(ALL, True)), more,
                                ask, yes, rules=2, flags=48)
    yield "early-success", seed([PASSWORD, KBDINT], no, yes, format=2)
    yield "at-once", seed([KBDINT], yes, at_once=1)
    yield "disconnect", seed([KBDINT], ask, record(disconnect("Too many \x9b failures")), format=3)
    yield "reset", seed([PASSWORD], no, end=RESET)
    yield "silence", seed([KBDINT], ask, end=SILENCE)
    yield "signal", seed([KBDINT], ask, end=SIGNAL)
    yield "early-end", seed([NONE], no, early=1)
    yield "slow", seed([PASSWORD, KBDINT], no, more, ask, yes, sending=2, chunk=1)
    yield "breaks", seed([KBDINT], ask, yes, sending=3, breaks_at=12)
    yield "banner-flood", seed([NONE], record(banner("b"), FLOOD, 101), no, format=1)
    yield "ignore-flood", seed([NONE], record(b"\2" + string("i" * 300), FLOOD, 400), no)
    yield "input-limit", seed([NONE], record(b"\2" + string("i" * 8000), FLOOD, 400), no)
    yield "debug-unimplemented", seed([NONE], record(b"\4\1" + string("debug") + string("")), record(b"\3\0\0\0\1"))
    yield "found-global-request-answered", seed([NONE], record(b"\x50" + string("keepalive@openssh.com") + b"\1"), no)
    yield "found-channel-open-answered", seed([NONE], record(b"\x5a" + string("x11") + struct.pack(">III", 1, 9, 9) + string("h") + b"\0\0\0\1"), no)
    yield "found-forwarded-channel-answered", seed([NONE], record(b"\x5a" + string("forwarded-tcpip") + struct.pack(">III", 1, 9, 9) + string("h")
                                            + b"\0\0\0\1" + string("o") + b"\0\0\0\2"), no)
    for name, dialogue in rekeys():
        yield name, seed([KBDINT], ask, *dialogue, yes)
    yield "raw", seed([NONE], record(b"\0\0\0\x0c\x0a\x34" + bytes(10), RAW), record(b"\xff\xff\xff\xff\x04garbage", RAW))
    yield "raw-empty-payload", seed([NONE], record(b"\0\0\0\x0c\x0b" + bytes(11), RAW))
    yield "expected-lists", seed([PUBLICKEY], no, PK_OK, yes, flags=48)
    yield "trailing-success", seed([NONE], record(SUCCESS + b"\0"))
    yield "trailing-failure", seed([PASSWORD], record(failure() + b"\0"))
    yield "trailing-banner", seed([NONE], record(banner("b") + b"\0"), record(failure(), TOGETHER))
    yield "trailing-info", seed([KBDINT], record(info("Password: ") + b"\0"), yes)
    yield "trailing-token", seed([GSSAPI], record(mechanism()), record(token() + b"\0"), yes)
    yield "escaped-everywhere", seed([KBDINT], record(banner("b\x1b[1m\x9b\u202e")),
                                     record(info("\x1b]0;p\x07", name="n\x1b[", instruction="i\x1b[\u009b\r\n"), TOGETHER), no)
    yield "crowd", seed([PASSWORD], no, no, flags=64, person=2, rules=0)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


main()
