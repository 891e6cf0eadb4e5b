# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: gssapi-with-mic (RFC 4462 section 3). The client's ticket is of kerberos.py's making."""

import kerberos
from scenario import scenario
from ssh_wire import FAILURE, GSSAPI_MIC, GSSAPI_RESPONSE, GSSAPI_TOKEN, REQUEST, string, u32
from userauth import (BY_GSSAPI, EVERYTHING, GSSAPI, GSSAPI_COMPLETE, GSSAPI_ERROR, GSSAPI_ERRTOK, HOSTILE, KBDINT,
                      SUCCEEDED, asked_gssapi, banner, broken, changereq, cuts, debug, failure, first_token, gss_error,
                      gss_token, ignore, info, lengths, mechanism, proved, rows, together)

RESPONSE, TOKEN = broken("USERAUTH_GSSAPI_RESPONSE"), broken("USERAUTH_GSSAPI_TOKEN")
ANY = {"protocol-error": r"(USERAUTH_|message [0-9]+).*\(RFC [0-9]+ section"}
GOOD = {"success": "accepted after gssapi-with-mic"}
FAILED = {"gssapi-failure": "."}
REFUSED = {"failure": "refused by gssapi-with-mic"}


def gssapi(name, ends, client=BY_GSSAPI, **words):
    return scenario("gssapi-" + name, ends, client=client, needs="ticket", **words)


def gssapi_rows(name, what, ends, bodies, serve, **words):
    rows("gssapi-" + name, what, BY_GSSAPI, ends, bodies, serve, **words)


def choose(t, payload):
    """In answer to the request."""
    asked_gssapi(t)
    t.send(payload)


def go_on(t, payload):
    """In answer to the client's token."""
    first_token(t)
    t.send(payload)


def judge(t, payload):
    """In answer to the MIC."""
    proved(t)
    t.send(payload)


# Each message, field by field

OID = string(kerberos.OID)
gssapi_rows("response", "The choice of a mechanism is malformed: %s.", RESPONSE, {
    **cuts(GSSAPI_RESPONSE, OID),
    **lengths(GSSAPI_RESPONSE, OID),
    "byte-behind": mechanism() + b"\0",
    "twice": mechanism() + OID,
    "hostile-behind": mechanism() + EVERYTHING,
    "info-request": info([("Password: ", False)]),
    "changereq": changereq(),
}, choose, sent=1, credential=False)

gssapi_rows("mechanism", "A mechanism that was not offered: %s.", RESPONSE, {
    name: mechanism(oid) for name, oid in {
        "empty": b"",
        "bare": kerberos.OID[2:],
        "two": kerberos.OID + kerberos.OID,
        "no-value": kerberos.OID[:2],
        "cut": kerberos.OID[:-1],
        "longer": kerberos.OID + b"\0",
        "length-0": b"\x06\0" + kerberos.OID[2:],
        "length-long-form": b"\x06\x81\x09" + kerberos.OID[2:],
        "tag": b"\x04" + kerberos.OID[1:],
        "spnego": bytes.fromhex("06062b0601050502"),
        "iakerb": bytes.fromhex("06062b0601050205"),
        "microsoft": bytes.fromhex("06092a864882f712010202"),
        "ntlm": bytes.fromhex("060a2b06010401823702020a"),
        "not-der": b"kerberos",
        "hostile": EVERYTHING,
        "30000": kerberos.OID * 2700,
    }.items()
}, choose, sent=1, credential=False)

gssapi_rows("token", "The server's token is malformed: %s.", TOKEN, {
    **cuts(GSSAPI_TOKEN, string("no token")),
    **lengths(GSSAPI_TOKEN, string("no token")),
    "byte-behind": gss_token(b"no token") + b"\0",
    "two": gss_token(b"no token") + string("no token"),
}, go_on, sent=2)

gssapi_rows("errtok", "The server's error token is malformed: %s.", broken("USERAUTH_GSSAPI_ERRTOK"), {
    **cuts(GSSAPI_ERRTOK, string("no token")),
    **lengths(GSSAPI_ERRTOK, string("no token")),
    "byte-behind": gss_token(b"no token", GSSAPI_ERRTOK) + b"\0",
}, go_on, sent=2)

