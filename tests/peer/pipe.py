#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy command: copies standard input to a port, and what comes from there to standard output.

    pipe.py [OPTION]... HOST PORT

--record=FOLDER  writes what it is into this folder: pid, environment, descriptors, arguments
--say=TEXT       the rest of its arguments, for --record
--flood          writes to standard error all the time
--stay           goes on when both sides have hung up, and heeds neither SIGHUP nor SIGTERM
It ends with 0 once either side has hung up; at SIGUSR1 with 0, at SIGUSR2 with 3.
"""

import argparse
import os
import selectors
import signal
import socket
import sys
import threading
import time


def record(folder, said):
    def put(name, text):
        with open(os.path.join(folder, name), "a") as file:
            file.write(text + "\n")

    put("environment", "\n".join(f"{name}={value}" for name, value in os.environ.items()))
    # One of them is the listing's own, and closed by now.
    fds = [fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
    put("descriptors", " ".join(sorted(fds, key=int)))
    put("arguments", said)
    put("pid", str(os.getpid()))


def flood():
    while True:
        os.write(2, b"proxy: all is well, \x1b[2J and so on\n" * 100)


def copy_all(server):
    """Until either side hangs up."""
    watch = selectors.DefaultSelector()
    watch.register(0, selectors.EVENT_READ)
    watch.register(server, selectors.EVENT_READ)
    while True:
        for key, _ in watch.select():
            if key.fileobj == 0:
                data = os.read(0, 65536)
                server.sendall(data)
            else:
                data = server.recv(65536)
                left = data
                while left:
                    left = left[os.write(1, left):]
            if not data:
                return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record")
    parser.add_argument("--say", default="")
    parser.add_argument("--flood", action="store_true")
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    args = parser.parse_args()

    signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
    signal.signal(signal.SIGUSR2, lambda *_: os._exit(3))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    if args.stay:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if args.record:
        record(args.record, args.say)
    if args.flood:
        threading.Thread(target=flood, daemon=True).start()
    try:
        server = socket.create_connection((args.host, args.port))
    except OSError as error:
        sys.exit(f"pipe: {args.host} port {args.port}: {error.strerror}")
    try:
        copy_all(server)
    except OSError:
        pass
    while args.stay:
        time.sleep(60)
    os._exit(0)


if __name__ == "__main__":
    main()
