#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line on how far a run is, at a terminal. Speaks TAP; program_run.py has the options.
"""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import TTY  # noqa: E402
from program_run import Peer, W, equal, home, main, run, test  # noqa: E402

LINE = re.compile(rb"\r([0-9]+ (?:of [0-9]+ )?done, [0-9]+ running, [0-9]+ failed[^\r\n]*)\x1b\[K")
AWAY = b"\r\x1b[K"


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


def screen(shown):
    """What is to be seen in the end: a terminal of one endless line after the other."""
    lines = [b""]
    column = 0
    for piece in re.findall(rb"\x1b\[K|\r|\n|[^\x1b\r\n]+", shown):
        if piece == b"\n":
            lines.append(b"")
            column = 0
        elif piece == b"\r":
            column = 0
        elif piece == b"\x1b[K":
            lines[-1] = lines[-1][:column]
        else:
            lines[-1] = lines[-1][:column] + piece + lines[-1][column + len(piece):]
            column += len(piece)
    return lines


@test
def it_is_shown_and_goes_away():
    t, out = at_file("--format=json", *targets(3), "alice", stderr=TTY)
    equal(t.status, 7, f"status, {t.shown!r}")
    assert LINE.search(t.shown), f"no line: {t.shown!r}"
    equal(out.count(b"\n"), 4, "results")
    assert b"done" not in out, out
    seen = screen(t.shown)
    assert not any(b"running" in line for line in seen), f"left behind: {seen}"
    equal(sum(line.startswith(b"ssh-authtest: user") for line in seen), 3, f"errors in {seen}")
    equal(seen[-2].rstrip(), b"4 targets: 1 listed, 3 unreachable")


@test
def results_at_the_same_terminal_are_not_mixed_with_it():
    for arguments in (["--color=never"], ["--format=tap"], ["--color=never", "-v"]):
        with run(*arguments, *targets(3), "alice", stdout=TTY, stderr=TTY) as t:
            equal(t.wait(), 7, f"status, {t.shown!r}")
        assert LINE.search(t.shown), f"no line: {t.shown!r}"
        with run(*arguments, *targets(3), "alice") as plain:
            equal(plain.wait(), 7, "status")
        seen = screen(t.shown)
        assert not any(b"running" in line for line in seen), f"left behind: {seen}"
        for line in re.findall(rb"(?m)^(?:ok|not ok|listed:|unreachable:) .*$", plain.out):
            word = line.split()[0]
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
        assert not any(b"running" in line for line in screen(t.shown)), t.shown
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
            assert not any(b"running" in line for line in seen), f"left behind: {seen}"


if __name__ == "__main__":
    sys.exit(main())