ERROR_PARTS = (u32(0x000D0000), u32(0x96C73A07), string("No such ticket"), string("en"))
BAD_ERRORS = {
    **cuts(GSSAPI_ERROR, *ERROR_PARTS),
    **lengths(GSSAPI_ERROR, *ERROR_PARTS),
    "byte-behind": gss_error(b"text") + b"\0",
    "hostile-behind": gss_error(b"text") + EVERYTHING,
}
gssapi_rows("error", "The server's GSSAPI error is malformed: %s.", broken("USERAUTH_GSSAPI_ERROR"), BAD_ERRORS, go_on,
            sent=2)
gssapi_rows("error-first", "A GSSAPI error instead of a mechanism is malformed: %s.", broken("USERAUTH_GSSAPI_ERROR"),
            BAD_ERRORS, choose, sent=1, credential=False)

BAD_FAILURES = {
    **cuts(FAILURE, string(GSSAPI), b"\1"),
    "4g": bytes([FAILURE]) + u32(0xFFFFFFFF) + b"password\1",
    "byte-behind": failure(GSSAPI, partial=True) + b"\1",
    "list": failure(GSSAPI.encode() + HOSTILE["osc"], partial=True),
}
gssapi_rows("failure", "A FAILURE after the client's token is malformed: %s.", broken("USERAUTH_FAILURE"), BAD_FAILURES,
            go_on, sent=2)
gssapi_rows("mic-failure", "A FAILURE after the MIC is malformed: %s.", broken("USERAUTH_FAILURE"), BAD_FAILURES, judge,
            sent=3)


# Order

TYPES = {str(number): bytes([number]) + string("text") + string("en") for number in (REQUEST, 54, 62, 67, 79)}
OURS = {"complete": bytes([GSSAPI_COMPLETE]), "mic": gss_token(b"mic", GSSAPI_MIC)}
gssapi_rows("type", "The request is answered by type %s.", ANY, {**TYPES, **OURS}, choose, sent=1, credential=False)
gssapi_rows("token-type", "The client's token is answered by type %s.", ANY, {**TYPES, **OURS}, go_on, sent=2)
gssapi_rows("mic-type", "The MIC is answered by type %s.", ANY, {**TYPES, **OURS}, judge, sent=3)

gssapi_rows("before-mechanism", "Before a mechanism is chosen: %s.", ANY, {
    "token": gss_token(b"token"),
    "token-empty": gss_token(b""),
    "krb-error": gss_token(kerberos.krb_error(37)),
}, choose, sent=1, credential=False)

gssapi_rows("mechanism-again", "A mechanism is chosen a second time: %s.", RESPONSE, {
    "same": mechanism(),
    "other": mechanism(bytes.fromhex("06062b0601050502")),
    "empty": mechanism(b""),
}, go_on, sent=2)
gssapi_rows("mechanism-twice", "Two mechanisms are chosen at once: %s.", RESPONSE, {
    "same": mechanism(),
    "other": mechanism(bytes.fromhex("06062b0601050502")),
}, lambda t, body: (asked_gssapi(t), together(t, mechanism(), body)), sent=1, credential=False)
gssapi_rows("mechanism-late", "A mechanism is chosen after the MIC: %s.", RESPONSE, {"same": mechanism()}, judge, sent=3)
gssapi_rows("token-late", "A token after the MIC: %s.", TOKEN, {
    "garbage": gss_token(b"token"), "empty": gss_token(b""),
}, judge, sent=3)

VERDICTS = {
    "success": SUCCEEDED,
    "failure": failure(GSSAPI),
    "partial": failure(KBDINT, partial=True),
}
gssapi_rows("before-token", "A mechanism, and before the client's token: %s.", ANY, {
    **VERDICTS, "token": gss_token(b"token"), "error": gss_error(b"No."), "errtok": gss_token(b"x", GSSAPI_ERRTOK),
}, lambda t, body: (asked_gssapi(t), together(t, mechanism(), body)), sent=1, credential=False)


def before_mic(t, payload):
    context = first_token(t)
    together(t, gss_token(context.reply()), payload)


