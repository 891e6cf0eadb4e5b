#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types one line at a prompt on a pseudo-terminal, with mistakes that are taken back.

    type_in.py PROMPT STDOUT STDERR PROGRAM [ARGUMENT...]

The line is read from standard input. Afterwards what the program wrote is in the files STDOUT and
STDERR, what it wrote to the terminal is in STDERR as well, and standard output has a copy of
STDOUT. Exit status: the program's.
"""
import os
import sys

from pty_driver import Terminal


def main():
    prompt, stdout, stderr, *argv = sys.argv[1:]
    line = sys.stdin.readline().rstrip("\n")
    with Terminal(argv, env={"TERM": "xterm", "LC_ALL": "C.UTF-8"}) as t:
        t.expect(prompt)
        for key in line + "xy\x15" + line[:9] + "\x17" + line + "\x7f" + line[-1] + "\r":
            t.send(key)
        t.wait(60)
    for path, content in ((stdout, t.out), (stderr, t.err + t.shown)):
        with open(path, "wb") as file:
            file.write(content)
    sys.stdout.buffer.write(t.out)
    return t.status if t.status >= 0 else 128 - t.status


if __name__ == "__main__":
    sys.exit(main())
