# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of prompt.c share: running tests/unit/prompt_cli on a pseudo-terminal, and TAP.

    FILE [--cli PATH] [--under sanitizer|valgrind] [--jobs N] [NAME...]

PATH defaults to $PROMPT_CLI, else ./tests/unit/prompt_cli. NAME: only the tests whose name
contains it. Each test runs in LC_ALL=C and in C.UTF-8. TTY_TIME_SCALE stretches the limits
(valgrind: 10). N tests run at once, 4 by default. --under: what PATH runs under. Both keep copies
of memory of their own, and valgrind does not let itself be stopped: the tests that cannot pass there
are left out.
"""
import argparse
import multiprocessing
import os
import shlex
import sys
import time

from pty_driver import Terminal

CLI = None
LOCALE = "C"
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def not_under(*tools):
    """The test cannot pass under these: it is left out there."""
    def mark(function):
        function.left_out_under = tools
        return function
    return mark


def run(*steps, wrapper=(), **options):
    """prompt_cli with these steps, behind the words of `wrapper`."""
    env = {"LC_ALL": LOCALE, "TERM": "xterm"}
    env.update(options.pop("env", {}))
    return Terminal([*wrapper, *CLI, *steps], env=env, **options)


class Answer:
    def __init__(self, line):
        self.outcome, length, text, moved, *message = line.split(" ", 4)
        self.text = b"" if text == "-" else bytes.fromhex(text)
        self.moved = int(moved)  # ms
        self.message = message[0] if message else ""
        assert len(self.text) == int(length)


def answers(t):
    return [Answer(line) for line in t.out.decode().splitlines()]


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what or 'got'} {got!r}, not {wanted!r}")


def ended(t, *wanted):
    """It ran to its end, the terminal is as before, and these are the answers: bytes, or the
    outcome's word."""
    t.wait()
    assert t.settings_restored(), "the terminal's settings are not as before"
    got = [a.text if a.outcome == "success" else a.outcome for a in answers(t)]
    equal(got, list(wanted), "answers")
    equal(t.err, b"", "stderr")


def one(keys, *wanted, kind="noecho"):
    """Types `keys` at one prompt of that kind."""
    with run(f"{kind}:Prompt: ") as t:
        t.expect("Prompt: ")
        t.send(keys)
        ended(t, *wanted)
        return t.shown


def run_one(work):
    """Whether it went well, and the rest of its TAP line."""
    global LOCALE
    name, LOCALE = work
    start = time.monotonic()
    what = f"{name} in {LOCALE}"
    try:
        next(t for t in TESTS if t.__name__ == name)()
    except Exception as error:  # noqa: one failure must not hide the others
        where = error.__traceback__
        while where.tb_next and where.tb_next.tb_frame.f_code.co_filename in (__file__, sys.modules["__main__"].__file__):
            where = where.tb_next
        text = f"line {where.tb_lineno}: {type(error).__name__}: {error}"
        return False, what + "\n# " + text.replace("\n", "\n# ")
    return True, f"{what} ({time.monotonic() - start:.1f} s)"


def built_with():
    """Of the build in this folder, or of the run: tests/valgrind/check sets VALGRIND_LOGS."""
    if "VALGRIND_LOGS" in os.environ:
        return "valgrind"
    try:
        with open("config.h") as file:
            return "sanitizer" if "#define SANITIZERS 1" in file.read() else None
    except FileNotFoundError:
        return None


def main():
    global CLI
    parser = argparse.ArgumentParser()
    parser.add_argument("--cli", default=os.environ.get("PROMPT_CLI", "./tests/unit/prompt_cli"))
    parser.add_argument("--under", choices=["sanitizer", "valgrind"], default=built_with())
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    CLI = [os.path.abspath(word) for word in shlex.split(options.cli)]  # behind what runs it
    chosen = [t for t in TESTS
              if options.under not in getattr(t, "left_out_under", ())
              and (not options.names or any(name in t.__name__ for name in options.names))]
    work = [(function.__name__, locale) for locale in ("C", "C.UTF-8") for function in chosen]
    failed = 0
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for count, (good, line) in enumerate(pool.imap(run_one, work), 1):
            print(("ok" if good else "not ok") + f" {count} - {line}", flush=True)
            failed += not good
    print(f"1..{len(work)}")
    return 1 if failed else 0
