# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the key exchange (RFC 4253 section 7). Its reply is in hostile_kex_reply.py."""

from scenario import scenario
from ssh_kex import FIELDS, LISTS, kexinit
from ssh_wire import (BANNER, CHANNEL_OPEN, DEBUG, DISCONNECT, EXT_INFO, FAILURE, IGNORE,
                      INFO_REQUEST, KEX_REPLY, KEXINIT, NEWKEYS, SERVICE_ACCEPT, SUCCESS,
                      UNIMPLEMENTED, boolean, names, string, u32)


def listing(t):
    """The rest of a good connection."""
    t.service()
    t.request("none")
    t.failure(["password"])


def go_on(t):
    """All that follows our own KEXINIT, as it should be."""
    t.receive_kexinit()
    fields = t.receive_init()
    t.send(fields.reply())
    t.end_kex(fields)
    listing(t)


def well_behaved(name, about, **bend):
    """A row for a key exchange that is odd, and right."""

    def play(t):
        t.version()
        t.kex(**bend)
        listing(t)

    play.__doc__ = about
    scenario(name, {"listed": "password"}, well_behaved=True, sent=1)(play)


def wrong(name, about, ends, early=True, **bend):
    """A row for a key exchange that is wrong, and silence."""

    def play(t):
        t.version()
        t.kex(**bend)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends, early=early, sent=0)(play)


def error(text):
    return {"protocol-error": text}


# KEXINIT

def raw_kexinit(name, about, payload, ends, **words):
    """A row for one KEXINIT, and silence."""

    def play(t):
        t.version()
        t.send(payload)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends, early=True, sent=0, **words)(play)


GOOD = kexinit()
# libssh2 1.11.1 looks into it before anybody else can
MALFORMED = error("(KEXINIT|a message that ends in the middle of a field).*stage kex")
raw_kexinit("kexinit-empty", "KEXINIT of one byte.", bytes([KEXINIT]), MALFORMED)
raw_kexinit("kexinit-cookie-short", "KEXINIT ends in the cookie.", GOOD[:9], MALFORMED)
raw_kexinit("kexinit-cookie-only", "KEXINIT ends after the cookie.", GOOD[:17], MALFORMED)
raw_kexinit("kexinit-half", "KEXINIT ends in the middle of a list.", GOOD[:60], MALFORMED)
raw_kexinit("kexinit-no-follows", "KEXINIT ends before first_kex_packet_follows.", GOOD[:-5], MALFORMED)
raw_kexinit("kexinit-no-reserved", "KEXINIT ends in the last field.", GOOD[:-2], MALFORMED)
raw_kexinit("kexinit-trailing", "KEXINIT has bytes behind its end.", GOOD + b"tail", MALFORMED)
for _at, _field in enumerate(FIELDS):
    _before = GOOD[:17] + b"".join(names(*LISTS[field]) for field in FIELDS[:_at])
    raw_kexinit("kexinit-4g-" + _field.replace("_", "-"), "The list of %s says 4 GiB." % _field,
                _before + u32(0xFFFFFFFF) + GOOD[len(_before) + 4:], MALFORMED)
for _field in FIELDS[:8]:
    raw_kexinit("kexinit-none-" + _field.replace("_", "-"), "No common algorithm for %s." % _field,
                kexinit(**{_field: ("unknown@example.test",)}), {"kex-failure": "no common algorithm"})
raw_kexinit("kexinit-all-empty", "All lists are empty.", kexinit(**{field: () for field in FIELDS}),
            {"kex-failure": "no common algorithm"})
raw_kexinit("kexinit-controls", "Terminal escapes, NULs and invalid UTF-8 for names.",
            bytes([KEXINIT]) + bytes(16) + string(b"\x1b[2J\0\xff,\x9b2J") * 10 + bytes(5),
            {"kex-failure": "no common algorithm", **MALFORMED})
raw_kexinit("kexinit-commas", "Lists of nothing but commas.",
            bytes([KEXINIT]) + bytes(16) + string(b"," * 3000) * 10 + bytes(5),
            {"kex-failure": "no common algorithm", **MALFORMED})
raw_kexinit("kexinit-prefix", "Names that are beginnings and ends of known ones.",
            kexinit(kex=("curve25519-sha25", "urve25519-sha256", "curve25519-sha256x")),
            {"kex-failure": "no common algorithm"})
raw_kexinit("kexinit-twice", "KEXINIT twice.", GOOD, {"timeout": "stage kex"}, limit=1)
well_behaved("kexinit-huge", "Lists of 3,000 bytes, with the known names at the end.",
             kexinit={"kex": ("x" * 60 + "@example.test",) * 40 + LISTS["kex"],
                      "host_key": ("y" * 60,) * 50 + LISTS["host_key"],
                      "cipher_in": ("z" * 60,) * 50 + LISTS["cipher_in"],
                      "mac_out": ("z" * 60,) * 50 + LISTS["mac_out"]})
