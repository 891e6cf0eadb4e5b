#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses that answer nothing: listeners whose queues are full, so that the kernel drops what
else comes.

    dead.py [--limit=SECONDS] PORT ADDRESS...

PORT 0 lets the kernel choose one for all of them. Prints the port.
"""

import argparse
import socket
import time


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(address, port):
    listener = socket.socket(family(address))
    if family(address) == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((address, port))
    listener.listen(0)
    return listener


def fill(listener, held):
    """Connects until nothing answers."""
    for _ in range(8):
        held.append(socket.socket(listener.family))
        held[-1].settimeout(0.2)
        try:
            held[-1].connect(listener.getsockname()[:2])
        except socket.timeout:
            held.pop().close()
            return
    raise OSError("the queue never fills")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("port", type=int)
    parser.add_argument("addresses", nargs="+")
    args = parser.parse_args()

    held, port = [], args.port
    for address in args.addresses:
        listener = listen(address, port)
        port = listener.getsockname()[1]
        held.append(listener)
        fill(listener, held)
    print(port, flush=True)
    time.sleep(args.limit)


if __name__ == "__main__":
    main()
