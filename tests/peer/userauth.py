# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios of user authentication share: numbers, clients, bodies, hostile texts, and how far
a login by each method can be brought."""

import kerberos
from scenario import scenario
from ssh_wire import (BANNER, DEBUG, DISCONNECT, FAILURE, GSSAPI_MIC, GSSAPI_RESPONSE, GSSAPI_TOKEN, IGNORE,
                      INFO_REQUEST, PASSWD_CHANGEREQ, PK_OK, REQUEST, SUCCESS, Reader, boolean, string, u32)

GSSAPI_COMPLETE, GSSAPI_ERROR, GSSAPI_ERRTOK = 63, 64, 65

KBDINT, GSSAPI = "keyboard-interactive", "gssapi-with-mic"
HUGE = 0xFFFFFFFF

# Command lines; the runner puts in {KEY}, and the environment has ANSWER and a ticket.
LIST = []
BY_NONE = ["-m", "none"]
BY_PASSWORD = ["-m", "password", "-r", ".*=env:ANSWER"]
BY_KEY = ["-m", "publickey", "-i", "{KEY}"]
BY_PUBLIC_KEY = ["-m", "publickey", "-i", "{KEY}.pub"]
BY_KBDINT = ["-m", "kbdint", "-r", ".*=env:ANSWER"]
BY_GSSAPI = ["-m", "gssapi", "--gssapi-host=" + kerberos.HOST]

# What a terminal would act upon, kind by kind.
HOSTILE = {
    "csi": b"\x1b[2J\x1b[31;5m\x1b[999B\x1b[6n",
    "osc": b"\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b]8;;http://owned.example\x1b\\here",
    "dcs": b"\x1bP$qm\x1b\\\x1b_owned\x1b\\\x1b^owned\x1b\\\x1bX",
    "c1": b"\xc2\x9b2J\xc2\x9d0;owned\xc2\x9c\x9b2J\x9d0;owned\x9c\x90\x84\x85",
    "c0": bytes(range(32)) + b"\x7f",
    "nul": b"\0\0before\0after",
    "bidi": "\u202eowned\u202c\u2066\u2069\u200e\u200f\u061c".encode(),
    "hidden": "\u200b\u200d\ufeff\u2028\u2029\u00ad\U000e0041\U000e007f".encode(),
    "utf-8": b"\xff\xfe\xc0\xaf\xc1\xbf\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\xe2\x82",
    "forged": b"\r\nsuccess: alice was accepted\r\n1  password  success  1 ms  0\n\rsuccess: owned\n",
    "format": b"%s%n%s%n%99999d%%",
}
EVERYTHING = b"begin " + b"".join(HOSTILE.values()) + b" end"


def broken(message):
    """The end of a message that breaks a rule, which is named with its RFC."""
    return {"protocol-error": message + r" from the server: .*\(RFC [0-9]+ section [0-9.]+\)"}


def unasked(*names):
    """The end where one of these came too early, and what the client had to say stayed with it."""
    return broken("(%s)" % "|".join(names))


# The end of a flood: by bytes, by messages that mean nothing, or by time where the machine is slow.
FLOODED = {"protocol-error": "the server sent more than|mean nothing than the limit",
           "timeout": "no answer from the server"}

# Bodies


def failure(methods, partial=False):
    return bytes([FAILURE]) + string(methods) + boolean(partial)


def banner(text, language=b""):
    return bytes([BANNER]) + string(text) + string(language)


def info(prompts=(), name=b"", instruction=b"", language=b""):
    body = bytes([INFO_REQUEST]) + string(name) + string(instruction) + string(language)
    return body + u32(len(prompts)) + b"".join(string(text) + boolean(echo) for text, echo in prompts)


def changereq(text=b"Your password has expired.\n", language=b""):
    return bytes([PASSWD_CHANGEREQ]) + string(text) + string(language)


def disconnect(code, text, language=b""):
    return bytes([DISCONNECT]) + u32(code) + string(text) + string(language)


def ignore(data=b"ignored"):
    return bytes([IGNORE]) + string(data)


def debug(text=b"debug", always=True, language=b""):
    return bytes([DEBUG]) + boolean(always) + string(text) + string(language)


def gss_error(text, language=b"en"):
    return bytes([GSSAPI_ERROR]) + u32(0x000D0000) + u32(0x96C73A07) + string(text) + string(language)


def mechanism(oid=kerberos.OID):
    return bytes([GSSAPI_RESPONSE]) + string(oid)


def gss_token(token, kind=GSSAPI_TOKEN):
    return bytes([kind]) + string(token)


SUCCEEDED = bytes([SUCCESS])
QUESTION = info([("Password: ", False)])


def together(t, *payloads):
    """Sends these at once, so that the client has them all before it can say anything."""
    t.raw(b"".join(map(t.packet, payloads)))


def key_parts(request):
    """The algorithm and the key of a publickey request (RFC 4252 section 7)."""
    reader = Reader(request.rest)
    reader.boolean()
    return reader.string(), reader.string()


def pk_ok(request):
    algorithm, blob = key_parts(request)
    return bytes([PK_OK]) + string(algorithm) + string(blob)


# How far a login can be brought: each returns when the client waits for the server


def asked_none(t):
    t.open()
    t.request()


def asked_kbdint(t):
    t.open()
    t.request(KBDINT)


def answered(t):
    asked_kbdint(t)
    t.send(QUESTION)
    t.answers()


def asked_again(t):
    """One round is over, and a second one has been answered, too."""
    answered(t)
    t.info([("Code: ", True)])
    t.answers()


def sent_password(t):
    t.open()
    t.request("password")


def asked_key(t):
    t.open()
    return t.request("publickey")


def signed_key(t):
    t.send(pk_ok(asked_key(t)))
    return t.request("publickey")


def asked_gssapi(t):
    t.open()
    return t.request(GSSAPI)


def take_token(t, kind):
    return Reader(t.expect(kind)[1:]).string()


def first_token(t):
    """The mechanism is chosen; the context that the client's first token makes."""
    asked_gssapi(t)
    t.send(mechanism())
    return kerberos.Acceptor(take_token(t, GSSAPI_TOKEN))


