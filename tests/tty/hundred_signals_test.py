#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals at random moments of a prompt: the whole program, against the tests' world, at terminals whose
settings are unusual ones. Speaks TAP; program_run.py has the options.

INT, TERM, HUP, QUIT, TSTP and CONT, as signals and as keys, alone and several at once: from before the
prompt is there, over the typing of the answer, until that was sent. Whenever the program is stopped or has
ended the terminal's settings are those of before, byte for byte; nothing of what was typed is ever shown; the
program ends by the signal, or as if there had been none.

The moments come from a seed, which is printed: SIGNALS_SEED=N repeats them, as far as time lets it.
"""
import collections
import multiprocessing
import os
import random
import re
import select
import signal
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pty_driver import SCALE  # noqa: E402
from program_run import W, equal, home, main, run, test  # noqa: E402

SEED = int(os.environ.get("SIGNALS_SEED") or random.SystemRandom().randrange(10**9))
AT_ONCE = 8
RUNS = 20       # of each kind of prompt
ALL_SIGNALS = 100
PART = 6        # of an answer: more digits than a port has, with which it may share some by chance
FATAL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
GENTLE = [signal.SIGTSTP, signal.SIGCONT]
KEYS = {signal.SIGINT: b"\x03", signal.SIGQUIT: b"\x1c", signal.SIGTSTP: b"\x1a"}
TYPED = b"~{}#%&*+=;"  # what no text that is shown has
COUNTS = collections.Counter()  # over all tests


# ---- a terminal, and a person at it ----

def unusual(chance):
    """Changes a terminal's settings, but for what signals come by."""
    def change(fd):
        mode = termios.tcgetattr(fd)
        for field, flags in ((0, (termios.ICRNL, termios.IXON, termios.IXANY, 0o040000, termios.BRKINT)),
                             (1, (termios.ONLCR, termios.TAB3)),
                             (3, (termios.ECHOK, termios.ECHOE, termios.ECHOCTL, termios.ECHOKE, termios.IEXTEN))):
            for flag in flags:
                if chance.random() < 0.3:
                    mode[field] ^= flag
        for key, values in ((termios.VERASE, b"\x7f\x08"), (termios.VKILL, b"\x15\x0b\0"),
                            (termios.VWERASE, b"\x17\0"), (termios.VMIN, b"\0\1\7"), (termios.VTIME, b"\0\5"),
                            (termios.VREPRINT, b"\x12\0"), (termios.VEOL, b"\0\x0c")):
            mode[6][key] = bytes([chance.choice(values)])
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    return change


def taken_in(t):
    """Waits until the terminal has taken in what was typed: what is still on its way when the settings are
    put back is shown by them, rightly. Looking whether there is something to read makes the kernel do it."""
    end = time.monotonic() + 2 * SCALE
    while select.select([t.slave], [], [], 0)[0] and t.status is None and time.monotonic() < end:
        t.pump(0.001)


def type_some(t, chance):
    for byte in chance.choices(TYPED, k=chance.randrange(1, 8)):
        t.send(bytes([byte]))
        taken_in(t)
        t.pump(chance.random() * 0.01)


class Signals:
    """What was sent to one program."""

    def __init__(self, t, chance):
        self.t, self.chance = t, chance
        self.sent = []

    def send(self, number, key=False):
        if self.t.status is not None:
            return
        try:
            if key:
                self.t.send(KEYS[number])
            else:
                self.t.signal(number)
        except ProcessLookupError:
            return
        self.sent.append(number)

    def burst(self, numbers):
        """One, or several in quick succession."""
        for number in numbers:
            at_prompt = not self.t.echo()
            self.send(number, key=number in KEYS and at_prompt and self.chance.random() < 0.4)
            if self.chance.random() < 0.6:
                self.t.pump(self.chance.random() * 0.004)

    @property
    def fatal(self):
        return [number for number in self.sent if number in FATAL]


