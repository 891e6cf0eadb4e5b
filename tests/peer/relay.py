#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another address of a server: what connects here is passed on to 127.0.0.1.

    relay.py [--limit=SECONDS] ADDRESS PORT TO-PORT

PORT 0 lets the kernel choose one. Prints the port; who connects is told on standard error.
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("to", type=int)
    args = parser.parse_args()

    family = socket.AF_INET6 if ":" in args.address else socket.AF_INET
    listener = socket.create_server((args.address, args.port), family=family, backlog=128)
    threading.Timer(args.limit, listener.shutdown, (socket.SHUT_RDWR,)).start()
    print(listener.getsockname()[1], flush=True)
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:
            break
        print("from", peer[0], file=sys.stderr, flush=True)
        threading.Thread(target=serve, args=(connection, args.to), daemon=True).start()


if __name__ == "__main__":
    main()
