# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: how a connection ends, or does not, in each state of each method (RFC 4253 section 11)."""

from scenario import scenario
from ssh_wire import DISCONNECT, SERVICE_ACCEPT, SERVICE_REQUEST, string, u32
from userauth import (BY_KBDINT, BY_NONE, BY_PASSWORD, EVERYTHING, FLOODED, HOSTILE, HUGE, KBDINT, LIST, QUESTION, STATES,
                      SUCCEEDED, asked_none, banner, cuts, debug, disconnect, failure, ignore, lengths, rows,
                      sent_password, together)

# The reason's number, and the text as it is shown
REASONS = [*range(21), 0x7FFFFFFF, 0x80000000, HUGE]

for _code in REASONS:
    rows("disconnect-reason", "DISCONNECT for this reason, in answer to the first request: %s.", LIST,
         {"disconnected": r'disconnected: "Go away" \(reason %d\)' % _code}, {str(_code): disconnect(_code, b"Go away")},
         lambda t, body: (asked_none(t), t.send(body)), sent=1)

rows("disconnect-text", "DISCONNECT with what a terminal would act upon: %s.", LIST, {"disconnected": "reason 2"}, {
    **{name: disconnect(2, b"Go" + text + b"away", text) for name, text in HOSTILE.items()},
    "everything": disconnect(2, EVERYTHING, EVERYTHING),
    "empty": disconnect(2, b""),
    "30000": disconnect(2, b"x" * 30000),
    "lines": disconnect(2, b"\n" * 10000),
    "language-30000": disconnect(2, b"Go away", b"e" * 30000),
}, lambda t, body: (asked_none(t), t.send(body)), sent=1)

PARTS = (u32(2), string("Go away"), string("en"))
rows("disconnect-bad", "A DISCONNECT that is malformed: %s.", LIST, {"disconnected": ".", "protocol-error": "DISCONNECT"}, {
    **cuts(DISCONNECT, *PARTS),
    **lengths(DISCONNECT, *PARTS),
    "byte-behind": disconnect(2, b"Go away") + b"\0",
    "hostile-behind": disconnect(2, b"Go away") + EVERYTHING,
    "no-language": bytes([DISCONNECT]) + u32(2) + string("Go away"),
    "text-of-all": bytes([DISCONNECT]) + u32(2) + u32(8) + b"Go away",
}, lambda t, body: (asked_none(t), t.send(body)), sent=1)

# What it comes behind

GO = disconnect(2, EVERYTHING)
BEHIND = {"disconnected": "reason 2"}


def after(bring, *payloads):
    return lambda t: (bring(t), together(t, *payloads))


def row(name, about, ends, client, play, **words):
    play.__doc__ = about
    scenario("disconnect-" + name, ends, client=client, **words)(play)


def keyed(t):
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)


ACCEPT = bytes([SERVICE_ACCEPT]) + string("ssh-userauth")
row("service", "DISCONNECT instead of the service.", BEHIND, LIST, after(keyed, GO), sent=0)
row("accepted", "DISCONNECT right behind the acceptance of the service.", BEHIND, LIST, after(keyed, ACCEPT, GO))
row("list", "DISCONNECT behind the list.", {"listed": "password", **BEHIND}, LIST,
    after(asked_none, failure("password"), GO), sent=1)
row("list-password", "DISCONNECT behind the list, before the password.", BEHIND, BY_PASSWORD,
    after(asked_none, failure("password"), GO), sent=1, credential=False)
row("question", "DISCONNECT behind an INFO_REQUEST.", BEHIND, BY_KBDINT,
    after(STATES["kbdint"][1], QUESTION, GO), sent=1, credential=False)
row("success", "DISCONNECT behind SUCCESS.", {"success": "accepted"}, BY_PASSWORD, after(sent_password, SUCCEEDED, GO))
row("failure", "DISCONNECT behind FAILURE.", {"failure": "refused", **BEHIND}, BY_PASSWORD,
    after(sent_password, failure("password"), GO))
