# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos for a server that has no KDC: a credential cache with a ticket of its own making, and the
acceptor's half of the mechanism.

A client hands the ticket on as it found it, so whoever writes its cache knows the session key, and can
read its AP-REQ, answer with a true AP-REP, and check its MIC. All keys are of one type,
aes128-cts-hmac-sha256-128 (RFC 8009). DER, names and messages: RFC 4120; tokens: RFC 4121.
"""

import os
import struct
import time

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ENCTYPE = 19
REALM = "EXAMPLE.TEST"
CLIENT = ("alice",)
SERVICE = ("host", "server.example.test")
HOST = SERVICE[1]
OID = bytes.fromhex("06092a864886f712010202")
AP_REQ, AP_REP, KRB_ERROR = b"\1\0", b"\2\0", b"\3\0"
# Nobody but the client and the peers of these tests ever sees what is sealed with it.
SESSION_KEY = b"16 bytes of key!"

USAGE_AUTHENTICATOR, USAGE_AP_REP, USAGE_MIC = 11, 12, 25


class Bad(Exception):
    """What the client sent is not what it has to be."""


# Encryption (RFC 8009 sections 3 and 5)


def mac(key, data):
    code = hmac.HMAC(key, hashes.SHA256())
    code.update(data)
    return code.finalize()[:16]


def derive(key, usage, kind):
    return mac(key, struct.pack(">IIBBI", 1, usage, kind, 0, 128))


def cipher(key, mode, data, decrypt=False):
    work = Cipher(algorithms.AES(key), mode)
    context = work.decryptor() if decrypt else work.encryptor()
    return context.update(data) + context.finalize()


def encrypt(key, usage, plain):
    plain = os.urandom(16) + plain
    padded = plain + bytes(-len(plain) % 16)
    blocks = cipher(derive(key, usage, 0xAA), modes.CBC(bytes(16)), padded)
    # ciphertext stealing: the last two blocks change places, and the one that was padded is cut
    stolen = (blocks[:-32] + blocks[-16:] + blocks[-32:-16])[:len(plain)]
    return stolen + mac(derive(key, usage, 0x55), bytes(16) + stolen)


def decrypt(key, usage, sealed):
    stolen, code = sealed[:-16], sealed[-16:]
    if len(stolen) <= 16 or mac(derive(key, usage, 0x55), bytes(16) + stolen) != code:
        raise Bad("a ciphertext that the session key does not open")
    inner = derive(key, usage, 0xAA)
    cut = len(stolen) % 16 or 16
    head, last_but_one, last = stolen[:-16 - cut], stolen[-16 - cut:-cut], stolen[-cut:]
    opened = cipher(inner, modes.ECB(), last_but_one, decrypt=True)
    whole = head + last + opened[cut:] + last_but_one
    return cipher(inner, modes.CBC(bytes(16)), whole, decrypt=True)[16:len(stolen)]


# DER


def tlv(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def integer(number):
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def text(value):
    return tlv(0x1B, value.encode() if isinstance(value, str) else value)


def sequence(**fields):
    """A SEQUENCE of explicitly tagged fields: _1=..., _2=..."""
    return tlv(0x30, *(tlv(0xA0 + int(number[1:]), field) for number, field in fields.items()))


def name(parts, kind=1):
    return sequence(_0=integer(kind), _1=tlv(0x30, *map(text, parts)))


def sealed(key, usage, plain):
    return sequence(_0=integer(ENCTYPE), _2=tlv(4, encrypt(key, usage, plain)))


def take(data):
    """The first element: tag, content, and what follows it."""
    if len(data) < 2:
        raise Bad("DER that ends too early")
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    if at + size > len(data):
        raise Bad("DER that ends too early")
    return tag, data[at:at + size], data[at + size:]


def fields(data):
    """The fields of a SEQUENCE by number."""
    found, rest = {}, take(data)[1]
    while rest:
        tag, content, rest = take(rest)
        found[tag & 0x1F] = content
    return found


# The client's side: a credential cache, and a configuration that has no KDC in it


def ticket():
    """Nobody ever opens it: only its form counts."""
    sealed_part = sequence(_0=integer(ENCTYPE), _1=integer(1), _2=tlv(4, os.urandom(200)))
    return tlv(0x61, sequence(_0=integer(5), _1=text(REALM), _2=name(SERVICE, 3), _3=sealed_part))


def counted(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(value)) + value


def principal(parts, kind=1):
    return (struct.pack(">II", kind, len(parts)) + counted(REALM) + b"".join(map(counted, parts)))


def cache():
    """A credential cache, version 4, of one service ticket, good for a day."""
    now = int(time.time())
    return (b"\5\4\0\0" + principal(CLIENT) + principal(CLIENT) + principal(SERVICE, 3) +
            struct.pack(">H", ENCTYPE) + counted(SESSION_KEY) +
            struct.pack(">IIIIBI", now - 60, now - 60, now + 86400, 0, 0, 0x40000000) +
            struct.pack(">II", 0, 0) + counted(ticket()) + counted(b""))


CONFIGURATION = """[libdefaults]
    default_realm = %s
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[domain_realm]
    %s = %s
