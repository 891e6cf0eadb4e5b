# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests of many targets at a terminal: lists, the program, and what came of it."""
import json
import os
import re

from pty_driver import TTY, Terminal
from program_run import PROGRAM, Peer, W, equal, home

PROMPT = re.compile(r"\(([a-z]+)@127\.0\.0\.1\) Password: ")


def path(name):
    return os.path.join(home(), name)


def write(name, *lines):
    with open(path(name), "w") as file:
        file.writelines(line + "\n" for line in lines)
    return path(name)


def at(user, port=None):
    return f"{user}@127.0.0.1:{port or W['SSHD_PORT']}"


def many(*arguments, json=True, env={}, **options):
    """The program, its results as JSON on a pipe unless said otherwise."""
    argv = [PROGRAM, "-F", "none", "--known-hosts", W["KNOWN_HOSTS"],
            *(["--format=json"] if json else []), *arguments]
    return Terminal(argv, env={"HOME": home(), "LC_ALL": "C.UTF-8", "TERM": "xterm",
                               "NO_COLOR": None, **env}, **options)


def to_file(*arguments, json=True, **options):
    """The same with standard output in the file `out`: no progress is shown beside a pipe."""
    argv = ["/bin/sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", path("out"), PROGRAM,
            "-F", "none", *(["--format=json"] if json else []), *arguments]
    return Terminal(argv, env={"HOME": home(), "LC_ALL": "C.UTF-8", "TERM": "xterm",
                               "NO_COLOR": None}, stderr=TTY, **options)


def out():
    with open(path("out"), "rb") as file:
        return file.read()


def results(t):
    return [json.loads(line) for line in t.out.decode().splitlines()]


def outcomes(t):
    return [result["outcome"] for result in results(t)]


def next_prompt(t):
    """Waits for one, and returns whose it is."""
    t.until(lambda: PROMPT.search(t.shown.decode(), t.mark), "prompt")
    found = PROMPT.search(t.shown.decode(), t.mark)
    t.mark = found.end()
    return found.group(1)


def answer(t, user, wrong=False):
    t.send(("wrong" if wrong else W[f"{user.upper()}_PASSWORD"]) + "\r")


def finished(t, status):
    t.wait(30)
    assert t.settings_restored(), "the terminal's settings are not as before"
    equal(t.status, status, f"status (out: {t.out!r} err: {t.err!r} terminal: {t.shown!r})")


class Feed:
    """A list that is still being written."""

    def __init__(self):
        os.mkfifo(path("feed"))
        self.fd = os.open(path("feed"), os.O_RDWR | os.O_CLOEXEC)

    def add(self, *lines):
        for line in lines:
            os.write(self.fd, (line + "\n").encode())

    def end(self):
        os.close(self.fd)
        self.fd = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.fd is not None:
            self.end()


def crowd(*places):
    """A cheap server (tests/peer/crowd.py)."""
    return Peer(*places, name="crowd.py")


def screen(data):
    """The lines that a terminal would show, with what is needed of one."""
    lines, column = [""], 0
    text = data.decode("utf-8", "replace")
    for match in re.finditer(r"\x1b\[([0-9;?]*)([A-Za-z])|(.)", text, re.S):
        number, letter, char = match.groups()
        if letter == "K":
            lines[-1] = {"2": "", "1": " " * column + lines[-1][column:]}.get(
                number, lines[-1][:column])
        elif letter == "J":
            lines[-1] = lines[-1][:column]
        elif char == "\r":
            column = 0
        elif char == "\n":
            lines.append("")
        elif char == "\b":
            column = max(0, column - 1)
        elif char and char >= " ":
            lines[-1] = lines[-1][:column].ljust(column) + char + lines[-1][column + 1:]
            column += 1
    return lines
