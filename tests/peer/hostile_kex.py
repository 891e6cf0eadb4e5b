# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the key exchange (RFC 4253 sections 7 and 8)."""

import os

from scenario import scenario
from ssh_kex import FIELDS, LISTS, kexinit
from ssh_wire import (BANNER, CHANNEL_OPEN, DEBUG, DISCONNECT, EXT_INFO, FAILURE, IGNORE,
                      INFO_REQUEST, KEX_REPLY, KEXINIT, NEWKEYS, SERVICE_ACCEPT, SUCCESS,
                      UNIMPLEMENTED, boolean, mpint, names, string, u32)

KEY = {"host-key": "signature.*stage kex"}


def listing(t):
    """The rest of a good connection."""
    t.service()
    t.request("none")
    t.failure(["password"])


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
MALFORMED = error("KEXINIT.*stage kex")
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
    t.receive_kexinit()
    fields = t.receive_init()
    t.send(fields.reply())
    t.end_kex(fields)
    listing(t)


@scenario("follows-wrong", {"listed": "password"}, well_behaved=True, sent=1)
def _(t):
    """first_kex_packet_follows with a wrong guess, whose packet is to be ignored."""
    t.version()
    t.send_kexinit(kex=("diffie-hellman-group18-sha512",) + LISTS["kex"], follows=True)
    t.send(bytes([KEX_REPLY]) + b"a wrong guess")
    t.lists = dict(LISTS)
    t.receive_kexinit()
    fields = t.receive_init()
    t.send(fields.reply())
    t.end_kex(fields)
    listing(t)


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


@scenario("follows-flood", error("more than .* bytes.*stage kex|stage kex"), early=True, sent=0)
def _(t):
    """A wrong guess is announced, and IGNORE messages come for it."""
    t.version()
    t.send_kexinit(kex=("diffie-hellman-group18-sha512",) + LISTS["kex"], follows=True)
    flood = b"".join(t.packet(bytes([IGNORE]) + string(b"x" * 1000)) for _ in range(100))
    while True:
        t.raw(flood)


# The reply

