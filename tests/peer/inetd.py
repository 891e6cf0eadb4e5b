#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener for servers that speak on standard input and output, as inetd is.

    inetd.py [--limit=SECONDS] COMMAND [ARGUMENT...]

Each connection gets a process of its own. Prints the port, which the kernel chose. Standard error has what
the servers write there, and `connected` and `ended STATUS` of each, STATUS being negative for a signal. At
SIGTERM and at the limit all of them are ended, with what they started.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading


class Servers:
    """The processes that run."""

    def __init__(self, command):
        self.command = command
        self.running = set()
        self.lock = threading.Lock()
        self.over = False

    def serve(self, connection):
        with self.lock:
            if self.over:
                return
            tell("connected")
            # A group of its own, since a server may start others.
            server = subprocess.Popen(self.command, stdin=connection, stdout=connection,
                                      start_new_session=True)
            self.running.add(server)
        connection.close()
        status = server.wait()
        with self.lock:
            self.running.discard(server)
        tell(f"ended {status}")

    def end(self):
        with self.lock:
            self.over = True
            for server in self.running:
                try:
                    os.killpg(server.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass


def tell(text):
    os.write(2, text.encode() + b"\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()

    servers = Servers(args.command)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGALRM, lambda *_: sys.exit())
    signal.setitimer(signal.ITIMER_REAL, args.limit)
    print(listener.getsockname()[1], flush=True)
    try:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=servers.serve, args=(connection,), daemon=True).start()
    finally:
        servers.end()


if __name__ == "__main__":
    main()
