# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: packets (RFC 4253 section 6), messages of the transport, and messages of other
protocols at the wrong time."""

import os

from scenario import scenario
from ssh_wire import (CHANNEL_OPEN, CHANNEL_REQUEST, DEBUG, DISCONNECT, FAILURE, GLOBAL_REQUEST,
                      IGNORE, INFO_REQUEST, SUCCESS, UNIMPLEMENTED, boolean, names, string, u32)

KBDINT = ("-m", "kbdint", "-r", ".=env:ANSWER")
LENGTH = {"protocol-error": "(length|padding).*RFC 4253 section 6.*stage auth"}
MAC = {"protocol-error": "wrong MAC.*stage auth"}
BROKEN = {"protocol-error": "(wrong MAC|length|padding).*RFC 4253 section 6.*stage auth"}
REFUSAL = bytes([FAILURE]) + names("password") + boolean(False)
SMALL = bytes([IGNORE]) + string("x")


def asked(t):
    """Up to a request of keyboard-interactive."""
    t.open()
    t.request("keyboard-interactive")


def answered(t):
    """Up to answers."""
    asked(t)
    t.info([("Code: ", False)])
    t.answers()


def unanswered(t):
    """Up to SERVICE_REQUEST."""
    t.version()
    t.kex()
    t.expect(5)


STAGES = {"service": unanswered, "request": asked, "answers": answered}


def packet(name, about, ends, act, limit=5, stages=("request",), **words):
    """A row a stage for what comes there."""
    for stage in stages:
        def play(t, until=STAGES[stage]):
            until(t)
            act(t)
            t.silent(30)

        play.__doc__ = "At %s: %s" % (stage, about)
        scenario("packet-%s-%s" % (name, stage), ends, client=KBDINT, limit=limit,
                 credential=None if stage == "answers" else False, **words)(play)


ALL = tuple(STAGES)
packet("mac-wrong", "a packet with a wrong MAC.", MAC, lambda t: t.send(REFUSAL, mac="wrong"), stages=ALL)
packet("mac-zero", "a packet with a MAC of zeros.", MAC, lambda t: t.send(REFUSAL, mac=bytes(32)))
packet("mac-first-byte", "a packet whose MAC is wrong in its last bit.", MAC,
       lambda t: t.raw(t.packet(REFUSAL)[:-1] + b"\0"), racing=False)
packet("clear", "a packet in clear text.", BROKEN,
       lambda t: t.raw(u32(28) + b"\x0a" + REFUSAL + bytes(20)), stages=ALL)
packet("garbage", "random bytes.", BROKEN, lambda t: t.raw(os.urandom(60000)), stages=ALL)
for _name, _about, _length in (("zero", "of 0", 0), ("one", "of 1", 1), ("five", "of 5", 5),
                               ("huge", "of 4 GiB", 0xFFFFFFFF), ("2g", "of 2 GiB", 0x80000000),
                               ("over", "one above what libssh2 takes", 40001), ("70000", "of 70,000", 70000)):
    packet("length-" + _name, "a packet length %s." % _about, LENGTH if _length != 5 else BROKEN,
           lambda t, length=_length: t.raw(t.packet(SMALL, length=length) + t.packet(SMALL) * 40),
           stages=ALL if _length in (0, 0xFFFFFFFF) else ("request",))
for _extra in (1, 3, 7, 15):
    packet("length-odd-%d" % _extra, "a length that is no multiple of the block size, and the MAC of it.",
           BROKEN,
           lambda t, extra=_extra: t.raw(t.packet(REFUSAL, padding=bytes(16 + extra)) + t.packet(SMALL) * 40))
packet("padding-over", "padding longer than the packet.", LENGTH,
       lambda t: t.send(SMALL, padding_length=255))
packet("padding-whole", "padding that leaves no payload.", {"protocol-error": "stage auth"},
       lambda t: t.send(b"", padding=bytes(27), padding_length=27))
packet("empty", "a packet without payload, whose padding looks like SUCCESS.",
       {"protocol-error": "stage auth"}, lambda t: t.send(b"", padding=bytes([SUCCESS]) + bytes(10)))
packet("empty-kexinit", "a packet without payload, whose padding looks like KEXINIT.",
       {"protocol-error": "stage auth"}, lambda t: t.send(b"", padding=bytes([20]) + bytes(10)))
packet("type-0", "a message of type 0.", {"protocol-error": "(type|message) 0.*stage auth"},
       lambda t: t.send(bytes([0]) + b"zero"), stages=ALL)
packet("unimplemented", "UNIMPLEMENTED.", {"protocol-error": "UNIMPLEMENTED.*RFC 4253 section 11.4.*stage auth"},
       lambda t: t.send(bytes([UNIMPLEMENTED]) + u32(5)), stages=ALL)
packet("eof", "end of file.", {"disconnected": "closed the connection.*stage auth"}, lambda t: t.close(), stages=ALL)
packet("reset", "a reset.", {"disconnected": "(reset|broke).*stage auth"}, lambda t: t.reset(), stages=ALL)
packet("eof-inside", "end of file in the middle of a packet.", {"disconnected": "closed the connection.*stage auth"},
       lambda t: (t.raw(t.packet(REFUSAL)[:20]), t.close()), stages=ALL)
packet("eof-in-mac", "end of file in the middle of a MAC.", {"disconnected": "closed the connection.*stage auth"},
       lambda t: (t.raw(t.packet(REFUSAL)[:-5]), t.close()))
packet("reset-inside", "a reset in the middle of a packet.", {"disconnected": "(reset|broke).*stage auth"},
       lambda t: (t.raw(t.packet(REFUSAL)[:20]), t.silent(0.1), t.reset()), stages=ALL)
packet("silence", "silence.", {"timeout": "no answer from the server.*stage auth"}, lambda t: None, limit=1, stages=ALL)
packet("silence-inside", "silence in the middle of a packet.", {"timeout": "no answer from the server.*stage auth"},
       lambda t: t.raw(t.packet(REFUSAL)[:20]), limit=1)
packet("drip", "a byte every 100 ms.", {"timeout": "no answer from the server.*stage auth"},
       lambda t: t.drip(t.packet(REFUSAL), 0.1), limit=1, stages=ALL)
packet("disconnect", "DISCONNECT.", {"disconnected": r'"Go away" \(reason 14\).*stage auth'},
       lambda t: t.disconnect(14, "Go away"), stages=ALL)
packet("disconnect-escapes", "DISCONNECT with terminal escapes and bytes that are not UTF-8.",
       {"disconnected": r"reason 4294967295.*stage auth"},
       lambda t: t.disconnect(0xFFFFFFFF, b"\x1b]0;owned\x07\x1b[2J\x9b2J\xff\0\r\n\xc2\x9b"), stages=ALL)
packet("disconnect-4g", "DISCONNECT whose text says 4 GiB.", {"disconnected": "stage auth"},
       lambda t: t.send(bytes([DISCONNECT]) + u32(2) + u32(0xFFFFFFFF) + b"text"))
packet("disconnect-bare", "DISCONNECT of one byte.", {"disconnected": "gave no reason.*stage auth"},
       lambda t: t.send(bytes([DISCONNECT])))
packet("disconnect-long", "DISCONNECT with 30,000 bytes of text.", {"disconnected": "stage auth"},
       lambda t: t.disconnect(2, b"\x1b[2Jx" * 6000))
packet("refusal", "FAILURE and end of file: a refusal.", {"not-offered": "", "failure": ""},
       lambda t: (t.send(bytes([FAILURE]) + names("keyboard-interactive") + boolean(False)), t.close()))

# Floods: until the client hangs up


def flood(name, about, payload, ends, count=100, **words):
    def play(t):
        asked(t)
        while True:
            t.raw(b"".join(t.packet(payload) for _ in range(count)))

    play.__doc__ = "A flood: " + about
    scenario("flood-" + name, ends, client=KBDINT, credential=False, sent=1, **words)(play)


LIMIT = {"protocol-error": "(more|limit).*stage auth"}
ORDER = {"protocol-error": "stage auth"}
flood("ignore", "IGNORE.", bytes([IGNORE]) + string(b"x" * 500), LIMIT)
flood("ignore-empty", "IGNORE of no bytes.", bytes([IGNORE]) + string(""), LIMIT)
flood("ignore-large", "IGNORE of 30,000 bytes.", bytes([IGNORE]) + string(b"x" * 30000), LIMIT, count=5)
flood("debug", "DEBUG with escapes.", bytes([DEBUG]) + boolean(True) + string(b"\x1b[2J\xff" * 50) + string(""), LIMIT)
flood("unknown", "messages of type 192.", bytes([192]) + b"unknown", LIMIT)
flood("ext-info", "EXT_INFO.", bytes([7]) + u32(0), {**LIMIT, **ORDER})
flood("global", "global requests that want an answer.",
      bytes([GLOBAL_REQUEST]) + string("keepalive@openssh.com") + boolean(True), {**LIMIT, **ORDER})
flood("channel-data", "CHANNEL_DATA.", bytes([94]) + u32(0) + string("x" * 100), {**LIMIT, **ORDER})
flood("channel-open", "channel opens.",
      bytes([CHANNEL_OPEN]) + string("x11") + u32(0) * 3 + string("127.0.0.1") + u32(1), {**LIMIT, **ORDER})
flood("kexinit", "KEXINIT.", bytes([20]) + bytes(16) + names("x") * 10 + bytes(5),
      {**LIMIT, **ORDER, "kex-failure": ""})
flood("largest", "messages of the largest size.", bytes([192]) + bytes(32768), LIMIT, count=5)

# Legal, and rare: they must be borne


def bearable(name, about, *payloads, drip=False):
    def play(t):
        asked(t)
        data = b"".join(map(t.packet, payloads))
        if drip:
            t.drip(data, 0.002)
        else:
            t.raw(data)
        t.info([("Code: ", False)])
        t.raw(data[:0])
        if t.answers() != [b"answer"]:
            raise ValueError("other answers")
        t.success()

    play.__doc__ = about
    scenario("bear-" + name, {"success": "alice"}, client=KBDINT, well_behaved=True)(play)


bearable("ignore", "IGNORE before a question.", *[SMALL] * 50)
bearable("ignore-bare", "IGNORE without a field.", bytes([IGNORE]))
bearable("debug", "DEBUG with escapes before a question.",
         bytes([DEBUG]) + boolean(True) + string(b"\x1b]0;owned\x07\xff\x9b2J") + string("en"))
bearable("unknown", "Messages of types 192 to 255.", *[bytes([kind]) + b"?" for kind in range(192, 256, 7)])
bearable("largest", "A message of the largest size that all must take.", bytes([IGNORE]) + string(bytes(32768 - 5)))
bearable("pieces", "Packets come in single bytes.", SMALL, SMALL, drip=True)


@scenario("bear-padding", {"success": "alice"}, client=KBDINT, well_behaved=True)
def _(t):
    """The longest padding, and the shortest."""
    asked(t)
    t.send(SMALL, padding=bytes(255 - (len(SMALL) + 5 + 255) % 16))
    t.send(bytes([IGNORE]) + string(bytes(18)), padding=bytes(4))
    t.info([("Code: ", False)])
    t.answers()
    t.success()


@scenario("bear-after-success", {"success": "alice"}, client=KBDINT, well_behaved=True)
def _(t):
    """Behind SUCCESS: hostkeys-00, keepalive, a channel, a channel request, IGNORE and unknown ones."""
    asked(t)
    t.raw(b"".join(map(t.packet, (
        bytes([SUCCESS]),
        bytes([GLOBAL_REQUEST]) + string("hostkeys-00@openssh.com") + boolean(False) + string("key"),
        bytes([GLOBAL_REQUEST]) + string("keepalive@openssh.com") + boolean(True),
        bytes([CHANNEL_OPEN]) + string("forwarded-tcpip") + u32(0) * 3 + string("h") + u32(1) + string("h") + u32(2),
        bytes([CHANNEL_OPEN]) + string("auth-agent@openssh.com") + u32(0) * 3,
        bytes([CHANNEL_REQUEST]) + u32(0) + string("exit-status") + boolean(True) + u32(0),
        SMALL, bytes([200])))))


@scenario("bear-success-chain", {"early-success": ""}, client=("-m", "kbdint,password", *KBDINT[2:]))
def _(t):
    """SUCCESS before the chain is complete, and connection messages behind it."""
    asked(t)
    t.raw(t.packet(bytes([SUCCESS])) +
          t.packet(bytes([GLOBAL_REQUEST]) + string("keepalive@openssh.com") + boolean(True)))


# The connection protocol before anybody was let in

for _name, _payload in (
        ("global", bytes([GLOBAL_REQUEST]) + string("keepalive@openssh.com") + boolean(True)),
        ("global-4g", bytes([GLOBAL_REQUEST]) + u32(0xFFFFFFFF) + b"\1"),
        ("global-short", bytes([GLOBAL_REQUEST])),
        ("open", bytes([CHANNEL_OPEN]) + string("session") + u32(0) * 3),
        ("open-x11", bytes([CHANNEL_OPEN]) + string("x11") + u32(0) * 3 + string("127.0.0.1") + u32(1)),
        ("open-x11-4g", bytes([CHANNEL_OPEN]) + string("x11") + u32(0) * 3 + u32(0xFFFFFFFF) + u32(1)),
        ("open-forwarded", bytes([CHANNEL_OPEN]) + string("forwarded-tcpip") + u32(0) * 3 +
         string("127.0.0.1") + u32(22) + string("127.0.0.1") + u32(1)),
        ("open-agent", bytes([CHANNEL_OPEN]) + string("auth-agent@openssh.com") + u32(0) * 3),
        ("request", bytes([CHANNEL_REQUEST]) + u32(0) + string("exit-status") + boolean(True) + u32(1)),
        ("request-4g", bytes([CHANNEL_REQUEST]) + u32(0) + u32(0xFFFFFFFF) + b"exit-signal"),
        ("data", bytes([94]) + u32(0) + string("data")),
        ("data-4g", bytes([94]) + u32(0) + u32(0xFFFFFFFF)),
        ("extended", bytes([95]) + u32(0) * 2 + string("data")),
        ("close", bytes([97]) + u32(0)),
        ("adjust", bytes([93]) + u32(0) + u32(0xFFFFFFFF))):
    packet("channel-" + _name, "a message of the connection protocol, and then a refusal.",
           {**ORDER, "failure": "", "not-offered": ""},
           lambda t, payload=_payload: t.raw(t.packet(payload) + t.packet(REFUSAL)))
