# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: password (RFC 4252 section 8)."""

from scenario import scenario
from ssh_wire import FAILURE, PASSWD_CHANGEREQ, REQUEST, string, u32
from userauth import (BY_KBDINT, BY_PASSWORD, EVERYTHING, HOSTILE, KBDINT, SUCCEEDED, asked_none, banner, broken,
                      changereq, cuts, debug, disconnect, failure, ignore, info, lengths, rows, sent_password, together)

CHANGE = "USERAUTH_PASSWD_CHANGEREQ"
EXPIRED = {"password-expired": "demands a new password"}
PARTS = (string("Your password has expired.\n"), string("en"))


def reply(t, payload):
    sent_password(t)
    t.send(payload)


rows("password-changereq", "A PASSWD_CHANGEREQ that is malformed: %s.", BY_PASSWORD, broken(CHANGE), {
    **cuts(PASSWD_CHANGEREQ, *PARTS),
    **lengths(PASSWD_CHANGEREQ, *PARTS),
    "byte-behind": changereq() + b"\0",
    "string-behind": changereq() + string("more"),
    "info-request": info([("New password: ", False)]),
}, reply, sent=2)

rows("password-failure", "A FAILURE of a password that is malformed: %s.", BY_PASSWORD, broken("USERAUTH_FAILURE"), {
    **cuts(FAILURE, string("password"), b"\1"),
    "4g": bytes([FAILURE]) + u32(0xFFFFFFFF) + b"password\1",
    "byte-behind": failure("password", partial=True) + b"\1",
    "escapes": failure(b"password," + HOSTILE["csi"], partial=True),
}, reply, sent=2)

rows("password-type", "A password is answered by a message of another method: type %s.", BY_PASSWORD,
     {"protocol-error": r"(USERAUTH_|message [0-9]+).*\(RFC [0-9]+ section"}, {
         str(number): bytes([number]) + string("text") + string("en")
         for number in (REQUEST, 54, 61, 62, 63, 64, 65, 66, 79)
     }, reply, sent=2)

rows("password-expired", "The demand for a new password is unusual: %s.", BY_PASSWORD, EXPIRED, {
    **{name: changereq(b"Change" + text + b"it", text) for name, text in HOSTILE.items()},
    "everything": changereq(EVERYTHING, EVERYTHING),
    "empty": changereq(b""),
    "30000": changereq(b"x" * 30000, b"en"),
    "lines": changereq(b"\n" * 3000),
}, reply, well_behaved=True, sent=2)


# What comes behind the demand, or instead of it

AFTER_CHANGE = {**EXPIRED, "protocol-error": "USERAUTH"}


def change_and(t, payload):
    sent_password(t)
    together(t, changereq(), payload)


rows("password-changereq-and", "A demand for a new password, and right behind it: %s.", BY_PASSWORD, AFTER_CHANGE, {
    "success": SUCCEEDED,
    "failure": failure("password"),
    "partial": failure(KBDINT, partial=True),
    "again": changereq(b"And again.\n"),
    "bad": changereq()[:9],
}, change_and, sent=2)


@scenario("password-changereq-endless", AFTER_CHANGE, client=BY_PASSWORD, sent=2)
def _(t):
    """PASSWD_CHANGEREQ again and again."""
    sent_password(t)
    while True:
        together(t, *[changereq(b"Again.\n")] * 100)


@scenario("password-changereq-early", broken("message 60"), client=BY_PASSWORD, sent=1, credential=False)
def _(t):
    """PASSWD_CHANGEREQ in answer to the `none` before the password."""
    asked_none(t)
    t.send(changereq())


@scenario("password-changereq-queued", broken("message 60"), client=BY_PASSWORD, sent=1, credential=False)
def _(t):
    """PASSWD_CHANGEREQ behind the list, before the password."""
    asked_none(t)
    together(t, failure("password"), changereq())


@scenario("password-changereq-kbdint", broken("USERAUTH_INFO_REQUEST"), client=BY_KBDINT, sent=1, credential=False)
def _(t):
    """PASSWD_CHANGEREQ in answer to keyboard-interactive."""
    t.open()
    t.request(KBDINT)
    t.send(changereq())


@scenario("password-unimplemented", broken("UNIMPLEMENTED"), client=BY_PASSWORD, sent=2)
def _(t):
    """UNIMPLEMENTED in answer to a password."""
    reply(t, b"\3" + u32(7))


