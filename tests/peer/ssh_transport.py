# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of one SSH connection, on a transport of our own: every step can be bent.

A library refuses to send broken packets. This one has one algorithm for each purpose (or two, see
ssh_kex.py), blocking sockets, and a limit on each wait. What the client sent is in `seen`.
"""

import hashlib
import os
import socket
import struct
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519

import ssh_kex
from ssh_wire import (BANNER, DEBUG, DISCONNECT, FAILURE, INFO_REQUEST, INFO_RESPONSE, KEX_INIT,
                      KEX_REPLY, KEXINIT, NEWKEYS, REQUEST, SERVICE_ACCEPT, SERVICE_REQUEST,
                      SUCCESS, Reader, boolean, mpint, string, u32)


class Gone(Exception):
    """The client ended the connection."""


class Late(Exception):
    """The client neither sent what was waited for nor hung up."""


class Request:
    """A USERAUTH_REQUEST; rest is what follows the method's name."""

    def __init__(self, payload):
        reader = Reader(payload[1:])
        self.user, self.service, self.method = (reader.string().decode("utf-8", "replace")
                                                for _ in range(3))
        self.rest = reader.data


class Exchange:
    """One key exchange: what a bent reply is made of."""

    def __init__(self, host_key, client_public):
        private = x25519.X25519PrivateKey.generate()
        self.host_key = host_key.blob
        self.public = private.public_key().public_bytes(serialization.Encoding.Raw,
                                                        serialization.PublicFormat.Raw)
        self.secret = int.from_bytes(
            private.exchange(x25519.X25519PublicKey.from_public_bytes(client_public)), "big")
        self.hash = b""
        self.signature = b""

    def reply(self, host_key=None, public=None, signature=None, tail=b""):
        """A KEX_ECDH_REPLY with one thing or another replaced."""
        return (bytes([KEX_REPLY]) + string(self.host_key if host_key is None else host_key) +
                string(self.public if public is None else public) +
                string(self.signature if signature is None else signature) + tail)


