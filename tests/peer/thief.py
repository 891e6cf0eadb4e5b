#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipe that several processes read: what poll(2) saw there, others have taken.

    thief.py COMMAND...

Starts eight of COMMAND, in which FD stands for the descriptor's number, and writes to the pipe for a
second, while threads of its own read from it too. Prints how many have not ended six seconds later,
which are then killed.
"""

import os
import subprocess
import sys
import threading
import time


def steal(fd):
    while True:
        os.read(fd, 1)


def main():
    reader, writer = os.pipe()
    command = [word.replace("FD", str(reader)) for word in sys.argv[1:]]
    for _ in range(3):
        threading.Thread(target=steal, args=(reader,), daemon=True).start()
    started = [subprocess.Popen(command, pass_fds=[reader], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(8)]
    time.sleep(0.5)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        os.write(writer, b"a")
        time.sleep(0.0005)
    time.sleep(6)
    left = [process for process in started if process.poll() is None]
    for process in left:
        process.kill()
    print(len(left), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
