#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""prompt.c on a pseudo-terminal: signals, job control, hang-ups of the terminal and the server.
prompt_run.py has the options. Speaks TAP."""
import os
import signal
import socket
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import SCALE, settings_of  # noqa: E402
from prompt_run import answers, ended, equal, main, not_under, run, test  # noqa: E402

# ---- signals ----

@test
def caught_signals_end_the_prompt():
    for kind in ("noecho", "echo"):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            for typed in ("", "abc", "\x16", "\x1b"):
                with run(f"{kind}:Prompt: ", "noecho:Never: ", cwd="/tmp") as t:
                    t.expect("Prompt: ")
                    t.send(typed)
                    t.quiet(0.02)
                    t.signal(number)
                    ended(t, "interrupted")
                    equal(t.status, -number, "status")
                    assert b"Never" not in t.shown
                    assert t.shown.endswith(b"\n")


@test
def keys_that_signal():
    for kind in ("noecho", "echo"):
        for key, number in (("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)):
            with run(f"{kind}:Prompt: ", cwd="/tmp") as t:
                t.expect("Prompt: ")
                t.send("abc" + key)
                ended(t, "interrupted")
                equal(t.status, -number, "status")


@test
def ignored_signals_stay_ignored():
    with run("noecho:Prompt: ", ignore=(signal.SIGHUP, signal.SIGINT, signal.SIGTSTP,
                                        signal.SIGUSR1)) as t:
        t.expect("Prompt: ")
        t.send("ab")
        t.quiet(0.05)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTSTP, signal.SIGUSR1):
            t.signal(number)
        t.quiet(0.1)
        t.send("cd\r")
        ended(t, b"abcd")


@test
@not_under("valgrind")
def fatal_signals_restore_first():
    fatal = ["USR1", "USR2", "ALRM", "PIPE", "VTALRM", "PROF", "XCPU", "XFSZ", "IO", "PWR", "STKFLT",
             "TRAP", "SYS", "ABRT", "SEGV", "BUS", "FPE", "ILL"]
    numbers = [getattr(signal, "SIG" + name) for name in fatal]
    numbers += [signal.SIGRTMIN, signal.SIGRTMIN + 5]
    for kind in ("noecho", "echo"):
        for number in numbers:
            with run(f"{kind}:Prompt: ", cwd="/tmp",
                     env={"ASAN_OPTIONS": "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:"
                          "handle_abort=0:handle_sigill=0"}) as t:
                t.expect("Prompt: ")
                t.send("abc")
                t.quiet(0.02)
                assert not t.settings_restored()
                t.signal(number)
                t.wait()
                equal(t.status, -number, f"status after {number}:")
                assert t.settings_restored(), f"not restored after {number}"


@test
@not_under("valgrind")
def stop_and_continue():
    for kind in ("noecho", "echo"):
        for how in ("key", "signal"):
            with run(f"{kind}:Prompt: ", "echo:Next: ") as t:
                t.expect("Prompt: ")
                for _ in range(3):
                    t.send("gone")
                    t.quiet(0.1)
                    if how == "key":
                        t.send("\x1a")
                    else:
                        t.signal(signal.SIGTSTP)
                    equal(t.wait_stopped(), signal.SIGTSTP, "stopped by")
                    assert t.settings_restored() and t.echo(), "not sane while stopped"
                    t.quiet(0.02)
                    t.foreground()
                    t.expect("Prompt: ")
                    assert not t.echo(), "echo is on after the prompt came back"
                t.quiet(0.05)
                if kind == "echo":
                    t.send("\x15")
                t.send("typed\r")
                t.expect("Next: ")
                t.send("x\r")
                ended(t, b"typed", b"x")
                if kind == "noecho":
                    assert b"typed" not in t.shown and b"gone" not in t.shown, t.shown
                equal(t.shown.count(b"Prompt: "), 4, "prompts shown:")


@test
@not_under("valgrind")
def settings_changed_while_stopped_are_kept():
    with run("noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.send("\x1a")
        t.wait_stopped()
        mode = termios.tcgetattr(t.slave)
        mode[6][termios.VERASE] = b"\x08"
        termios.tcsetattr(t.slave, termios.TCSANOW, mode)
        t.before = settings_of(t.slave)
        t.foreground()
        t.expect("Prompt: ")
        t.send("x\r")
        ended(t, b"x")


@test
def sigstop_and_continue():
    with run("noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.signal(signal.SIGSTOP)
        t.wait_stopped()
        t.foreground()
        t.expect("Prompt: ")
        assert not t.echo()
        t.send("typed\r")
        ended(t, b"typed")


@test
@not_under("valgrind")
def stopped_then_terminated():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        with run("noecho:Prompt: ") as t:
            t.expect("Prompt: ")
            t.send("\x1a")
            t.wait_stopped()
            t.background(cont=False)
            t.signal(number)
            t.signal(signal.SIGCONT)  # what a shell's kill does to a stopped job
            ended(t, *(["interrupted"] if number != signal.SIGUSR1 else []))
            equal(t.status, -number, "status")


@test
@not_under("valgrind")
def background_then_foreground():
    for kind in ("noecho", "echo"):
        with run(f"{kind}:Prompt: ", foreground=False) as t:
            assert t.wait_stopped() in (signal.SIGTTOU, signal.SIGTTIN)
            equal(t.shown, b"")
            assert t.settings_restored()
            t.background()
            t.wait_stopped()
            assert t.settings_restored()
            t.foreground()
            t.expect("Prompt: ")
            t.quiet(0.05)
            assert not t.echo()
            t.send("typed\r")
            ended(t, b"typed")


@test
@not_under("valgrind")
def background_then_terminated():
    with run("noecho:Prompt: ", foreground=False) as t:
        t.wait_stopped()
        t.signal(signal.SIGTERM)
        t.signal(signal.SIGCONT)
        ended(t, "interrupted")
        equal(t.status, -signal.SIGTERM, "status")


@test
@not_under("valgrind")
def stopped_in_front_continued_behind():
    with run("noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.send("\x1a")
        t.wait_stopped()
        t.background()
        assert t.wait_stopped() in (signal.SIGTTOU, signal.SIGTTIN)
        assert t.settings_restored()
        t.foreground()
        t.expect("Prompt: ")
        t.send("typed\r")
        ended(t, b"typed")


@test
def orphan_in_the_background_gets_no_terminal():
    script = ('import os,sys,time\n'
              'if os.fork() == 0:\n'
              '    os.setpgid(0, 0)\n'
              '    time.sleep(0.3)\n'
              '    os.execv(sys.argv[1], sys.argv[1:])\n'
              'time.sleep(0.1)\n')
    with run("noecho:Prompt: ", wrapper=["/usr/bin/python3", "-c", script]) as t:
        t.wait()
        t.expect_out(b"no-response 0 - ")
        assert t.settings_restored()


@test
def resizing():
    for kind in ("noecho", "echo"):
        with run(f"{kind}:" + "long prompt " * 8) as t:
            t.expect("long prompt ")
            t.send("abc")
            for size in ((24, 40), (24, 100), (5, 12), (24, 80)):
                t.resize(*size)
                t.quiet(0.05)
            t.send("d\r")
            ended(t, b"abcd")
            if kind == "noecho":
                assert b"abc" not in t.shown


@test
def leader_of_the_session():
    with run("noecho:Prompt: ", leader=False) as t:
        t.expect("Prompt: ")
        t.send("ab\x1a")  # an orphaned group cannot be stopped: the prompt comes again
        t.expect("Prompt: ")
        t.send("cd\r")
        ended(t, b"cd")


# ---- ends ----

@test
def hangup_of_the_terminal():
    for kind in ("noecho", "echo"):
        for leader in (True, False):
            for ignore in ((), (signal.SIGHUP,)):
                with run(f"{kind}:Prompt: ", "echo:Again: ", leader=leader, ignore=ignore) as t:
                    t.expect("Prompt: ")
                    t.send("abc")
                    t.quiet(0.05)
                    t.hangup()
                    t.wait()
                    got = [a.outcome for a in answers(t)]
                    if leader or ignore:
                        equal(got, ["no-response", "no-response"])
                    else:
                        equal(got, ["interrupted"])
                        equal(t.status, -signal.SIGHUP)


def server_pair():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    listener.close()
    return client, server


def gone(server, how):
    if how == "reset":
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if how == "data":
        server.sendall(b"x" * 1000)
        time.sleep(0.1)
    if how == "half":
        server.shutdown(socket.SHUT_WR)
    else:
        server.close()


@test
def server_hangup():
    for kind in ("noecho", "echo"):
        for how in ("close", "reset", "half", "data"):
            client, server = server_pair()
            with client, server, run(f"fd:{client.fileno()}", f"{kind}:Prompt: ",
                                     pass_fds=[client.fileno()]) as t:
                t.expect("Prompt: ")
                t.send("abc")
                t.quiet(0.1)
                gone(server, how)
                start = time.monotonic()
                ended(t, "disconnected")
                assert time.monotonic() - start < 0.5 * SCALE
                assert t.shown.endswith(b"\n")


@test
def server_data_does_not_spin():
    client, server = server_pair()
    with client, server, run(f"fd:{client.fileno()}", "noecho:Prompt: ",
                             pass_fds=[client.fileno()]) as t:
        t.expect("Prompt: ")
        server.sendall(b"x" * 1000)
        before = t.cpu_seconds()
        t.quiet(0.6)
        assert t.cpu_seconds() - before < 0.1 * SCALE, "it spins"
        t.send("x\r")
        ended(t, b"x")


@test
def stopped_output_holds_nothing_up():
    """Ctrl-S, then a signal: the prompt is not shown, and it ends."""
    with run("sleep:300", "echo:" + "long " * 2000) as t:
        t.send("\x13")
        t.quiet(0.8)
        t.signal(signal.SIGTERM)
        t.wait()
        equal(t.status, -signal.SIGTERM)
        assert t.settings_restored()


if __name__ == "__main__":
    sys.exit(main())
