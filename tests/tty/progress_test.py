#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line on how far a run is, at a terminal, and what else is written there. Speaks TAP; program_run.py has
the options.
"""
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import TTY  # noqa: E402
from many_run import (answer, at, crowd, finished, many, next_prompt, out, screen,  # noqa: E402
                      to_file, write)
from program_run import Peer, W, equal, home, main, run, test  # noqa: E402

LINE = re.compile(rb"\r([0-9]+ (?:of [0-9]+ )?done, [0-9]+ running, [0-9]+ failed[^\r\n]*)\x1b\[K")


def targets(count):
    """Nobody listens there; run() adds one more at the end, the sshd."""
    return [f"user{number}@127.0.0.1:1" for number in range(count)]


def at_file(*arguments, **options):
    """With the report in a file; returns the terminal and what is in it."""
    path = os.path.join(home(), "out")
    with run(*arguments, stdout=path, **options) as t:
        t.wait()
    with open(path, "rb") as file:
        return t, file.read()


@test
def it_is_shown_and_goes_away():
    t, out = at_file("--format=json", *targets(3), "alice", stderr=TTY)
    equal(t.status, 7, f"status, {t.shown!r}")
    assert LINE.search(t.shown), f"no line: {t.shown!r}"
    equal(out.count(b"\n"), 4, "results")
    assert b"done" not in out, out
    seen = screen(t.shown)
    assert not any("running" in line for line in seen), f"left behind: {seen}"
    equal(sum(line.startswith("ssh-authtest: user") for line in seen), 3, f"errors in {seen}")
    equal(seen[-2].rstrip(), "4 targets: 1 listed, 3 unreachable")


@test
def results_at_the_same_terminal_are_not_mixed_with_it():
    for arguments in (["--color=never"], ["--format=tap"], ["--color=never", "-v"]):
        with run(*arguments, *targets(3), "alice", stdout=TTY, stderr=TTY) as t:
            equal(t.wait(), 7, f"status, {t.shown!r}")
        assert LINE.search(t.shown), f"no line: {t.shown!r}"
        with run(*arguments, *targets(3), "alice") as plain:
            equal(plain.wait(), 7, "status")
        seen = screen(t.shown)
        assert not any("running" in line for line in seen), f"left behind: {seen}"
        for line in re.findall(rb"(?m)^(?:ok|not ok|listed:|unreachable:) .*$", plain.out):
            word = line.split()[0].decode()
            assert any(word in other for other in seen), f"{line} is not in {seen}"


@test
def there_is_none_where_nobody_is_to_see_it():
    for arguments, options in (
            (["-q", *targets(2)], {"stderr": TTY}),
            (["--format=json", "-q", *targets(2)], {"stderr": TTY}),
            ([], {"stderr": TTY}),  # a single target
            (targets(2), {"stderr": TTY, "env": {"TERM": "dumb"}}),
            (targets(2), {"stderr": TTY, "env": {"TERM": None}})):
        t, _ = at_file(*arguments, "alice", **options)
        assert b"running" not in t.shown and b"\r\x1b" not in t.shown, f"{arguments}: {t.shown!r}"
    with to_file("--host-key=off", "-f", write("hosts", at("alice"))) as t:  # nor of a list
        finished(t, 0)
        assert b"running" not in t.shown and b"\x1b" not in t.shown, t.shown
    # who reads a pipe may write to the same terminal
    with run(*targets(2), "alice", stderr=TTY) as t:
        t.wait()
        assert b"running" not in t.shown, t.shown
        assert b"3 targets: 1 listed, 2 unreachable" in t.out
    # standard error is none
    with run(*targets(2), "alice", stdout=TTY) as t:
        t.wait()
        assert b"running" not in t.shown + t.err, t.shown


@test
def it_is_cut_to_the_width():
    with run("--format=json", *targets(1), "alice", stdout=TTY, stderr=TTY, size=(24, 12)) as t:
        t.wait()
        lines = LINE.findall(t.shown) or re.findall(rb"\r([0-9][^\r\n\x1b]*)\x1b\[K", t.shown)
        assert lines, f"no line: {t.shown!r}"
        assert all(len(line) <= 11 for line in lines), lines


@test
def a_prompt_has_the_terminal_to_itself():
    with run("-m", "kbdint", *targets(1), "alice", stderr=TTY, stdout=TTY) as t:
        t.expect("(alice@127.0.0.1) Password: ")
        assert not any("running" in line for line in screen(t.shown)), t.shown
        equal(t.quiet(0.5), b"", "shown at the prompt")
        t.send(W["ALICE_PASSWORD"] + "\r")
        equal(t.wait(), 7, "status")


@test
def control_c_takes_it_away():
    with Peer() as peer:
        with run("--format=json", "-m", "kbdint", "-r", ".=env:X", "--host-key=off", *targets(1), "hang",
                 port=peer.port, stdout=TTY, stderr=TTY, env={"X": "x"}) as t:
            t.expect("running")
            t.quiet(0.3)
            t.send("\x03")
            equal(t.wait(), -signal.SIGINT, "status")
            seen = screen(t.shown)
            assert not any("running" in line for line in seen), f"left behind: {seen}"


@test
def progress_counts():
    with crowd("127.0.0.1=hold", "127.0.0.2=banner") as peer:
        hosts = write("hosts", "-t 3 " + at("x", peer.port),
                      *[f"x@127.0.0.2:{peer.port}"] * 5)
        with to_file("--host-key=off", "-f", hosts) as t:
            t.until(lambda: re.search(rb"5 of 6 done, 1 running, 5 failed", t.shown), "count")
            finished(t, 8)


@test
def the_report_is_the_same_with_and_without_progress():
    with crowd("127.0.0.1=banner:0.5", "127.0.0.2=hold") as peer:
        hosts = write("hosts", at("x", peer.port), f"-t 1 x@127.0.0.2:{peer.port}",
                      at("y", peer.port), "bad line here")
        for form in ("text", "json", "tap", "junit"):
            arguments = ["--host-key=off", f"--format={form}", "-f", hosts]
            with to_file(*arguments, json=False) as t:
                finished(t, 10)
                assert b"done" in t.shown, t.shown
            shown = out()
            with many(*arguments, json=False) as t:
                finished(t, 10)
                assert b"done" not in t.err, t.err
                equal(masked(t.out), masked(shown), form)


def masked(report):
    """Without times."""
    return re.sub(rb"[0-9][0-9T:.Z-]*", b"N", report)


@test
def results_at_the_terminal_are_whole_lines():
    with crowd("127.0.0.1=banner:0.3", "127.0.0.2=hold") as peer:
        hosts = write("hosts", *[at("x", peer.port)] * 20, f"-t 4 x@127.0.0.2:{peer.port}")
        with many("--host-key=off", "--max-per-address=2", "-f", hosts, stdout=TTY,
                  stderr=TTY) as t:
            finished(t, 10)
            assert b"done" in t.shown, t.shown
            found = [json.loads(line) for line in screen(t.shown) if line.startswith("{")]
            equal([result["outcome"] for result in found], ["disconnected"] * 20 + ["timeout"],
                  "outcomes")


@test
def it_can_be_stopped_and_continued():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", *["-t 5 " + at("x", peer.port)] * 3)
        with to_file("--host-key=off", "-f", hosts) as t:
            t.expect("done")
            t.send("\x1a")
            t.wait_stopped()
            time.sleep(0.3)
            t.foreground()
            finished(t, 8)
            equal(len(out().splitlines()), 3, "results")


@test
def progress_is_away_while_a_prompt_waits():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", "-t 3 " + at("x", peer.port), at("alice"))
        with to_file("--host-key=off", "-m", "kbdint", "-f", hosts) as t:
            equal(next_prompt(t), "alice", "asked")
            last = screen(t.shown)[-1]
            assert last.startswith("(alice@") and "done" not in last, last
            equal(t.quiet(1), b"", "shown while a prompt waits")
            answer(t, "alice")
            finished(t, 8)
            equal([json.loads(line)["outcome"] for line in out().splitlines()],
                  ["timeout", "success"], "outcomes")


if __name__ == "__main__":
    sys.exit(main())
