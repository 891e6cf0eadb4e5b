# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: `none`, and what any request can be answered by (RFC 4252 sections 5 and 6)."""

from scenario import scenario
from ssh_wire import EXT_INFO, FAILURE, REQUEST, SERVICE_ACCEPT, SERVICE_REQUEST, boolean, string, u32
from userauth import (BY_NONE, BY_PASSWORD, EVERYTHING, FLOODED, HOSTILE, KBDINT, LIST, SUCCEEDED, asked_none, broken, cuts,
                      debug, failure, ignore, info, lengths, rows, together)

FAILED = broken("USERAUTH_FAILURE")
LISTED = {"listed": "password"}
PARTS = (string("password,publickey"), boolean(False))


def reply(t, payload):
    asked_none(t)
    t.send(payload)


# FAILURE, field by field

rows("none-failure", "A FAILURE that is malformed: %s.", LIST, FAILED, {
    **cuts(FAILURE, *PARTS),
    **lengths(FAILURE, *PARTS),
    "beyond": bytes([FAILURE]) + u32(20) + b"password,publickey",
    "into-boolean": bytes([FAILURE]) + u32(19) + b"password,publickey\0",
    "byte-behind": failure("password") + b"\0",
    "string-behind": failure("password") + string("en"),
    "much-behind": failure("password") + bytes(30000),
}, reply, sent=1, credential=False)

rows("none-list", "A FAILURE whose list of methods is none: %s.", LIST, FAILED, {
    **{name: failure(b"password,pub" + text + b"lickey") for name, text in HOSTILE.items() if name != "format"},
    "blank": failure("password, publickey"),
    "tab": failure("password\tpublickey"),
    "delete": failure(b"password\x7f"),
    "latin-1": failure(b"passw\xf6rd"),
    "empty-name": failure("password,,publickey"),
    "begins-with-comma": failure(",password"),
    "ends-with-comma": failure("password,"),
    "comma": failure(","),
    "commas": failure("," * 30000),
}, reply, sent=1, credential=False)

rows("none-list-odd", "A list of methods that is unusual: %s.", LIST, {"listed": "alice can use"}, {
    "empty": failure(""),
    "unknown": failure("hostbased,odd@example.com,password"),
    "one-letter": failure("a"),
    "repeated": failure("password,password,password"),
    "format": failure("%s%n,password"),
    "long-name": failure("m" * 5000 + ",password"),
    "30000": failure(",".join("method-%04d@example.com" % number for number in range(1300))),
    "letters": failure(",".join("abcdefghijklm" * 700)),
    "partial": failure("password", partial=True),
    "true-is-2": bytes([FAILURE]) + string("password") + b"\2",
    "true-is-255": bytes([FAILURE]) + string("password") + b"\xff",
}, reply, well_behaved=True, sent=1)


@scenario("none-list-100000", {"protocol-error": "."}, sent=1)
def _(t):
    """A list of 100,000 bytes, in a packet that is larger than any may be."""
    reply(t, failure(",".join("method-%04d@example.com" % number for number in range(4400))))


# Messages that answer no request, or not this one

rows("none-type", "The request is answered by a message that is none of its replies: type %s.", LIST,
     {"protocol-error": r"(USERAUTH_|message [0-9]+).*\(RFC [0-9]+ section"}, {
         str(number): bytes([number]) + string("text") + string("en")
         for number in (REQUEST, 54, 55, 59, 60, 61, 62, 63, 64, 65, 66, 67, 70, 79)
     }, reply, sent=1, credential=False)


def around(t, payload):
    asked_none(t)
    together(t, payload, failure("password"), payload)


def strange(*numbers):
    return {str(number): bytes([number]) + string("tcpip-forward") + b"\1" + bytes(40) for number in numbers}


rows("none-connection", "Messages of the connection protocol before FAILURE: type %s.", LIST,
     {"protocol-error": r"authentication is not complete \(RFC 4252 section 6"},
     strange(80, 81, 82, 89, 90, 91, 94, 98, 99, 100, 127), around, sent=1)
rows("none-unheard", "Messages that nobody knows, before and behind FAILURE: type %s.", LIST, LISTED,
     strange(8, 19, 128, 191, 192, 255), around, sent=1, well_behaved=True)
rows("none-kex", "Messages of a key exchange that is not under way: type %s.", LIST, {"protocol-error": "."},
     strange(21, 30, 31, 34, 49), around, sent=1)


@scenario("none-type-0", {"protocol-error": "."}, sent=1)
def _(t):
    """A message of type 0."""
    reply(t, b"\0")


@scenario("none-empty-packet", {"protocol-error": ".", "timeout": "no answer", "disconnected": "."}, limit=1, sent=1)
def _(t):
    """A packet without a message."""
    reply(t, b"")


@scenario("none-info-request", broken("message 60"), client=BY_NONE, sent=1)
def _(t):
    """An INFO_REQUEST in answer to `none`."""
    reply(t, info([("Password: ", False)]))


@scenario("none-unimplemented", broken("UNIMPLEMENTED"), client=BY_NONE, sent=1)
def _(t):
    """UNIMPLEMENTED in answer to `none`."""
    reply(t, b"\3" + u32(5))


