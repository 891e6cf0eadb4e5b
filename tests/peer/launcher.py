# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs for hostile_test.py, and measures them.

The peak of memory that wait4(2) reports is at least what the process that forked had in use: it is to be
this small one, which starts before the runner has grown, and has no threads. Each line of standard input is an array: a
number, argv, the environment, files for both outputs, seconds until it is killed. For each a line is
printed once it is over: number, status (negative: the signal), seconds, KiB.
"""

import json
import os
import signal
import sys
import time


def start(argv, env, out, err):
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.execve(argv[0], argv, env)
    finally:
        os._exit(127)


def mind(number, argv, env, out, err, limit):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    begin = time.monotonic()
    child = start(argv, env, out, err)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, limit)
    _, status, usage = os.wait4(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    line = json.dumps([number, os.waitstatus_to_exitcode(status), time.monotonic() - begin,
                       usage.ru_maxrss])
    os.write(1, line.encode() + b"\n")  # short enough to be one piece among others


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                mind(*json.loads(line))
            finally:
                os._exit(0)


if __name__ == "__main__":
    main()
