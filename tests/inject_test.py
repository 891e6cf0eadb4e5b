#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Nth allocation, the Nth send or recv, the Nth call of GSSAPI fails, in a login by each method:
each run ends with a true outcome, a whole report, one line on standard error, and no leak.

    inject_test.py [--all] [--seed=N] [--jobs=N] [SCENE/CLASS[/HOW[/N]]...]

inject.so counts and fails (tests/inject). The program's own allocations, libssh2's among them, each
send, recv, poll and call of GSSAPI fail once, in one of the ways that are possible. Libraries
allocate thousands of times while they set themselves up: of those a sample is taken, by the seed, which
is the same each time unless it is given; --seed=0 takes one of the day's. With --all every call fails in every
way, which takes an hour. Named runs, with a * for anything, are all that is run then, however many. With
TEST_EVERY=N each Nth of what would be run is. Speaks TAP.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import os
import queue
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "inject"))
sys.dont_write_bytecode = True
import judge  # noqa: E402
import scenes  # noqa: E402

SOURCE = os.environ.get("abs_top_srcdir",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BUILD = os.environ.get("abs_top_builddir", os.getcwd())
PROGRAM = os.environ.get("SSH_AUTHTEST", os.path.join(BUILD, "ssh-authtest"))
SAMPLE = 40     # of the allocations of libraries in each scene; of all classes in those beside the methods
SEED = 1        # what fails in CI is to fail by hand as well, and on another day
PATIENCE = "10"  # the same for -t: no run is to come there

CLASSES = ["alloc", "own", "other", "send", "recv", "poll", "gssapi"]
HOWS = {"alloc": ["ENOMEM"], "own": ["ENOMEM"], "other": ["ENOMEM"],
        "send": ["ECONNRESET", "EPIPE", "EINTR", "EAGAIN", "short"],
        "recv": ["ECONNRESET", "end", "EINTR", "EAGAIN", "short"],
        "poll": ["EINTR", "ENOMEM"], "gssapi": ["EIO", "ENOMEM"]}
PAGE = struct.Struct("=8Q4096s4096s")


def frames_of(stack):
    """The functions of a sanitizer's stack, by their exported names."""
    return re.findall(r"^ +#\d+ \w+ in (?:__GI_)?(?:__)?(\w+)", stack, re.M)


class Run:
    """One run: what failed in it, and what came out."""

    def __init__(self, scene, kind, how, number, json):
        self.scene, self.kind, self.how, self.number = scene, kind, how, number
        self.json = json
        self.name = "%s/%s/%s/%d" % (scene, kind, how, number)

    def look(self, page):
        values = PAGE.unpack(page)
        self.count = dict(zip(CLASSES, values[:7]))
        said = self.err.decode(errors="replace").split("SUMMARY: ")[0]
        self.leaks = [frames_of(leak) for leak in re.split(r"^(?=Direct|Indirect)", said, flags=re.M)
                      if leak.startswith("Direct leak")]  # the others hang from those
        self.report = frames_of(said.partition("ERROR: AddressSanitizer")[2].split("\n\n")[0])
        self.failed = values[7] == 1
        self.where, self.crash = (text.rstrip(b"\0").decode() for text in values[8:10])


class Member:
    """Makes one run after the other."""

    def __init__(self, world, name):
        self.world = world
        self.folder = world.path(name)
        os.mkdir(self.folder)
        for file in ("id", "id.pub", "alice.keytab"):
            shutil.copy(world.path(file), self.folder)
        self.server = scenes.Server(world, name)
        self.page = os.path.join(self.folder, "page")
        preload = [os.path.join(BUILD, "tests/inject/inject.so")]
        if not world.sanitized:
            preload.append(world.leak_sanitizer)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8",
            "LD_PRELOAD": " ".join(preload), "INJECT_PAGE": self.page,
            "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0:allocator_may_return_null=1:"
                            "handle_abort=1",
            "LSAN_OPTIONS": "exitcode=99:print_suppressions=0:suppressions='%s'"
                            % os.path.join(SOURCE, "tests/lsan.supp"),
            "KRB5_CONFIG": world.variables["KRB5_CONFIG"],
            "KRB5CCNAME": "FILE:" + os.path.join(self.folder, "cc"),
            "SSH_AUTH_SOCK": world.path("agent"),
            "PW": scenes.PASSWORD, "WRONG": "wrong", "CODE": "4711", "SECOND": "123456"}

    def make(self, run):
        self.attempt(run)
        if b"LeakSanitizer" in run.err:  # once more, to see the whole stack of each block
            self.attempt(run, ":fast_unwind_on_malloc=0")
        return run

    def attempt(self, run, more=""):
        arguments = scenes.SCENES[run.scene][0]
        shutil.copyfile(self.world.path("tgt"), os.path.join(self.folder, "cc"))
        with open(self.page, "wb") as page:
            page.write(bytes(PAGE.size))
        self.server.accepted()
        begin = time.monotonic()
        command = [PROGRAM, "-F", "none", "--host-key=off", "-t", PATIENCE,
                   *(["--format=json"] if run.json else []), "-p", str(self.server.port),
                   *arguments[:-1], arguments[-1] + "@127.0.0.1"]
        environment = dict(self.environment)
        environment["LSAN_OPTIONS"] += more
        environment["ASAN_OPTIONS"] += more
        if run.number > 0:
            environment["INJECT"] = "%s %d %s" % (run.kind, run.number, run.how)
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.folder, env=environment,
                              close_fds=False) as child:
            try:
                run.out, run.err = child.communicate(timeout=judge.LIMIT)
            except subprocess.TimeoutExpired:
                child.kill()
                run.out, run.err = child.communicate()
        run.status = child.returncode
        run.took = time.monotonic() - begin
        run.accepted = self.server.accepted()
        with open(self.page, "rb") as page:
            run.look(page.read())

    def stop(self):
        self.server.stop()