REPLY = error("(KEX_ECDH_REPLY|KEXDH_REPLY) from the server.*stage kex")
WEAK = {**REPLY, **KEY}
for _name, _about, _reply, _ends in (
        ("empty", "The reply is one byte.", lambda f: bytes([KEX_REPLY]), REPLY),
        ("truncated", "The reply ends in the signature.", lambda f: f.reply()[:-9], REPLY),
        ("no-signature", "The reply has no signature.",
         lambda f: bytes([KEX_REPLY]) + string(f.host_key) + string(f.public), REPLY),
        ("no-public", "The reply has a host key and no more.",
         lambda f: bytes([KEX_REPLY]) + string(f.host_key), REPLY),
        ("trailing", "The reply has bytes behind its end.", lambda f: f.reply(tail=b"tail"), REPLY),
        ("key-4g", "The host key says 4 GiB.",
         lambda f: bytes([KEX_REPLY]) + u32(0xFFFFFFFF) + f.reply()[5:], REPLY),
        ("public-4g", "The public point says 4 GiB.",
         lambda f: bytes([KEX_REPLY]) + string(f.host_key) + u32(0xFFFFFFFF) + f.public, REPLY),
        ("signature-4g", "The signature says 4 GiB.",
         lambda f: bytes([KEX_REPLY]) + string(f.host_key) + string(f.public) + u32(0xFFFFFFFF), REPLY),
        ("public-empty", "The public point is empty.", lambda f: f.reply(public=b""), REPLY),
        ("public-short", "The public point has 31 bytes.", lambda f: f.reply(public=f.public[:31]), REPLY),
        ("public-long", "The public point has 33 bytes.", lambda f: f.reply(public=f.public + b"\0"), REPLY),
        ("public-huge", "The public point has 30,000 bytes.", lambda f: f.reply(public=bytes(30000)), REPLY),
        ("public-zero", "The public point is 0.", lambda f: f.reply(public=bytes(32)), WEAK),
        ("public-one", "The public point is 1.", lambda f: f.reply(public=b"\1" + bytes(31)), WEAK),
        ("public-small-order", "The public point has an order of 8.",
         lambda f: f.reply(public=bytes.fromhex(
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")), WEAK),
        ("public-other", "Another public point than the one that was signed.",
         lambda f: f.reply(public=b"\x09" + bytes(31)), KEY),
        ("key-empty", "The host key is empty.", lambda f: f.reply(host_key=b""), REPLY),
        ("key-name-only", "The host key is its name.", lambda f: f.reply(host_key=string("ssh-ed25519")), REPLY),
        ("key-name-4g", "The name in the host key says 4 GiB.",
         lambda f: f.reply(host_key=u32(0xFFFFFFFF) + f.host_key[4:]), REPLY),
        ("key-point-4g", "The point in the host key says 4 GiB.",
         lambda f: f.reply(host_key=string("ssh-ed25519") + u32(0xFFFFFFFF) + f.host_key[-32:]), REPLY),
        ("key-short", "The host key has 31 bytes.",
         lambda f: f.reply(host_key=string("ssh-ed25519") + string(bytes(31))), REPLY),
        ("key-long", "The host key has 33 bytes.",
         lambda f: f.reply(host_key=string("ssh-ed25519") + string(bytes(33))), REPLY),
        ("key-other-type", "A host key of a type that was not agreed on.",
         lambda f: f.reply(host_key=string("ssh-rsa") + mpint(65537) + mpint(3 ** 1000)), REPLY),
        ("key-ecdsa", "An ECDSA host key where Ed25519 was agreed on.",
         lambda f: f.reply(host_key=string("ecdsa-sha2-nistp256") + string("nistp256") + string(b"\4" + bytes(64))),
         REPLY),
        ("key-unknown-type", "A host key of a type that nobody knows.",
         lambda f: f.reply(host_key=string("ssh-\x1b[2J") + string(bytes(32))), REPLY),
        ("key-huge", "A host key of 30,000 bytes.",
         lambda f: f.reply(host_key=string("ssh-ed25519") + string(bytes(30000))), REPLY),
        ("key-trailing", "Bytes behind the host key's end.",
         lambda f: f.reply(host_key=f.host_key + b"tail"), {**REPLY, **KEY}),
        ("key-not-signed", "Somebody else's host key: the signature is not by it.",
         lambda f: f.reply(host_key=f.host_key[:-32] + bytes(range(32))), WEAK),
        ("signature-empty", "The signature is empty.", lambda f: f.reply(signature=b""), WEAK),
        ("signature-name-only", "The signature is its name.",
         lambda f: f.reply(signature=string("ssh-ed25519")), WEAK),
        ("signature-short", "The signature has 63 bytes.",
         lambda f: f.reply(signature=string("ssh-ed25519") + string(f.signature[-64:-1])), WEAK),
        ("signature-long", "The signature has 65 bytes.",
         lambda f: f.reply(signature=string("ssh-ed25519") + string(f.signature[-64:] + b"\0")), WEAK),
        ("signature-inner-4g", "A length in the signature says 4 GiB.",
         lambda f: f.reply(signature=string("ssh-ed25519") + u32(0xFFFFFFFF) + f.signature[-64:]), WEAK),
        ("signature-name-4g", "The name's length in the signature says 4 GiB.",
         lambda f: f.reply(signature=u32(0xFFFFFFFF) + f.signature[4:]), WEAK),
        ("signature-huge", "A signature of 30,000 bytes.",
         lambda f: f.reply(signature=string("ssh-ed25519") + string(bytes(30000))), WEAK),
        ("signature-other", "A signature that says ssh-rsa.",
         lambda f: f.reply(signature=string("ssh-rsa") + f.signature[15:]), WEAK),
        ("signature-zero", "A signature of zeros.",
         lambda f: f.reply(signature=string("ssh-ed25519") + string(bytes(64))), KEY),
        ("signature-bit", "A signature with one bit wrong.",
         lambda f: f.reply(signature=f.signature[:-1] + bytes([f.signature[-1] ^ 1])), KEY),
        ("signature-trailing", "Bytes behind the signature's end.",
         lambda f: f.reply(signature=f.signature + b"tail"), WEAK)):
    wrong("reply-" + _name, _about, _ends, reply=_reply)
wrong("reply-signature-wrong", "Signs something else.", KEY, signature="wrong")


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
between("reply-twice", "The reply comes twice.", [bytes([KEX_REPLY]) + b"again"], REPLY, where="before_newkeys",
        limit=2)
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
good_between("kex-unknown", "A message of an unknown type.", [bytes([19]) + b"what is this"])
for _where in ("before_reply", "before_newkeys"):
    wrong("kex-local-%s" % _where.replace("_", "-"), "A message that is none of the transport's.",
          error("message 192 .*stage kex"), **{_where: [bytes([192]) + b"what is this"]})

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


# Group exchange (RFC 4419)

def group(name, about, ends, prime, generator=2, tail=b"", limit=5):
    def play(t):
        t.version()
        t.send_kexinit(kex=("diffie-hellman-group-exchange-sha256",))
        t.receive_kexinit()
        t.expect(30, 34)
        t.send(bytes([31]) + mpint(prime) + mpint(generator) + tail)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends, early=True, sent=0, limit=limit)(play)


GROUP = error("GROUP.*stage kex")
PRIME = int.from_bytes(b"\xff" + os.urandom(254) + b"\xff", "big")  # of the right size, at least
group("group-zero", "The prime is 0.", GROUP, 0)
group("group-one", "The prime is 1.", GROUP, 1)
group("group-even", "The prime is even.", GROUP, PRIME - 1)
group("group-tiny", "The prime has 16 bits.", GROUP, 65537)
group("group-1024", "The prime has 1,024 bits.", GROUP, (1 << 1024) - 105)
group("group-16384", "The prime has 16,384 bits.", GROUP, (1 << 16384) - 1)
group("group-250000", "The prime has 250,000 bits.", GROUP, (1 << 250000) - 1)
group("group-g-0", "The generator is 0.", GROUP, PRIME, 0)
group("group-g-1", "The generator is 1.", GROUP, PRIME, 1)
group("group-g-p", "The generator is the prime less 1.", GROUP, PRIME, PRIME - 1)
group("group-g-huge", "The generator is larger than the prime.", GROUP, PRIME, 1 << 30000)
group("group-trailing", "Bytes behind the group's end.", GROUP, PRIME, 2, b"tail")
group("group-silent", "A good group, and silence.", {"timeout": "stage kex"}, PRIME, limit=1)


def raw_group(name, about, payload):
    def play(t):
        t.version()
        t.send_kexinit(kex=("diffie-hellman-group-exchange-sha256",))
        t.receive_kexinit()
        t.expect(30, 34)
        t.send(payload)
        t.silent(30)

    play.__doc__ = about
    scenario(name, GROUP, early=True, sent=0)(play)


raw_group("group-empty", "The group is one byte.", bytes([31]))
raw_group("group-4g", "The prime says 4 GiB.", bytes([31]) + u32(0xFFFFFFFF) + bytes(256))
raw_group("group-negative", "The prime is negative.", bytes([31]) + string(b"\xff" * 256) + mpint(2))
raw_group("group-no-generator", "The group has a prime alone.", bytes([31]) + mpint(PRIME))


def diffie_hellman(name, about, public):
    def play(t):
        t.version()
        t.send_kexinit(kex=("diffie-hellman-group14-sha256",))
        t.receive_kexinit()
        t.expect(30)
        t.send(bytes([KEX_REPLY]) + string(t.host_key.blob) + public +
               string(t.host_key.sign(bytes(32))))
        t.silent(30)

    play.__doc__ = about
    scenario(name, REPLY, early=True, sent=0)(play)


diffie_hellman("dh-zero", "Diffie-Hellman: the public value is 0.", mpint(0))
diffie_hellman("dh-one", "Diffie-Hellman: the public value is 1.", mpint(1))
diffie_hellman("dh-negative", "Diffie-Hellman: the public value is negative.", string(b"\xff" * 256))
diffie_hellman("dh-huge", "Diffie-Hellman: the public value has 30,000 bytes.", string(b"\1" + bytes(29999)))
