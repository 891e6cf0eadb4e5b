#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program at a terminal, against the tests' world. Speaks TAP; program_run.py has the
options. Prompts, and only prompts, are to be on the terminal.
"""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import TTY, Terminal  # noqa: E402
from program_run import (PROGRAM, Peer, W, ended, equal, events_mark,  # noqa: E402
                         events_since, home, main, run, test)


# ---- answering ----

@test
def a_hidden_prompt_is_answered():
    with run("-m", "kbdint", "alice") as t:
        t.expect("(alice@127.0.0.1) Password: ")
        assert not t.echo(), "echo is on"
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")
        assert W["ALICE_PASSWORD"].encode() not in t.shown + t.out + t.err
        assert b"Password: " in t.out and b"answered by terminal" in t.out
        equal(t.err, b"", "stderr")


@test
def a_wrong_answer_is_a_failure():
    with run("-m", "kbdint", "alice") as t:
        t.expect("Password: ")
        t.send("wrong\r")
        ended(t, 1, "failure")


@test
def echo_is_as_the_server_says():
    with run("-m", "kbdint", "two") as t:
        t.expect("Account code: ")
        t.send("4711\r")
        shown = t.expect("Password: ")
        assert b"4711" in shown, "the echoing prompt does not echo"
        assert not t.echo(), "echo is on at the hidden prompt"
        t.send(W["TWO_PASSWORD"] + "\r")
        ended(t, 0, "success")
        assert W["TWO_PASSWORD"].encode() not in t.shown


@test
def rules_answer_first_and_people_the_rest():
    with run("-m", "kbdint", "-r", "code=env:CODE", "two", env={"CODE": "4711"}) as t:
        shown = t.expect("Password: ")
        assert b"Account code" not in shown, "a prompt that a rule answers was shown"
        t.send(W["TWO_PASSWORD"] + "\r")
        ended(t, 0, "success")
        assert b"env:CODE" in t.out and b"terminal" in t.out


@test
def ask_is_a_source():
    with run("-m", "kbdint", "-r", "Password=ask:", "-r", ".*=env:OTHER", "alice",
             env={"OTHER": "wrong"}) as t:
        t.expect("Password: ")
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")


@test
def name_and_instruction_are_shown_and_marked():
    with Peer() as peer, run("--host-key=off", "-m", "kbdint", "name", known=False,
                             port=peer.port) as t:
        shown = t.expect("Login code: ")
        for text in (b"| Directory login", b"| Use your badge.", b"| Then the password."):
            assert text in shown, f"{text!r} is not in {shown!r}"
        t.send("4711\r")
        t.expect("Password: ")
        t.send("secret\r")
        t.expect("| Nothing more is asked.")
        ended(t, 0, "success")


@test
def banners_are_shown_before_the_prompt():
    with Peer() as peer, run("--host-key=off", "-m", "kbdint", "banners", known=False,
                             port=peer.port) as t:
        assert b"| Banner one" in t.expect("First: ")
        t.send("x\r")
        assert b"| Banner two" in t.expect("Second: ")
        t.send("y\r")
        ended(t, 0, "success")
        assert b"| Banner three\\x1B[2J\\x07" in t.out, t.out


@test
def a_server_cannot_drive_the_terminal():
    with run("-m", "kbdint", "evil") as t:
        t.expect("second line: ")
        t.send(W["EVIL_PASSWORD"] + "\r")
        ended(t, 0, "success")
        shown = t.shown.replace(b"\r\n", b"")
        assert not re.search(rb"[\x00-\x1f\x7f]", shown), shown
        assert "\u202e" not in shown.decode() and "\u009b" not in shown.decode()


@test
def nothing_to_yank_at_the_next_prompt():
    with Peer() as peer, run("--host-key=off", "-m", "kbdint", "mixed", known=False,
                             port=peer.port) as t:
        t.expect("One: ")
        t.send("first\r")
        t.expect("Two: ")
        t.send("hunter2\x15hunter3\r")
        t.expect("Three: ")
        t.send("\x19\x1b[A\x10")
        assert b"hunter" not in t.quiet(0.2)
        t.send("\x15three\r")
        t.expect("Four: ")
        t.send("four\r")
        ended(t, 0, "success")
        assert b"hunter" not in t.shown


@test
def standard_input_is_never_read():
    hosts = b"first-host\nsecond-host\n"
    read_end, write_end = os.pipe()
    os.write(write_end, hosts)
    os.close(write_end)
    argv = ["/bin/sh", "-c", 'exec 0<&"$1"; shift; "$@"; cat', "sh", str(read_end), PROGRAM,
            "-F", "none", "--known-hosts", W["KNOWN_HOSTS"], "-m", "kbdint",
            "alice@127.0.0.1:" + W["SSHD_PORT"]]
    with Terminal(argv, env={"HOME": home()}, pass_fds=(read_end,)) as t:
        t.expect("Password: ")
        t.send(W["ALICE_PASSWORD"] + "\r")
        equal(t.wait(), 0, "status")
        assert t.out.endswith(hosts), t.out
    os.close(read_end)


@test
def typing_does_not_count():
    with run("-t", "2", "-m", "kbdint", "alice") as t:
        t.expect("Password: ")
        t.quiet(3.5)
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")
        took = int(re.search(rb"success +(\d+) ms", t.out).group(1))
        assert took < 3000, f"the time of typing is in the step's {took} ms"


# ---- not answering ----

def not_answered(t, mark):
    seen = events_since(mark)
    assert "answer alice" not in seen.replace("noanswer alice", ""), f"an answer was sent: {seen}"


@test
def control_d_is_no_response():
    mark = events_mark()
    with run("-m", "kbdint", "alice") as t:
        t.expect("Password: ")
        t.send("\x04")
        ended(t, 11, "no-response")
    not_answered(t, mark)


@test
def batch_never_asks():
    mark = events_mark()
    with run("-B", "-m", "kbdint", "alice") as t:
        ended(t, 11, "no-response")
        equal(t.shown, b"", "shown")
    not_answered(t, mark)


def interrupted_by(number, keys=None):
    mark = events_mark()
    with run("-m", "kbdint", "alice") as t:
        t.expect("Password: ")
        t.send("half of it")
        if keys:
            t.send(keys)
        else:
            t.signal(number)
        ended(t, -number, "interrupted")
        assert b"half" not in t.shown
    not_answered(t, mark)


@test
def control_c_interrupts():
    interrupted_by(signal.SIGINT, "\x03")


@test
def sigterm_interrupts():
    interrupted_by(signal.SIGTERM)


@test
def sighup_interrupts():
    interrupted_by(signal.SIGHUP)


@test
def sigquit_interrupts():
    interrupted_by(signal.SIGQUIT)


@test
def stop_and_continue():
    with run("-m", "kbdint", "alice") as t:
        t.expect("Password: ")
        t.send("\x1a")
        t.wait_stopped()
        assert t.settings_restored(), "the terminal is not sane while the program is stopped"
        t.foreground()
        t.expect("Password: ")
        assert not t.echo(), "echo is on after the program went on"
        t.send(W["ALICE_PASSWORD"] + "\r")
        ended(t, 0, "success")
        assert W["ALICE_PASSWORD"].encode() not in t.shown


@test
def the_server_hangs_up_while_a_person_types():
    with run("-m", "kbdint", "alice", port=W["SSHD_GRACE_PORT"]) as t:
        t.expect("Password: ")
        t.send("half")
        ended(t, 10, "disconnected")  # LoginGraceTime is 2 s


# ---- the host key ----

def ask_about_key(answer, status, outcome):
    with run("alice", known=False) as t:
        shown = t.expect("fingerprint")
        assert W["FINGERPRINT_ED25519"].encode() in t.shown + shown, t.shown
        t.quiet(0.2)
        t.send(answer + "\r")
        ended(t, status, outcome)
    path = os.path.join(home(), ".ssh/known_hosts")
    return open(path).read() if os.path.exists(path) else None


@test
def an_unknown_key_is_shown_and_refused():
    equal(ask_about_key("no", 6, "host-key"), None, "known_hosts")


@test
def an_unknown_key_is_accepted_for_this_time():
    equal(ask_about_key("yes", 0, "listed"), None, "known_hosts")


@test
def an_unknown_key_is_saved_where_the_answer_says_so():
    line = ask_about_key("save", 0, "listed")
    assert line and line.startswith(f"[127.0.0.1]:{W['SSHD_PORT']} ssh-ed25519 "), line


@test
def the_fingerprint_is_an_answer():
    ask_about_key(W["FINGERPRINT_ED25519"], 0, "listed")


@test
def another_fingerprint_is_not():
    with run("alice", known=False) as t:
        t.expect("fingerprint")
        t.quiet(0.2)
        t.send(W["FINGERPRINT_RSA"] + "\r")
        t.quiet(0.2)
        t.send("no\r")
        ended(t, 6, "host-key")


@test
def control_c_at_the_host_key():
    with run("alice", known=False) as t:
        t.expect("fingerprint")
        t.quiet(0.2)
        t.send("\x03")
        ended(t, -signal.SIGINT, "interrupted")


# ---- the report at a terminal ----

@test
def colour_on_a_terminal_only():
    with run("alice", stdout=TTY) as t:
        t.wait()
        assert b"\x1b[32mlisted\x1b[m" in t.shown, t.shown
    with run("alice", stdout=TTY, env={"NO_COLOR": "1"}) as t:
        t.wait()
        assert b"\x1b" not in t.shown and b"listed" in t.shown
    with run("alice", stdout=TTY, env={"TERM": "dumb"}) as t:
        t.wait()
        assert b"\x1b" not in t.shown and b"listed" in t.shown
    with run("--color=never", "alice", stdout=TTY) as t:
        t.wait()
        assert b"\x1b" not in t.shown and b"listed" in t.shown
    with run("--color=always", "alice") as t:
        t.wait()
        assert b"\x1b[32mlisted\x1b[m" in t.out


@test
def an_error_is_said_once_to_the_same_eyes():
    with run("-m", "kbdint", "-B", "alice", stdout=TTY, stderr=TTY) as t:
        equal(t.wait(), 11, "status")
        equal(t.shown.count(b"no answer to the prompt"), 1, f"{t.shown!r}:")


if __name__ == "__main__":
    sys.exit(main())
