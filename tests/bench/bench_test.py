#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the benchmark works, not how fast anything is: TAP. One round of a few works; then figures of our own making, to see
that what is reached and what is missed is told apart.
"""
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
from commands import CURVE, PROGRAM, xargs  # noqa: E402
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


FLEET, SSHS = f"{OWN} -j 200", "xargs -P64 ssh"

# Work: row: figure: value. Everything is reached, and just so.
MADE_UP = {
    "list": {OWN: {"wall_ms": 12, "cpu_ms": 3, "rss_kib": 6000},
             "ssh": {"wall_ms": 12 / 0.17, "cpu_ms": 50, "rss_kib": 6000},
             CURVE: {"wall_ms": 12 / 0.35, "cpu_ms": 6}, "nmap": {"wall_ms": 100, "cpu_ms": 100}},
    "kbdint": {OWN: {"wall_ms": 12, "cpu_ms": 3}, "sshpass+ssh": {"wall_ms": 40, "cpu_ms": 90}},
    "gssapi": {OWN: {"wall_ms": 12, "cpu_ms": 3}, "ssh": {"wall_ms": 60, "cpu_ms": 90}},
    "list-far": {OWN: {"round_trips": 6.3}},
    "kbdint-far": {OWN: {"round_trips": 8.5}},
    "gssapi-far": {OWN: {"round_trips": 8.3}},
    "fleet-200": {FLEET: {"rate": 500, "cpu_ms": 100}, "nmap": {"rate": 50, "cpu_ms": 900},
                  SSHS: {"rate": 100, "cpu_ms": 2000}},
    "flight": {OWN: {"rss_kib": 78125}},
    "linear": {"a": {"cpu_ms_per_target": 1}, "b": {"cpu_ms_per_target": 1.2}},
}

# A goal's work and text: what is compared with what.
OF = {
    ("list", "wall time, of ssh's"): ((OWN, "wall_ms"), ("ssh", "wall_ms")),
    ("list", "wall time, of ssh's with curve25519 only"): ((OWN, "wall_ms"), (CURVE, "wall_ms")),
    ("list", "wall time, of nmap's"): ((OWN, "wall_ms"), ("nmap", "wall_ms")),
    ("list", "CPU, of ssh's"): ((OWN, "cpu_ms"), ("ssh", "cpu_ms")),
    ("list", "CPU, of ssh's with curve25519 only"): ((OWN, "cpu_ms"), (CURVE, "cpu_ms")),
    ("list", "CPU, of nmap's"): ((OWN, "cpu_ms"), ("nmap", "cpu_ms")),
    ("list", "memory, of ssh's"): ((OWN, "rss_kib"), ("ssh", "rss_kib")),
    ("kbdint", "wall time, of sshpass+ssh's"): ((OWN, "wall_ms"), ("sshpass+ssh", "wall_ms")),
    ("gssapi", "wall time, of ssh's"): ((OWN, "wall_ms"), ("ssh", "wall_ms")),
    ("list-far", "round trips"): ((OWN, "round_trips"),),
    ("kbdint-far", "round trips"): ((OWN, "round_trips"),),
    ("gssapi-far", "round trips"): ((OWN, "round_trips"),),
    ("fleet-200", "rate, times nmap's"): ((FLEET, "rate"), ("nmap", "rate")),
    ("fleet-200", "rate, times that of xargs -P64 ssh"): ((FLEET, "rate"), (SSHS, "rate")),
    ("fleet-200", "CPU, of ssh's"): ((FLEET, "cpu_ms"), (SSHS, "cpu_ms")),
    ("flight", "memory of 1,000 in flight, MB"): ((OWN, "rss_kib"),),
    ("linear", "CPU a target at 1,000, of that at 50"): (("b", "cpu_ms_per_target"), ("a", "cpu_ms_per_target")),
}


def made_up(changed=None, by=1.0):
    """Those works; one figure, which is (work, row, figure), is so many times as large."""
    works = {work: {"title": "made up", "rounds": 1, "left_out": {}, "rows": {
        row: {key: figure(value * (by if (work, row, key) == changed else 1)) for key, value in figures.items()}
        for row, figures in rows.items()}} for work, rows in MADE_UP.items()}
    works["flight"]["rows"][OWN]["most_at_once"] = 1000
    works["linear"]["rows"]["a"]["targets"], works["linear"]["rows"]["b"]["targets"] = 50, 1000
    return works


def missed(works):
    return {(each["work"], each["what"]) for each in goals.judge(works) if not each["reached"]}


def misses(goal):
    """Whether a figure that is worse by a tenth misses all goals that are about it, and no other."""
    for at, (row, key) in enumerate(OF[goal]):
        changed = (goal[0], row, key)
        about = {other for other, parts in OF.items() if other[0] == goal[0] and (row, key) in parts[at:at + 1]}
        # a smaller rate is worse, and so is what is larger; where it is another tool's, the other way round
        found = missed(made_up(changed, 0.9 if (key == "rate") == (at == 0) else 1.1))
        if found != about:
            print(f"# {changed}: {found}, not {about}")
            return False
    return True


def judged():
    told(not missed(made_up()), "what is reached by a hair is reached")
    told(set(OF) == {(goal.work, goal.text) for goal in goals.GOALS}, "and each goal is tried")
    for goal in OF:
        told(misses(goal), f"missed: {': '.join(goal)}")
    works = made_up()
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
    path = os.path.join(folder, "lines")
    with open(path, "w") as file:
        file.writelines(f"{i}\n" for i in range(200))
    for status, end in (("255", 0), ("254", 123)):
        row = Row("xargs", xargs(folder, path, "sh", "-c", 'echo "<$1$LD_PRELOAD>"; exit ' + status, "sh", "{}"),
                  lambda run: True)
        run = runner.run(row)
        told(run.status == end and sorted(run.out.split()) == sorted(f"<{i}>" for i in range(200)),
             f"xargs goes on at {status}, and ends with {end}")
    order = []
    rows = [Row(name, ["sh", "-c", "exit " + status], lambda run: run.status == 0, lambda name=name: order.append(name))
            for name, status in (("a", "0"), ("b", "1"), ("c", "0"))]
    some, left_out = measure.in_turn(runner, rows, 2)
    told(order == ["a", "b", "c", "a", "c", "a", "c"] and list(left_out) == ["b"]
         and {name: len(each) for name, each in some.items()} == {"a": 2, "c": 2},
         "rows run in turn, and one that fails is left out")


def main():
    print(f"1..{9 + len(OF) + 4 + 2 + 7 + 4}", flush=True)
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