gssapi_rows("before-mic", "The last token, and before the MIC: %s.", ANY, {
    **VERDICTS, "token": gss_token(b"token"), "error": gss_error(b"No."), "errtok": gss_token(b"x", GSSAPI_ERRTOK),
    "mechanism": mechanism(),
}, before_mic, sent=2)

EARLY = broken("USERAUTH_(SUCCESS|FAILURE)")
gssapi_rows("early", "Without a mechanism, a token or a MIC: %s.", EARLY, {
    "success": SUCCEEDED, "partial": failure(KBDINT, partial=True),
}, choose, sent=1, credential=False)
gssapi_rows("token-early", "Without the server's token, or a MIC: %s.", EARLY, {
    "success": SUCCEEDED, "partial": failure(KBDINT, partial=True),
}, go_on, sent=2)

gssapi_rows("success-body", "A SUCCESS with something behind it: %s.", broken("USERAUTH_SUCCESS"), {
    "byte": SUCCEEDED + b"\0", "hostile": SUCCEEDED + EVERYTHING,
}, judge, sent=3)
gssapi_rows("unimplemented", "UNIMPLEMENTED in answer to a token: %s.", broken("UNIMPLEMENTED"), {
    "good": b"\3" + u32(6), "bad": b"\3\0",
}, go_on, sent=2)


# Behind an error only FAILURE may come

def two(t, payloads):
    first_token(t)
    together(t, *payloads)


ERROR, ERRTOK = gss_error(b"No such ticket"), gss_token(kerberos.krb_error(37), GSSAPI_ERRTOK)
gssapi_rows("after-error", "After a GSSAPI error: %s.", ANY, {
    "success": (ERROR, SUCCEEDED),
    "token": (ERROR, gss_token(b"token")),
    "mechanism": (ERROR, mechanism()),
    "errtok-success": (ERRTOK, SUCCEEDED),
    "errtok-token": (ERRTOK, gss_token(b"token")),
    "bad": (ERROR, failure(GSSAPI)[:-1]),
}, two, sent=2)
gssapi_rows("after-error-partial", "After a GSSAPI error, partial success: %s.", broken("USERAUTH_FAILURE"), {
    "error": (ERROR, failure(KBDINT, partial=True)),
    "errtok": (ERRTOK, failure(KBDINT, partial=True)),
}, two, sent=2)
gssapi_rows("after-failure", "After a FAILURE: %s.", {**REFUSED, "protocol-error": "USERAUTH"}, {
    "success": (failure(GSSAPI), SUCCEEDED),
    "token": (failure(GSSAPI), gss_token(b"token")),
    "error": (failure(GSSAPI), ERROR),
}, two, sent=2)
gssapi_rows("endless", "Without end: %s.", {"protocol-error": ".", "timeout": ".", "gssapi-failure": "."}, {
    "error": ERROR,
    "error-hostile": gss_error(EVERYTHING),
    "error-30000": gss_error(b"x" * 30000),
    "errtok": ERRTOK,
    "errtok-empty": gss_token(b"", GSSAPI_ERRTOK),
    "token": gss_token(b"token"),
    "token-30000": gss_token(bytes(30000)),
    "mechanism": mechanism(),
    "banner": banner(EVERYTHING),
    "ignore": ignore(bytes(20000)),
}, lambda t, body: endless(t, body), limit=2)