def is_stopped(t):
    """Now, by the kernel: what the session leader tells of it may be late, and a SIGCONT of ours have come since."""
    if not t.stopped or t.status is not None:
        return False
    try:
        with open(f"/proc/{t.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False


def settings_are_back(t, when):
    equal(t.settings().hex(), t.before.hex(), f"settings {when}:")


def started(t):
    """Waits until the program is what runs there: what stands in for it before ignores signals."""
    def is_it():
        with open(f"/proc/{t.pid}/comm") as file:
            return not file.read().startswith("python")
    t.until(is_it, "start")


def waits(t, prompt):
    """Waits until the prompt is there, and nothing more comes."""
    t.until(lambda: prompt.encode() in t.shown and not t.echo(), "prompt")
    while t.quiet(0.05):
        pass
    assert not t.echo(), "echo is on at the prompt"


def go_on(t, signals, prompt):
    """Whatever the signals did: until the program waits at its prompt, or has ended. Where it was stopped it
    is continued: in the foreground, or first in the background, where one that wants the terminal stops again;
    or something fatal is sent before."""
    chance = signals.chance
    quiet = 0
    while t.status is None and quiet < 3:
        if signals.fatal:
            t.until(lambda: is_stopped(t) or t.status is not None, "end, or stop")
        else:
            t.quiet(0.03)
        quiet += 1
        if not is_stopped(t):
            continue
        quiet = 0
        settings_are_back(t, "while it is stopped")
        way = chance.random()
        if way < 0.25:
            t.background()
            t.quiet(0.05)
            if is_stopped(t):
                settings_are_back(t, "in the background")
        elif way < 0.35:
            signals.send(chance.choice(FATAL))
        prompts = t.shown.count(prompt.encode())
        t.foreground()
        signals.sent.append(signal.SIGCONT)
        if not signals.fatal:
            t.until(lambda: is_stopped(t) or t.shown.count(prompt.encode()) > prompts, "prompt after the stop")
    if t.status is None:
        waits(t, prompt)


# ---- one run ----

def begin(kind):
    """Arguments, a part of the prompt, the answer, and what of it is secret."""
    if kind == "kbdint":
        return ["-m", "kbdint", "alice"], "Password: ", W["ALICE_PASSWORD"], {}
    if kind == "password":
        return ["-m", "password", "alice"], "password: ", W["ALICE_PASSWORD"], {}
    if kind == "passphrase":
        key = os.path.join(W["KEY_DIR"], "ed25519.enc")
        return ["-m", "publickey", "-i", key, "alice"], "Enter passphrase", W["KEY_PASSPHRASE"], {}
    return ["alice"], "fingerprint", "yes", {"known": False}


def typing(t, signals, prompt):
    """Stopped, continued, or both, in the middle of a word."""
    for _ in range(signals.chance.randrange(1, 4)):
        if t.status is None:
            waits(t, prompt)
            type_some(t, signals.chance)
            signals.burst(signals.chance.choices(GENTLE, k=signals.chance.randrange(1, 4)))
            go_on(t, signals, prompt)


def behind(t, signals):
    """The answer is on its way: the prompt does not come again."""
    while t.status is None:
        t.until(lambda: is_stopped(t) or t.status is not None, "end")
        if is_stopped(t):
            settings_are_back(t, "while it is stopped")
            t.foreground()


def one_run(kind, number):
    """The signals that were sent. The moment of the fatal ones: before the prompt, while somebody types,
    behind the answer; or there are none."""
    chance = random.Random(f"{SEED} {kind} {number}")
    moment = ("before", "typing", "behind", "none")[number % 4]
    arguments, prompt, answer, options = begin(kind)
    with run(*arguments, setup=unusual(chance), cwd=home(), **options) as t:
        signals = Signals(t, chance)
        end = chance.choices(FATAL + GENTLE, k=chance.randrange(3)) + [chance.choice(FATAL)]
        started(t)
        if moment == "before":
            t.quiet(chance.random() * 0.5)
            signals.burst(chance.choices(GENTLE, k=chance.randrange(2)) + end[-2:])
            go_on(t, signals, prompt)
        else:
            typing(t, signals, prompt)
        if t.status is None and moment == "typing":
            type_some(t, chance)
            signals.burst(end)
            go_on(t, signals, prompt)
        elif t.status is None:
            t.send("\x15" + answer)
            taken_in(t)
            t.send("\r")
            if moment == "behind":
                t.pump(chance.random() * 0.03)
                signals.burst(end)
            behind(t, signals)
        t.wait()
        settings_are_back(t, f"in the end (status {t.status}, sent: {signals.sent}, out: {t.out!r})")
        if signals.fatal and moment != "behind":
            assert t.status < 0, f"it did not die of {signals.fatal}, but ended with {t.status}"
        judge(t, kind, signals, answer)
        return [number.name for number in signals.sent]


def judge(t, kind, signals, answer):
    """It died of a signal that was sent, and said so unless that came before it could or behind its report,
    or ended as without any. Nothing that was typed without echo is to be seen anywhere."""
    said = re.findall(rb"^(\w+):", t.out, re.M)[-1:]
    if t.status < 0:
        assert -t.status in signals.fatal, f"it died of {-t.status}; sent: {signals.sent}"
        assert said in ([], [b"interrupted"], [b"success"], [b"listed"]), t.out
    else:
        equal(t.status, 0, f"status (sent: {signals.sent} out: {t.out!r} err: {t.err!r})")
        assert said in ([b"success"], [b"listed"]), t.out
    if kind != "host key":
        shown = [bytes([byte]) for byte in TYPED if byte in t.shown]
        assert not shown, f"typed, and shown: {shown} in {t.shown!r}"
        secret = answer.rpartition("-")[2].encode()
        assert len(secret) > PART
        for at in range(len(secret) - PART + 1):
            part = secret[at:at + PART]
            assert part not in t.shown + t.out + t.err, f"{part} of the answer is shown: {t.shown!r}, {t.out!r}, {t.err!r}"
    assert not [name for name in os.listdir(home()) if name.startswith("core")], "a core"


# ---- all of them ----

def tried(work):
    kind, number = work
    try:
        return one_run(kind, number), None
    except Exception as error:  # noqa: one failure must not hide the others
        return [], f"run {number} at the prompt of {kind}, SIGNALS_SEED={SEED}: {type(error).__name__}: {error}"


def runs(kind):
    with multiprocessing.get_context("fork").Pool(AT_ONCE) as pool:
        done = pool.map(tried, [(kind, number) for number in range(RUNS)], chunksize=1)
    for names, _ in done:
        COUNTS.update(names)
    failed = [error for _, error in done if error]
    assert not failed, f"{len(failed)} of {RUNS}: " + "\n".join(failed)


@test
def at_a_prompt_of_keyboard_interactive():
    runs("kbdint")


@test
def at_the_prompt_for_a_password():
    runs("password")


@test
def at_the_prompt_for_a_passphrase():
    runs("passphrase")


@test
def at_the_question_about_a_host_key():
    runs("host key")


@test
def those_were_a_hundred_of_all_six():
    print(f"# SIGNALS_SEED={SEED}: {COUNTS.total()} signals: {dict(COUNTS)}", flush=True)
    assert COUNTS.total() >= ALL_SIGNALS
    equal(sorted(COUNTS), sorted(number.name for number in FATAL + GENTLE), "kinds")


if __name__ == "__main__":
    sys.exit(main())
