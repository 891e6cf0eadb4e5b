#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark, behind scripts/bench, which says what the options are. abs_top_srcdir and abs_top_builddir are as with the
tests.
"""
import argparse
import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brief  # noqa: E402
import commands  # noqa: E402
import goals  # noqa: E402
import machine  # noqa: E402
import servers  # noqa: E402
import table  # noqa: E402
import works  # noqa: E402
from measure import Failed, Runner, progress  # noqa: E402


def options():
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(works.NAMES))
    parser.add_argument("--json")
    parser.add_argument("--from", dest="source")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--brief", action="store_true")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.only if name not in works.NAMES]
    if unknown or chosen.rounds < 1:
        parser.error(f"--only takes {', '.join(works.NAMES)}; --rounds a number")
    if chosen.json and chosen.json != chosen.source:
        with open(chosen.json, "a"):  # rather now than in ten minutes
            pass
    return chosen


def write(report, path):
    if path:
        text = json.dumps(report, indent=1, ensure_ascii=False)
        with open(path, "w") as file:
            file.write(text + "\n")


def run(names, rounds, path):
    """The report. What is done is in the file after each work: a later one may fail, or be interrupted."""
    missing = commands.missing()
    for name in missing:
        progress(f"{name} is not installed, and left out: --install gets it")
    report = {"version": 1, "machine": machine.describe(), "versions": machine.versions(),
              "missing": missing, "rounds": rounds, "works": {}, "failed": "it was interrupted"}
    with servers.folder() as folder:
        os.chmod(folder, 0o711)  # the world may be another user's
        with servers.world(os.path.join(folder, "world")) as variables:
            world = commands.World(variables, folder)
            try:
                for name, work in works.measure(names, world, Runner(folder, world.environment()), rounds):
                    report["works"][name] = work
                    write(report, path)
                report["failed"] = None
            except Failed as error:
                report["failed"] = str(error)
                progress(f"no more is measured: {error}")
    return report


def end(*_):
    raise SystemExit(130)


def main():
    chosen = options()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if chosen.source:
        with open(chosen.source) as file:
            report = json.load(file)
    else:
        report = run(chosen.only, chosen.rounds, chosen.json)
    judged = goals.judge(report["works"])
    report["goals"] = judged
    write(report, chosen.json)
    lines = brief.of_all(report) if chosen.brief else table.of_all(report)
    print("\n".join([*lines, *(table.of_goals(judged) if chosen.check else [])]))
    if report.get("failed"):
        return 1
    return 1 if chosen.check and not (judged and all(goal["reached"] for goal in judged)) else 0


if __name__ == "__main__":
    sys.exit(main())