@scenario("none-unimplemented-bad", broken("UNIMPLEMENTED"), client=BY_NONE, sent=1)
def _(t):
    """UNIMPLEMENTED without a number."""
    reply(t, b"\3")


# SUCCESS in the wrong place

@scenario("none-success-queued", broken("USERAUTH_SUCCESS"), client=BY_NONE, sent=0)
def _(t):
    """SUCCESS before the service is accepted, before any request."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    together(t, SUCCEEDED, bytes([SERVICE_ACCEPT]) + string("ssh-userauth"))


@scenario("none-success-at-once", broken("USERAUTH_SUCCESS"), client=BY_NONE, sent=0)
def _(t):
    """SUCCESS right behind the acceptance of the service."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    together(t, bytes([SERVICE_ACCEPT]) + string("ssh-userauth"), SUCCEEDED)


@scenario("none-failure-queued", FAILED, sent=0)
def _(t):
    """FAILURE before the service is accepted."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    together(t, failure("password"), bytes([SERVICE_ACCEPT]) + string("ssh-userauth"))


@scenario("none-failure-success", {"failure": "refused", "protocol-error": "USERAUTH_SUCCESS"}, client=BY_NONE, sent=1)
def _(t):
    """FAILURE, and SUCCESS behind it."""
    asked_none(t)
    together(t, failure(KBDINT), SUCCEEDED)


@scenario("none-failure-success-password", broken("USERAUTH_SUCCESS"), client=BY_PASSWORD, sent=1, credential=False)
def _(t):
    """FAILURE of `none` and SUCCESS behind it, before the password."""
    asked_none(t)
    together(t, failure("password"), SUCCEEDED)


@scenario("none-failure-twice-password", FAILED, client=BY_PASSWORD, sent=1, credential=False)
def _(t):
    """FAILURE of `none` twice, before the password."""
    asked_none(t)
    together(t, failure("password"), failure("password", partial=True))


@scenario("none-failure-twice", LISTED, sent=1)
def _(t):
    """FAILURE twice."""
    asked_none(t)
    together(t, failure("password"), failure("publickey", partial=True))


@scenario("none-success-failure", {"success": "alice", "protocol-error": "."}, client=BY_NONE, sent=1)
def _(t):
    """SUCCESS, and FAILURE behind it."""
    asked_none(t)
    together(t, SUCCEEDED, failure("password"))


rows("none-success", "A SUCCESS with something behind it: %s.", BY_NONE, broken("USERAUTH_SUCCESS"), {
    "byte": SUCCEEDED + b"\0",
    "string": SUCCEEDED + string("welcome"),
    "hostile": SUCCEEDED + EVERYTHING,
}, reply, sent=1)


# Floods

FLOODS = {
    "ignore": ignore(b"i" * 30000),
    "ignore-small": ignore(b""),
    "debug": debug(EVERYTHING * 40),
    "unheard": bytes([200]) + bytes(30000),
    "unheard-small": bytes([200]),
    "global-request": bytes([80]) + string("keepalive@openssh.com") + b"\1",
}


def flood(t, payload):
    asked_none(t)
    while True:
        together(t, *[payload] * max(1, 60000 // (len(payload) + 48)))


rows("none-flood", "A flood of messages that mean nothing: %s.", LIST, {**FLOODED, "protocol-error": "."}, FLOODS, flood,
     limit=2, sent=1)


# Unusual, and legal

@scenario("none-success-listing", {"trivial": "without any challenge"}, well_behaved=True, sent=1)
def _(t):
    """SUCCESS to the `none` that only asks for the list."""
    reply(t, SUCCEEDED)


@scenario("none-success-good", {"success": "accepted after none"}, client=BY_NONE, well_behaved=True, sent=1)
def _(t):
    """SUCCESS to `none`."""
    reply(t, SUCCEEDED)


@scenario("none-early-success", {"early-success": "accepted by none"}, client=BY_PASSWORD, well_behaved=True, sent=1,
          credential=False)
def _(t):
    """SUCCESS to the `none` that comes before a password."""
    reply(t, SUCCEEDED)


@scenario("none-ext-info", LISTED, well_behaved=True, sent=1)
def _(t):
    """EXT_INFO right behind NEWKEYS (RFC 8308)."""
    t.version()
    t.kex(after=[bytes([EXT_INFO]) + u32(2) + string("server-sig-algs") + string("ssh-ed25519,rsa-sha2-256") +
                 string("odd@example.com") + string(EVERYTHING)])
    t.service()
    t.request()
    t.failure("password")


@scenario("none-noise", LISTED, well_behaved=True, sent=1)
def _(t):
    """IGNORE and DEBUG, empty and always to be displayed, before and behind everything."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    noise = (ignore(b""), debug(b""), debug(EVERYTHING, True, b"en"), ignore(EVERYTHING))
    together(t, *noise, bytes([SERVICE_ACCEPT]) + string("ssh-userauth"), *noise)
    t.request()
    together(t, *noise, failure("password"), *noise)


@scenario("none-slow", LISTED, well_behaved=True, sent=1)
def _(t):
    """A second of silence before the list."""
    asked_none(t)
    t.silent(1)
    t.failure("password")


@scenario("none-pieces", LISTED, well_behaved=True, sent=1)
def _(t):
    """The FAILURE comes a byte at a time."""
    asked_none(t)
    t.drip(t.packet(failure("password")), 0.005)
