# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields that SSH's messages are made of (RFC 4251 section 5), and the numbers of messages."""

import struct

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = range(1, 8)
KEXINIT, NEWKEYS = 20, 21
KEX_INIT, KEX_REPLY = 30, 31
GEX_GROUP, GEX_INIT, GEX_REPLY, GEX_REQUEST = 31, 32, 33, 34
REQUEST, FAILURE, SUCCESS, BANNER = 50, 51, 52, 53
PK_OK = PASSWD_CHANGEREQ = INFO_REQUEST = GSSAPI_RESPONSE = 60
INFO_RESPONSE = GSSAPI_TOKEN = 61
GSSAPI_MIC = 66
GLOBAL_REQUEST, CHANNEL_OPEN, CHANNEL_REQUEST = 80, 90, 98


def u32(number):
    return struct.pack(">I", number & 0xFFFFFFFF)


def string(value):
    if isinstance(value, str):
        value = value.encode()
    return u32(len(value)) + value


def boolean(value):
    return b"\1" if value else b"\0"


def mpint(number):
    """Of a number that is not negative."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def names(*parts):
    """A name-list."""
    return string(",".join(parts))


class Reader:
    """Takes fields off a payload, one after the other."""

    def __init__(self, data):
        self.data = data

    def take(self, length):
        if length > len(self.data):
            raise ValueError("the message is shorter than it says")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def byte(self):
        return self.take(1)[0]

    def boolean(self):
        return self.byte() != 0

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        return self.take(self.u32())

    def mpint(self):
        return int.from_bytes(self.string(), "big", signed=True)

    def names(self):
        text = self.string().decode("ascii")
        return text.split(",") if text else []

    def end(self):
        if self.data:
            raise ValueError("%d bytes are left" % len(self.data))
