# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program as the background, for a shell that wants to watch it.

    jobs_run.py [--nofile=N] [--nproc=N] [--memory=MIB] [--limit=SECONDS] STATUS PROGRAM ARGUMENT...

The program has a session of its own (no terminal), signals as at a login, the limits given (soft and
hard; memory is address space), and standard input, output and error of the caller. The file STATUS
gets a line `pid N` when it runs, and `peak KIB`, the most memory it had, and `status N` when it has
ended; as with Python's subprocess N is minus the signal's number where one killed it. It is killed
after SECONDS, and when this program is ended.
"""

import argparse
import os
import resource
import signal
import subprocess
import sys


def note(path, text):
    with open(path, "a") as file:
        file.write(text + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nofile", type=int)
    parser.add_argument("--nproc", type=int)
    parser.add_argument("--memory", type=int)
    parser.add_argument("--limit", type=float, default=100)
    parser.add_argument("status")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()

    def prepare():
        for name in ("INT", "TERM", "HUP", "QUIT", "PIPE", "XFSZ"):
            signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
        for what, value in ((resource.RLIMIT_NOFILE, args.nofile),
                            (resource.RLIMIT_NPROC, args.nproc),
                            (resource.RLIMIT_AS, args.memory and args.memory << 20)):
            if value:
                resource.setrlimit(what, (value, value))

    def give_up(_number, _frame):
        raise SystemExit(1)

    signal.signal(signal.SIGTERM, give_up)
    child = subprocess.Popen(args.command, start_new_session=True, preexec_fn=prepare)
    try:
        note(args.status, "pid %d" % child.pid)
        # Nobody else is to hold the ends of the caller's pipes.
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        ended = child.wait(args.limit)
        note(args.status, "peak %d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        note(args.status, "status %d" % ended)
    except subprocess.TimeoutExpired:
        print("jobs_run.py: it had not ended after %g s" % args.limit, file=sys.stderr)
        note(args.status, "status late")
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


main()
