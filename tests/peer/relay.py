#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other addresses of a server: what connects here is passed on to 127.0.0.1.

    relay.py [--limit=SECONDS] ADDRESS[,ADDRESS]... PORT TO-PORT

PORT 0 lets the kernel choose one, which is the same for all. Prints the port; who connects is told on
standard error.
"""

import argparse
import socket
import sys
import threading


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(connection, port):
    with connection, socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=copy, args=(server, connection), daemon=True)
        back.start()
        copy(connection, server)
        back.join()


def listen(addresses, port):
    """A listener on each address; the kernel's choice for the first may be taken on another."""
    for attempt in range(20):
        listeners = []
        try:
            for address in addresses:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                wanted = listeners[0].getsockname()[1] if listeners else port
                listeners.append(socket.create_server((address, wanted), family=family, backlog=128))
            return listeners
        except OSError:
            for listener in listeners:
                listener.close()
            if port or attempt == 19:
                raise


def accept(listener, port):
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:
            break
        print("from", peer[0], file=sys.stderr, flush=True)
        threading.Thread(target=serve, args=(connection, port), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("to", type=int)
    args = parser.parse_args()

    listeners = listen(args.address.split(","), args.port)
    for listener in listeners:
        threading.Timer(args.limit, listener.shutdown, (socket.SHUT_RDWR,)).start()
    print(listeners[0].getsockname()[1], flush=True)
    for listener in listeners[1:]:
        threading.Thread(target=accept, args=(listener, args.to), daemon=True).start()
    accept(listeners[0], args.to)


if __name__ == "__main__":
    main()
