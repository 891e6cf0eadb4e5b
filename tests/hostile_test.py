#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ssh-authtest against each scenario of the hostile server (peer/hostile.py): TAP.

    hostile_test.py [--list] [--jobs=N] [--verbose] [NAME...]

NAME: only the scenarios whose names contain it; --verbose prints each run's report. Each scenario is run as it is, where
the host key is not accepted, and with -v. What is checked of each run is in the functions named
check_*. abs_top_srcdir and abs_top_builddir are Automake's; SSH_AUTHTEST names another program. With TEST_EVERY=N
each Nth scenario alone is run.
"""
import argparse
import concurrent.futures
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading

SOURCE = os.environ.get("abs_top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BUILD = os.environ.get("abs_top_builddir", os.getcwd())
PROGRAM = os.environ.get("SSH_AUTHTEST", os.path.join(BUILD, "ssh-authtest"))
sys.path.insert(0, os.path.join(SOURCE, "tests/peer"))
import kerberos  # noqa: E402

SLOW = 3 if "VALGRIND_LOGS" in os.environ else 1  # tests/valgrind/check
SANITIZER = re.compile(rb"(Address|Leak|Thread|Memory)Sanitizer|runtime error:")
# bidirectional controls, zero width, separators of lines, tags
HIDDEN = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
DISCONNECT, SERVICE_REQUEST, USERAUTH, CHANNELS = 1, 5, 50, 80
KEX = range(20, 50)


class Run:
    """One run of the program, and what the server saw of it."""

    def __init__(self, what, row, status, seconds, kilobytes, out, err, seen):
        self.what, self.row, self.status = what, row, status
        self.seconds, self.kilobytes = seconds, kilobytes
        self.out, self.err, self.server = out, err, seen
        lines = [line for line in out.decode("utf-8", "replace").split("\n")
                 if line.partition(": ")[0] in STATUSES]
        self.conclusion = lines[-1] if lines else ""
        self.outcome = self.conclusion.partition(": ")[0]

    def types(self, stage=None):
        return [kind for where, kind in self.server.get("seen", []) if stage in (None, where)]

    def __str__(self):
        return (f"{self.what}: status {self.status}, {self.seconds:.2f} s, {self.kilobytes} KiB, "
                f"{self.server.get('seen')}\n{self.out.decode('utf-8', 'replace')}"
                f"{self.err.decode('utf-8', 'replace')}{self.server.get('error', '')}").rstrip()


class Launcher:
    """peer/launcher.py at work."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", "-S", "-E", os.path.join(SOURCE, "tests/peer/launcher.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.ends = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            number, *end = json.loads(line)
            self.ends.pop(number).put(end)

    def run(self, argv, env, folder, limit):
        """Status, seconds, KiB and both outputs."""
        end = queue.Queue()
        with tempfile.TemporaryDirectory(dir=folder) as place:
            out, err = os.path.join(place, "out"), os.path.join(place, "err")
            with self.lock:
                self.ends[id(end)] = end
                self.process.stdin.write(json.dumps([id(end), argv, env, out, err, limit]) + "\n")
                self.process.stdin.flush()
            status, seconds, kilobytes = end.get(timeout=limit + 60)
            with open(out, "rb") as out_file, open(err, "rb") as err_file:
                return status, seconds, kilobytes, out_file.read(), err_file.read()


class Server:
    """peer/hostile.py at work."""

    def __init__(self, names):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-B", os.path.join(SOURCE, "tests/peer/hostile.py"), *names],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        if not first:
            print("Bail out! no hostile server")
            sys.exit(99)
        start = json.loads(first)
        self.table = start["table"]
        self.host_key, self.other_key = start["host_key"], start["other_key"]
        self.lock = threading.Lock()
        self.reports = {row["name"]: queue.Queue() for row in self.table}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            report = json.loads(line)
            self.reports[report["name"]].put(report)

    def report(self, name):
        with self.lock:
            self.process.stdin.write(name + "\n")
            self.process.stdin.flush()
        try:
            return self.reports[name].get(timeout=90)
        except queue.Empty:
            return {"error": "the server gave no report"}

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


# What is checked

def statuses():
    """Outcome word -> exit status."""
    with open(os.path.join(SOURCE, "src/util/outcome.def")) as file:
        return {word: int(status) for word, status in
                re.findall(r'^OUTCOME\(\w+, "([a-z-]+)", (\d+),', file.read(), re.M)}


def memory_limit():
    """KiB. An address sanitizer has its own overhead."""
    with open(PROGRAM, "rb") as file:
        return 256 * 1024 if b"__asan_init" in file.read() else 64 * 1024


def check_end(run, ends):
    wanted = ends.get(run.outcome)
    if wanted is None:
        yield f"outcome {run.outcome!r} is none of {', '.join(ends)}"
    elif not re.search(wanted, run.conclusion):
        yield f"conclusion {run.conclusion!r} does not match {wanted!r}"
    if STATUSES.get(run.outcome) != run.status:
        yield f"status {run.status} is not that of {run.outcome!r}"


def check_limits(run):
    if run.seconds > run.row["limit"] + 1:
        yield f"{run.seconds:.2f} s: longer than the limit and a second"
    if not 1000 < run.kilobytes < MEMORY:
        yield f"peak of {run.kilobytes} KiB"
    if run.status < 0:
        yield f"died of {signal.Signals(-run.status).name}"
    if SANITIZER.search(run.err):
        yield "a sanitizer's report"


def check_output(run):
    for name, data in (("stdout", run.out), ("stderr", run.err)):
        # newline and tab may stay in text of several lines (util/escape.h)
        found = re.search(rb"[\0-\x08\x0b-\x1f\x7f]", data)
        if found:
            yield f"{name} has the raw byte {found.group()!r}"
        try:
            if re.search("[\x80-\x9f]", data.decode()):
                yield f"{name} has a raw C1 control character"
            if HIDDEN.search(data.decode()):
                yield f"{name} has a character that hides, or moves what follows it"
        except UnicodeDecodeError as error:
            yield f"{name} is not UTF-8: {error}"


def check_sent(run):
    """What the server received, whatever the scenario."""
    if run.server.get("error"):
        yield "the server: " + run.server["error"]
    if any(kind >= CHANNELS for kind in run.types()):
        yield f"sent {max(run.types())}: nothing of 80 and above may be"
    early = [kind for kind in run.types("kex") if kind not in KEX and kind != DISCONNECT]
    if early:
        yield f"sent {early} before the key exchange was over"
    after = run.types("open")
    if after and after[0] not in (SERVICE_REQUEST, DISCONNECT, *KEX):
        yield f"sent {after[0]} before the service was asked for"
    if run.outcome == "protocol-error" and not run.row["racing"]:
        late = [kind for _, kind in run.server.get("seen", [])[run.server.get("quiet_from", 0):]
                if kind != DISCONNECT and kind not in KEX]
        if late:
            yield f"sent {late} after the protocol error"


def check_row(run):
    """What the scenario asks for."""
    row, count = run.row, sum(USERAUTH <= kind < CHANNELS for kind in run.types())
    if row["sent"] is not None and count > row["sent"]:
        yield f"sent {count} userauth messages"
    if row["credential"] is False and run.server.get("credentials"):
        yield f"sent a credential: {run.server['credentials']}"


def check_untrusted(run):
    """The host key was not accepted."""
    kinds = [kind for kind in run.types() if kind not in KEX and kind != DISCONNECT]
    if kinds:
        yield f"sent {kinds} although the host key was not accepted"


def untrusted_ends(row):
    """Where the host key is not accepted; None of `early`: a race."""
    ends = {} if row["early"] else {"host-key": "host key"}
    return ends if row["early"] is False else {**ends, **row["ends"]}


# Runs

def program(row, options, folder):
    """Status, seconds, KiB and both outputs."""
    argv = [PROGRAM, "-F", "none", *[word.replace("{KEY}", KEY) for word in row["client"]], *options,
            "-t", str(row["limit"] * SLOW), "-p", str(row["port"]), "alice@127.0.0.1"]
    env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "ANSWER": "answer",
           "PASSWORD": "password",
           **{name: value for name, value in os.environ.items()
              if name.endswith("SAN_OPTIONS") or name.startswith(("VALGRIND", "abs_top_"))},
           **(TICKET if row["needs"] == "ticket" else {}), **row["env"]}
    return LAUNCHER.run(argv, env, folder, row["limit"] * SLOW + 20)