well_behaved("kexinit-languages", "Names languages.", kexinit={"language_in": ("en", "de"), "language_out": ("en",)})
well_behaved("kexinit-reserved", "The reserved field is not 0.", kexinit={"reserved": 7})
well_behaved("kexinit-libssh", "Only the older name of curve25519.",
             kexinit={"kex": ("curve25519-sha256@libssh.org",)})
well_behaved("kexinit-sha512", "Only hmac-sha2-512 and AES of 128 bits.",
             kexinit={"mac_in": ("hmac-sha2-512",), "mac_out": ("hmac-sha2-512",),
                      "cipher_in": ("aes128-ctr",), "cipher_out": ("aes128-ctr",)})
well_behaved("kexinit-two-ways", "Other algorithms in each direction.",
             kexinit={"mac_in": ("hmac-sha2-512",), "cipher_in": ("aes128-ctr",)})
well_behaved("kexinit-zlib", "Would compress, as well.",
             kexinit={"comp_in": ("zlib@openssh.com", "none"), "comp_out": ("zlib@openssh.com", "none")})


@scenario("kexinit-two", error("KEXINIT.*stage kex"), early=True, sent=0)
def _(t):
    """A second KEXINIT before the reply."""
    t.version()
    t.send_kexinit()
    t.send(kexinit())
    t.silent(30)


@scenario("kexinit-early", {"listed": "password"}, well_behaved=True, sent=1)
def _(t):
    """Sends version and KEXINIT at once, without waiting for the client's version."""
    t.server_version = b"SSH-2.0-Hostile_1.0"
    t.raw(t.server_version + b"\r\n")
    t.send_kexinit()
    t.read_version()
    go_on(t)


@scenario("follows-wrong", {"listed": "password"}, well_behaved=True, sent=1)
def _(t):
    """first_kex_packet_follows with a wrong guess, whose packet is to be ignored."""
    t.version()
    t.send_kexinit(kex=("diffie-hellman-group18-sha512",) + LISTS["kex"], follows=True)
    t.send(bytes([KEX_REPLY]) + b"a wrong guess")
    t.lists = dict(LISTS)
    go_on(t)


@scenario("follows-right", {"listed": "password"}, well_behaved=True, sent=1)
def _(t):
    """first_kex_packet_follows with a right guess: the packet is the reply itself."""
    t.version()
    t.kex(kexinit={"follows": True})
    listing(t)


@scenario("follows-nothing", {"timeout": "stage kex", "protocol-error": "stage kex"}, early=True, sent=0, limit=1)
def _(t):
    """A wrong guess is announced, and its packet never comes."""
    t.version()
    t.kex(kexinit={"kex": ("diffie-hellman-group18-sha512",) + LISTS["kex"], "follows": True})
    t.silent(30)


@scenario("follows-flood", error("more.*stage kex"), early=True, sent=0)
def _(t):
    """A wrong guess is announced, and IGNORE messages come for it."""
    t.version()
    t.send_kexinit(kex=("diffie-hellman-group18-sha512",) + LISTS["kex"], follows=True)
    flood = b"".join(t.packet(bytes([IGNORE]) + string(b"x" * 1000)) for _ in range(100))
    while True:
        t.raw(flood)


# NEWKEYS, and messages at the wrong time

def between(name, about, payloads, ends, where="before_reply", **words):
    """A row for messages in the midst of a key exchange that then goes on well."""

    def play(t):
        t.version()
        t.kex(**{where: payloads})
        listing(t)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends, early=words.pop("early", True), sent=0, **words)(play)


OUT_OF_ORDER = error("stage kex|stage host-key|stage auth")
between("newkeys-early", "NEWKEYS comes before the reply.", [bytes([NEWKEYS])], error("NEWKEYS.*stage kex"))
between("reply-twice", "The reply comes twice.", [bytes([KEX_REPLY]) + b"again"],
        error("KEX_ECDH_REPLY.*nothing in this key exchange asked for it.*stage kex"), where="before_newkeys")
between("unimplemented-kex", "UNIMPLEMENTED in the key exchange.", [bytes([UNIMPLEMENTED]) + u32(0)],
        error("UNIMPLEMENTED.*stage kex"))
for _name, _payload in (("success", bytes([SUCCESS])), ("failure", bytes([FAILURE]) + names("password") + b"\0"),
                        ("banner", bytes([BANNER]) + string("injected") + string("")),
                        ("info-request", bytes([INFO_REQUEST]) + string("") * 3 + u32(0))):
    for _where in ("before_reply", "before_newkeys"):
        between("clear-%s-%s" % (_name, _where.replace("_", "-")),
                "A userauth message in clear text: %s." % _name, [_payload],
                OUT_OF_ORDER, where=_where, early=None, credential=False,
                client=("-m", "kbdint", "-r", ".=env:ANSWER"))
between("clear-service-accept", "SERVICE_ACCEPT in clear text.", [bytes([SERVICE_ACCEPT]) + string("ssh-userauth")],
        error("SERVICE_ACCEPT.*stage kex"))