rows("password-success", "A SUCCESS with something behind it: %s.", BY_PASSWORD, broken("USERAUTH_SUCCESS"), {
    "byte": SUCCEEDED + b"\0",
    "hostile": SUCCEEDED + EVERYTHING,
}, reply, sent=2)


def two(t, payloads):
    sent_password(t)
    together(t, *payloads)


rows("password-failure-and", "FAILURE of a password, and behind it: %s.", BY_PASSWORD,
     {"failure": "refused by password", "protocol-error": "USERAUTH"}, {
         "success": (failure("password"), SUCCEEDED),
         "partial": (failure("password"), failure(KBDINT, partial=True)),
         "changereq": (failure("password"), changereq()),
         "bad": (failure("password"), failure("password")[:7]),
     }, two, sent=2)

rows("password-chain", "Partial success, and before the next request: %s.", ["-m", "password,kbdint", "-r", ".*=env:ANSWER"],
     broken("USERAUTH_(SUCCESS|FAILURE|PASSWD_CHANGEREQ)"), {
         "success": (failure(KBDINT, partial=True), SUCCEEDED),
         "failure": (failure(KBDINT, partial=True), failure(KBDINT)),
         "info": (failure(KBDINT, partial=True), info([("Code: ", False)])),
         "changereq": (failure(KBDINT, partial=True), changereq()),
     }, two, sent=2)

rows("password-list", "The list does not have password, but: %s.", BY_PASSWORD, {"not-offered": "password"}, {
    "nothing": failure(""),
    "others": failure("publickey," + KBDINT),
    "upper-case": failure("Password,PASSWORD"),
    "longer": failure("passwords,password-"),
    "shorter": failure("passwor,p"),
}, lambda t, body: (asked_none(t), t.send(body)), sent=1, credential=False, well_behaved=True)


# Legal

def let_in(t, payloads):
    sent_password(t)
    together(t, *payloads)


rows("password-good", "The user is let in, unusually: %s.", BY_PASSWORD, {"success": "accepted after password"}, {
    "banner": (banner(b"Welcome\n"), SUCCEEDED),
    "banners": (banner(EVERYTHING), banner(b""), banner(b"x" * 20000), SUCCEEDED),
    "noise": (ignore(), debug(EVERYTHING), ignore(b""), debug(b"", False), SUCCEEDED, ignore(), debug()),
    "disconnect": (SUCCEEDED, disconnect(11, b"Bye.")),
    "global-request": (SUCCEEDED, bytes([80]) + string("hostkeys-00@openssh.com") + b"\0" + string("no key")),
    "global-question": (SUCCEEDED, bytes([80]) + string("keepalive@openssh.com") + b"\1"),
}, let_in, sent=2, well_behaved=True)

rows("password-refused", "The password is refused, unusually: %s.", BY_PASSWORD, {"failure": "refused by password"}, {
    "not-listed-now": (failure("publickey"),),
    "nothing-listed": (failure(""),),
    "banner": (banner(b"Wrong.\n"), failure("password")),
    "disconnect": (failure("password"), disconnect(2, b"Too many failures")),
}, let_in, sent=2, well_behaved=True)


@scenario("password-none-partial", {"success": "accepted after password"}, client=BY_PASSWORD, sent=2, well_behaved=True)
def _(t):
    """`none` is partial success already, then password succeeds."""
    asked_none(t)
    t.failure("password", partial=True)
    t.request("password")
    t.success()


@scenario("password-chain-good", {"success": "accepted after password, keyboard-interactive, password"},
          client=["-m", "password,kbdint,password", "-r", ".*=env:ANSWER"], well_behaved=True)
def _(t):
    """Password, keyboard-interactive and password again, each asked for by partial success."""
    sent_password(t)
    t.failure(KBDINT, partial=True)
    t.request(KBDINT)
    t.info([("Code: ", True)])
    t.answers()
    t.failure("password", partial=True)
    t.request("password")
    t.success()


@scenario("password-partial-same", {"partial-success": "asks for more: password"}, client=BY_PASSWORD, sent=2,
          well_behaved=True)
def _(t):
    """Partial success, and the same method once more."""
    reply(t, failure("password", partial=True))
