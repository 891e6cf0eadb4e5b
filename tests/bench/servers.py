# SPDX-License-Identifier: GPL-3.0-or-later
"""The other side of what is measured: the tests' world, the fleet's server, and the relay that makes both
far away. Each is a context, and gone when it ends.
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections import namedtuple

SOURCE = os.environ["abs_top_srcdir"]
BUILD = os.environ["abs_top_builddir"]
WORLD = os.path.join(SOURCE, "tests/world/world")

Traffic = namedtuple("Traffic", "connections most up down chunks_up chunks_down")
Load = namedtuple("Load", "lists connections most cpu")


def built(name):
    return os.path.join(BUILD, "tests/bench", name)


class Server:
    """A program that prints its port, answers a line of standard input with a line of numbers, and ends with
    standard input."""

    def __init__(self, *argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"{argv[0]} does not start")
        self.port = int(line)

    def numbers(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return map(int, self.process.stdout.readline().split())

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Relay(Server):
    """In front of PORT, a round trip of RTT milliseconds away; with ADDRESSES at so many."""

    def __init__(self, rtt, port, addresses=0):
        self.hosts = [f"127.1.{i // 250}.{1 + i % 250}" for i in range(addresses)]
        super().__init__(built("delay_relay"), *(["-a", str(addresses)] if addresses else []),
                         str(rtt), str(port))

    def traffic(self):
        """Since the last call."""
        return Traffic(*self.numbers())


class Fleet(Server):
    """A server that is cheap, at one port."""

    def __init__(self, host_key):
        super().__init__(built("fleet_server"), host_key)

    def load(self):
        """Since the last call, but its microseconds of CPU since it began."""
        return Load(*self.numbers())


@contextlib.contextmanager
def folder():
    """One of this run's own. It has no blank in its name, which the world does not like."""
    parent = os.environ.get("TMPDIR", "/tmp")
    path = tempfile.mkdtemp(prefix="ssh-authtest-bench.",
                            dir=parent if len(parent.split()) == 1 else "/tmp")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def world(path):
    """sshd, PAM and a KDC below PATH; gives the variables of its file env."""
    env = dict(os.environ, WORLD_LIBDIR=os.path.join(BUILD, "tests/world"),
               WORLD_OWNER=str(os.getpid()), WORLD_LIFETIME="14400")
    try:
        subprocess.run([WORLD, "start", path], check=True, env=env, stdin=subprocess.DEVNULL)
        text = subprocess.run(["bash", "-c", '. "$1" && env -0', "bash", path + "/env"], check=True,
                              env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True).stdout
        yield dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
    finally:
        subprocess.run([WORLD, "stop", path], check=True)
