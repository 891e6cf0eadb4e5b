#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listing and a login by each method cost, counted and not timed, against tests/cost/recorded: TAP.

    cost_test.py [--record[=RUNS]] [SCENE...]

measure.py says what is counted, logins.py in which scenes, lockstep.py what a round trip is. A count that is above
what is recorded by more than the margin is a regress. One that far below fails as well: a record that is too
high lets the next regress pass, and nobody reads a note in the log of a test that passed. Where
the change is meant, --record counts RUNS times (20) and writes what was seen with this libssh2 on
this processor; the commit shows what it has come to.

Elsewhere than where somebody has recorded, only messages and round trips are compared, which are the same
everywhere; the other rows are no tests there. So it is in a build with sanitizers: the calls, the memory and the
instructions there are the sanitizers'. The program's own instructions are compared where gcc made them, with
-O2.
"""

import argparse
import collections
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import traceback

SOURCE = os.environ.get("abs_top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BUILD = os.environ.get("abs_top_builddir", os.getcwd())
PROGRAM = os.environ.get("SSH_AUTHTEST", os.path.join(BUILD, "ssh-authtest"))
sys.path.insert(0, os.path.join(SOURCE, "tests/cost"))
sys.dont_write_bytecode = True
import logins  # noqa: E402
import measure  # noqa: E402
import table  # noqa: E402


def this_platform():
    """libssh2's version and the processor, as the table has them. None with sanitizers, for which nothing is
    recorded."""
    with open(PROGRAM, "rb") as file:
        if re.search(b"__(a|t|m)san_init", file.read()):
            return None
    text = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"libssh2[^0-9]*([0-9.]+)", text)[1] + "/" + platform.machine()


def not_comparable():
    """What another compiler, or another level of optimization, makes of the program's own code."""
    with open(os.path.join(BUILD, "Makefile")) as file:
        text = file.read()
    as_recorded = re.search(r"^CC = gcc", text, re.M) and re.search(r"^CFLAGS = .*-O2", text, re.M)
    return set() if as_recorded else {"own-instructions"}


def lacking(ways):
    """The packages of what these ways of counting run, and is not installed."""
    needed = {measure.system_calls: {"strace": "strace"},
              measure.instructions: {"valgrind": "valgrind", "objcopy": "binutils"}}
    return [package for way in ways for program, package in needed.get(way, {}).items()
            if not shutil.which(program)]


def complaint(count, expected, margin):
    """What is wrong with a count, None where nothing is."""
    if count is None:
        return "there is no count"
    if count > expected + margin:
        return "that is more than what is recorded"
    if count < expected - margin:
        return "that is less than what is recorded: if it is meant, keep the record (cost_test.py --record)"
    return None


def count(world, scene, ways):
    """{what: count}; what cannot be counted is missing."""
    counts = {}
    for way in ways:
        try:
            counts.update(way(world, scene))
        except Exception:  # its rows fail
            print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
    return counts


def compare(world, recorded, where, scenes, ways):
    """One test a row; returns whether all hold."""
    left_out = not_comparable()
    tests = {row: recorded.expected(where, *row) for row in recorded.rows
             if row[0] in scenes and row[1] not in left_out}
    tests = {row: expected for row, expected in tests.items() if expected}
    print("1..%d" % (len(tests) + len(scenes)), flush=True)
    good, number = True, 0

    def tell(wrong, name):
        nonlocal good, number
        number += 1
        good &= not wrong
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, name), flush=True)

    for scene in scenes:
        counts = count(world, scene, ways)
        for (_, what), expected in [item for item in tests.items() if item[0][0] == scene]:
            seen = counts.pop(what, None)
            wrong = complaint(seen, *expected)
            if wrong:
                print("# %s: %s: %s, recorded %s, margin %s" % (scene, what, seen, *map(table.plain, expected)))
                print("# " + wrong)
                if what in world.details:
                    print("# " + world.details[what])
            tell(wrong, "%s: %s" % (scene, what))
        counts = set(counts) - left_out
        if counts:
            print("# not recorded: " + ", ".join(counts))
        tell(counts, scene + ": nothing else is counted")
    return good


def record(world, recorded, where, scenes, ways, runs):
    for scene in scenes:
        seen = collections.defaultdict(list)
        for _ in range(runs):
            for way in ways:
                for what, number in way(world, scene).items():
                    seen[what].append(number)
        for what, counts in seen.items():
            print(recorded.record(where, scene, what, counts), flush=True)
    recorded.write()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", type=int, nargs="?", const=20, metavar="RUNS")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(logins.SCENES))
    options = parser.parse_args()
    if set(options.scenes) - set(logins.SCENES):
        parser.error("no such scene")
    scenes = [scene for scene in logins.SCENES if scene in options.scenes or not options.scenes]
    where, recorded, ways = this_platform(), table.Table(), measure.WAYS
    if options.record and not where:
        parser.error("in a build with sanitizers there is nothing to record")
    if not options.record and not recorded.knows(where):
        print("# nothing is recorded for %s" % (where or "sanitizers"))
        ways, scenes = [measure.wire], [scene for scene in scenes if scene != "start"]
    missing = lacking(ways)
    if missing:
        print("1..1\nnot ok 1 - not installed: " + ", ".join(missing))
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the world has to be stopped
    world = logins.World(SOURCE, BUILD, PROGRAM)
    try:
        world.start()
        if options.record:
            record(world, recorded, where, scenes, ways, options.record)
            return 0
        return 0 if compare(world, recorded, where, scenes, ways) else 1
    finally:
        world.stop()


if __name__ == "__main__":
    sys.exit(main())
