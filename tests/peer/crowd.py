#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cheap server for many connections at once, which counts them.

    crowd.py [--limit=SECONDS] ADDRESS=MODE...

All addresses have one port, which the kernel chooses and which is printed. A mode is one of

hold             accepts and says nothing
banner[:SECONDS] says a version line after so long (0), then ends the connection
reset            the same by a TCP reset, at once
gather:N         holds connections until N are open at once, then as banner; 60 seconds at most

Standard error tells `TIME accepted ADDRESS N` and `TIME closed ADDRESS N`, with N the connections
that are open there now, and `TIME gathered ADDRESS N`. TIME is of the monotonic clock, in seconds. A
connection is open until the client has closed it.
"""

import argparse
import heapq
import resource
import selectors
import socket
import struct
import sys
import time

BANNER = b"SSH-2.0-Crowd_1.0\r\n"
PATIENCE = 60.0


class Place:
    """One address, and who is there."""

    def __init__(self, address, mode, port):
        self.address = address
        self.mode, _, argument = mode.partition(":")
        self.argument = float(argument or 0)
        self.listener = socket.create_server((address, port), backlog=4096)
        self.listener.setblocking(False)
        self.open = set()

    def tell(self, what):
        print("%.3f %s %s %d" % (time.monotonic(), what, self.address, len(self.open)),
              file=sys.stderr, flush=True)


class Crowd:
    def __init__(self, places):
        self.watch = selectors.DefaultSelector()
        self.due = []  # (when, number, place, connection)
        self.number = 0
        for place in places:
            self.watch.register(place.listener, selectors.EVENT_READ, (place, None))

    def later(self, seconds, place, connection):
        self.number += 1
        heapq.heappush(self.due, (time.monotonic() + seconds, self.number, place, connection))

    def read(self, place, connection):
        """Whatever it says; the connection is forgotten when the client has closed it."""
        try:
            while connection.recv(65536):
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        self.forget(place, connection)

    def forget(self, place, connection):
        if connection in place.open:
            place.open.remove(connection)
            self.watch.unregister(connection)
            connection.close()
            place.tell("closed")

    def accept(self, place):
        try:
            connection, _ = place.listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        # Who closed before this one came is not to be counted beside it.
        for other in list(place.open):
            self.read(place, other)
        place.open.add(connection)
        self.watch.register(connection, selectors.EVENT_READ, (place, connection))
        place.tell("accepted")
        if place.mode == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.forget(place, connection)
        elif place.mode == "banner":
            self.later(place.argument, place, connection)
        elif place.mode == "gather":
            self.later(PATIENCE, place, connection)
            if len(place.open) >= place.argument:
                place.tell("gathered")
                for other in list(place.open):
                    self.end(place, other)

    def end(self, place, connection):
        if connection not in place.open:
            return
        try:
            connection.sendall(BANNER)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            self.forget(place, connection)

    def run(self, end):
        while (left := end - time.monotonic()) > 0:
            if self.due:
                left = min(left, max(0.0, self.due[0][0] - time.monotonic()))
            for key, _ in self.watch.select(left):
                place, connection = key.data
                if connection is None:
                    self.accept(place)
                elif connection in place.open:
                    self.read(place, connection)
            while self.due and self.due[0][0] <= time.monotonic():
                self.end(*heapq.heappop(self.due)[2:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("places", nargs="+")
    args = parser.parse_args()

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    places, port = [], 0
    for text in args.places:
        address, _, mode = text.partition("=")
        places.append(Place(address, mode, port))
        port = places[-1].listener.getsockname()[1]
    crowd = Crowd(places)
    print(port, flush=True)
    crowd.run(time.monotonic() + args.limit)


if __name__ == "__main__":
    main()