# ---- all of them ----

def plan(scene, counts, options, generator):
    """The runs of a scene whose calls were counted. A sanitized program takes its time with each:
    of its own allocations every second one fails there."""
    runs = []
    for kind in CLASSES:
        numbers = list(range(1, counts[kind] + 1))
        hows = HOWS[kind]
        # not every fault of Kerberos's own is known by name yet: see HACKING.md
        if kind in ("alloc", "other") and scenes.SCENES[scene][2] == "kdc" and not options.all \
                and not options.names:
            continue
        if options.all or options.names or kind == "gssapi":
            runs += [(kind, how, number) for how in hows for number in numbers]
            continue
        if kind in ("alloc", "other") or scene not in scenes.METHODS:
            numbers = sorted(generator.sample(numbers, min(SAMPLE, len(numbers))))
        elif kind == "own" and options.sanitized:
            numbers = numbers[generator.randrange(2)::2]
        runs += [(kind, generator.choice(hows), number) for number in numbers]
    return runs


def is_named(options, name):
    return not options.names or any(
        fnmatch.fnmatch(name, pattern + "/*" * (3 - pattern.count("/"))) for pattern in options.names)


def frames(stack):
    """Lines of a stack in words, without those of inject.so."""
    lines = [line for line in stack.splitlines() if not line.startswith("inject.so+")]
    ours = {line.split("+")[1].split(" ")[0] for line in lines if line.startswith("ssh-authtest+")}
    if not ours:
        return lines
    # what is noted is where each call returns to
    addresses = ["%#x" % (int(address, 16) - 1) for address in ours]
    found = subprocess.run(["addr2line", "-f", "-s", "-e", PROGRAM, *addresses],
                           capture_output=True, text=True).stdout.splitlines()
    names = {address: "%s %s" % pair for address, pair in zip(ours, zip(found[::2], found[1::2]))}
    return [re.sub(r"^ssh-authtest\+(\w+) .*", lambda match: names.get(match[1], match[0]), line)
            for line in lines]


def tell_wrong(runs):
    """Of runs that went wrong in the same way the first."""
    run = runs[0]
    print("# %s: %s (%d like this: %s)" % (run.name, run.wrong, len(runs),
                                           " ".join(str(other.number) for other in runs[:20])))
    print("#   exit status %d, %.1f s" % (run.status, run.took))
    for title, lines in (("stdout", run.out.decode(errors="replace").splitlines()),
                         ("stderr", run.err.decode(errors="replace").splitlines()),
                         ("failed in", frames(run.where)[:14]), ("crashed in", frames(run.crash)[:14])):
        for line in lines[:30]:
            print("#   %s | %s" % (title, line))
    sys.stdout.flush()


