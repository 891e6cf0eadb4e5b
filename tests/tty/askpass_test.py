#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions through the program of SSH_ASKPASS, with a terminal at hand: which of the two is
asked, and what ends the program. prompt_run.py has the options. Speaks TAP."""
import contextlib
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import SCALE  # noqa: E402
from prompt_run import answers, ended, equal, main, run, test  # noqa: E402


class Askpass:
    """The program, a shell script; what it was asked is in `asked()`."""

    def __init__(self, folder, *lines):
        self.folder = folder
        self.path = os.path.join(folder, "askpass")
        with open(self.path, "w") as file:
            file.write("\n".join(["#!/bin/sh", f"cd {folder}", 'printf "%s" "$1" >>asked',
                                  "echo $$ >pid", *lines, ""]))
        os.chmod(self.path, 0o755)

    def env(self, require=None, display=":none", **more):
        return {"SSH_ASKPASS": self.path, "SSH_ASKPASS_REQUIRE": require, "DISPLAY": display, **more}

    def asked(self):
        try:
            with open(os.path.join(self.folder, "asked")) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def pid(self):
        path = os.path.join(self.folder, "pid")
        end = time.monotonic() + 10 * SCALE
        while not os.path.exists(path) or not os.path.getsize(path):
            assert time.monotonic() < end, "the program did not start"
            time.sleep(0.01)
        with open(path) as file:
            return int(file.read())


@contextlib.contextmanager
def askpass(*lines):
    with tempfile.TemporaryDirectory() as folder:
        yield Askpass(folder, *lines)


# ---- who is asked ----

@test
def the_terminal_is_asked_where_there_is_one():
    for require in (None, "never", "other"):
        with askpass("echo wrong") as program:
            with run("noecho:Prompt: ", env=program.env(require)) as t:
                t.expect("Prompt: ")
                t.send("typed\r")
                ended(t, b"typed")
            equal(program.asked(), None)


@test
def prefer_needs_a_display():
    with askpass("echo wrong") as program:
        with run("noecho:Prompt: ", env=program.env("prefer", display=None)) as t:
            t.expect("Prompt: ")
            t.send("typed\r")
            ended(t, b"typed")
        equal(program.asked(), None)


@test
def prefer_and_force_ask_the_program():
    for require, display in (("prefer", ":none"), ("force", None)):
        with askpass("sleep 0.2", "echo 'its answer'") as program:
            with run("echo:Prompt: ", env=program.env(require, display)) as t:
                ended(t, b"its answer")
                equal(t.shown, b"", "on the terminal")
                assert answers(t)[0].moved >= 200, "its time counts"
            equal(program.asked(), "Prompt: ")


@test
def without_a_program_the_terminal_is_asked():
    with askpass() as program:
        with run("noecho:Prompt: ", env=program.env("force", SSH_ASKPASS="")) as t:
            t.expect("Prompt: ")
            t.send("typed\r")
            ended(t, b"typed")


# ---- what it is asked ----

@test
def what_was_said_is_shown_and_asked_once():
    with askpass("echo x") as program:
        with run("say:one", "say:two\n", "noecho:Prompt: ", "noecho:Next: ",
                 env=program.env("prefer")) as t:
            ended(t, b"x", b"x")
            equal(t.shown, b"one\r\ntwo\r\n", "on the terminal")
        equal(program.asked(), "one\ntwo\nPrompt: Next: ")


@test
def of_long_texts_the_last_lines_are_asked():
    lines = "".join(f"line {n:05d}\n" for n in range(1500))  # 16500 bytes
    cases = ((["say:" + lines], lines[-8184:]),
             (["say:" + lines[:8184], "say:1", "say:2"], lines[:8184] + "1\n2\n"),
             (["say:" + lines[:8184], "say:1234", "say:56"], "56\n"),
             (["say:" + "x" * 9000, "say:end"], "end\n"),
             (["say:" + "x" * 9000], ""),
             (["say:" + "x" * 8190], "x" * 8190 + "\n"),
             (["say:" + "x" * 8191], ""))
    for steps, wanted in cases:
        with askpass("echo x") as program:
            with run(*steps, "noecho:Prompt: ", env=program.env("prefer")) as t:
                ended(t, b"x")
            equal(program.asked(), wanted + "Prompt: ")


@test
def bytes_of_the_answer():
    for command, wanted in ((r"printf 'a\303\244\377b\n'", b"a\xc3\xa4\xffb"),
                            (r"printf 'a\000b\n'", b"a"), (r"printf '\000'", b""), ("echo", b""),
                            ("printf %04096d 0", b"0" * 4096), ("printf %04097d 0", "no-response"),
                            ("true", "no-response"), ("echo x; exit 1", "no-response")):
        with askpass(command) as program:
            with run("noecho:Prompt: ", env=program.env("prefer")) as t:
                ended(t, wanted)


# ---- what ends it ----

@test
def a_signal_ends_it():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        with askpass("trap '' INT TERM HUP QUIT", "sleep 1000", "sleep 1000") as program:
            with run("noecho:Prompt: ", "noecho:Never: ", env=program.env("prefer"), cwd="/tmp") as t:
                pid = program.pid()
                t.signal(number)
                ended(t, "interrupted")
                equal(t.status, -number, "status")
                assert not os.path.exists(f"/proc/{pid}"), "the program still runs"


@test
def control_c_at_the_terminal_ends_it():
    with askpass("sleep 1000") as program:
        with run("noecho:Prompt: ", env=program.env("prefer")) as t:
            program.pid()
            t.send("\x03")
            ended(t, "interrupted")
            equal(t.status, -signal.SIGINT, "status")


@test
def the_server_hangs_up():
    ours, theirs = socket.socketpair()
    with ours, askpass("sleep 1000") as program:
        with run(f"fd:{theirs.fileno()}", "noecho:Prompt: ", env=program.env("prefer"),
                 pass_fds=(theirs.fileno(),)) as t:
            theirs.close()
            pid = program.pid()
            ours.close()
            ended(t, "disconnected")
            assert not os.path.exists(f"/proc/{pid}"), "the program still runs"


@test
def it_has_no_terminal():
    with askpass("read x </dev/tty && echo $x") as program:
        with run("noecho:Prompt: ", env=program.env("force")) as t:
            ended(t, "no-response")
            assert "cancelled (exit status" in answers(t)[0].message
            assert "/dev/tty" in answers(t)[0].message
            equal(t.shown, b"", "on the terminal")


if __name__ == "__main__":
    sys.exit(main())
