# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the whole program at a terminal share: a world, the program on a
pseudo-terminal, and TAP.

    FILE [NAME...]     NAME: only the tests whose name contains it

abs_top_srcdir and abs_top_builddir are Automake's. Prompts, and only prompts, are to be on the
terminal: standard output and error are pipes unless a test wants them there.
"""
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import TTY, Terminal  # noqa: E402

SOURCE = os.environ.get("abs_top_srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("abs_top_builddir", os.getcwd())
PROGRAM = os.environ.get("SSH_AUTHTEST", os.path.join(BUILD, "ssh-authtest"))
WORLD = os.path.join(SOURCE, "tests/world/world")
W = {}       # the world's variables
HOME = None  # a new one for each test
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def home():
    """The running test's own."""
    return HOME


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what or 'got'} {got!r}, not {wanted!r}")


def run(*arguments, known=True, port=None, config="none", **options):
    """The program; `arguments` ends with the user. config: a file for -F, which ssh needs, as it
    takes no notice of HOME."""
    *rest, user = arguments
    argv = [PROGRAM, "-F", config, *(["--known-hosts", W["KNOWN_HOSTS"]] if known else []), *rest,
            f"{user}@127.0.0.1:{port or W['SSHD_PORT']}"]
    env = {"HOME": HOME, "LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": None}
    env.update(options.pop("env", {}))
    return Terminal(argv, env=env, **options)


def ended(t, status, outcome):
    """It exited so, said so, and the terminal is as it was."""
    t.wait()
    assert t.settings_restored(), "the terminal's settings are not as before"
    equal(t.status, status, f"status (out: {t.out!r} err: {t.err!r})")
    assert re.search(rf"^{outcome}:".encode(), t.out, re.M), f"no {outcome}: in {t.out!r}"


def events_since(mark):
    """What the PAM module saw, once sshd has no session left."""
    with open(os.path.join(W["WORLD_DIR"], "sshd-main.pid")) as file:
        pid = int(file.read())
    end = time.monotonic() + 10
    while open(f"/proc/{pid}/task/{pid}/children").read().strip():
        assert time.monotonic() < end, "sshd still has sessions"
        time.sleep(0.02)
    with open(W["EVENTS_LOG"]) as file:
        file.seek(mark)
        return file.read()


def events_mark():
    return os.path.getsize(W["EVENTS_LOG"])


class Peer:
    """A server of tests/peer: the scripted one."""

    def __init__(self, *arguments, name="kbdint.py"):
        peer = os.path.join(SOURCE, "tests/peer", name)
        self.process = subprocess.Popen(["/usr/bin/python3", "-B", peer, *arguments], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.said = self.process.communicate()[1]


def start_world():
    directory = tempfile.mkdtemp(prefix="ssh-authtest.", dir="/tmp")
    env = dict(os.environ, WORLD_OWNER=str(os.getpid()))
    env.setdefault("WORLD_LIBDIR", os.path.join(BUILD, "tests/world"))
    done = subprocess.run([WORLD, "start", directory], env=env, stdin=subprocess.DEVNULL)
    if done.returncode:
        os.rmdir(directory)
        print("1..0 # SKIP a program of the tests' world is missing"
              if done.returncode == 77 else "Bail out! no world")
        sys.exit(0 if done.returncode == 77 else 99)
    with open(os.path.join(directory, "env")) as file:
        for line in file:
            name, _, value = line.removeprefix("export ").partition("=")
            W[name] = "".join(shlex.split(value))
    return directory


def run_one(number, function):
    global HOME
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ssh-authtest-home.") as home:
        HOME = home
        try:
            function()
        except Exception as error:  # noqa: one failure must not hide the others
            text = f"{type(error).__name__}: {error}".replace("\n", "\n# ")
            print(f"not ok {number} - {function.__name__}\n# {text}", flush=True)
            return False
    print(f"ok {number} - {function.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
    return True


def left_out():
    """What tests/valgrind/left_out has of this file."""
    if "VALGRIND_LOGS" not in os.environ:
        return []
    file = "tty/" + os.path.basename(sys.argv[0]) + ": "
    with open(os.path.join(SOURCE, "tests/valgrind/left_out")) as lines:
        return [line.removeprefix(file).rstrip("\n") for line in lines if line.startswith(file)]


def main():
    names, no = sys.argv[1:], left_out()
    chosen = [t for t in TESTS if t.__name__ not in no
              and (not names or any(name in t.__name__ for name in names))]
    print(f"1..{len(chosen)}", flush=True)
    directory = start_world()
    try:
        good = [run_one(number, function) for number, function in enumerate(chosen, 1)]
    finally:
        subprocess.run([WORLD, "stop", directory], check=True)
    return 0 if all(good) else 1