row("partial", "DISCONNECT behind partial success.", {"partial-success": "asks for more", **BEHIND}, BY_PASSWORD,
    after(sent_password, failure(KBDINT, partial=True), GO))
row("banner", "DISCONNECT behind a banner.", BEHIND, LIST, after(asked_none, banner(EVERYTHING), GO), sent=1)
row("twice", "DISCONNECT twice.", BEHIND, LIST, after(asked_none, GO, disconnect(3, b"Again")), sent=1)
row("then-success", "SUCCESS behind DISCONNECT.", BEHIND, BY_NONE, after(asked_none, GO, SUCCEEDED), sent=1)
row("then-list", "A list behind DISCONNECT.", BEHIND, LIST, after(asked_none, GO, failure("password")), sent=1)
row("then-flood", "DISCONNECT, and then banners without end.", BEHIND, LIST,
    lambda t: (asked_none(t), together(t, GO, *[banner(EVERYTHING)] * 1000)), sent=1)


# The same ends in each state of each method

CLOSED = {"disconnected": "the server closed the connection"}
LATE = {"timeout": "no answer from the server within the limit"}
SMALL = ignore(b"drip")


def close(t):
    t.close()


def half(t):
    """A packet that does not end."""
    t.raw(t.packet(failure("password"))[:-5])
    t.close()


def reset(t):
    t.silent(0.05)
    t.reset()


def dismiss(t):
    t.send(GO)


def hold(t):
    t.silent(5)


def drip(t):
    """A byte at a time of a packet that is good."""
    t.drip(t.packet(banner(b"x" * 200)), 0.1)


def drip_packets(t):
    while True:
        t.send(SMALL)
        t.silent(0.1)


def flood_ignore(t):
    while True:
        together(t, *[ignore(bytes(30000))] * 2)


def flood_debug(t):
    while True:
        together(t, *[debug(EVERYTHING)] * 60)


def wrong_mac(t):
    t.send(SUCCEEDED, mac="wrong")


def long_packet(t):
    t.send(SUCCEEDED, length=0x7FFFFFFF)


def short_packet(t):
    t.send(SUCCEEDED, length=3)


def unimplemented(t):
    t.send(b"\3" + u32(6))


# a second time with -v they would only take their time again
WAITS, FLOODS = {"limit": 1, "trace": False}, {"limit": 2, "trace": False}
ENDS = {
    "close": ("The server closes the connection", CLOSED, {}),
    "half": ("The server closes the connection within a packet", CLOSED, {}),
    "reset": ("The server resets the connection", {"disconnected": "[Rr]eset"}, {}),
    "dismiss": ("The server disconnects", BEHIND, {}),
    "hold": ("The server says nothing more", LATE, WAITS),
    "drip": ("The server sends a byte at a time", LATE, WAITS),
    "drip-packets": ("The server sends small IGNOREs", LATE, WAITS),
    "flood-ignore": ("The server sends IGNORE without end", FLOODED, FLOODS),
    "flood-debug": ("The server sends DEBUG without end", FLOODED, FLOODS),
    "wrong-mac": ("A SUCCESS with a wrong MAC", {"protocol-error": "MAC"}, {}),
    "long-packet": ("A SUCCESS in a packet of 2 GB", {"protocol-error": "."}, {}),
    "short-packet": ("A SUCCESS in a packet of three bytes", {"protocol-error": "."}, {}),
    "unimplemented": ("UNIMPLEMENTED", {"protocol-error": "UNIMPLEMENTED"}, {}),
}

for _end, (_about, _ends, _words) in ENDS.items():
    _play = globals()[_end.replace("-", "_")]
    for _state, (_client, _bring) in STATES.items():
        rows("end-" + _end, _about + ", while the client waits for it: %s.", _client, _ends, {_state: _bring},
             lambda t, bring, play=_play: (bring(t), play(t)), **_words)