def proved(t):
    """The context is complete, and the client's MIC is right."""
    user = asked_gssapi(t).user
    t.send(mechanism())
    context = kerberos.Acceptor(take_token(t, GSSAPI_TOKEN))
    t.send(gss_token(context.reply()))
    context.check(take_token(t, GSSAPI_MIC), string(t.session_id) + bytes([REQUEST]) +
                  string(user) + string("ssh-connection") + string(GSSAPI))


# name: command line, and the function that brings a login there
STATES = {
    "none": (BY_NONE, asked_none),
    "password": (BY_PASSWORD, sent_password),
    "query": (BY_KEY, asked_key),
    "signature": (BY_KEY, signed_key),
    "kbdint": (BY_KBDINT, asked_kbdint),
    "answer": (BY_KBDINT, answered),
    "answers": (BY_KBDINT, asked_again),
    "gssapi": (BY_GSSAPI, asked_gssapi),
    "token": (BY_GSSAPI, first_token),
    "mic": (BY_GSSAPI, proved),
}
# those in which the client has not proved yet who it is, so that SUCCESS must not come
UNPROVED = ("query", "gssapi", "token")


# Rows of the table that differ in one thing


def needs(client):
    return "ticket" if "gssapi" in client else None


def rows(prefix, what, client, ends, bodies, serve, **words):
    """A scenario PREFIX-NAME for each of bodies, which has names: serve(t, body) plays it. What it is
    told to be is `what` with the name in it."""
    for name, body in bodies.items():
        def play(t, body=body):
            serve(t, body)
        play.__doc__ = what % name
        scenario("%s-%s" % (prefix, name), ends, client=client, needs=needs(client), **words)(play)


def cuts(kind, *parts):
    """A message that ends too early: at each boundary of its fields, and within each."""
    bodies, whole = {}, bytes([kind])
    for number, part in enumerate(parts):
        bodies["cut-%d" % number] = whole
        if len(part) > 1:
            bodies["cut-in-%d" % number] = whole + part[:-1]
        whole += part
    return bodies


def lengths(kind, *parts):
    """A message of whose strings one claims to be longer than it is, by much and by a byte."""
    bodies = {}
    for number, part in enumerate(parts):
        if len(part) < 4 or Reader(part).u32() != len(part) - 4:
            continue
        for word, size in (("4g", HUGE), ("2g", 0x80000000), ("wraps", HUGE - 3)):
            bodies["%s-%d" % (word, number)] = bytes([kind]) + b"".join(
                parts[:number] + (u32(size) + part[4:],) + parts[number + 1:])
    return bodies
