#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""prompt.c on a pseudo-terminal: what is shown, what is kept, editing.
prompt_run.py has the options. Speaks TAP."""
import os
import resource
import sys
import tempfile
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import SCALE  # noqa: E402
from prompt_run import answers, ended, equal, main, not_under, one, run, test  # noqa: E402

SECRET_MAX = 4096


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


# Leaves a program no descriptor below 1024, as many connections do: select(2) cannot take those above.
CROWD = """
import os, resource, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
fd = os.open("/dev/null", os.O_RDONLY)
while fd < 1100:
    fd = os.dup(fd)
    os.set_inheritable(fd, True)
os.execv(sys.argv[1], sys.argv[1:])
"""


@test
def descriptors_that_select_cannot_take():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if 0 < hard < 1200:
        print(f"# not tested: the hard limit of descriptors is {hard}", flush=True)
        return
    for kind in ["echo", "noecho"]:
        with run(f"{kind}:Prompt: ", wrapper=["/usr/bin/python3", "-c", CROWD]) as t:
            t.expect("Prompt: ")
            for key in ["a", "x", "\x02", "\x1b[D", "\x1b", "[C", "b", "\x7f", "c", "\r"]:
                t.send(key)
                t.quiet(0.03)
            equal(t.wait(), 0, "status")
            equal(answers(t)[0].outcome, "success")


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
@not_under("valgrind")  # to find that there is none takes time there
def no_terminal():
    with run("possible", "say:text", "noecho:Prompt: ") as t:
        t.expect("Prompt: ")
        t.send("x\r")
        t.wait()
        assert b"possible 1" in t.out
    with run("possible", "say:text", "noecho:Prompt: ", wrapper=["/usr/bin/setsid", "-w"]) as t:
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


if __name__ == "__main__":
    sys.exit(main())