def endless(t, payload):
    first_token(t)
    while True:
        together(t, *[payload] * max(1, 60000 // (len(payload) + 48)))


# Tokens that the mechanism has to refuse

def bad_tokens(name, what, ends, makes, **words):
    def play(t, make):
        context = first_token(t)
        t.send(gss_token(make(context)))
        t.silent(0.2)  # there may be an error token, or nothing that could be one
        t.failure(GSSAPI)
    gssapi_rows(name, what, ends, makes, play, racing=True, **words)


def flipped(at):
    def make(context):
        token = bytearray(context.reply())
        token[at] ^= 0x40
        return bytes(token)
    return make


def instead(token):
    return lambda context: token


bad_tokens("token-bad", "A token that proves nothing: %s.", FAILED, {
    "empty": instead(b""),
    "garbage": instead(b"no token at all"),
    "zeros": instead(bytes(3000)),
    "hostile": instead(EVERYTHING),
    "30000": instead(b"\x60\x82\x75\x2c" + bytes(29996)),
    "length-4g": instead(b"\x60\x84\xff\xff\xff\xff" + kerberos.OID + kerberos.AP_REP),
    "length-endless": instead(b"\x60" + b"\xff" * 200),
    "length-indefinite": lambda context: b"\x60\x80" + context.reply()[2:] + b"\0\0",
    "other-mechanism": lambda context: kerberos.tlv(0x60, b"\x06\x06\x2b\x06\x01\x05\x05\x02", kerberos.AP_REP),
    "no-body": instead(kerberos.token(kerberos.AP_REP, b"")),
    "other-kind": instead(kerberos.token(b"\4\4", bytes(100))),
    "echo": lambda context: context.first,
    "cut": lambda context: context.reply()[:-1],
    "wrong-key": lambda context: context.reply(key=b"another key, yes"),
    "wrong-time": lambda context: context.reply(cusec=kerberos.integer(7)),
    "wrong-date": lambda context: context.reply(ctime=kerberos.tlv(0x18, b"19700101000000Z")),
    "no-date": lambda context: context.reply(ctime=kerberos.tlv(0x18, EVERYTHING)),
    "nested": instead(kerberos.token(kerberos.AP_REP, b"\x30\x82\x10\x00" * 2000)),
    **{"flipped-%d" % at: flipped(at) for at in (1, 4, 13, 14, 15, 20, 30, 50, -1)},
}, sent=3)

bad_tokens("krb-error", "A KRB-ERROR of this number, with a hostile text: %s.", FAILED, {
    str(code): instead(kerberos.krb_error(code, EVERYTHING)) for code in (0, 1, 6, 7, 23, 31, 34, 37, 52, 60, 127, 0x7FFFFFFF)
}, sent=3)


def bad_named(name, about, make):
    def play(t):
        context = first_token(t)
        t.send(gss_token(make(context)))
        t.silent(0.2)
        t.failure(GSSAPI)
    play.__doc__ = about
    gssapi("named-" + name, FAILED, client=[*BY_GSSAPI, "--gssapi-client=alice@" + kerberos.REALM], sent=3,
           racing=True)(play)


bad_named("wrong-key", "A token with another key: the client's own credentials are not what is wrong.",
          lambda context: context.reply(key=b"another key, yes"))
for _code in (6, 18, 32):
    bad_named("krb-error-%d" % _code, "A KRB-ERROR that only a KDC would send about the client: %d." % _code,
              instead(kerberos.krb_error(_code)))


@gssapi("krb-error-names", FAILED, sent=3, racing=True)
def _(t):
    """A KRB-ERROR about a principal of terminal escapes."""
    first_token(t)
    t.send(gss_token(kerberos.krb_error(7, EVERYTHING, (EVERYTHING, b"\x1b[2J"))))
    t.silent(0.2)
    t.failure(GSSAPI)


rows("gssapi-token-100000", "A token of 100,000 bytes, in a packet that is larger than any may be: type %s.", BY_GSSAPI,
     {"protocol-error": "."}, {
         str(kind): gss_token(bytes(100000), kind) for kind in (GSSAPI_TOKEN, GSSAPI_ERRTOK)
     }, go_on, sent=2)


# Errors as they should be, in hostile words

def tell(t, payload):
    first_token(t)
    together(t, payload, failure(GSSAPI))


gssapi_rows("error-text", "A GSSAPI error whose text holds what a terminal would act upon: %s.",
            {"gssapi-failure": "the server reports a GSSAPI error"}, {
                name: gss_error(b"Error " + text + b"!", text[:1000])
                for name, text in {**HOSTILE, "everything": EVERYTHING, "empty": b"", "30000": b"x" * 30000,
                                   "lines": b"\n" * 3000}.items()
            }, tell, sent=2, well_behaved=True)
gssapi_rows("errtok-good", "An error token, then FAILURE: %s.", FAILED, {
    "krb-error": ERRTOK,
    "krb-error-hostile": gss_token(kerberos.krb_error(60, EVERYTHING), GSSAPI_ERRTOK),
}, tell, sent=2, well_behaved=True)
gssapi_rows("errtok-bad", "An error token that is none, then FAILURE: %s.", FAILED, {
    "empty": gss_token(b"", GSSAPI_ERRTOK),
    "garbage": gss_token(EVERYTHING, GSSAPI_ERRTOK),
    "30000": gss_token(bytes(30000), GSSAPI_ERRTOK),
}, tell, sent=2)


@gssapi("error-first-good", {"gssapi-failure": "Not today"}, sent=1, credential=False, well_behaved=True)
def _(t):
    """An error instead of a choice, then FAILURE."""
    asked_gssapi(t)
    together(t, gss_error(b"Not today"), failure(GSSAPI))


@gssapi("error-and-errtok", {"gssapi-failure": "."}, sent=2, well_behaved=True)
def _(t):
    """An error and an error token, then FAILURE."""
    first_token(t)
    together(t, ERROR, ERRTOK, failure(GSSAPI))


@gssapi("error-alone", {"timeout": "no answer from the server"}, limit=1, sent=2)
def _(t):
    """An error, and nothing more."""
    go_on(t, gss_error(b"And nothing more"))
    t.silent(5)


# Unusual, and legal

gssapi_rows("good", "The user is let in, unusually: %s.", GOOD, {
    "plainly": (SUCCEEDED,),
    "banner": (banner(b"Welcome.\n"), SUCCEEDED),
    "noise": (ignore(), debug(EVERYTHING), banner(EVERYTHING), SUCCEEDED, debug(b"Bye.")),
}, lambda t, payloads: (proved(t), together(t, *payloads)), sent=3, well_behaved=True)


@gssapi("noise", GOOD, sent=3, well_behaved=True)
def _(t):
    """Banners, IGNORE and DEBUG before each message."""
    noise = (banner(EVERYTHING), ignore(), debug(EVERYTHING), debug(b""), banner(b""))
    asked_gssapi(t)
    together(t, *noise, mechanism())
    context = kerberos.Acceptor(take(t))
    together(t, *noise, gss_token(context.reply()))
    t.expect(GSSAPI_MIC)
    together(t, *noise, SUCCEEDED)


def take(t):
    return t.expect(GSSAPI_TOKEN)[5:]


gssapi_rows("refused", "Refused at once, listing: %s.", {**REFUSED, "not-offered": "gssapi-with-mic"}, {
    "gssapi": failure(GSSAPI), "others": failure("password"), "nothing": failure(""),
}, choose, sent=1, credential=False, well_behaved=True)
gssapi_rows("token-refused", "Refused after the token, listing: %s.", REFUSED, {
    "gssapi": failure(GSSAPI), "others": failure("password"), "nothing": failure(""),
}, go_on, sent=2, well_behaved=True)
gssapi_rows("mic-refused", "Refused after the MIC, listing: %s.", REFUSED, {
    "gssapi": failure(GSSAPI), "others": failure("password"), "nothing": failure(""),
}, judge, sent=3, well_behaved=True)
gssapi_rows("mic-partial", "Partial success, listing: %s.", {"partial-success": "asks for more"}, {
    "kbdint": failure(KBDINT, partial=True), "nothing": failure("", partial=True),
    "true-is-3": bytes([FAILURE]) + string(KBDINT) + b"\3",
}, judge, sent=3, well_behaved=True)


@gssapi("chain-good", {"success": "accepted after gssapi-with-mic, keyboard-interactive"},
        client=["-m", "gssapi,kbdint", "--gssapi-host=" + kerberos.HOST, "-r", ".*=env:ANSWER"], well_behaved=True)
def _(t):
    """The ticket is partial success, an answer success."""
    proved(t)
    t.failure(KBDINT, partial=True)
    t.request(KBDINT)
    t.info([("Code: ", False)])
    t.answers()
    t.success()


@gssapi("refused-then-good", {"success": "accepted after none, gssapi-with-mic"},
        client=["-m", "none,gssapi", "--gssapi-host=" + kerberos.HOST], well_behaved=True)
def _(t):
    """`none` is partial success, then the whole exchange."""
    t.open()
    t.request()
    t.failure(GSSAPI, partial=True)
    t.request(GSSAPI)
    t.send(mechanism())
    t.send(gss_token(kerberos.Acceptor(take(t)).reply()))
    t.expect(GSSAPI_MIC)
    t.success()
