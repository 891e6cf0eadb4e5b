#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jump host that asks its user something, at a terminal: the ssh that is installed asks there, and
after it the program. Speaks TAP; program_run.py has the options.
"""
import glob
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program_run import W, ended, equal, home, main, run, test  # noqa: E402

PROMPT = "(nokey@127.0.0.1) Password: "


def config(*lines, port=None, key=False):
    """A file for -F: the host jump, as a user with a password only, or with a key."""
    path = os.path.join(home(), "config")
    with open(path, "w") as file:
        print(*lines, "Host jump", "HostName 127.0.0.1", f"Port {port or W['SSHD_JUMP_PORT']}",
              f"User {'alice' if key else 'nokey'}", f"IdentityFile {W['USER_KEY']}",
              "IdentitiesOnly yes", "PreferredAuthentications publickey,keyboard-interactive",
              f"UserKnownHostsFile {W['JUMP_KNOWN_HOSTS']}", "GlobalKnownHostsFile /dev/null",
              sep="\n", file=file)
    return path


def left(path):
    """The processes that have this file among their arguments."""
    found = []
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(name, "rb") as file:
                if path.encode() in file.read().split(b"\0"):
                    found.append(name)
        except OSError:
            pass
    return found


def nothing_left(path):
    end = time.monotonic() + 5
    while left(path):
        assert time.monotonic() < end, f"still there: {left(path)}"
        time.sleep(0.05)


@test
def the_jump_asks_at_the_terminal():
    path = config()
    with run("-J", "jump", "alice", config=path) as t:
        t.expect(PROMPT)
        assert not t.echo(), "echo is on"
        t.send(W["NOKEY_PASSWORD"] + "\r")
        ended(t, 0, "listed")
        assert b" via jump, SSH-2.0-" in t.out, t.out
        assert W["NOKEY_PASSWORD"].encode() not in t.shown + t.out + t.err
        equal(t.err, b"", "stderr")
    nothing_left(path)


@test
def then_the_target_asks():
    path = config()
    with run("-J", "jump", "-m", "kbdint", "alice", config=path) as t:
        t.expect(PROMPT)
        t.send(W["NOKEY_PASSWORD"] + "\r")
        t.expect("(alice@127.0.0.1) Password: ")
        assert not t.echo(), "echo is on"
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")
        assert W["ALICE_PASSWORD"].encode() not in t.shown + t.out + t.err
    nothing_left(path)


@test
def a_person_takes_longer_than_the_limit_of_connecting():
    with run("-J", "jump", "alice", config=config("Host jump", "ConnectTimeout 1")) as t:
        t.expect(PROMPT)
        t.quiet(2.5)
        t.send(W["NOKEY_PASSWORD"] + "\r")
        ended(t, 0, "listed")


@test
def the_limit_of_the_whole_ends_a_prompt():
    path = config()
    with run("-J", "jump", "-t", "2", "alice", config=path) as t:
        t.expect(PROMPT)
        ended(t, 8, "timeout")
        assert b"(stage proxy, " in t.out, t.out
    nothing_left(path)


@test
def wrong_answers_are_the_jumps_failure():
    path = config("Host jump", "NumberOfPasswordPrompts 2")
    with run("-J", "jump", "alice", config=path) as t:
        for _ in range(2):
            t.expect(PROMPT)
            t.send("wrong\r")
        ended(t, 7, "unreachable")
        assert b"Permission denied" in t.out and b"(stage proxy)" in t.out, t.out
    nothing_left(path)


@test
def an_unknown_key_of_the_jump_is_asked_about():
    path = config("Host jump", f"UserKnownHostsFile {home()}/none")
    with run("-J", "jump", "alice", config=path) as t:
        t.expect("(yes/no/[fingerprint])? ")
        t.send("no\r")
        ended(t, 7, "unreachable")
        assert b"Host key verification failed" in t.out, t.out
    nothing_left(path)


@test
def batch_asks_nothing():
    path = config()
    with run("-B", "-J", "jump", "alice", config=path) as t:
        ended(t, 7, "unreachable")
        assert b"Permission denied" in t.out, t.out
        equal(t.shown, b"", "terminal")
    path = config("Host jump", f"UserKnownHostsFile {home()}/none")
    with run("-B", "-J", "jump", "alice", config=path) as t:
        ended(t, 7, "unreachable")
        equal(t.shown, b"", "terminal")
    nothing_left(path)


@test
def ctrl_c_at_the_prompt_of_the_jump():
    path = config()
    with run("-J", "jump", "alice", config=path) as t:
        t.expect(PROMPT)
        t.send("half\x03")
        ended(t, -signal.SIGINT, "interrupted")
        assert b"(stage proxy)" in t.out, t.out
    nothing_left(path)


@test
def signals_at_the_prompt_of_the_jump():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        path = config()
        with run("-J", "jump", "alice", config=path) as t:
            t.expect(PROMPT)
            t.signal(number)
            ended(t, -number, "interrupted")
            assert t.echo(), "echo is off"
        nothing_left(path)


@test
def ctrl_c_at_the_prompt_of_the_target():
    path = config(key=True)
    with run("-J", "jump", "-m", "kbdint", "alice", config=path) as t:
        t.expect("(alice@127.0.0.1) Password: ")
        t.send("half\x03")
        t.wait()
        equal(t.status, -signal.SIGINT, "status")
        assert t.settings_restored(), "the terminal's settings are not as before"
    nothing_left(path)


@test
def the_window_is_closed_at_the_prompt_of_the_jump():
    path = config()
    with run("-J", "jump", "-t", "20", "alice", config=path) as t:
        t.expect(PROMPT)
        t.hangup()
        t.until(lambda: t.status is not None, "exit")
    nothing_left(path)


@test
def the_jump_has_the_terminal_and_not_standard_input():
    path = config()
    with run("-J", "jump", "alice", config=path, stdin=W["NOKEY_PASSWORD"].encode() + b"\n") as t:
        t.expect(PROMPT)
        t.quiet(0.5)
        assert t.status is None, "standard input was taken for an answer"
        t.send(W["NOKEY_PASSWORD"] + "\r")
        ended(t, 0, "listed")


if __name__ == "__main__":
    sys.exit(main())
