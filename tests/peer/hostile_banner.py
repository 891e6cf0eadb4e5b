# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: banners (RFC 4252 section 5.4), which may come at any time before SUCCESS."""

from scenario import scenario
from ssh_wire import BANNER, SERVICE_ACCEPT, SERVICE_REQUEST, string, u32
from userauth import (BY_KBDINT, BY_KEY, BY_NONE, BY_PASSWORD, EVERYTHING, FLOODED, HOSTILE, KBDINT, LIST, QUESTION, STATES,
                      SUCCEEDED, UNPROVED, asked_none, banner, broken, cuts, failure, info, lengths, pk_ok, rows, together)

BAD = broken("USERAUTH_BANNER")
LISTED = {"listed": "password"}
ACCEPT = bytes([SERVICE_ACCEPT]) + string("ssh-userauth")
PARTS = (string("Welcome.\n"), string("en"))
MALFORMED = {
    **cuts(BANNER, *PARTS),
    **lengths(BANNER, *PARTS),
    "byte-behind": banner(b"Welcome.\n") + b"\0",
    "string-behind": banner(b"Welcome.\n") + string("more"),
    "hostile-behind": banner(EVERYTHING) + EVERYTHING,
    "4g-alone": bytes([BANNER]) + u32(0xFFFFFFFF),
}


def keyed(t):
    t.version()
    t.kex()
    t.expect(SERVICE_REQUEST)


rows("banner", "A banner that is malformed, before the list: %s.", LIST, BAD, MALFORMED,
     lambda t, body: (asked_none(t), together(t, body, failure("password"))), sent=1, credential=False)
rows("banner-first", "A banner that is malformed, before the first request: %s.", BY_PASSWORD, BAD, MALFORMED,
     lambda t, body: (keyed(t), together(t, ACCEPT, body)), sent=0, credential=False)
rows("banner-in-kbdint", "A banner that is malformed, before the answer: %s.", BY_KBDINT, BAD, MALFORMED,
     lambda t, body: (t.open(), t.request(KBDINT), together(t, QUESTION, body)), sent=1, credential=False)

# In each state of each method a malformed one ends it, and a good one, however ugly, does not
for _name, (_client, _bring) in STATES.items():
    rows("banner-at", "A banner that is malformed, while the client waits for the server: %s.", _client, BAD,
         {_name: _bring}, lambda t, bring: (bring(t), t.send(banner(b"Welcome.\n")[:-1])))
    rows("banner-good-at", "Ugly banners, and then SUCCESS, where the client waits for the server: %s.", _client,
         broken("USERAUTH_SUCCESS") if _name in UNPROVED else {"success": "alice was accepted"}, {_name: _bring},
         lambda t, bring: (bring(t), together(t, banner(EVERYTHING), banner(b""), banner(b"\n", EVERYTHING), SUCCEEDED)))

rows("banner-text", "A banner whose text and language hold what a terminal would act upon: %s.", LIST, LISTED, {
    **{name: banner(b"Welcome" + text + b"\n", text) for name, text in HOSTILE.items()},
    "everything": banner(EVERYTHING, EVERYTHING),
    "empty": banner(b""),
    "no-newline": banner(b"Welcome"),
    "30000": banner(b"x" * 30000),
    "lines": banner(b"\n" * 5000),
    "language-30000": banner(b"Welcome\n", b"e" * 30000),
    "unicode": banner("Добро пожаловать 欢迎 🔑\n".encode(), b"mul"),
}, lambda t, body: (asked_none(t), together(t, body, failure("password"))), sent=1, well_behaved=True)


# Where, and how many

@scenario("banner-before-request", LISTED, well_behaved=True, sent=1)
def _(t):
    """Banners right behind the acceptance of the service, before the first request."""
    keyed(t)
    together(t, ACCEPT, banner(b"One\n"), banner(b"Two\n"))
    t.request()
    t.failure("password")


@scenario("banner-before-accept", {**LISTED, "protocol-error": "USERAUTH_BANNER"}, sent=1)
def _(t):
    """A banner before the service is accepted."""
    keyed(t)
    together(t, banner(EVERYTHING), ACCEPT)
    t.request()
    t.failure("password")


@scenario("banner-after-list", LISTED, well_behaved=True, sent=1)
def _(t):
    """Banners behind the list."""
    asked_none(t)
    together(t, failure("password"), banner(b"Late\n"), banner(EVERYTHING))


@scenario("banner-bad-after-list", {**LISTED, **BAD}, sent=1)
def _(t):
    """A malformed banner behind the list."""
    asked_none(t)
    together(t, failure("password"), banner(b"Late\n")[:-1])


@scenario("banner-after-success", {"success": "accepted", "protocol-error": "USERAUTH_BANNER"}, client=BY_NONE, sent=1)
def _(t):
    """Banners behind SUCCESS."""
    asked_none(t)
    together(t, SUCCEEDED, banner(EVERYTHING), banner(b"Late\n"))


@scenario("banner-between", {"success": "accepted after keyboard-interactive"}, client=BY_KBDINT, well_behaved=True,
          sent=4)
def _(t):
    """A banner before and behind each message."""
    t.open()
    t.request(KBDINT)
    for number in range(3):
        together(t, banner(b"Before\n"), info([("Number %d: " % number, True)]), banner(b"Behind\n"))
        t.answers()
    together(t, banner(b"Before\n"), SUCCEEDED)


@scenario("banner-between-keys", {"success": "accepted after publickey"}, client=[*BY_KEY, "-i", "{KEY}"],
          well_behaved=True)
def _(t):
    """A banner before and behind each message about keys."""
    t.open()
    t.request("publickey")
    together(t, banner(b"Before\n"), failure("publickey"), banner(b"Behind\n"))
    right = pk_ok(t.request("publickey"))
    together(t, banner(b"Before\n"), right, banner(b"Behind\n"))
    t.request("publickey")
    together(t, banner(b"Before\n"), SUCCEEDED)


for _count in (64, 65, 1000, 5000):
    rows("banner-many", "So many banners before the list: %s.", LIST, LISTED, {str(_count): _count},
         lambda t, count: (asked_none(t), together(t, *[banner(b"Banner\n")] * count, failure("password"))),
         sent=1, well_behaved=True)



def endless(t, bring, payload):
    bring(t)
    while True:
        together(t, *[payload] * max(1, 60000 // (len(payload) + 48)))


rows("banner-endless", "Banners without end: %s.", BY_PASSWORD, FLOODED, {
    "empty": banner(b""), "small": banner(b"x"), "30000": banner(b"x" * 30000), "hostile": banner(EVERYTHING * 40),
    "language": banner(b"", b"e" * 30000), "lines": banner(b"\n" * 20000),
}, lambda t, body: endless(t, asked_none, body), limit=2, sent=1, credential=False)


@scenario("banner-endless-before-request", FLOODED, client=BY_PASSWORD, limit=2, credential=False)
def _(t):
    """Banners without end right behind the acceptance of the service."""
    keyed(t)
    t.send(ACCEPT)
    while True:
        together(t, *[banner(EVERYTHING)] * 40)


for _name, (_client, _bring) in STATES.items():
    rows("banner-endless-at", "Banners without end, while the client waits for the server: %s.", _client, FLOODED,
         {_name: _bring}, lambda t, bring: endless(t, bring, banner(EVERYTHING * 20)), limit=2, trace=False)
