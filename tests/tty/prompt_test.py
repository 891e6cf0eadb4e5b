#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""prompt.c on a pseudo-terminal, through tests/unit/prompt_cli. Speaks TAP.

    prompt_test.py [--cli PATH] [--under sanitizer|valgrind] [--jobs N] [NAME...]

PATH defaults to $PROMPT_CLI, else ./tests/unit/prompt_cli. NAME: only the tests whose name contains it. Each
test runs in LC_ALL=C and in C.UTF-8. TTY_TIME_SCALE stretches the limits (valgrind: 10).
N tests run at once, 4 by default.
--under: what PATH runs under: both keep copies of memory of their own, and valgrind does not let itself
be stopped; the tests that cannot pass there are skipped.
"""
import argparse
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import SCALE, Terminal, settings_of  # noqa: E402

CLI = None
LOCALE = "C"
SECRET_MAX = 4096
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


def run(*steps, **options):
    env = {"LC_ALL": LOCALE, "TERM": "xterm"}
    env.update(options.pop("env", {}))
    return Terminal([*CLI, *steps], env=env, **options)


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


# ---- nothing is shown, nothing is kept ----

@test
def hidden_shows_nothing():
    equal(one("s3cr\x7fret\r", b"s3cret"), b"Prompt: \r\n", "shown")


@test
def hidden_shows_nothing_key_by_key():
    with run("noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        for key in ["a", "\t", "\x7f", "\xe9", "\x15", "\x19", "\x10", "\x1b[A", "\x12", "x", "\x17", "b"]:
            t.send(key)
            equal(t.quiet(0.03), b"", f"shown after {key!r}")
        t.send("\r")
        ended(t, b"b")
        equal(t.shown, b"Prompt: \r\n")


@test
def echo_shows_what_is_typed():
    shown = one("alice\r", b"alice", kind="echo")
    equal(shown, b"Prompt: alice\r\n", "shown")


def nothing_comes_back(first, keys, wanted):
    with run(first + ":One: ", "echo:Two: ") as t:
        t.expect("One: ")
        t.send(keys)
        t.expect("Two: ")
        for key in ["\x19", "\x1b[A", "\x10", "\x1bOA", "\x1by", "\x1f", "\x1b.", "\x12", "\x1bp",
                    "\x18\x12", "\x1b#", "\x0f"]:
            t.send(key)
            shown = t.quiet(0.04)
            assert b"hunter" not in shown and shown.strip(b"\x07") == b"", f"{key!r}: {shown!r}"
        t.send("x\r")
        ended(t, *wanted, b"x")


@test
def nothing_to_yank_after_a_hidden_prompt():
    nothing_comes_back("noecho", "hunter2\x15z\r", [b"z"])
    nothing_comes_back("noecho", "hunter2\r", [b"hunter2"])
    nothing_comes_back("noecho", "hunter2\x17\x04", ["no-response"])


@test
def nothing_to_yank_after_an_echoing_prompt():
    nothing_comes_back("echo", "hunter2\x15z\r", [b"z"])
    nothing_comes_back("echo", "hunter2 hunter3\x17\x01\x0bz\r", [b"z"])
    nothing_comes_back("echo", "hunter2\r", [b"hunter2"])


@test
def keyboard_macros_record_nothing():
    with run("echo:One: ", "echo:Two: ") as t:
        t.expect("One: ")
        t.send("\x18(hunter2\x18)\r")
        t.expect("Two: ")
        t.send("\x18e")
        assert b"hunter" not in t.quiet()
        t.send("\r")
        t.wait()


@test
def tab_lists_no_directory():
    for kind in ("noecho", "echo"):
        with run(f"{kind}:Prompt: ", cwd="/etc") as t:
            t.expect("Prompt: ")
            t.send("pass\t\t\t")
            shown = t.quiet()
            assert b"passwd" not in t.shown and b"\n" not in shown, shown
            t.send("\r")
            ended(t, b"pass\t\t\t")


@test
def inputrc_and_editrc_are_ignored():
    with tempfile.TemporaryDirectory() as home:
        text = ('set editing-mode vi\nset show-mode-in-prompt on\n"x": "HACKED"\nset echo-control-characters on\n'
                '"\\C-m": abort\nTAB: complete\nset bell-style audible\nbroken line here "\n')
        for name in (".inputrc", ".editrc", "rc"):
            with open(os.path.join(home, name), "w", encoding="ascii") as rc:
                rc.write(text)
        for env in ({"HOME": home, "INPUTRC": None}, {"INPUTRC": f"{home}/rc"}):
            with run("echo:Prompt: ", "noecho:Second: ", env=env) as t:
                t.expect("Prompt: ")
                t.send("axb\r")
                t.expect("Second: ")
                t.send("axb\r")
                ended(t, b"axb", b"axb")
                equal(t.shown, b"Prompt: axb\r\nSecond: \r\n", "shown")


@test
@not_under("sanitizer", "valgrind")
def memory_holds_one_copy_then_none():
    canary = "Qz7#canary-%d-Kj9" % os.getpid()
    with run("hold:Prompt: ", "echo:Next: ") as t:
        t.expect("Prompt: ")
        t.send("wrong" + canary[::-1] + "\x15" + canary + "\r")
        t.wait_stopped()
        found = t.memory_count(canary.encode())
        equal(sum(found.values()), 1, f"copies {found} before secret_free:")
        equal(t.memory_count(canary[::-1].encode()), {}, "of what was erased:")
        for part in (canary[:8], canary[-8:]):
            equal(sum(t.memory_count(part.encode()).values()), 1, "partial copies")
        t.foreground()
        t.wait_stopped()
        for part in (canary, canary[:6], canary[4:12], canary[-6:]):
            equal(t.memory_count(part.encode()), {}, f"copies of {part} after secret_free:")
        t.foreground()
        t.expect("Next: ")
        t.send("\r")
        t.wait()


# ---- editing ----

@test
def hidden_editing_keys():
    one("ax\x7fb\r", b"ab")
    one("ax\x08b\r", b"ab")
    one("gone\x15ab\r", b"ab")
    one("one two\x17ab\r", b"one ab")
    one("a\x04b\r", b"ab")
    one("a\x7f\x04", "no-response")
    one("\x04", "no-response")
    one("a\x1b[Db\x1b[3~\x1bOHc\r", b"abc")
    one("a\x16\x05b\r", b"a\x05b")


@test
def echo_editing_keys():
    for keys, wanted in (("ax\x7fb", b"ab"), ("gone\x15ab", b"ab"), ("one two\x17ab", b"one ab"),
                         ("bc\x01a", b"abc"), ("ab\x1b[Dx", b"axb"), ("axb\x1b[D\x1b[D\x1b[3~", b"ab"),
                         ("abx\x02\x04", b"ab"), ("one two\x01\x1bd", b" two"),
                         ("one two\x1b\x7f", b"one "), ("abc\x02\x02\x0b", b"a"),
                         ("a\x1b[5~b\x1b[15~c\x1b[1;5Cd", b"abcd"), ("ab\x15\x1f", b"ab"),
                         ("ab\x1b[A\x1b[Bc", b"abc"), ("bc\x1b[Ha\x1b[Fd", b"abcd")):
        one(keys + "\r", wanted, kind="echo")
    one("\x04", "no-response", kind="echo")
    one("a\x7f\x04", "no-response", kind="echo")


@test
def keys_of_stty_are_honoured():
    def setup(fd):
        mode = termios.tcgetattr(fd)
        mode[6][termios.VERASE], mode[6][termios.VKILL], mode[6][termios.VEOF] = b"#", b"@", b"%"
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    for kind in ("noecho", "echo"):
        with run(f"{kind}:Prompt: ", f"{kind}:Second: ", setup=setup) as t:
            t.expect("Prompt: ")
            t.send("gone@ax#b\r")
            t.expect("Second: ")
            t.send("%")
            ended(t, b"ab", "no-response")


@test
def utf8_survives():
    for kind in ("noecho", "echo"):
        one("h\u00e9\u20ac\U0001f600\r", "h\u00e9\u20ac\U0001f600".encode(), kind=kind)
    one("h\u00e9x\x7f\x7fe\r", b"he")
    one("h\u00e9x\x7f\x7fe\r", b"he", kind="echo")
    assert "h\u00e9".encode() in one("h\u00e9\r", "h\u00e9".encode(), kind="echo")
    one(b"latin\xe9-1\r", b"latin\xe9-1")


@test
def nul_is_dropped():
    for kind in ("noecho", "echo"):
        one(b"a\0b\r", b"ab", kind=kind)


@test
def line_endings():
    for kind in ("noecho", "echo"):
        one("a\r", b"a", kind=kind)
        one("a\n", b"a", kind=kind)
        one("a\r\n", b"a", kind=kind)
        one("\r", b"", kind=kind)
        one("\n", b"", kind=kind)


@test
def lengths():
    for kind in ("noecho", "echo"):
        with run(f"{kind}:One: ", f"{kind}:Two: ", f"{kind}:Three: ", f"{kind}:Four: ") as t:
            t.expect("One: ")
            t.send("x" * SECRET_MAX + "\r")
            t.expect("Two: ")
            t.send("y" * (SECRET_MAX + 1) + "\r")
            t.expect("Three: ")
            t.send("z" * 20000 + "\r")
            t.expect("Four: ")
            t.send("y" * (SECRET_MAX + 1) + "\x15" + "again\r")
            ended(t, b"x" * SECRET_MAX, "no-response", "no-response", b"again")


@test
def pasted_lines_answer_one_prompt():
    """The rest of a paste answers nothing, and is not left for the shell."""
    for kind in ("noecho", "echo"):
        with run(f"{kind}:One: ", f"{kind}:Two: ") as t:
            t.expect("One: ")
            t.send("first\rsecond\rthird\r")
            t.expect("Two: ")
            t.quiet()
            t.send("typed\r")
            ended(t, b"first", b"typed")
            assert b"second" not in t.shown
            os.set_blocking(t.slave, False)
            try:
                left = os.read(t.slave, 100)
            except BlockingIOError:
                left = b""
            equal(left, b"", "left in the terminal")


@test
def typed_ahead_is_dropped():
    with run("sleep:300", "noecho:Prompt: ") as t:
        t.send("early\r")
        t.expect("Prompt: ")
        t.send("late\r")
        ended(t, b"late")


# ---- what is written ----

@test
def prompts_print_right():
    wide = "\u6f22\u5b57"
    for kind in ("noecho", "echo"):
        for text in ("one\ntwo\nthree: ", f"{wide}: ", "x" * 200 + ": ", wide * 60 + ": ",
                     "first line\n" + "y" * 100 + ": ", "\\x01hidden\\x02: ", "", "\n", "a\n",
                     "tab\there: ", "%s %n: "):
            with run(f"{kind}:{text}", size=(24, 80)) as t:
                last = text.strip().split("\n")[-1]
                if last:
                    t.expect(last[-1:])
                t.until(lambda: t.status is not None or not t.echo(), "raw mode")
                t.quiet(0.1)
                t.send("ok\r")
                ended(t, b"ok")
                plain = t.shown.decode("utf-8").replace("\r\n", "\n").replace("\r", "")
                squeezed = plain.replace("\n", "").replace(" ", "").replace("\t", "")
                wanted = text.replace("\n", "").replace(" ", "").replace("\t", "")
                assert wanted in squeezed, f"{text!r} shown as {t.shown!r}"
                for line in text.split("\n")[:-1]:
                    assert line in plain, f"{line!r} in {t.shown!r}"
                assert ("ok" in squeezed) == (kind == "echo"), t.shown


@test
def say_ends_with_a_newline():
    with run("say:one\ntwo", "say:three\n", "say:") as t:
        ended(t)
        equal(t.shown, b"one\r\ntwo\r\nthree\r\n\r\n")


@test
def standard_streams_are_not_used():
    with run("noecho:Prompt: ", stdin=b"from stdin\n") as t:
        t.expect("Prompt: ")
        assert b"Prompt" not in t.out + t.err
        t.send("typed\r")
        ended(t, b"typed")


@test
def no_terminal():
    with run("possible", "say:text", "noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.send("x\r")
        t.wait()
        assert b"possible 1" in t.out
    with Terminal(["/usr/bin/setsid", "-w", *CLI, "possible", "say:text", "noecho:Prompt: "],
                  env={"LC_ALL": LOCALE}) as t:
        t.wait()
        equal(t.shown, b"")
        assert b"possible 0\nno-response 0 - 0 no terminal to ask on: /dev/tty: " in t.out, t.out


@test
def odd_terminals():
    for term in ("dumb", None, "no-such-terminal", "linux"):
        for size in ((24, 80), (0, 0), (1, 1), (2, 5)):
            with run("echo:Prompt: ", "noecho:Second: ", env={"TERM": term}, size=size) as t:
                t.until(lambda: b"Prompt" in t.shown.replace(b"\r\n", b"").replace(b"\r", b"")
                        or (size[1] and size[1] < 6 and not t.echo()), "prompt")
                t.quiet(0.1)
                t.send("a\r")
                t.until(lambda: b"success" in t.out, "first answer")
                t.until(lambda: not t.echo(), "second prompt")
                t.quiet(0.1)
                t.send("b\r")
                ended(t, b"a", b"b")


@test
def typing_time_moves_the_deadline():
    with run("noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.quiet(0.4)
        t.send("x\r")
        ended(t, b"x")
        assert 300 <= answers(t)[0].moved < 5000 * SCALE, answers(t)[0].moved


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
    with Terminal(["/usr/bin/python3", "-c", script, *CLI, "noecho:Prompt: "],
                  env={"LC_ALL": LOCALE}) as t:
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
                    t.wait(limit=3)
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


def run_one(work):
    """Whether it went well, and the rest of its TAP line."""
    global LOCALE
    name, LOCALE = work
    start = time.monotonic()
    what = f"{name} in {LOCALE}"
    try:
        globals()[name]()
    except Exception as error:  # noqa: one failure must not hide the others
        where = error.__traceback__
        while where.tb_next and where.tb_next.tb_frame.f_code.co_filename == __file__:
            where = where.tb_next
        text = f"line {where.tb_lineno}: {type(error).__name__}: {error}"
        return False, what + "\n# " + text.replace("\n", "\n# ")
    return True, f"{what} ({time.monotonic() - start:.1f} s)"


def built_with():
    """What the build in this folder says of itself."""
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
    CLI = options.cli.split()
    CLI[0] = os.path.abspath(CLI[0])
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


if __name__ == "__main__":
    sys.exit(main())
