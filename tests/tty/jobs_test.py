#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many targets at once at a terminal: who is asked for what, one at a time. Speaks TAP; program_run.py has
the options.
"""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import TTY  # noqa: E402
from many_run import (PROMPT, Feed, answer, at, crowd, finished, many,  # noqa: E402
                      next_prompt, outcomes, path, results, screen, write)
from program_run import Peer, W, equal, events_mark, events_since, main, test  # noqa: E402


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


if __name__ == "__main__":
    sys.exit(main())