def way(run):
    """What runs that go wrong in the same way have in common."""
    def place(stack, depth):
        lines = [line for line in stack.splitlines() if not line.startswith("inject.so+")]
        return tuple(lines[:depth])
    leak = tuple(re.findall(rb" in (\w+)", run.err)[:6]) if b"LeakSanitizer" in run.err else ()
    return run.kind, run.how, re.sub(r"\d+", "N", run.wrong), place(run.where, 2), place(run.crash, 5), leak


def run_scene(scene, crew, pool, options, generator):
    """Prints what is wrong; returns whether nothing was."""
    def make(order):
        kind, _, number = order
        # every second one; and what only JSON does
        as_json = number % 2 == 1 or (bool(counts) and number > first[0].count[kind])
        member = crew.get()
        try:
            return member.make(Run(scene, *order, as_json))
        finally:
            crew.put(member)

    usual = scenes.SCENES[scene][1]
    counts = {}
    first = [make(("alloc", "ENOMEM", number)) for number in (0, -1)]
    reports = {}
    for run in first:
        judge.judge(run, usual, reports)
    counts.update((kind, max(run.count[kind] for run in first)) for kind in CLASSES)
    orders = [order for order in plan(scene, counts, options, generator)
              if is_named(options, "%s/%s/%s/%d" % (scene, *order))][::int(os.environ.get("TEST_EVERY", 1))]
    wrong, tally = collections.defaultdict(list), collections.Counter()
    for run in pool.map(make, orders):
        try:
            word = judge.judge(run, usual, reports)
            tally["%s %s%s" % (run.kind, word, "" if run.failed else " (did not come to it)")] += 1
        except (judge.Wrong, ValueError, KeyError) as error:
            run.wrong = str(error) or repr(error)
            wrong[way(run)].append(run)
    for runs in list(wrong.values())[:options.show]:
        tell_wrong(runs)
    print("# %s: %d runs, %d wrong in %d ways; calls: %s" % (
        scene, len(orders), sum(map(len, wrong.values())), len(wrong), ", ".join("%d %s" % (counts[kind], kind) for kind in CLASSES)))
    print("#   " + ", ".join("%s: %d" % item for item in sorted(tally.items())))
    return not wrong


def leak_sanitizer():
    """gcc's, for a program that was built without."""
    path = subprocess.run(["gcc", "-print-file-name=liblsan.so"], capture_output=True, text=True,
                          check=True).stdout.strip()
    return os.path.realpath(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED, help="0: the day's")
    parser.add_argument("--jobs", type=int, default=min(4, 1 + (os.cpu_count() or 1)))
    parser.add_argument("--show", type=int, default=10, help="ways to go wrong, of each scene")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.seed = options.seed or int(time.time() // 86400)
    chosen = [scene for scene in scenes.SCENES if not options.names or
              any(fnmatch.fnmatch(scene, name.split("/")[0]) for name in options.names)]
    print("1..%d" % len(chosen))
    print("# seed %d" % options.seed)
    good, crew, members = True, queue.Queue(), []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the world has to be stopped
    with tempfile.TemporaryDirectory(prefix="ssh-authtest-inject.") as folder:
        world = scenes.World(folder, SOURCE, BUILD)
        with open(PROGRAM, "rb") as program:
            world.sanitized = b"__asan_init" in program.read()
        options.sanitized = world.sanitized
        world.leak_sanitizer = leak_sanitizer()
        try:
            world.start()
            for i in range(options.jobs):
                members.append(Member(world, "member%d" % i))
                crew.put(members[-1])
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                try:
                    for number, scene in enumerate(chosen, 1):
                        generator = random.Random("%d %s" % (options.seed, scene))
                        fine = run_scene(scene, crew, pool, options, generator)
                        print("%s %d - %s" % ("ok" if fine else "not ok", number, scene), flush=True)
                        good &= fine
                finally:
                    pool.shutdown(cancel_futures=True)  # where this is ended before its end
        finally:
            for member in members:
                member.stop()
            world.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
