#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret part of a private key in OpenSSH's own format, without a passphrase, as hex digits.

    private.py FILE

One line for each secret number: ed25519's seed, ecdsa's scalar, rsa's d, p and q.
"""
import base64
import struct
import sys


def strings(data):
    at = 0
    while at + 4 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        if length > len(data) - at - 4:
            return  # the padding
        yield data[at + 4:at + 4 + length]
        at += 4 + length


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        data = base64.b64decode("".join(line for line in file if not line.startswith("-")))
    magic = b"openssh-key-v1\0"
    assert data.startswith(magic + b"\0\0\0\4none"), "it is encrypted"
    cipher, kdf, options = list(strings(data[len(magic):]))[:3]
    at = len(magic) + 12 + len(cipher) + len(kdf) + len(options) + 4  # behind the number of keys
    private = list(strings(data[at:]))[1]
    kind, *parts = strings(private[8:])  # behind the two check numbers
    if kind == b"ssh-ed25519":
        secrets = [parts[1][:32]]
    elif kind.startswith(b"ecdsa-"):
        secrets = [parts[2]]
    else:
        n, e, d, iqmp, p, q = parts[:6]
        secrets = [d, p, q]
    for secret in secrets:
        print(secret.lstrip(b"\0").hex())


if __name__ == "__main__":
    main()
