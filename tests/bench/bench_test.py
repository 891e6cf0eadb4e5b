#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the benchmark works, not how fast anything is: TAP. One round of a few works; then figures of our own making, to see
that what is reached and what is missed is told apart.
"""
import copy
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.setdefault("abs_top_srcdir", os.path.join(HERE, "../.."))
os.environ.setdefault("abs_top_builddir", os.getcwd())
sys.path.insert(0, HERE)
import goals  # noqa: E402
import measure  # noqa: E402
import servers  # noqa: E402
from commands import CURVE, PROGRAM  # noqa: E402
from measure import OWN, Failed, Row, Runner  # noqa: E402

NUMBER = 0


def told(good, name):
    global NUMBER
    NUMBER += 1
    print(f"{'ok' if good else 'not ok'} {NUMBER} - {name}", flush=True)


def bench(*arguments, **variables):
    return subprocess.run(["/usr/bin/python3", "-B", os.path.join(HERE, "bench.py"), *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=300, check=False, env={**os.environ, **variables})


def script(path, text):
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def real_run(folder):
    path = os.path.join(folder, "real.json")
    done = bench("--rounds=1", "--only=gssapi-far,flight", "--json=" + path)
    if done.returncode:
        print(f"# {done.stderr[-600:]!r}")
    told(done.returncode == 0, "a round of some works is measured")
    with open(path) as file:
        report = json.load(file)
    works = report["works"]
    told(list(works) == ["gssapi", "gssapi-far", "flight"], "with what they need")
    own, ssh = works["gssapi"]["rows"][OWN], works["gssapi"]["rows"]["ssh"]
    told(all(row[figure]["median"] > 0 for row in (own, ssh) for figure in ("wall_ms", "cpu_ms", "rss_kib")),
         "time, CPU and memory are known")
    told(ssh["wall_ratio"]["median"] == round(ssh["wall_ms"]["median"] / own["wall_ms"]["median"], 4)
         and own["wall_ratio"]["median"] == 1, "ratios are to ssh-authtest's")
    told(own["bytes_up"] > 1000 and own["bytes_down"] > 1000, "bytes are known")
    told(2 < works["gssapi-far"]["rows"][OWN]["round_trips"]["median"], "round trips are known")
    # all of a thousand, where the machine is fast enough to begin them before the first have ended
    told(64 < works["flight"]["rows"][f"{OWN} -j 1000"]["most_at_once"] <= 1000, "many were there at once")
    told(f"| {OWN} " in done.stdout and "gssapi-far" in done.stdout and report["machine"]["date"] in done.stdout,
         "the table has them, and says when")
    brief = bench("--from=" + path, "--brief")
    told(brief.returncode == 0 and "| gssapi-with-mic login: ms" in brief.stdout, "and so has the brief one")


def broken_run(folder):
    """ssh-authtest does one work, but not the next; and ssh cannot do what is asked of it."""
    path = os.path.join(folder, "broken.json")
    program = script(os.path.join(folder, "broken"), 'for word; do [ "$word" != -j ] || exit 9; done\n'
                     f'exec {shlex.quote(PROGRAM)} "$@"\n')
    tools = os.path.join(folder, "tools")
    os.mkdir(tools)
    script(os.path.join(tools, "ssh"), 'case "$*" in *GSSAPIServerIdentity*) exit 255; esac\n'
           f'exec {shutil.which("ssh")} "$@"\n')
    done = bench("--rounds=1", "--only=gssapi,flight", "--json=" + path, "--check", "--brief", SSH_AUTHTEST=program,
                 PATH=tools + ":" + os.environ["PATH"])
    with open(path) as file:
        report = json.load(file)
    told(done.returncode == 1 and "flight: ssh-authtest -j 1000: status 9" in report["failed"]
         and report["failed"] in done.stderr, "what fails is said")
    told(list(report["works"]) == ["gssapi"] and report["works"]["gssapi"]["rows"][OWN]["wall_ms"]["median"] > 0,
         "and what was done is kept")
    again = bench("--from=" + path)
    told(again.returncode == 1 and report["failed"] in again.stdout, "and is not taken for all")
    why = "this ssh has no GSSAPIServerIdentity"
    told(report["works"]["gssapi"]["left_out"] == {"ssh": why, CURVE: why} and f"Left out: ssh: {why}" in again.stdout
         and f"Not measured: gssapi: wall time, of ssh's: {why}" in done.stdout, "what a tool cannot do is named")


def figure(value):
    return {"median": value, "q1": value, "q3": value}


def made_up():
    """Works in which everything is reached, and just so."""
    def rows(**others):
        return {"title": "made up", "rounds": 1, "left_out": {}, "rows": {
            name: {key: figure(value) for key, value in row.items()} for name, row in others.items()}}

    mine = {"wall_ms": 12, "cpu_ms": 3, "rss_kib": 6000}
    works = {
        "list": rows(**{OWN: mine, "ssh": {"wall_ms": 12 / 0.17, "cpu_ms": 50, "rss_kib": 6000},
                        CURVE: {"wall_ms": 12 / 0.35, "cpu_ms": 6}, "nmap": {"wall_ms": 100, "cpu_ms": 100}}),
        "kbdint": rows(**{OWN: mine, "sshpass+ssh": {"wall_ms": 40}}),
        "gssapi": rows(**{OWN: mine, "ssh": {"wall_ms": 60}}),
        "fleet-200": rows(**{f"{OWN} -j 200": {"rate": 500, "cpu_ms": 100}, "nmap": {"rate": 50},
                             "xargs -P64 ssh": {"rate": 100, "cpu_ms": 2000}}),
        "flight": rows(**{OWN: {"rss_kib": 78125}}),
        "linear": rows(a={"cpu_ms_per_target": 1}, b={"cpu_ms_per_target": 1.2}),
    }
    for name, value in (("list-far", 6.3), ("kbdint-far", 8.5), ("gssapi-far", 8.3)):
        works[name] = rows(**{OWN: {"round_trips": value}})
    works["flight"]["rows"][OWN]["most_at_once"] = 1000
    works["linear"]["rows"]["a"]["targets"], works["linear"]["rows"]["b"]["targets"] = 50, 1000
    return works


def worse(works, goal):
    """The same works, but this goal is missed by a tenth."""
    works = copy.deepcopy(works)
    rows = works[goal.work]["rows"]
    name = next(iter(rows))
    names = {"linear": ["b"]}.get(goal.work, [name])
    for row in (rows[each] for each in names):
        for key, each in row.items():
            if isinstance(each, dict):
                each["median"] *= 0.9 if key == "rate" else 1.1
    return works


def judged():
    works = made_up()
    told(all(goal["reached"] for goal in goals.judge(works)), "what is reached by a hair is reached")
    for goal in goals.GOALS:
        found = {each["what"] for each in goals.judge(worse(works, goal)) if not each["reached"]}
        told(goal.text in found, f"missed: {goal.work}: {goal.text}")
    del works["list"]["rows"]["nmap"]
    told([each["reached"] for each in goals.judge(works)].count(None) == 2, "without nmap its goals are open")
    works = made_up()
    works["flight"]["rows"][OWN]["most_at_once"] = 999
    told([each["reached"] for each in goals.judge(works)].count(None) == 1, "999 at once are not a thousand")


def exit_status(folder):
    path = os.path.join(folder, "made_up.json")
    machine = {"date": "today", "cpu": "none", "cores": 1, "memory_mib": 1, "system": "", "kernel": "", "idle": True}
    report = {"machine": machine, "versions": {OWN: "0"}, "missing": [], "works": made_up()}
    # the table wants more of a row than the goals do
    report["works"] = {name: work for name, work in report["works"].items() if name.endswith("far")}
    for row in (row for work in report["works"].values() for row in work["rows"].values()):
        row.update({key: figure(1) for key in ("wall_ms", "cpu_ms", "rss_kib", "wall_ratio", "cpu_ratio")})
    for value, status, word in ((6.3, 0, "reached"), (6.4, 1, "MISSED")):
        report["works"]["list-far"]["rows"][OWN]["round_trips"] = figure(value)
        with open(path, "w") as file:
            json.dump(report, file)
        done = bench("--from=" + path, "--check")
        told(done.returncode == status and word in done.stdout, f"{word}: exit status {status}")


def runs(folder):
    runner = Runner(folder, {"PATH": os.environ["PATH"]})
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    row = Row("burn", ["sh", "-c", f"/usr/bin/python3 -c '{burn}' & wait"], lambda run: run.status == 0)
    run = runner.run(row)
    told(run.cpu >= 200 and run.wall >= 190, "the CPU of a program's children counts")
    row = Row("big", ["/usr/bin/python3", "-c", "b'x' * 300000000"], lambda run: run.status == 0)
    told(250000 < runner.run(row).rss < 400000, "memory is the peak")
    try:
        runner.run(Row("wrong", ["sh", "-c", "exit 3"], lambda run: run.status == 0))
        told(False, "a run that fails is none")
    except Failed as error:
        told("status 3" in str(error), "a run that fails is none")
    late = Row("late", ["sleep", "60"], lambda run: run.status == -9, None, 1)
    told(runner.run(late).wall < 30000, "who is late is killed")
    order = []
    rows = [Row(name, ["sh", "-c", "exit " + status], lambda run: run.status == 0, lambda name=name: order.append(name))
            for name, status in (("a", "0"), ("b", "1"), ("c", "0"))]
    some, left_out = measure.in_turn(runner, rows, 2)
    told(order == ["a", "b", "c", "a", "c", "a", "c"] and list(left_out) == ["b"]
         and {name: len(each) for name, each in some.items()} == {"a": 2, "c": 2},
         "rows run in turn, and one that fails is left out")


def main():
    print(f"1..{9 + len(goals.GOALS) + 3 + 2 + 5 + 4}", flush=True)
    measure.progress = lambda text: None
    with servers.folder() as folder:
        runs(folder)
        judged()
        exit_status(folder)
        real_run(folder)
        broken_run(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
