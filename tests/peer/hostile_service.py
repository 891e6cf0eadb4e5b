# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the service request (RFC 4253 section 10)."""

from scenario import scenario
from ssh_wire import (BANNER, DEBUG, DISCONNECT, FAILURE, IGNORE, INFO_REQUEST, SERVICE_ACCEPT,
                      SERVICE_REQUEST, SUCCESS, UNIMPLEMENTED, boolean, names, string, u32)

PASSWORD = ("-m", "password", "-r", ".=env:PASSWORD")
ACCEPT = bytes([SERVICE_ACCEPT])
GOOD = ACCEPT + string("ssh-userauth")


@scenario("service-good", {"success": "alice"}, client=PASSWORD, well_behaved=True)
def _(t):
    """Does all as it should: lists, and lets the user in by password."""
    t.open()
    t.request("password")
    t.success()


def answer(name, about, ends, *payloads, limit=5, **words):
    """A row for what answers SERVICE_REQUEST; then silence."""

    def play(t):
        t.version()
        t.kex()
        t.expect(SERVICE_REQUEST)
        t.raw(b"".join(map(t.packet, payloads)))
        t.silent(30)

    play.__doc__ = about
    scenario("service-" + name, ends, client=PASSWORD, sent=0, credential=False, limit=limit, **words)(play)


def good(name, about, *payloads):
    """A row for what may come before the answer."""

    def play(t):
        t.version()
        t.kex()
        t.expect(SERVICE_REQUEST)
        t.raw(b"".join(map(t.packet, payloads)))
        t.accept()
        t.request("password")
        t.success()

    play.__doc__ = about
    scenario("service-" + name, {"success": "alice"}, client=PASSWORD, well_behaved=True)(play)


WRONG = {"protocol-error": "SERVICE_ACCEPT.*stage auth"}
ORDER = {"protocol-error": "stage auth"}
answer("silent", "Never answers SERVICE_REQUEST.", {"timeout": "service request.*stage auth"}, limit=1)
answer("other", "Accepts another service.", WRONG, ACCEPT + string("ssh-connection"))
answer("longer", "Accepts a service whose name is longer.", WRONG, ACCEPT + string("ssh-userauth2"))
answer("no-name", "SERVICE_ACCEPT has no name.", WRONG, ACCEPT)
answer("name-empty", "SERVICE_ACCEPT has an empty name.", WRONG, ACCEPT + string(""))
answer("length-short", "SERVICE_ACCEPT ends in the length.", WRONG, ACCEPT + b"\0\0")
answer("truncated", "SERVICE_ACCEPT ends in the middle of the name.", WRONG, GOOD[:-3])
answer("length-alone", "SERVICE_ACCEPT says 12 bytes, and has none.", WRONG, ACCEPT + u32(12))
answer("4g", "The service's name says 4 GiB.", WRONG, ACCEPT + u32(0xFFFFFFFF) + b"ssh-userauth")
answer("trailing", "Bytes behind the service's name.", WRONG, GOOD + b"tail")
answer("escapes", "A service of terminal escapes.", WRONG, ACCEPT + string(b"\x1b[2J\x9b2J\xff"))
answer("unimplemented", "UNIMPLEMENTED for an answer.", {"protocol-error": "UNIMPLEMENTED.*stage auth"},
       bytes([UNIMPLEMENTED]) + u32(3))
answer("success", "USERAUTH_SUCCESS for an answer.", ORDER, bytes([SUCCESS]))
answer("failure", "USERAUTH_FAILURE for an answer.", ORDER, bytes([FAILURE]) + names("password") + b"\0")
answer("info-request", "INFO_REQUEST for an answer.", ORDER, bytes([INFO_REQUEST]) + string("") * 3 + u32(0))
answer("and-success", "SERVICE_ACCEPT, and SUCCESS behind it.", ORDER, GOOD, bytes([SUCCESS]))
answer("and-failure", "SERVICE_ACCEPT, and FAILURE behind it.", ORDER, GOOD,
       bytes([FAILURE]) + names("password") + b"\0")
answer("success-and", "SUCCESS, and SERVICE_ACCEPT behind it.", ORDER, bytes([SUCCESS]), GOOD)
answer("disconnect", "DISCONNECT for an answer.", {"disconnected": r'"No service" \(reason 7\).*stage auth'},
       bytes([DISCONNECT]) + u32(7) + string("No service") + string(""))
answer("request", "Asks for a service itself.", {"timeout": "service request", "protocol-error": "stage auth"},
       bytes([SERVICE_REQUEST]) + string("ssh-userauth"), limit=1)
good("ignore-before", "IGNORE and DEBUG come first.", bytes([IGNORE]) + string("x"),
     bytes([DEBUG]) + boolean(True) + string("\x1b[2J") + string(""))
good("banner-before", "A banner comes before SERVICE_ACCEPT.", bytes([BANNER]) + string("Welcome\n") + string(""))


@scenario("service-twice", {"success": "alice", "protocol-error": "SERVICE_ACCEPT"}, client=PASSWORD)
def _(t):
    """SERVICE_ACCEPT twice."""
    t.version()
    t.kex()
    t.service()
    t.accept()
    t.request("password")
    t.success()


@scenario("service-drip", {"timeout": "service request.*stage auth"}, client=PASSWORD, limit=1, sent=0)
def _(t):
    """A byte of SERVICE_ACCEPT every 100 ms."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    t.drip(t.packet(GOOD), 0.1)


@scenario("service-eof", {"disconnected": "closed the connection.*stage auth"}, sent=0)
def _(t):
    """Closes instead of an answer."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    t.close()


@scenario("service-reset", {"disconnected": "(reset|broke).*stage auth"}, sent=0)
def _(t):
    """Resets instead of an answer."""
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)
    t.reset()