def passes(row, server, folder):
    """(name, options, checks) of each pass."""
    place = f"[127.0.0.1]:{row['port']} "
    files = {}
    for name, line in (("good", place + server.host_key), ("other", place + server.other_key), ("none", "")):
        files[name] = os.path.join(folder, row["name"] + "." + name)
        with open(files[name], "w") as file:
            file.write(line + "\n")
    trusted = ["--host-key=strict", "--known-hosts", files["good"]]
    wrong = "none" if row["port"] % 2 else "other"
    always = (check_limits, check_output, check_sent)
    if SLOW > 1:  # one pass through as much code as can be; what comes first is another race there
        yield "-v", [*trusted, "-v"], (check_output, check_sent)
        return
    yield "as it is", trusted, (lambda r: check_end(r, row["ends"]), *always, check_row)
    yield (f"host key: {wrong} known", ["--host-key=strict", "--known-hosts", files[wrong]],
           (lambda r: check_end(r, untrusted_ends(row)), *always, check_untrusted))
    if row["trace"]:
        yield "-v", [*trusted, "-v"], (check_limits, check_output)


def run_row(row, server, folder):
    """The complaints, and what is to be seen of the runs."""
    complaints, runs = [], []
    for what, options, checks in passes(row, server, folder):
        result = program(row, options, folder)
        run = Run(what, row, *result, server.report(row["name"]))
        runs.append(run)
        wrong = [f"{what}: {text}" for check in checks for text in check(run)]
        complaints += wrong
    return complaints, runs if complaints or VERBOSE else []


