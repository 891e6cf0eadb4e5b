# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a pseudo-terminal of its own, as a person at a terminal would.

The terminal is the program's controlling one (/dev/tty); standard input, output and error are
apart from it unless asked for, so what a test sees on the terminal was written there on purpose.

    with Terminal(["ssh-authtest", "-m", "kbdint", "host"]) as t:
        t.expect("Password: ")
        t.send("secret\\r")
        assert t.wait() == 0
        assert b"secret" not in t.shown

As under a shell with job control, a session leader (job_control.py) stands between the test and the
program (`leader=False`: the program is the session leader itself), so that it can be stopped, put into the
background and into the foreground again. Every wait has a limit, after which Timeout is raised
with all that was shown; close() ends what was started, by process id.
"""
import fcntl
import os
import select
import signal
import struct
import termios
import time

from job_control import Program, run_child

LIMIT = 10.0  # seconds; every wait's default
SCALE = float(os.environ.get("TTY_TIME_SCALE", "1"))  # for valgrind and slow machines

DEVNULL, TTY, PIPE = "devnull", "tty", "pipe"


class Timeout(AssertionError):
    pass


def settings_of(fd):
    """The terminal's settings as the kernel has them, byte for byte."""
    return fcntl.ioctl(fd, termios.TCGETS, bytes(60))


