# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH server whose user authentication is a script.

asyncssh does transport and key exchange; every userauth message is handed to, and comes from, a
scenario: `async def scenario(d, argument)` with a Dialogue. The scenarios are in scenes_*.py; nothing
here knows one.
"""

import asyncio
import struct
import sys

import asyncssh
import asyncssh.connection

from ssh_wire import (  # noqa: F401: the scenes take them from here
    BANNER, DISCONNECT, FAILURE, INFO_REQUEST, INFO_RESPONSE, REQUEST, SUCCESS, UNIMPLEMENTED, boolean, string, u32)


def tell(text):
    """One line for the test, on standard error."""
    print(text, file=sys.stderr, flush=True)


class Gone(Exception):
    """The client ended the connection."""


class Abandoned(Exception):
    """The client sent something else than an answer."""


class Request:
    """A USERAUTH_REQUEST; rest is what follows the method's name."""

    def __init__(self, payload):
        reader = asyncssh.packet.SSHPacket(payload[1:])
        self.user = reader.get_string().decode("utf-8", "replace")
        self.service = reader.get_string()
        self.method = reader.get_string().decode("ascii", "replace")
        self.rest = reader.get_remaining_payload()

    def __str__(self):
        more = {"password": " change", "publickey": " signed"} if self.rest[:1] == b"\1" else {}
        return self.method + more.get(self.method, "")


class Dialogue:
    """What a scenario may do with its client."""

    def __init__(self, connection):
        self.connection = connection
        self.inbox = asyncio.Queue()
        self.held = None

    def raw(self, kind, body=b""):
        """Sends a message of that type, whatever its body."""
        self.connection.send_packet(kind, body)

    def failure(self, methods, partial=False):
        if not isinstance(methods, (str, bytes)):
            methods = ",".join(methods)
        self.raw(FAILURE, string(methods) + boolean(partial))

    def success(self):
        self.connection.send_userauth_success()

    def banner(self, text, language=""):
        self.raw(BANNER, string(text) + string(language))

    def disconnect(self, code, text):
        self.raw(DISCONNECT, u32(code) + string(text) + string(""))
        self.close()

    def close(self):
        self.connection.close_transport()

    async def silent(self):
        """Says nothing more; what the client sends is told."""
        while True:
            payload = await self.message()
            if payload[0] == REQUEST:
                self.held = payload
                await self.request()
            else:
                tell("message %d of %d bytes" % (payload[0], len(payload)))

    async def room(self):
        """Waits until the client has read most of what was sent."""
        while self.connection.unsent() > 100000:
            await asyncio.sleep(0.005)

    async def message(self):
        """The next userauth message of the client: its payload."""
        if self.held is not None:
            payload, self.held = self.held, None
        else:
            payload = await self.inbox.get()
        if payload is None:
            raise Gone
        return payload

    async def request(self):
        """The next request; anything else in between is told and dropped."""
        while True:
            payload = await self.message()
            if payload[0] == REQUEST:
                request = Request(payload)
                tell("request %s %s" % (request.user, request))
                return request
            tell("message %d of %d bytes" % (payload[0], len(payload)))

    async def wanted(self, method, offered=None):
        """The next request for this method; others are refused, with offered as the list."""
        while True:
            request = await self.request()
            if request.method == method:
                return request
            self.failure(offered or [method])

    async def answer(self, *kinds):
        """The next message, which must be of one of these types."""
        payload = await self.message()
        if payload[0] == REQUEST:
            self.held = payload
            raise Abandoned
        tell("message %d of %d bytes" % (payload[0], len(payload)))
        if kinds and payload[0] not in kinds:
            raise Abandoned
        return payload

    def info(self, prompts=(), name="", instruction="", language=""):
        """Sends an INFO_REQUEST; prompts are (text, echo)."""
        body = string(name) + string(instruction) + string(language) + u32(len(prompts))
        for text, echo in prompts:
            body += string(text) + boolean(echo)
        self.raw(INFO_REQUEST, body)

    async def ask(self, prompts=(), **words):
        """Sends one and returns the answers."""
        self.info(prompts, **words)
        reader = asyncssh.packet.SSHPacket((await self.answer(INFO_RESPONSE))[1:])
        answers = [reader.get_string() for _ in range(reader.get_uint32())]
        reader.check_end()
        tell("answers %s" % (" ".join(repr(a.decode("utf-8", "replace")) for a in answers) or "none"))
        return answers


class Inbox:
    """Stands where asyncssh has its own handler of message types 60 to 79."""

    def __init__(self, connection):
        self.connection = connection

    def log_received_packet(self, *_):
        pass

    def process_packet(self, kind, _number, packet):
        self.connection.deliver(kind, packet)
        return True

    def cancel(self):
        pass


class Connection(asyncssh.connection.SSHServerConnection):
    """A connection that hands userauth to a scenario."""

    settings = None
    scenario = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.dialogue = Dialogue(self)
        self.task = None
        self.ended = False

    def process_packet(self, pkttype, pktid, packet):
        if pkttype == REQUEST:
            self.deliver(pkttype, packet)
            return True
        done = super().process_packet(pkttype, pktid, packet)
        if pkttype == 5:
            self._auth = Inbox(self)
            if self.settings.early_banner:
                self.dialogue.banner("Banner before the first request\n")
        return done

    def deliver(self, kind, packet):
        if self.task is None:
            self.task = asyncio.ensure_future(self.play())
        self.dialogue.inbox.put_nowait(bytes([kind]) + packet.get_remaining_payload())

    async def play(self):
        try:
            first = await self.dialogue.message()
            self.dialogue.held = first
            self._username = Request(first).user
            await type(self).scenario(self.dialogue, self._username)
            while True:
                await self.dialogue.request()
                self.dialogue.failure(["keyboard-interactive"])
        except Gone:
            pass
        except Abandoned:
            tell("abandoned")
            self.close_transport()
        except Exception as error:  # a peer that fails in silence would look like a passed test
            tell("peer failed: %r" % error)
            self.close_transport()

    def send_newkeys(self, k, h):
        if self.settings.inject and not self._session_id:
            # asyncssh would keep them back until the key exchange is over, and a banner until a request came
            before = self._auth_in_progress, self._kex_complete
            self._auth_in_progress = self._kex_complete = True
            self.send_packet(self.settings.inject,
                             string("injected\n") + string("") if self.settings.inject == 53 else b"")
            self._auth_in_progress, self._kex_complete = before
        super().send_newkeys(k, h)

    def send_userauth_success(self):
        super().send_userauth_success()
        self._auth = Inbox(self)

    def start_rekey(self):
        self._send_kexinit()
        self._kexinit_sent = True

    def rekeyed(self):
        return self._kex_complete

    def unsent(self):
        if not self._transport or self._transport.is_closing():
            raise Gone
        return self._transport.get_write_buffer_size()

    def close_transport(self):
        if self._transport:
            self._transport.close()

    def connection_lost(self, exc=None):
        if not self.ended:
            self.ended = True
            tell("closed")
            self.dialogue.inbox.put_nowait(None)
        super().connection_lost(exc)


async def serve(settings, scenario):
    """Runs until settings.limit seconds have passed."""
    Connection.settings = settings
    Connection.scenario = staticmethod(scenario)
    asyncssh.connection.SSHServerConnection = Connection
    server = await asyncssh.listen(
        "127.0.0.1", 0, login_timeout=0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(settings.limit)
