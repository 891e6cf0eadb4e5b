# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: tokens of gssapi-with-mic that the mechanism itself has to refuse (RFC 4121)."""

import kerberos
from hostile_gssapi import FAILED, gssapi, gssapi_rows
from userauth import BY_GSSAPI, EVERYTHING, GSSAPI, first_token, gss_token


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
    str(code): instead(kerberos.krb_error(code, EVERYTHING))
    for code in (0, 1, 6, 7, 23, 31, 34, 37, 52, 60, 127, 0x7FFFFFFF)
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
