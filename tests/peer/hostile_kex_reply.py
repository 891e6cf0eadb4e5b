# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile servers: the reply of the key exchange (RFC 4253 section 8, RFC 8731), and its group (RFC 4419)."""

import os

from hostile_kex import error, wrong
from scenario import scenario
from ssh_wire import GEX_GROUP, GEX_REQUEST, KEX_INIT, KEX_REPLY, mpint, string, u32

# The reply

KEY = {"host-key": "signature.*stage kex"}
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


# Group exchange (RFC 4419)

def raw_group(name, about, payload, ends=None, limit=5):
    """A row for one GROUP, and silence."""

    def play(t):
        t.version()
        t.send_kexinit(kex=("diffie-hellman-group-exchange-sha256",))
        t.receive_kexinit()
        t.expect(KEX_INIT, GEX_REQUEST)
        t.send(payload)
        t.silent(30)

    play.__doc__ = about
    scenario(name, ends or GROUP, early=True, sent=0, limit=limit)(play)


def group(name, about, prime, generator=2, tail=b"", **words):
    raw_group(name, about, bytes([GEX_GROUP]) + mpint(prime) + mpint(generator) + tail, **words)


GROUP = error("GROUP.*stage kex")
PRIME = int.from_bytes(b"\xff" + os.urandom(254) + b"\xff", "big")  # of the right size, at least
group("group-zero", "The prime is 0.", 0)
group("group-one", "The prime is 1.", 1)
group("group-even", "The prime is even.", PRIME - 1)
group("group-tiny", "The prime has 16 bits.", 65537)
group("group-1024", "The prime has 1,024 bits.", (1 << 1024) - 105)
group("group-16384", "The prime has 16,384 bits.", (1 << 16384) - 1)
group("group-250000", "The prime has 250,000 bits.", (1 << 250000) - 1)
group("group-g-0", "The generator is 0.", PRIME, 0)
group("group-g-1", "The generator is 1.", PRIME, 1)
group("group-g-p", "The generator is the prime less 1.", PRIME, PRIME - 1)
group("group-g-huge", "The generator is larger than the prime.", PRIME, 1 << 30000)
group("group-trailing", "Bytes behind the group's end.", PRIME, 2, b"tail")
group("group-silent", "A good group, and silence.", PRIME, ends={"timeout": "stage kex"}, limit=1)
raw_group("group-empty", "The group is one byte.", bytes([GEX_GROUP]))
raw_group("group-4g", "The prime says 4 GiB.", bytes([GEX_GROUP]) + u32(0xFFFFFFFF) + bytes(256))
raw_group("group-negative", "The prime is negative.", bytes([GEX_GROUP]) + string(b"\xff" * 256) + mpint(2))
raw_group("group-no-generator", "The group has a prime alone.", bytes([GEX_GROUP]) + mpint(PRIME))


def diffie_hellman(name, about, public):
    def play(t):
        t.version()
        t.send_kexinit(kex=("diffie-hellman-group14-sha256",))
        t.receive_kexinit()
        t.expect(KEX_INIT)
        t.send(bytes([KEX_REPLY]) + string(t.host_key.blob) + public +
               string(t.host_key.sign(bytes(32))))
        t.silent(30)

    play.__doc__ = about
    scenario(name, REPLY, early=True, sent=0)(play)


diffie_hellman("dh-zero", "Diffie-Hellman: the public value is 0.", mpint(0))
diffie_hellman("dh-one", "Diffie-Hellman: the public value is 1.", mpint(1))
diffie_hellman("dh-negative", "Diffie-Hellman: the public value is negative.", string(b"\xff" * 256))
diffie_hellman("dh-huge", "Diffie-Hellman: the public value has 30,000 bytes.", string(b"\1" + bytes(29999)))