def prepare(folder):
    """A key for publickey, and a ticket."""
    global KEY, TICKET
    KEY = os.path.join(folder, "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", KEY], check=True,
                   stdin=subprocess.DEVNULL)
    TICKET = kerberos.prepare(folder)


def report(number, row, complaints, runs):
    print(f"{'not ok' if complaints else 'ok'} {number} - {row['name']}: {row['about']}")
    text = "\n".join([*complaints, *map(str, runs)])
    for line in text.splitlines():
        print("# " + line.encode("unicode_escape").decode() if not line.isprintable() else "# " + line)
    sys.stdout.flush()


def list_table(table):
    for row in table:
        ends = ", ".join(row["ends"]) + (" (well behaved)" if row["well_behaved"] else "")
        print(f"{row['name']:<28} {ends:<30} {row['about']}")


def main():
    global STATUSES, MEMORY, LAUNCHER, VERBOSE
    LAUNCHER = Launcher()
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the folder has to go
    STATUSES, MEMORY, VERBOSE = statuses(), memory_limit(), options.verbose
    server = Server(options.names)
    failed = 0
    try:
        if options.list:
            list_table(server.table)
            return 0
        table = server.table[::int(os.environ.get("TEST_EVERY", 1))]
        print(f"1..{len(table)}", flush=True)
        with tempfile.TemporaryDirectory(prefix="ssh-authtest-hostile.") as folder, \
                concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            prepare(folder)
            work = [(row, pool.submit(run_row, row, server, folder)) for row in table]
            try:
                for number, (row, future) in enumerate(work, 1):
                    complaints, runs = future.result()
                    report(number, row, complaints, runs)
                    failed += bool(complaints)
            finally:
                pool.shutdown(cancel_futures=True)  # where this is ended before its end
    finally:
        server.stop()
        LAUNCHER.process.stdin.close()
        LAUNCHER.process.wait()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