class Terminal:
    """argv: the program. env: added to the environment, None as a value removes. stdin: DEVNULL,
    TTY or bytes to feed; stdout, stderr: PIPE, TTY, DEVNULL or a file's name. size: rows, columns.
    pass_fds: left open in the program. foreground=False: it starts as a background job. ignore:
    signals ignored at its start. setup: called with the slave's descriptor before the start, to
    change settings."""

    def __init__(self, argv, env=None, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, size=(24, 80),
                 pass_fds=(), foreground=True, leader=True, ignore=(), cwd=None, setup=None):
        self.shown = b""  # all that was written to the terminal
        self.out = b""    # ... to standard output
        self.err = b""
        self.mark = 0     # expect() looks behind this
        self.pid = None
        self.events = []  # ("stopped", signal), ("continued", 0), ("exited", status)
        self.stopped = False
        self.status = None  # exit status, or -signal
        self.status_text = b""
        self.env = dict(os.environ)
        for name in ("SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY"):
            self.env.pop(name, None)  # whatever the tester's desktop has
        for name, value in (env or {}).items():
            if value is None:
                self.env.pop(name, None)
            else:
                self.env[name] = value
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        self.resize(*size)
        if setup:
            setup(self.slave)
        self.before = settings_of(self.slave)
        self._start(argv, stdin, stdout, stderr, pass_fds, foreground, leader, ignore, cwd)

    # ---- starting ----

    def _start(self, argv, stdin, stdout, stderr, pass_fds, foreground, leader, ignore, cwd):
        status_r, status_w = os.pipe()
        command_r, command_w = os.pipe()
        self.feed, self.feed_fd = b"", None
        self.ends = {}  # descriptor of ours -> attribute that collects it
        theirs = {}  # the program's descriptor -> what it is here
        for number, how in ((0, stdin), (1, stdout), (2, stderr)):
            if how == TTY:
                theirs[number] = self.slave
            elif how == DEVNULL:
                theirs[number] = os.open(os.devnull, os.O_RDWR)
            elif number and how != PIPE:
                theirs[number] = os.open(how, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            else:
                r, w = os.pipe()
                theirs[number] = r if number == 0 else w
                if number == 0:
                    self.feed, self.feed_fd = how, w
                    os.set_blocking(w, False)
                else:
                    self.ends[r] = "out" if number == 1 else "err"
        program = Program(argv, self.env, theirs, set(pass_fds), ignore, cwd)
        pid = os.fork()
        if pid == 0:
            run_child(program, self.slave, status_w, command_r, foreground, leader)
        self.leader_pid = pid
        for fd in set(theirs.values()) - {self.slave}:
            os.close(fd)
        os.close(status_w)
        os.close(command_r)
        self.status_fd, self.command_fd = status_r, command_w
        self.own_child = not leader
        if self.own_child:
            self.pid = pid
        self.until(lambda: self.pid is not None, "the program's start")

    # ---- waiting ----

    def _status_line(self, line):
        word, _, value = line.partition(" ")
        if word == "pid":
            self.pid = int(value)
        elif word == "done":
            self.commands_done += 1
        else:
            self.events.append((word, int(value)))
            if word == "exited":
                self.status = int(value)
            self.stopped = word == "stopped"

    commands_done = 0
    commands_sent = 0

    def pump(self, seconds=0.0):
        """Takes in what there is, waiting at most so long for something."""
        if self.own_child and self.status is None:
            got, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if got and os.WIFSTOPPED(status):
                self._status_line(f"stopped {os.WSTOPSIG(status)}")
            elif got and os.WIFCONTINUED(status):
                self._status_line("continued 0")
            elif got:
                self._status_line(f"exited {os.waitstatus_to_exitcode(status)}")
        fds = [fd for fd in [self.master, self.status_fd, *self.ends] if fd is not None]
        if self.feed_fd is not None and not self.feed:
            os.close(self.feed_fd)
            self.feed_fd = None
        writes = [] if self.feed_fd is None else [self.feed_fd]
        readable, writable, _ = select.select(fds, writes, [], seconds)
        for fd in writable:
            try:
                self.feed = self.feed[os.write(fd, self.feed):]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                self.feed = b""
        for fd in readable:
            try:
                data = os.read(fd, 65536)
            except (BlockingIOError, OSError):
                data = b""
            if fd == self.master:
                self.shown += data
                continue
            if not data:
                os.close(fd)
                if fd == self.status_fd:
                    self.status_fd = None
                else:
                    del self.ends[fd]
            elif fd == self.status_fd:
                self.status_text += data
                *lines, self.status_text = self.status_text.split(b"\n")
                for line in lines:
                    self._status_line(line.decode())
            else:
                setattr(self, self.ends[fd], getattr(self, self.ends[fd]) + data)
        return bool(readable)

    def until(self, condition, what, limit=None):
        end = time.monotonic() + (limit or LIMIT) * SCALE
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise Timeout(f"no {what} in time; terminal: {self.shown!r} "
                              f"stdout: {self.out!r} stderr: {self.err!r} events: {self.events}")
            self.pump(min(left, 0.05))

    def expect(self, text, limit=None):
        """Waits until `text` is shown behind what the last expect() found; returns what came
        before it."""
        data = text.encode() if isinstance(text, str) else text
        self.until(lambda: self.shown.find(data, self.mark) >= 0, repr(data), limit)
        at = self.shown.find(data, self.mark)
        before, self.mark = self.shown[self.mark:at], at + len(data)
        return before

    def expect_out(self, text, limit=None):
        data = text.encode() if isinstance(text, str) else text
        self.until(lambda: data in self.out, f"{data!r} on stdout", limit)

    def quiet(self, seconds=0.15):
        """Waits so long and returns what was shown behind the mark, which it moves."""
        end = time.monotonic() + seconds * SCALE
        while time.monotonic() < end:
            self.pump(max(0.0, min(0.05, end - time.monotonic())))
        data, self.mark = self.shown[self.mark:], len(self.shown)
        return data

    def wait(self, limit=None):
        """The exit status, or minus the signal's number."""
        self.until(lambda: self.status is not None, "exit", limit)
        self.quiet(0.02)
        return self.status

    def wait_stopped(self, limit=None):
        self.until(lambda: self.stopped or self.status is not None, "stop", limit)
        assert self.status is None, f"exited {self.status} instead of stopping"
        return self.events[-1][1]

    # ---- doing ----

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        end = time.monotonic() + LIMIT * SCALE
        while data:
            try:
                data = data[os.write(self.master, data[:512]):]
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Timeout("the terminal takes no more input")
                self.pump(0.01)
            else:
                if data:
                    self.pump(0.005)

    def signal(self, number):
        os.kill(self.pid, number)

    def _command(self, letter):
        self.commands_sent += 1
        os.write(self.command_fd, letter)
        self.until(lambda: self.commands_done >= self.commands_sent, f"answer to {letter!r}")

    def foreground(self):
        """fg: gives it the terminal and continues it."""
        self.stopped = False
        self._command(b"f")
        self._command(b"c")

    def background(self, cont=True):
        """Takes the terminal away; with `cont` bg."""
        self.stopped = self.stopped and not cont
        self._command(b"b")
        if cont:
            self._command(b"c")

    def resize(self, rows, columns):
        """The kernel sends SIGWINCH to the foreground group by itself."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hangup(self):
        """The window is closed."""
        for name in ("master", "slave"):
            if getattr(self, name) is not None:
                os.close(getattr(self, name))
                setattr(self, name, None)

    # ---- looking ----

    def settings(self):
        return settings_of(self.slave)

    def settings_restored(self):
        return self.settings() == self.before

    def echo(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def canonical(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ICANON)

    def memory_count(self, needle):
        """How often the bytes are in the program's memory; it should be stopped."""
        found = {}
        with open(f"/proc/{self.pid}/maps") as maps, \
                open(f"/proc/{self.pid}/mem", "rb", 0) as mem:
            for line in maps:
                span, perms, *rest = line.split(None, 5)
                start, end = (int(x, 16) for x in span.split("-"))
                if "r" not in perms or "[v" in line:
                    continue
                try:
                    mem.seek(start)
                    data = mem.read(end - start)
                except (OSError, ValueError, OverflowError):
                    continue
                count = data.count(needle)
                if count:
                    found[line.split()[-1] if len(rest) > 3 else span] = count
        return found

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        if self.leader_pid is None:
            return
        os.close(self.command_fd)  # the leader kills the program, then ends
        if self.own_child and self.status is None:
            os.kill(self.pid, signal.SIGKILL)
        if not self.own_child or self.status is None:
            os.waitpid(self.leader_pid, 0)
        self.leader_pid = None
        self.hangup()
        for fd in [self.status_fd, self.feed_fd, *self.ends]:
            if fd is not None:
                os.close(fd)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
