# SPDX-License-Identifier: GPL-3.0-or-later
"""What is expected of a run in which a call failed: inject_test.py."""

import json
import os
import re

import scenes

SOURCE = os.environ.get("abs_top_srcdir",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
LIMIT = 30  # seconds that a run may take
SAID_ON_STDOUT = {"success", "listed", "failure"}  # the server's answers are the report's alone
HARMLESS = {"EINTR", "EAGAIN", "short"}
SHORT = "out of memory"

with open(os.path.join(SOURCE, "src/util/outcome.def")) as file:
    STATUS = {word: int(number) for word, number in
              re.findall(r'^OUTCOME\(\w+, "([a-z-]+)", (\d+),', file.read(), re.M)}

# Faults of libraries where memory is short: what goes wrong, in which exported function, that is
# on the way both to the allocation that failed and to the leak or crash.
KNOWN = [
    # glibc: what was made of the expression so far is forgotten
    ("a leak", "regcomp"),
    # glibc: the normalised name of the locale's character set is
    ("a leak", "newlocale"),
    # glibc: nsswitch.conf that is half read is used, or an assertion fails
    ("it crashed", "getpwuid_r"),
    # glibc: of several arrays that grow together, one that could not lets the others be freed where they were
    ("it crashed", "regcomp"),
    # MIT krb5 1.20: a list of values that could not be begun is added to
    ("it crashed", "profile_get_values"),
    # MIT krb5 1.20: what was read of krb5.conf so far is forgotten
    ("a leak", "krb5_init_context_profile"),
]


class Wrong(Exception):
    pass


def conclusion(run):
    """The outcome, its message, and the exit status that the report says."""
    text = run.out.decode("ascii" if run.json else "utf-8")
    if not text.endswith("\n") or "\0" in text:
        raise Wrong("standard output is not whole")
    if run.json:
        report = json.loads(text)
        if report["exit"] != run.status:
            raise Wrong("the report says %d, the exit status is %d" % (report["exit"], run.status))
        error = report["chains"][0].get("error", {}) if report.get("chains") else report.get("error", {})
        return report["outcome"], error.get("message", "")
    found = re.findall(r"^([a-z-]+): (.*)$", text, re.M)
    found = [(word, rest) for word, rest in found if word in STATUS]
    if len(found) != 1:
        raise Wrong("%d conclusions" % len(found))
    return found[0]


def complaint(run):
    """The one line of standard error; "" where there is none to be."""
    lines = run.err.decode().splitlines()
    if not lines:
        return ""
    if not lines[0].startswith("ssh-authtest: "):
        raise Wrong("standard error")
    if [line for line in lines[1:] if not line.startswith("ssh-authtest: hint: ") and not re.match("  ", line)]:
        raise Wrong("more than one line on standard error")
    return lines[0]


def is_known(run, what):
    """Whether that is the fault of a library."""
    def passes(stack, function):
        return re.search(r" %s$" % function, stack, re.M) is not None
    functions = [function for kind, function in KNOWN if kind == what and passes(run.where, function)]
    if what == "it crashed":
        return any(passes(run.crash, function) or function in run.report for function in functions)
    return run.leaks != [] and all(
        any(function in leak for function in functions) for leak in run.leaks)


def judge(run, usual, reports):
    """Raises Wrong, or returns the outcome."""
    if b"LeakSanitizer" in run.err:
        if not is_known(run, "a leak"):
            raise Wrong("a leak")
        return "a library's leak"
    if b"Sanitizer" in run.err or b"runtime error" in run.err:
        if not is_known(run, "it crashed"):
            raise Wrong("a sanitizer's report")
        return "a library's crash"
    if run.took >= LIMIT:
        raise Wrong("it hung")
    if run.crash or run.status < 0:
        if not is_known(run, "it crashed"):
            raise Wrong("it crashed")
        return "a library's crash"
    line = complaint(run)
    if not run.out:  # the command line could not be read: there is nothing to report of
        word, message = {number: word for word, number in STATUS.items()}[run.status], line
    else:
        word, message = conclusion(run)
    if STATUS.get(word) != run.status:
        raise Wrong("%s, and exit status %d" % (word, run.status))
    if (word not in SAID_ON_STDOUT) != bool(line):
        raise Wrong("standard error: %r" % line)
    if word == "success" and not run.accepted:
        raise Wrong("success, and the server let nobody in")
    if word not in allowed(run, usual) or (word == usual and not run.out):
        raise Wrong("%s: %s" % (word, message))
    if word == "internal" and run.kind != "poll" and SHORT not in message:
        raise Wrong("%s: %s" % (word, message))
    if word == usual and constant(run) != reports.setdefault(run.json, constant(run)):
        raise Wrong("something is missing in the report")
    return word


def constant(run):
    """The report without what differs from run to run."""
    text = run.out.decode()
    if run.json:
        text = re.sub(r'"(time)":"[^"]*"|"(\w*ms\w*)":(\{[^}]*\}|[0-9.]+)|,"expires_in":\d+', "", text)
        return re.sub(r"(127\.0\.0\.1:|\"port\":)\d+", "", text)
    return re.sub(r"port \d+| +[0-9.]+ ms|the ticket is good for .*", "", text)


def allowed(run, usual):
    """The outcomes that are true."""
    if run.number <= 0 or not run.failed or run.how in HARMLESS:
        return {usual}
    others = scenes.SCENES[run.scene][2]
    if run.kind in ("alloc", "other") and others == "kdc":
        return {usual, "internal", "gssapi-failure"}  # of its own memory Kerberos says what it likes
    if run.kind in ("alloc", "own", "other"):
        return {usual, "internal"}
    if run.kind in ("send", "recv"):
        return {usual, "disconnected", *{"agent": ["credential"], "kdc": ["gssapi-failure"],
                                         None: []}[others]}
    if run.kind == "poll":
        return {usual, "internal", "disconnected"}
    # libkrb5 that cannot read a principal's name: it was given by an option
    return {usual, "gssapi-failure", "internal", "credential",
            *(["usage"] if "--gssapi-client=alice" in scenes.SCENES[run.scene][0] else [])}
