# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay between the program and a server, as if the way between them were so long that all else takes
no time. It counts round trips, which are defined here and nowhere else.

What both sides say is held until neither has more to say before it hears from the other; then all of it is
delivered at once, each side's in one write. That is a step. A step is one way of a message, and what both
sides say on their own crosses within one. So, with the steps up to the last one that brought the program
anything:

    round trips = steps / 2

That times the round-trip time is what the dialogue takes where the way is all that counts; TCP's own handshake,
which takes one more, is not in it. A goodbye that nobody waits for costs nothing.

Whether a side has more to say is not guessed from a silence, which on a busy machine lasts as long as it
likes: all threads of all processes on both sides must be asleep, several times in a row, and nothing may
be on its way. As a by-product each side is handed whole flights: how often the program waits and reads no longer
depends on how the scheduler cut them.
"""

import os
import re
import select
import socket
import time

NAP, NAPS = 0.004, 4  # seconds between looks, and in how many of them all must be asleep
ASLEEP = "SIZX"       # idle and dead threads besides; not those that a tracer has stopped
# the ports of a row of /proc/net/tcp: no listener (0A), and either queue has something
QUEUED = re.compile(rb"^ *\d+: \w+:(\w+) \w+:(\w+) (?!0A)\w+ (?!0+:0+ )", re.M)


class Broken(Exception):
    pass


def children(pid):
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task)) as file:
            yield from map(int, file.read().split())


def is_asleep(pid):
    """That process, with all below it; one that has ended is."""
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/stat" % (pid, task)) as file:
                if file.read().rpartition(")")[2].split()[0] not in ASLEEP:
                    return False
        return all(map(is_asleep, children(pid)))
    except (FileNotFoundError, ProcessLookupError):
        return not os.path.exists("/proc/%d" % pid)  # else one of its threads has ended just now


def is_on_its_way(sides):
    """Has any of these connections bytes that were not acknowledged, or not read?"""
    ports = {side.ports for side in sides}
    with open("/proc/net/tcp", "rb") as file:
        found = QUEUED.findall(file.read())
    return any(frozenset(int(port, 16) for port in ends) in ports for ends in found)


class Side:
    """One of the two connections, and what was read from it and not delivered."""

    def __init__(self, connection):
        self.connection = connection
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""
        self.ended = False
        self.ports = frozenset((connection.getsockname()[1], connection.getpeername()[1]))

    def hurry(self):
        """The other end's second small write waits for the acknowledgement of its first."""
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def read(self):
        try:
            data = self.connection.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        self.held += data
        self.ended = not data
        self.hurry()

    def write(self, data):
        try:
            if self.connection.send(data) != len(data):
                raise Broken("a flight of %d bytes does not fit" % len(data))
            self.hurry()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has hung up

    def end(self):
        try:
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has hung up


class Lockstep:
    """Listens at `port`; passes one connection at a time on to `server`."""

    def __init__(self, server):
        self.server = server
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def close(self):
        self.listener.close()

    def accept(self, program):
        while True:
            ready = select.select([self.listener], [], [], 0.2)[0]
            if ready:
                return self.listener.accept()[0]
            if not os.path.exists("/proc/%d" % program) or time.monotonic() > self.deadline:
                raise Broken("the program did not connect")

    def serve(self, program, servers, limit):
        """One connection, until the program hangs up; returns the steps up to the last that it heard of.
        All threads of these processes must be asleep, with those below. Raises Broken after `limit` seconds."""
        processes = [program, *servers]
        self.deadline = time.monotonic() + limit
        connection = self.accept(program)
        with connection, socket.create_connection(("127.0.0.1", self.server)) as other:
            program, server = Side(connection), Side(other)
            steps = heard = 0
            while not program.ended:
                self.wait((program, server), processes)
                to_server, to_program = program.held, server.held
                program.held = server.held = b""
                steps += bool(to_server or to_program)
                if to_program:
                    heard = steps
                    program.write(to_program)
                if to_server:
                    server.write(to_server)
                if server.ended and not program.ended and not to_program:
                    program.end()
        if select.select([self.listener], [], [], 0)[0]:
            self.listener.accept()[0].close()
            raise Broken("the program connected once more")
        return heard

    def wait(self, sides, processes):
        """Until both have said what they can, and there is something to deliver."""
        asleep = 0
        while asleep < NAPS or not any(side.held or side.ended for side in sides) or is_on_its_way(sides):
            if time.monotonic() > self.deadline:
                raise Broken("neither side says anything more")
            waiting = [side for side in sides if not side.ended]
            ready = select.select([side.connection for side in waiting], [], [], NAP)[0]
            for side in waiting:
                if side.connection in ready:
                    side.read()
            asleep = asleep + 1 if not ready and all(map(is_asleep, processes)) else 0
