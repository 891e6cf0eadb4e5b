# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: publickey (RFC 4252 section 7)."""

from scenario import scenario
from ssh_wire import EXT_INFO, FAILURE, PK_OK, REQUEST, string, u32
from userauth import (BY_KEY, BY_PUBLIC_KEY, EVERYTHING, HOSTILE, HUGE, KBDINT, SUCCEEDED, asked_key, banner, broken,
                      changereq, cuts, debug, failure, ignore, info, key_parts, pk_ok, rows, signed_key, together)

BAD = broken("USERAUTH_PK_OK")
GOOD = {"success": "accepted after publickey"}
OF_NOBODY = {"protocol-error": r"(USERAUTH_|message [0-9]+).*\(RFC [0-9]+ section"}


def bent(make):
    """Answers a query by what is made of its algorithm and key."""
    return lambda t: t.send(bytes([PK_OK]) + make(*key_parts(asked_key(t))))


MALFORMED = {
    "empty": lambda algorithm, blob: b"",
    "length-cut": lambda algorithm, blob: u32(11)[:3],
    "algorithm-4g": lambda algorithm, blob: u32(HUGE) + algorithm + string(blob),
    "algorithm-2g": lambda algorithm, blob: u32(0x80000000) + algorithm + string(blob),
    "algorithm-cut": lambda algorithm, blob: string(algorithm)[:-2],
    "no-blob": lambda algorithm, blob: string(algorithm),
    "blob-length-cut": lambda algorithm, blob: string(algorithm) + string(blob)[:2],
    "blob-4g": lambda algorithm, blob: string(algorithm) + u32(HUGE) + blob,
    "blob-wraps": lambda algorithm, blob: string(algorithm) + u32(HUGE - 3) + blob,
    "blob-cut": lambda algorithm, blob: string(algorithm) + string(blob)[:-1],
    "byte-behind": lambda algorithm, blob: string(algorithm) + string(blob) + b"\0",
    "string-behind": lambda algorithm, blob: string(algorithm) + string(blob) + string("more"),
    "hostile-behind": lambda algorithm, blob: string(algorithm) + string(blob) + EVERYTHING,
}
ANOTHER = {
    "last-byte": lambda algorithm, blob: string(algorithm) + string(blob[:-1] + bytes([blob[-1] ^ 1])),
    "type": lambda algorithm, blob: string(algorithm) + string(blob.replace(b"ed25519", b"ed25518")),
    "shorter": lambda algorithm, blob: string(algorithm) + string(blob[:-1]),
    "longer": lambda algorithm, blob: string(algorithm) + string(blob + b"\0"),
    "empty": lambda algorithm, blob: string(algorithm) + string(b""),
    "huge": lambda algorithm, blob: string(algorithm) + string(blob * 500),
    "hostile": lambda algorithm, blob: string(algorithm) + string(EVERYTHING),
    "algorithm": lambda algorithm, blob: string("ssh-rsa") + string(blob),
    "algorithm-empty": lambda algorithm, blob: string("") + string(blob),
    "algorithm-longer": lambda algorithm, blob: string(algorithm + b"\0") + string(blob),
    "algorithm-hostile": lambda algorithm, blob: string(EVERYTHING) + string(blob),
    "algorithm-30000": lambda algorithm, blob: string(b"a" * 30000) + string(blob),
}
for _client, _what in ((BY_KEY, "key"), (BY_PUBLIC_KEY, "public")):
    rows(_what + "-pk-ok", "PK_OK is malformed: %s.", _client, BAD, MALFORMED, lambda t, make: bent(make)(t), sent=1,
         credential=False)
    rows(_what + "-pk-ok-other", "PK_OK names something else than was asked about: %s.", _client, BAD, ANOTHER,
         lambda t, make: bent(make)(t), sent=1, credential=False)


def reply(t, payload):
    asked_key(t)
    t.send(payload)


def judge(t, payload):
    signed_key(t)
    t.send(payload)


TYPES = {str(number): bytes([number]) + string("text") + string("en")
         for number in (REQUEST, 54, 61, 62, 63, 64, 65, 66, 79)}
rows("key-type", "The query is answered by type %s.", BY_KEY, OF_NOBODY, TYPES, reply, sent=1, credential=False)
rows("key-signature-type", "The signature is answered by type %s.", BY_KEY, OF_NOBODY, TYPES, judge, sent=2)

