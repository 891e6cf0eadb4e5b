#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is no SSH server, or ends the connection before it has become one.

    closing.py [--limit=SECONDS] MODE

close    closes at once                     reset    the same, by a TCP reset
banner   sends a version line, then closes  ssh1     speaks version 1 only
http     an answer of another protocol      escapes  lines with terminal escapes, then a close
early    some lines, which RFC 4253 allows, then a version line, then closes
endless  bytes without a newline, for ever
Prints its port; connections are told on standard error.
"""

import argparse
import socket
import struct
import sys
import threading
import time

TEXTS = {
    "close": b"",
    "reset": b"",
    "banner": b"SSH-2.0-Closing_1.0\r\n",
    "ssh1": b"SSH-1.5-Old\r\n",
    "http": b"HTTP/1.0 400 Bad Request\r\n\r\n<html>no</html>\r\n",
    "escapes": b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m \xe2\x80\xaegnp\xff\xc0\r\n" * 3,
    "early": b"Welcome.\r\nThis line is allowed.\r\nSSH-2.0-Closing_1.0\r\n",
    "endless": b"x" * 4096,
}


def serve(connection, mode):
    try:
        connection.sendall(TEXTS[mode])
        while mode == "endless":
            connection.sendall(TEXTS[mode])
        if mode == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            # Read what the client says, or the kernel would turn the close into a reset.
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while connection.recv(65536):
                pass
    except OSError:
        pass
    connection.close()
    print("ended", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("mode", choices=sorted(TEXTS))
    args = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    end = time.monotonic() + args.limit
    while (left := end - time.monotonic()) > 0:
        listener.settimeout(left)
        try:
            connection, _ = listener.accept()
        except socket.timeout:
            break
        print("accepted", file=sys.stderr, flush=True)
        connection.settimeout(None)
        threading.Thread(target=serve, args=(connection, args.mode), daemon=True).start()


if __name__ == "__main__":
    main()
