# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a test and its program on a pseudo-terminal: a session leader that does a
shell's job control, and nothing else. pty_driver.py forks it, sends it single bytes,

    f, b    give the program's group the terminal, take it away
    c       continue the program

each of which it answers by a line, "done", and is told by lines as well what becomes of the program:
"pid NUMBER", "stopped SIGNAL", "continued 0", "exited STATUS" (or minus the signal's number). Where the
bytes end it kills the program and ends itself.
"""
import fcntl
import os
import select
import signal
import termios

JOB_SIGNALS = (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGHUP, signal.SIGINT,
               signal.SIGQUIT)


def open_fds(keep):
    return [int(n) for n in os.listdir("/proc/self/fd") if int(n) > 2 and int(n) not in keep]


class Program:
    """fds: its standard descriptors, each with that of ours that it becomes. keep: others that are
    left open. ignore: signals ignored at its start."""

    def __init__(self, argv, env, fds, keep, ignore, cwd):
        self.argv, self.env, self.fds, self.keep = argv, env, fds, keep
        self.ignore, self.cwd = ignore, cwd

    def run(self):
        """In this process, whose standard descriptors become the program's."""
        for number in self.ignore:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        for number, fd in self.fds.items():
            os.dup2(fd, number)
        for fd in self.keep:
            os.set_inheritable(fd, True)
        for fd in open_fds(self.keep):
            try:
                fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
            except OSError:
                pass
        if self.cwd:
            os.chdir(self.cwd)
        os.execvpe(self.argv[0], self.argv, self.env)


def run_child(program, terminal, status, commands, foreground, leader):
    """In a forked child: the session leader, or the program in its place. Never returns."""
    try:
        needed = {terminal, status, commands, *program.fds.values(), *program.keep}
        for fd in open_fds(needed):  # another Terminal's too, lest it never hangs up
            try:
                os.close(fd)
            except OSError:
                pass  # the listing's own
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        if not leader:
            program.run()
        lead(program, terminal, status, commands, foreground)
    except BaseException as error:  # noqa: a forked child must not return
        os.write(2, f"job_control: {error!r}\n".encode())
    finally:
        os._exit(127)


def lead(program, terminal, status, commands, foreground):
    for number in JOB_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    ready_r, ready_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(ready_w)
        os.read(ready_r, 1)
        for number in JOB_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        program.run()
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass
    os.tcsetpgrp(terminal, pid if foreground else os.getpgrp())
    os.write(status, f"pid {pid}\n".encode())
    for fd in set(program.fds.values()) - {terminal}:
        os.close(fd)
    for fd in program.keep:
        os.close(fd)
    os.close(ready_r)
    os.close(ready_w)
    control(pid, terminal, status, commands)


def control(pid, terminal, status, commands):
    alive = True
    while True:
        readable, _, _ = select.select([commands], [], [], 0.01 if alive else None)
        if readable:
            obey(os.read(commands, 1), pid, terminal, alive)
            os.write(status, b"done\n")
        if not alive:
            continue
        got, result = os.waitpid(pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
        if got == 0:
            continue
        if os.WIFSTOPPED(result):
            os.write(status, f"stopped {os.WSTOPSIG(result)}\n".encode())
        elif os.WIFCONTINUED(result):
            os.write(status, b"continued 0\n")
        else:
            alive = False
            os.write(status, f"exited {os.waitstatus_to_exitcode(result)}\n".encode())


def obey(command, pid, terminal, alive):
    if command == b"":
        if alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os._exit(0)
    try:
        if command == b"f":
            os.tcsetpgrp(terminal, pid)
        elif command == b"b":
            os.tcsetpgrp(terminal, os.getpgrp())
        elif command == b"c":
            os.killpg(pid, signal.SIGCONT)
    except OSError:
        pass
