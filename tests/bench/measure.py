# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of programs, one after the other and in turn, and what became of them in figures."""
import os
import re
import statistics
import subprocess
import sys
import time
from collections import namedtuple

from servers import built

Run = namedtuple("Run", "status wall cpu rss out err")  # milliseconds, KiB, text

# A program and its arguments for one work. `good` says of a run whether it did that work; `prepare` is called
# before each.
Row = namedtuple("Row", "name argv good prepare limit", defaults=(None, 60))

OWN = "ssh-authtest"  # whose row comes first, and what others are compared with


class Failed(Exception):
    """A run that did not do what it should."""


class Runner:
    """Runs programs with an environment that has no configuration, agent or ticket of the caller's."""

    def __init__(self, folder, env):
        self.env = env
        self.out, self.err = os.path.join(folder, "out"), os.path.join(folder, "err")

    def launch(self, *arguments):
        launcher = subprocess.Popen([built("launch"), *arguments], env=self.env, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, text=True)
        try:
            return launcher.communicate()[0]
        except BaseException:
            launcher.terminate()  # it ends what it has started
            launcher.wait(10)
            raise

    def run(self, row, *before):
        """`before` is a program that runs it."""
        if row.prepare:
            row.prepare()
        told = self.launch(str(row.limit), self.out, self.err, *before, *row.argv)
        status, wall, user, system, rss = map(int, told.split())
        with open(self.out, errors="replace") as out, open(self.err, errors="replace") as err:
            run = Run(status, wall / 1000, (user + system) / 1000, rss, out.read(), err.read())
        if not row.good(run):
            raise Failed(f"status {status} after {wall / 1e6:.1f} s: "
                         f"{run.err.strip()[-300:]!r} {run.out.strip()[-200:]!r}")
        time.sleep(0.03)  # the server ends what it has to do after a client
        return run

    def calls(self, row):
        """How many system calls it makes, with all of its processes. None where strace keeps it from its work."""
        path = self.out + ".strace"
        try:
            self.run(row, "strace", "-f", "-c", "-o", path)
        except Failed as error:  # under strace alone
            progress(f"{row.name} under strace: {error}")
            return None
        with open(path) as file:
            totals = re.findall(r"^100\.00 +\S+ +(?:\d+ +)?(\d+) +(?:\d+ +)?total$", file.read(), re.M)
        os.unlink(path)
        return int(totals[-1]) if totals else None


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def in_turn(runner, rows, rounds, after=None):
    """ROUNDS runs of each: A B C A B C. One round goes before that does not count. A row that fails once is
    left out, with the reason. `after` is called with the name of a row after each run of it that counts.

    Gives two dictionaries by name: the runs, and the reasons."""
    runs, left_out = {row.name: [] for row in rows}, {}
    for number in range(rounds + 1):
        for row in rows:
            if row.name in left_out:
                continue
            try:
                run = runner.run(row)
            except Failed as error:
                if row.name.startswith(OWN):
                    raise Failed(f"{row.name}: {error}") from error
                left_out[row.name] = str(error)
                progress(f"{row.name} is left out: {error}")
                continue
            if number:
                runs[row.name].append(run)
                if after:
                    after(row.name)
        progress(f"{number} of {rounds} rounds")
    return {name: some for name, some in runs.items() if name not in left_out}, left_out


def spread(values):
    """Median and quartiles."""
    values = list(values)
    if len(values) == 1:
        values *= 2
    first, median, third = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": round(median, 4), "q1": round(first, 4), "q3": round(third, 4)}


def figures(runs, own):
    """Of a row's runs, with ratios to those of ssh-authtest in the same rounds."""
    row = {"runs": [[round(run.wall, 3), round(run.cpu, 3), run.rss] for run in runs]}
    for name, of in (("wall_ms", "wall"), ("cpu_ms", "cpu"), ("rss_kib", "rss")):
        row[name] = spread(getattr(run, of) for run in runs)
        ratio = spread(getattr(run, of) / getattr(other, of) for run, other in zip(runs, own))
        ratio["median"] = round(row[name]["median"] / spread(getattr(run, of) for run in own)["median"], 4)
        row[name.partition("_")[0] + "_ratio"] = ratio
    return row