rows("key-60", "The query is answered by another method's message 60: %s.", BY_KEY, BAD, {
    "info-request": info([("Password: ", False)]), "changereq": changereq(),
}, reply, sent=1, credential=False)

FAILURES = {
    **cuts(FAILURE, string("publickey"), b"\1"),
    "4g": bytes([FAILURE]) + u32(HUGE) + b"password\1",
    "byte-behind": failure("publickey", partial=True) + b"\1",
    "list": failure(b"publickey" + HOSTILE["osc"], partial=True),
}
rows("key-failure", "A FAILURE of the query is malformed: %s.", BY_KEY, broken("USERAUTH_FAILURE"), FAILURES, reply,
     sent=1, credential=False)
rows("key-signature-failure", "A FAILURE of the signature is malformed: %s.", BY_KEY, broken("USERAUTH_FAILURE"),
     FAILURES, judge, sent=2)

UNIMPLEMENTED = {"good": b"\3" + u32(6), "bad": b"\3\0"}
rows("key-unimplemented", "UNIMPLEMENTED in answer to a query: %s.", BY_KEY, broken("UNIMPLEMENTED"), UNIMPLEMENTED,
     reply, sent=1, credential=False)
rows("key-signature-unimplemented", "UNIMPLEMENTED in answer to a signature: %s.", BY_KEY, broken("UNIMPLEMENTED"),
     UNIMPLEMENTED, judge, sent=2)


# Order

def before_signature(t, payload):
    together(t, pk_ok(asked_key(t)), payload)


BEHIND = {
    "success": SUCCEEDED,
    "failure": failure("publickey"),
    "partial": failure(KBDINT, partial=True),
    "bad": failure("publickey")[:-1],
    "info": info([("Passphrase: ", False)]),
}
rows("key-before-signature", "PK_OK, and before the signature: %s.", BY_KEY,
     broken("USERAUTH_(SUCCESS|FAILURE|PK_OK)"), BEHIND, before_signature, sent=1, credential=False)
rows("public-behind", "PK_OK of a key that is only asked about, and behind it: %s.", BY_PUBLIC_KEY,
     {"key-acceptable": "nothing was signed", "protocol-error": "USERAUTH"}, BEHIND, before_signature, sent=1,
     credential=False)


@scenario("key-pk-ok-twice", BAD, client=BY_KEY, sent=1, credential=False)
def _(t):
    """PK_OK twice."""
    right = pk_ok(asked_key(t))
    together(t, right, right)


@scenario("key-pk-ok-after-signature", BAD, client=BY_KEY, sent=2)
def _(t):
    """PK_OK in answer to the signature."""
    right = pk_ok(asked_key(t))
    t.send(right)
    t.request("publickey")
    t.send(right)


@scenario("key-pk-ok-endless", BAD, client=BY_KEY, sent=1, credential=False)
def _(t):
    """PK_OK without end."""
    right = pk_ok(asked_key(t))
    while True:
        together(t, *[right] * 100)


@scenario("public-pk-ok-endless", {"key-acceptable": ".", "protocol-error": "USERAUTH_PK_OK"}, client=BY_PUBLIC_KEY,
          sent=1, credential=False)
def _(t):
    """PK_OK without end, of a key that is only asked about."""
    right = pk_ok(asked_key(t))
    while True:
        together(t, *[right] * 100)


rows("key-after-failure", "FAILURE of the signature, and behind it: %s.", BY_KEY,
     {"failure": "refused by publickey", "protocol-error": "USERAUTH"}, BEHIND,
     lambda t, body: (signed_key(t), together(t, failure("publickey"), body)), sent=2)

rows("key-between", "FAILURE of the first key, and before the second: %s.", [*BY_KEY, "-i", "{KEY}.pub"],
     broken("USERAUTH_(SUCCESS|FAILURE|PK_OK)"), BEHIND,
     lambda t, body: (asked_key(t), together(t, failure("publickey"), body)), sent=1, credential=False)

rows("key-success", "A SUCCESS with something behind it: %s.", BY_KEY, broken("USERAUTH_SUCCESS"), {
    "byte": SUCCEEDED + b"\0",
    "hostile": SUCCEEDED + EVERYTHING,
}, judge, sent=2)