class Transport:
    """What a scenario does with its client."""

    def __init__(self, connection, host_key, limit=10):
        self.socket = connection
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host_key = host_key
        self.limit = limit
        self.stage = "version"
        self.seen = []         # (stage, type) of each packet of the client
        self.credentials = []  # methods whose secret, answer, signature or token came
        self.quiet_from = 0    # of `seen`, when something was sent last
        self.session_id = b""
        self.client_version = self.server_version = b""
        self.method = ""       # of the last request
        self.sending = ssh_kex.Direction()
        self.receiving = ssh_kex.Direction()
        self.buffer = b""
        self.held = []         # packets that came during a key exchange
        self.own_kexinit = self.client_kexinit = b""
        self.lists = dict(ssh_kex.LISTS)
        self.closed = False

    # Bytes

    def raw(self, data):
        """Sends bytes as they are."""
        self.quiet_from = len(self.seen)
        self.socket.settimeout(self.limit)
        try:
            self.socket.sendall(data)
        except socket.timeout:
            raise Late from None
        except OSError:
            self.closed = True
            raise Gone from None

    def drip(self, data, pause=1.0):
        """Sends a byte at a time."""
        for at in range(len(data)):
            self.raw(data[at:at + 1])
            self.silent(pause)

    def _read(self, until):
        """More bytes of the client's."""
        left = until - time.monotonic()
        if left <= 0:
            raise Late
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except socket.timeout:
            raise Late from None
        except OSError:
            data = b""
        if not data:
            self.closed = True
            raise Gone
        self.buffer += data

    def _take(self, length, until):
        while len(self.buffer) < length:
            self._read(until)
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    # Version exchange

    def version(self, line=b"SSH-2.0-Hostile_1.0\r\n"):
        """Sends the line, and returns the client's."""
        self.server_version = line.split(b"\n")[-2 if line.endswith(b"\n") else -1].rstrip(b"\r")
        self.raw(line)
        return self.read_version()

    def read_version(self):
        until = time.monotonic() + self.limit
        while b"\n" not in self.buffer:
            self._read(until)
        line, _, self.buffer = self.buffer.partition(b"\n")
        self.client_version = line.rstrip(b"\r")
        self.stage = "kex"
        return line + b"\n"

    # Packets

    def packet(self, payload, length=None, padding=None, padding_length=None, mac=None):
        """One packet with the keys in force, as bytes; it counts as sent.

        length and padding_length are what the fields say, padding is the padding itself, mac is
        "wrong" or the bytes.
        """
        if padding is None:
            pad = -(len(payload) + 5) % self.sending.block
            padding = os.urandom(pad + self.sending.block if pad < 4 else pad)
        clear = (u32(1 + len(payload) + len(padding) if length is None else length) +
                 bytes([len(padding) if padding_length is None else padding_length]) +
                 payload + padding)
        right = self.sending.mac(clear)
        if mac == "wrong":
            mac = bytes(byte ^ 0x55 for byte in right)
        self.sending.count = self.sending.count + 1 & 0xFFFFFFFF
        return self.sending.crypt(clear) + (right if mac is None else mac)

    def send(self, payload, **bend):
        self.raw(self.packet(payload, **bend))

    def _receive_any(self, until):
        while True:
            direction = self.receiving
            first = direction.crypt(self._take(direction.block, until))
            length = struct.unpack(">I", first[:4])[0]
            if length > 40000:
                raise ValueError("the client sent a packet of %d bytes" % length)
            # RFC 4253 section 6: a packet is not shorter than a block
            clear = first + direction.crypt(self._take(4 + length - direction.block, until))
            if self._take(direction.mac_bytes, until) != direction.mac(clear):
                raise ValueError("the client's MAC is wrong")
            direction.count = direction.count + 1 & 0xFFFFFFFF
            payload = clear[5:4 + length - clear[4]]
            self.seen.append((self.stage, payload[0]))
            self._note(payload)
            return payload

    def _note(self, payload):
        """Has a credential come?"""
        if payload[0] == REQUEST:
            request = Request(payload)
            self.method = request.method
            if request.method == "password" or (request.method == "publickey" and
                                                request.rest[:1] == b"\1"):
                self.credentials.append(request.method)
        elif payload[0] == INFO_RESPONSE and self.method == "keyboard-interactive":
            if payload[1:5] != u32(0):
                self.credentials.append(self.method)
        elif 60 <= payload[0] <= 79:
            self.credentials.append(self.method)

    def receive(self):
        """The payload of the client's next packet, of any type."""
        if self.held:
            return self.held.pop(0)
        return self._receive_any(time.monotonic() + self.limit)

    def expect(self, *types):
        """The next packet of one of these types; what comes before it is dropped, for `seen` has
        it."""
        until = time.monotonic() + self.limit
        for at, payload in enumerate(self.held):
            if payload[0] in types:
                return self.held.pop(at)
        while True:
            payload = self._receive_any(until)
            if payload[0] in types:
                return payload

    def drain(self, limit):
        """Reads what the client still sends, until it hangs up; False where it does not."""
        until = time.monotonic() + limit
        try:
            while not self.closed:
                if self.stage == "version":
                    self._read(until)
                else:
                    self._receive_any(until)
        except Gone:
            pass
        except Late:
            return False
        return True

    def silent(self, seconds):
        """Says nothing for so long; Gone where the client hangs up."""
        if not self.drain(seconds):
            return
        raise Gone

    # Key exchange

    def send_kexinit(self, payload=None, **bend):
        """payload: the whole message; bend: of ssh_kex.kexinit()."""
        self.own_kexinit = ssh_kex.kexinit(**bend) if payload is None else payload
        self.lists = {**ssh_kex.LISTS, **{k: v for k, v in bend.items() if k in ssh_kex.LISTS}}
        self.send(self.own_kexinit)

    def receive_kexinit(self):
        """Packets of userauth that were on their way are held back for receive()."""
        until = time.monotonic() + self.limit
        while True:
            payload = self._receive_any(until)
            if payload[0] == KEXINIT:
                self.client_kexinit = payload
                return payload
            if self.session_id and payload[0] >= REQUEST:
                self.held.append(payload)

    def hash_start(self):
        """What each exchange hash begins with (RFC 4253 section 8)."""
        return b"".join(map(string, (self.client_version, self.server_version,
                                     self.client_kexinit, self.own_kexinit)))

    def begin_kex(self, kexinit=None):
        """Both KEXINITs and the client's public point: an Exchange. kexinit: a payload, or a dict
        for send_kexinit()."""
        if isinstance(kexinit, dict):
            self.send_kexinit(**kexinit)
        else:
            self.send_kexinit(kexinit)
        self.receive_kexinit()
        return self.receive_init()

    def receive_init(self):
        client_public = Reader(self.expect(KEX_INIT)[1:]).string()
        fields = Exchange(self.host_key, client_public)
        self.sign(fields, client_public)
        return fields

    def sign(self, fields, client_public):
        data = self.hash_start() + b"".join(map(string, (fields.host_key, client_public,
                                                         fields.public)))
        fields.hash = hashlib.sha256(data + mpint(fields.secret)).digest()
        fields.signature = self.host_key.sign(fields.hash)

    def directions(self, fields, digest=hashlib.sha256):
        """The two directions' new keys, as two functions that put them into force."""
        client = ssh_kex.read_kexinit(self.client_kexinit)
        chosen = {name: ssh_kex.choose(client[name], self.lists[name]) for name in client}
        self.session_id = self.session_id or fields.hash
        derive = ssh_kex.deriver(fields.secret, fields.hash, self.session_id, digest)
        return (lambda: self.sending.rekey(chosen["cipher_out"], chosen["mac_out"], derive, "BDF", True),
                lambda: self.receiving.rekey(chosen["cipher_in"], chosen["mac_in"], derive, "ACE", False))

    def end_kex(self, fields, newkeys=bytes([NEWKEYS]), digest=hashlib.sha256, after=()):
        """NEWKEYS both ways. newkeys None: none is sent. after: payloads that follow at once."""
        send, receive = self.directions(fields, digest)
        if newkeys is not None:
            data = self.packet(newkeys)
            send()
            self.raw(data + b"".join(self.packet(payload) for payload in after))
        self.expect(NEWKEYS)
        receive()
        self.stage = "open"

    def kex(self, kexinit=None, before_reply=(), reply=None, signature=None, before_newkeys=(),
            newkeys=bytes([NEWKEYS]), after=()):
        """A whole key exchange, the first one or a later one.

        kexinit: the payload, or a dict for ssh_kex.kexinit(); reply: a function of the Exchange
        that makes the payload; signature: "wrong", or the bytes; before_reply, before_newkeys
        and after: payloads; newkeys: the payload, None for none.
        """
        fields = self.begin_kex(kexinit)
        if signature == "wrong":
            signature = self.host_key.sign(bytes(32))
        for payload in before_reply:
            self.send(payload)
        self.send(reply(fields) if reply else fields.reply(signature=signature))
        for payload in before_newkeys:
            self.send(payload)
        self.end_kex(fields, newkeys, after=after)
        return fields

    # Service and user authentication

    def service(self):
        """Accepts the service that the client asks for."""
        self.accept(Reader(self.expect(SERVICE_REQUEST)[1:]).string())

    def accept(self, name="ssh-userauth"):
        self.send(bytes([SERVICE_ACCEPT]) + string(name))

    def open(self):
        self.version()
        self.kex()
        self.service()

    def request(self, method=None):
        """The next request for this method, or for any; others are refused."""
        while True:
            request = Request(self.expect(REQUEST))
            if method in (None, request.method):
                return request
            self.failure([method])

    def failure(self, methods, partial=False):
        if not isinstance(methods, (str, bytes)):
            methods = ",".join(methods)
        self.send(bytes([FAILURE]) + string(methods) + boolean(partial))

    def success(self):
        self.send(bytes([SUCCESS]))

    def banner(self, text, language=""):
        self.send(bytes([BANNER]) + string(text) + string(language))

    def debug(self, text, always=False):
        self.send(bytes([DEBUG]) + boolean(always) + string(text) + string(""))

    def disconnect(self, code, text):
        self.send(bytes([DISCONNECT]) + u32(code) + string(text) + string(""))

    def info(self, prompts=(), name="", instruction="", language=""):
        """An INFO_REQUEST; prompts are (text, echo)."""
        body = string(name) + string(instruction) + string(language) + u32(len(prompts))
        for text, echo in prompts:
            body += string(text) + boolean(echo)
        self.send(bytes([INFO_REQUEST]) + body)

    def answers(self):
        reader = Reader(self.expect(INFO_RESPONSE)[1:])
        answers = [reader.string() for _ in range(reader.u32())]
        reader.end()
        return answers

    # Ends

    def close(self):
        """An orderly end: the client reads all that was sent, and then end of file."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.closed = True