between("clear-channel-open", "CHANNEL_OPEN in clear text.",
        [bytes([CHANNEL_OPEN]) + string("session") + u32(0) * 3], {"listed": "password", **OUT_OF_ORDER}, early=None)
wrong("newkeys-missing", "NEWKEYS never comes.", {"timeout": "stage kex"}, newkeys=None)
wrong("newkeys-body", "NEWKEYS has a body.", error("NEWKEYS.*stage kex"), newkeys=bytes([NEWKEYS]) + b"body")


def good_between(name, about, payloads):
    for where in ("before_reply", "before_newkeys"):
        well_behaved("%s-%s" % (name, where.replace("_", "-")), about, **{where: payloads})


good_between("kex-ignore", "IGNORE in the key exchange.", [bytes([IGNORE]) + string(b"x" * 100)] * 5)
good_between("kex-ignore-empty", "IGNORE without its field.", [bytes([IGNORE])])
good_between("kex-debug", "DEBUG in the key exchange, with escapes.",
             [bytes([DEBUG]) + boolean(True) + string(b"\x1b[2J\xff") + string("en")])
good_between("kex-debug-bad", "DEBUG that says 4 GiB, and is one byte.",
             [bytes([DEBUG]) + boolean(True) + u32(0xFFFFFFFF), bytes([DEBUG])])
for _where in ("before_reply", "before_newkeys"):
    between("kex-unknown-" + _where.replace("_", "-"), "A message of an unknown type in the key exchange.",
            [bytes([192]) + b"what is this"], error("message 192.*RFC 4253 section 7.1.*stage kex"), where=_where)

EXTENSIONS = bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + string("ssh-ed25519,rsa-sha2-256")
well_behaved("ext-info", "EXT_INFO after NEWKEYS (RFC 8308).", after=[EXTENSIONS])
well_behaved("ext-info-none", "EXT_INFO of no extension.", after=[bytes([EXT_INFO]) + u32(0)])
well_behaved("ext-info-unknown", "EXT_INFO of unknown extensions, with escapes and NULs.",
             after=[bytes([EXT_INFO]) + u32(2) + string("a@example.test") + string(b"\0\x1b[2J\xff") +
                    string(b"\x1b") + string("")])
well_behaved("ext-info-many", "EXT_INFO of a thousand extensions.",
             after=[bytes([EXT_INFO]) + u32(1000) + (string("a@example.test") + string("")) * 1000])
for _name, _payload in (("empty", bytes([EXT_INFO])), ("truncated", EXTENSIONS[:-5]),
                        ("count", bytes([EXT_INFO]) + u32(0xFFFFFFFF) + string("a") + string("b")),
                        ("4g", bytes([EXT_INFO]) + u32(1) + u32(0xFFFFFFFF) + b"server-sig-algs"),
                        ("value-4g", bytes([EXT_INFO]) + u32(1) + string("server-sig-algs") + u32(0xFFFFFFFF)),
                        ("trailing", EXTENSIONS + b"tail")):
    wrong("ext-info-" + _name, "EXT_INFO that is malformed, and silence.",
          {"timeout": "service request", "protocol-error": "stage (kex|auth)"}, early=None, after=[_payload])


# Ends

def cut(name, about, until):
    """A row for each way to end after until(t)."""

    def row(way, ends, act, limit=5):
        def play(t):
            until(t)
            act(t)

        play.__doc__ = "%s, and %s." % (about, way)
        scenario("kex-%s-%s" % (name, way), ends, early=True, sent=0, limit=limit)(play)

    row("eof", {"disconnected": "closed the connection.*stage kex"}, lambda t: t.close())
    row("reset", {"disconnected": "(reset|broke).*stage kex"}, lambda t: (t.silent(0.1), t.reset()))
    row("disconnect", {"disconnected": r'"Go away" \(reason 2\).*stage kex'},
        lambda t: (t.disconnect(2, "Go away"), t.close()))
    row("disconnect-bare", {"disconnected": "gave no reason.*stage kex|closed.*stage kex"},
        lambda t: t.send(bytes([DISCONNECT])))
    row("silence", {"timeout": "key exchange: no answer.*stage kex"}, lambda t: t.silent(30), limit=1)
    row("zero-length", error("length.*RFC 4253.*stage kex"), lambda t: t.raw(bytes(16)))
    row("huge-length", error("length.*RFC 4253.*stage kex"), lambda t: t.raw(b"\xff" * 16))
    row("half-packet", {"disconnected": "closed the connection.*stage kex"},
        lambda t: (t.raw(t.packet(bytes([IGNORE]) + string(bytes(100)))[:50]), t.close()))


def replied(t):
    t.version()
    fields = t.begin_kex()
    t.send(fields.reply())
    t.expect(NEWKEYS)


cut("version", "Says its version", lambda t: t.version())
cut("kexinit", "Says KEXINIT", lambda t: (t.version(), t.begin_kex()))
cut("reply", "Replies", replied)