UNSIGNED = {
    "success": SUCCEEDED,
    "partial": failure("publickey", partial=True),
    "partial-nothing": failure("", partial=True),
    "partial-true-is-8": bytes([FAILURE]) + string("password") + b"\x08",
}
rows("key-unsigned", "The query is answered as if it were signed: %s.", BY_KEY, broken("USERAUTH_(SUCCESS|FAILURE)"),
     UNSIGNED, reply, sent=1, credential=False)
rows("public-unsigned", "The same of a key that is only asked about: %s.", BY_PUBLIC_KEY,
     broken("USERAUTH_(SUCCESS|FAILURE)"), UNSIGNED, reply, sent=1, credential=False)


# EXT_INFO, which libssh2 1.11 reads (RFC 8308)

rows("key-ext-info", "EXT_INFO behind NEWKEYS is odd: %s.", BY_KEY,
     {**GOOD, "protocol-error": ".", "credential": "no signature algorithm", "failure": "."}, {
         "empty": bytes([EXT_INFO]),
         "count-4g": bytes([EXT_INFO]) + u32(HUGE),
         "count-more": bytes([EXT_INFO]) + u32(2) + string("server-sig-algs") + string("ssh-ed25519"),
         "name-4g": bytes([EXT_INFO]) + u32(1) + u32(HUGE) + b"server-sig-algs",
         "value-4g": bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + u32(HUGE) + b"ssh-ed25519",
         "no-value": bytes([EXT_INFO]) + u32(1) + string("server-sig-algs"),
         "hostile": bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + string(EVERYTHING),
         "none-of-ours": bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + string("rsa-sha2-512"),
         "30000": bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + string("a," * 15000),
         "byte-behind": bytes([EXT_INFO]) + u32(0) + b"\0",
     }, lambda t, body: (t.version(), t.kex(after=[body]), t.service(), t.send(pk_ok(t.request("publickey"))),
                         t.request("publickey"), t.success()), early=None)


# Unusual, and legal

rows("key-good", "The key is accepted, unusually: %s.", BY_KEY, GOOD, {
    "banner": (banner(b"Welcome.\n"), SUCCEEDED),
    "noise": (ignore(), debug(EVERYTHING), banner(EVERYTHING), SUCCEEDED, debug(b"Bye.")),
}, lambda t, payloads: (signed_key(t), together(t, *payloads)), sent=2, well_behaved=True)


@scenario("public-good", {"key-acceptable": "would accept the key"}, client=BY_PUBLIC_KEY, sent=1, well_behaved=True,
          credential=False)
def _(t):
    """PK_OK between banners, for a key that is only asked about."""
    right = pk_ok(asked_key(t))
    together(t, banner(EVERYTHING), ignore(), right, banner(b"Behind it.\n"), debug(b""))


@scenario("key-third", GOOD, client=["-m", "publickey", "-i", "{KEY}.pub", "-i", "{KEY}", "-i", "{KEY}"], sent=4,
          well_behaved=True)
def _(t):
    """Refuses two keys, with another list each time, and accepts the third."""
    asked_key(t)
    t.failure("publickey")
    t.request("publickey")
    t.failure(["password", "publickey"])
    t.send(pk_ok(t.request("publickey")))
    t.request("publickey")
    t.success()


rows("key-refused", "Refuses the query, listing: %s.", BY_KEY, {"failure": "refused", "not-offered": "not open"}, {
    "publickey": failure("publickey"), "others": failure("password"), "nothing": failure(""),
}, reply, sent=1, credential=False, well_behaved=True)
rows("key-signature-refused", "Refuses the signature, listing: %s.", BY_KEY, {"failure": "refused by publickey"}, {
    "publickey": failure("publickey"), "others": failure("password"), "nothing": failure(""),
}, judge, sent=2, well_behaved=True)
PARTIAL = {"partial-success": "asks for more"}
rows("key-signature-partial", "Partial success of the signature, listing: %s.", BY_KEY, PARTIAL, {
    "publickey": failure("publickey", partial=True), "nothing": failure("", partial=True),
    "true-is-8": bytes([FAILURE]) + string("password") + b"\x08",
}, judge, sent=2, well_behaved=True)


@scenario("key-chain-good", {"success": "accepted after publickey, password"},
          client=["-m", "publickey,password", "-i", "{KEY}", "-r", ".*=env:ANSWER"], sent=3, well_behaved=True)
def _(t):
    """The key is partial success, the password success."""
    signed_key(t)
    t.failure("password", partial=True)
    t.request("password")
    t.success()
