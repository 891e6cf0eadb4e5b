# SPDX-License-Identifier: GPL-3.0-or-later
"""What a key exchange works with (RFC 4253 sections 7 and 8): lists of algorithms, a host key,
keys out of the secret, and the two directions of packets."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ssh_wire import KEXINIT, Reader, boolean, mpint, names, string, u32

FIELDS = ("kex", "host_key", "cipher_in", "cipher_out", "mac_in", "mac_out", "comp_in", "comp_out",
          "language_in", "language_out")
LISTS = {
    "kex": ("curve25519-sha256", "curve25519-sha256@libssh.org"),
    "host_key": ("ssh-ed25519",),
    "cipher_in": ("aes256-ctr", "aes128-ctr"), "cipher_out": ("aes256-ctr", "aes128-ctr"),
    "mac_in": ("hmac-sha2-256", "hmac-sha2-512"), "mac_out": ("hmac-sha2-256", "hmac-sha2-512"),
    "comp_in": ("none",), "comp_out": ("none",),
    "language_in": (), "language_out": (),
}
KEY_BYTES = {"aes256-ctr": 32, "aes128-ctr": 16}
MACS = {"hmac-sha2-256": hashlib.sha256, "hmac-sha2-512": hashlib.sha512}


def kexinit(follows=False, cookie=b"", reserved=0, tail=b"", **lists):
    """A KEXINIT; `lists` are names of FIELDS, "in" being what the client sends."""
    chosen = {**LISTS, **lists}
    return (bytes([KEXINIT]) + (cookie or os.urandom(16)) +
            b"".join(names(*chosen[field]) for field in FIELDS) +
            boolean(follows) + u32(reserved) + tail)


def read_kexinit(payload):
    """The lists of a KEXINIT."""
    reader = Reader(payload[17:])
    return {field: reader.names() for field in FIELDS}


def choose(client, server):
    """The client's first that the server has as well; the server's where there is none."""
    return next((name for name in client if name in server), (list(server) or [""])[0])


class HostKey:
    """An Ed25519 host key."""

    name = "ssh-ed25519"

    def __init__(self):
        self.key = ed25519.Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes(serialization.Encoding.Raw,
                                                    serialization.PublicFormat.Raw)
        self.blob = string(self.name) + string(public)

    def sign(self, data):
        return string(self.name) + string(self.key.sign(data))


class Direction:
    """Cipher, MAC and count of one direction; without keys it is clear text."""

    def __init__(self):
        self.count = 0
        self.cipher = None
        self.hash = None
        self.block = 8
        self.mac_bytes = 0

    def rekey(self, cipher, mac, derive, letters, encrypts):
        key = derive(letters[1], KEY_BYTES[cipher])
        context = Cipher(algorithms.AES(key), modes.CTR(derive(letters[0], 16)))
        self.cipher = context.encryptor() if encrypts else context.decryptor()
        self.hash = MACS[mac]
        self.mac_bytes = self.hash().digest_size
        self.mac_key = derive(letters[2], self.mac_bytes)
        self.block = 16

    def crypt(self, data):
        return self.cipher.update(data) if self.cipher else data

    def mac(self, packet):
        if not self.hash:
            return b""
        return hmac.digest(self.mac_key, u32(self.count) + packet, self.hash)


def deriver(secret, exchange_hash, session_id, digest=hashlib.sha256):
    """RFC 4253 section 7.2: keys by letter and length."""

    def derive(letter, length):
        start = mpint(secret) + exchange_hash
        key = digest(start + letter.encode() + session_id).digest()
        while len(key) < length:
            key += digest(start + key).digest()
        return key[:length]

    return derive