""" % (REALM, HOST, REALM)


def prepare(folder):
    """Writes both into a folder; the environment that leads a client to them."""
    ccache, configuration = os.path.join(folder, "krb5cc"), os.path.join(folder, "krb5.conf")
    with open(os.open(ccache, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(cache())
    with open(configuration, "w", encoding="ascii") as file:
        file.write(CONFIGURATION)
    return {"KRB5CCNAME": "FILE:" + ccache, "KRB5_CONFIG": configuration,
            "KRB5_CLIENT_KTNAME": os.path.join(folder, "no-keytab")}


# The server's side


def token(kind, body):
    """A context token (RFC 4121 section 4.1)."""
    return tlv(0x60, OID, kind, body)


def krb_error(code, words=b"", name_of=SERVICE):
    """A KRB-ERROR, which says why an AP-REQ was refused."""
    stamp = tlv(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime()).encode())
    return token(KRB_ERROR, tlv(0x7E, sequence(
        _0=integer(5), _1=integer(30), _4=stamp, _5=integer(0), _6=integer(code), _9=text(REALM),
        _10=name(name_of, 3), _11=text(words))))


class Acceptor:
    """One context: takes the client's token, makes the answer, checks the MIC."""

    def __init__(self, first):
        self.first = first
        tag, content, rest = take(first)
        if tag != 0x60 or rest or not content.startswith(OID + AP_REQ):
            raise Bad("the first token is no AP-REQ")
        request = fields(take(content[len(OID) + 2:])[1])
        opened = decrypt(SESSION_KEY, USAGE_AUTHENTICATOR, take(fields(request[4])[2])[1])
        self.authenticator = fields(take(opened)[1])
        self.subkey = SESSION_KEY
        if 6 in self.authenticator:
            self.subkey = take(fields(self.authenticator[6])[1])[1]

    def reply(self, key=SESSION_KEY, **bent):
        """The AP-REP that proves the server; cusec= and ctime= (DER) may be others than they have to be."""
        part = sequence(_0=bent.get("ctime", self.authenticator[5]),
                        _1=bent.get("cusec", self.authenticator[4]), _3=integer(1))
        return token(AP_REP, tlv(0x6F, sequence(
            _0=integer(5), _1=integer(15), _2=sealed(key, USAGE_AP_REP, tlv(0x7B, part)))))

    def check(self, code, signed):
        """The client's MIC (RFC 4121 section 4.2.6.1) of these bytes."""
        right = mac(derive(self.subkey, USAGE_MIC, 0x99), signed + code[:16])
        if code[:8] != b"\4\4\0" + b"\xff" * 5 or code[16:] != right:
            raise Bad("a wrong MIC")
