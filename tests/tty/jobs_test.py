#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many targets at once at a terminal: who is asked for what, one at a time, and the line that tells how
far the run is. Speaks TAP; program_run.py has the options.
"""
import json
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import DEVNULL, TTY, Terminal  # noqa: E402
from program_run import (PROGRAM, Peer, W, equal, events_mark, events_since,  # noqa: E402
                         home, main, test)

PROMPT = re.compile(r"\(([a-z]+)@127\.0\.0\.1\) Password: ")


# ---- the program ----

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


# ---- prompts ----

@test
def prompts_come_one_at_a_time_and_name_their_target():
    users = ["alice", "bob", "carol", "tries"]
    mark = events_mark()
    with many("-m", "kbdint", "-f", write("hosts", *map(at, users))) as t:
        asked = []
        for _ in users:
            asked.append(next_prompt(t))
            assert not t.echo(), "echo is on"
            equal(t.quiet(0.4), b"", "shown while a prompt waits")
            answer(t, asked[-1])
        finished(t, 0)
        equal(sorted(asked), sorted(users), "who was asked")
        equal(outcomes(t), ["success"] * 4, "outcomes")
        equal([result["user"] for result in results(t)], users, "order")
        for user in users:
            assert W[f"{user.upper()}_PASSWORD"].encode() not in t.shown + t.out + t.err
    seen = events_since(mark)
    for user in users:
        equal(re.findall(rf"^answer {user} \d+ (\w+)$", seen, re.M), ["right"], f"answers of {user}")


@test
def passwords_are_asked_for_likewise():
    users = ["alice", "bob", "carol"]
    with many("-m", "password", "-f", write("hosts", *map(at, users))) as t:
        asked = []
        for _ in users:
            t.until(lambda: re.search(rb"(\w+)@127\.0\.0\.1's password: ", t.shown[t.mark:]), "prompt")
            found = re.search(rb"(\w+)@127\.0\.0\.1's password: ", t.shown[t.mark:])
            t.mark += found.end()
            asked.append(found.group(1).decode())
            equal(t.quiet(0.3), b"", "shown while a prompt waits")
            answer(t, asked[-1])
        finished(t, 0)
        equal(sorted(asked), sorted(users), "who was asked")
        equal(outcomes(t), ["success"] * 3, "outcomes")


@test
def a_wrong_answer_is_its_targets_alone():
    users = ["alice", "bob", "carol"]
    with many("-m", "kbdint", "-f", write("hosts", *map(at, users))) as t:
        for _ in users:
            user = next_prompt(t)
            answer(t, user, wrong=user == "bob")
        finished(t, 1)
        equal(outcomes(t), ["success", "failure", "success"], "outcomes")


@test
def the_time_of_others_prompts_does_not_count():
    users = ["alice", "bob", "carol"]
    with many("-t", "4", "-m", "kbdint", "-f", write("hosts", *map(at, users))) as t:
        for _ in users:
            user = next_prompt(t)
            t.quiet(2.5)
            answer(t, user)
        finished(t, 0)
        equal(outcomes(t), ["success"] * 3, "outcomes")


@test
def who_hangs_up_while_it_waits_is_disconnected_and_not_asked_for():
    with Peer() as peer:
        hosts = write("hosts", at("alice"), at("silence-first.1", peer.port), at("slow"))
        with many("--host-key=off", "-m", "kbdint", "-f", hosts) as t:
            equal(next_prompt(t), "alice", "asked first")
            t.quiet(2)  # the second one's prompt is here now, and waits for its turn
            peer.process.kill()
            equal(t.quiet(1), b"", "shown while a prompt waits")
            answer(t, "alice")
            equal(next_prompt(t), "slow", "asked next")
            answer(t, "slow")
            finished(t, 10)
            equal(outcomes(t), ["success", "disconnected", "success"], "outcomes")
            assert b"silence-first" not in t.shown, t.shown


@test
def ctrl_d_is_no_response_of_one_and_the_others_go_on():
    users = ["alice", "bob", "carol"]
    with many("-m", "kbdint", "-f", write("hosts", *map(at, users))) as t:
        first = next_prompt(t)
        t.send("\x04")
        for _ in users[1:]:
            answer(t, next_prompt(t))
        finished(t, 11)
        equal({result["user"]: result["outcome"] for result in results(t)},
              {user: "no-response" if user == first else "success" for user in users}, "outcomes")


@test
def ctrl_c_at_a_prompt_interrupts_all():
    users = ["alice", "bob", "carol"]
    mark = events_mark()
    with many("-j", "3", "-m", "kbdint", "-f", write("hosts", *map(at, users * 4))) as t:
        next_prompt(t)
        t.send("\x03")
        finished(t, -signal.SIGINT)
        equal(outcomes(t), ["interrupted"] * 12, "outcomes")
        equal(len(PROMPT.findall(t.shown.decode())), 1, "prompts")
    assert "right" not in events_since(mark)


@test
def a_signal_at_a_prompt_interrupts_all_and_the_terminal_is_put_back():
    for number in (signal.SIGTERM, signal.SIGHUP):
        with Feed() as feed, many("-m", "kbdint", "-f", path("feed")) as t:
            feed.add(at("alice"), at("bob"))
            next_prompt(t)
            assert not t.echo(), "echo is on"
            t.signal(number)
            finished(t, -number)
            equal(outcomes(t), ["interrupted"] * 2, "outcomes")
        os.unlink(path("feed"))


@test
def batch_asks_nobody():
    with many("-B", "-m", "kbdint", "-f", write("hosts", *map(at, ["alice", "bob", "carol"]))) as t:
        finished(t, 11)
        equal(outcomes(t), ["no-response"] * 3, "outcomes")
        equal(t.shown, b"", "terminal")


@test
def batch_of_one_line_asks_for_the_others():
    with many("-m", "kbdint", "-f", write("hosts", "-B " + at("alice"), at("bob"))) as t:
        equal(next_prompt(t), "bob", "asked")
        answer(t, "bob")
        finished(t, 11)
        equal(outcomes(t), ["no-response", "success"], "outcomes")


@test
def two_prompts_of_one_target_are_answered_by_one_person():
    with many("-m", "kbdint", "-f", write("hosts", at("two"), at("alice"), at("bob")),
              env={"CODE": W["TWO_CODE"]}) as t:
        for _ in range(4):
            t.until(lambda: re.search(rb"\((\w+)@127\.0\.0\.1\) [A-Z][a-z ]+: ", t.shown[t.mark:]), "prompt")
            found = re.search(rb"\((\w+)@127\.0\.0\.1\) ([A-Z][a-z ]+): ", t.shown[t.mark:])
            t.mark += found.end()
            if found.group(2) == b"Account code":
                t.send(W["TWO_CODE"] + "\r")
            else:
                answer(t, found.group(1).decode())
        finished(t, 0)
        equal(outcomes(t), ["success"] * 3, "outcomes")


@test
def unknown_host_keys_are_asked_for_one_at_a_time():
    ports = [W["SSHD_PORT"], W["SSHD_JUMP_PORT"], W["SSHD_NOPAM_PORT"]]
    hosts = write("hosts", *(at("alice", port) for port in ports))
    argv = ["--known-hosts", write("kh"), "--host-key=ask", "-f", hosts]
    with many(*argv) as t:
        asked = []
        for _ in ports:
            shown = t.expect("Accept it?").decode()
            asked += re.findall(r"The host key of \[127\.0\.0\.1\]:(\d+) is not known", shown)
            assert b"The host key of" not in t.quiet(0.4), "two questions"
            t.send("save\r")
        finished(t, 0)
        equal(sorted(asked), sorted(ports), "whose keys were asked for")
        equal(outcomes(t), ["listed"] * 3, "outcomes")
    with open(path("kh")) as file:
        known = file.read()
    for port in ports:
        equal(known.count(f"[127.0.0.1]:{port} "), 1, f"keys of {port}")


# ---- results beside prompts ----

@test
def results_are_not_mixed_into_a_prompt():
    with crowd("127.0.0.1=banner:1.2") as peer:
        hosts = write("hosts", at("x", peer.port), at("alice"), at("x", peer.port))
        with many("--host-key=off", "-m", "kbdint", "-f", hosts, json=False, stdout=TTY,
                  stderr=TTY) as t:
            equal(next_prompt(t), "alice", "asked")
            equal(t.quiet(3), b"", "shown while a prompt waits")
            answer(t, "alice")
            finished(t, 10)
            lines = screen(t.shown)
            equal([line.split(":")[0] for line in lines
                   if line.startswith(("success:", "disconnected:"))],
                  ["disconnected", "success", "disconnected"], f"conclusions in {lines}")
            equal(sum("Password: " in line and line.startswith("(alice@") for line in lines), 1,
                  "prompts")


@test
def progress_is_away_while_a_prompt_waits():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", "-t 3 " + at("x", peer.port), at("alice"))
        with to_file("--host-key=off", "-m", "kbdint", "-f", hosts) as t:
            equal(next_prompt(t), "alice", "asked")
            last = screen(t.shown)[-1]
            assert last.startswith("(alice@") and "done" not in last, last
            equal(t.quiet(1), b"", "shown while a prompt waits")
            answer(t, "alice")
            finished(t, 8)
            equal([json.loads(line)["outcome"] for line in out().splitlines()],
                  ["timeout", "success"], "outcomes")


# ---- progress ----

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


@test
def progress_appears_and_goes_away():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", *["-t 2 " + at("x", peer.port)] * 3)
        with to_file("--host-key=off", "-f", hosts) as t:
            t.expect("done")
            t.until(lambda: b"3 running" in t.shown, "how many run")
            finished(t, 8)
            # The errors of the three are told there, too; nothing else is left.
            left = [line for line in screen(t.shown) if line.strip()]
            assert not [line for line in left if "done" in line or "running" in line], left
            equal(len(out().splitlines()), 3, "results")
            assert b"\r" not in out() and b"\x1b" not in out() and b"running" not in out()


@test
def progress_counts():
    with crowd("127.0.0.1=hold", "127.0.0.2=banner") as peer:
        hosts = write("hosts", "-t 3 " + at("x", peer.port),
                      *[f"x@127.0.0.2:{peer.port}"] * 5)
        with to_file("--host-key=off", "-f", hosts) as t:
            t.until(lambda: re.search(rb"5 of 6 done, 1 running, 5 failed", t.shown), "count")
            finished(t, 8)


@test
def no_progress_of_one_target():
    with crowd("127.0.0.1=hold") as peer:
        for arguments in ((at("x", peer.port),),
                          ("-f", write("hosts", at("x", peer.port)))):
            with to_file("--host-key=off", "-t", "1.5", *arguments) as t:
                finished(t, 8)
                assert b"done" not in t.shown and b"\x1b" not in t.shown, t.shown


@test
def no_progress_with_quiet_on_a_pipe_or_a_dumb_terminal():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", *["-t 1.5 " + at("x", peer.port)] * 3)
        with to_file("-q", "--host-key=off", "-f", hosts, json=False) as t:
            finished(t, 8)
            assert b"done" not in t.shown and b"\x1b" not in t.shown, t.shown
            equal(out(), b"", "report")
        with many("--host-key=off", "-f", hosts, stdout=DEVNULL) as t:
            finished(t, 8)
            equal(t.shown, b"", "terminal")
            assert b"done" not in t.err and b"\x1b" not in t.err, t.err
        with many("--host-key=off", "-f", hosts, stdout=DEVNULL, stderr=TTY,
                  env={"TERM": "dumb"}) as t:
            finished(t, 8)
            assert b"done" not in t.shown and b"\x1b" not in t.shown, t.shown


@test
def the_report_is_the_same_with_and_without_progress():
    with crowd("127.0.0.1=banner:0.5", "127.0.0.2=hold") as peer:
        hosts = write("hosts", at("x", peer.port), f"-t 1 x@127.0.0.2:{peer.port}",
                      at("y", peer.port), "bad line here")
        for form in ("text", "json", "tap", "junit"):
            arguments = ["--host-key=off", f"--format={form}", "-f", hosts]
            with to_file(*arguments, json=False) as t:
                finished(t, 10)
                assert b"done" in t.shown, t.shown
            shown = out()
            with many(*arguments, json=False) as t:
                finished(t, 10)
                assert b"done" not in t.err, t.err
                equal(masked(t.out), masked(shown), form)


def masked(report):
    """Without times."""
    return re.sub(rb"[0-9][0-9T:.Z-]*", b"N", report)


@test
def results_at_the_terminal_are_whole_lines():
    with crowd("127.0.0.1=banner:0.3", "127.0.0.2=hold") as peer:
        hosts = write("hosts", *[at("x", peer.port)] * 20, f"-t 4 x@127.0.0.2:{peer.port}")
        with many("--host-key=off", "--max-per-address=2", "-f", hosts, stdout=TTY,
                  stderr=TTY) as t:
            finished(t, 10)
            assert b"done" in t.shown, t.shown
            found = [json.loads(line) for line in screen(t.shown) if line.startswith("{")]
            equal([result["outcome"] for result in found], ["disconnected"] * 20 + ["timeout"],
                  "outcomes")


@test
def an_interrupt_takes_the_progress_away():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", *[at("x", peer.port)] * 20)
        with to_file("--host-key=off", "-t", "60", "-f", hosts) as t:
            t.expect("done")
            t.send("\x03")
            finished(t, -signal.SIGINT)
            left = [line for line in screen(t.shown) if "running" in line]
            equal(left, [], "left on the screen")
            equal([json.loads(line)["outcome"] for line in out().splitlines()],
                  ["interrupted"] * 20, "outcomes")


@test
def it_can_be_stopped_and_continued():
    with crowd("127.0.0.1=hold") as peer:
        hosts = write("hosts", *["-t 5 " + at("x", peer.port)] * 3)
        with to_file("--host-key=off", "-f", hosts) as t:
            t.expect("done")
            t.send("\x1a")
            t.wait_stopped()
            time.sleep(0.3)
            t.foreground()
            finished(t, 8)
            equal(len(out().splitlines()), 3, "results")


if __name__ == "__main__":
    sys.exit(main())
