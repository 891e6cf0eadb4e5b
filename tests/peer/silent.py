#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that accepts and says nothing.

    silent.py [--udp] [--banner] [--limit=SECONDS]

--udp also swallows datagrams at the same port (a KDC that hangs); --banner first sends an SSH
version line, and nothing after it. Prints its port; what arrives is told on standard error.
"""

import argparse
import selectors
import socket
import sys
import time


def bind_both():
    """A TCP listener, and a UDP socket at the same port."""
    for _ in range(1000):
        tcp = socket.create_server(("127.0.0.1", 0), backlog=128)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            tcp.close()
            udp.close()
    raise OSError("no port is free for both TCP and UDP")


def tell(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--udp", action="store_true")
    parser.add_argument("--banner", action="store_true")
    parser.add_argument("--limit", type=float, default=300)
    args = parser.parse_args()

    tcp, udp = bind_both()
    watch = selectors.DefaultSelector()
    watch.register(tcp, selectors.EVENT_READ)
    if args.udp:
        watch.register(udp, selectors.EVENT_READ)
    else:
        udp.close()
    print(tcp.getsockname()[1], flush=True)

    end = time.monotonic() + args.limit
    while (left := end - time.monotonic()) > 0:
        for key, _ in watch.select(left):
            if key.fileobj is tcp:
                connection, _ = tcp.accept()
                tell("accepted")
                if args.banner:
                    connection.sendall(b"SSH-2.0-Silent\r\n")
                watch.register(connection, selectors.EVENT_READ)
            elif args.udp and key.fileobj is udp:
                udp.recv(65536)
                tell("datagram")
            else:
                try:
                    data = key.fileobj.recv(65536)
                except OSError:
                    data = b""
                if data:
                    tell("received %d bytes" % len(data))
                else:
                    tell("closed")
                    watch.unregister(key.fileobj)
                    key.fileobj.close()


if __name__ == "__main__":
    main()
