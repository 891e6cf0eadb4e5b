# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to count, each a run of its own, for what watches a program adds to what it costs. A function has the
world and the scene, and returns {what: count}. Every run goes through the relay (lockstep.py), so that the
program reads whole flights.

    messages-sent, messages-received   userauth messages, by the trace of -v
    round-trips      lockstep.py says what one is
    system-calls     of all threads, by strace
    sends, receives  those of them that write to the connection, and read from it, in vain too: libssh2 sends
                     each packet by itself, so that `sends` is the packets and the version line
    waits            poll(2) and what else waits for descriptors
    opens            files that are opened, or tried to be
    allocations      calls for memory behind the start of main(), by tests/inject
    own-allocations  those from the program itself, with libssh2
    instructions     by callgrind
    own-instructions those in the program's own file, with libssh2: neither the loader nor any library
"""

import collections
import os
import re
import struct
import subprocess

WIRE = {"messages-sent", "messages-received", "round-trips"}  # the same wherever it runs
SENDS = {"sendto", "sendmsg", "write", "writev"}
RECEIVES = {"recvfrom", "recvmsg", "read", "readv"}
WAITS = {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait"}
OPENS = {"open", "openat", "openat2"}


def wire(world, scene, environment=()):
    trace, steps = world.run(scene, options=["-v"], environment=environment)
    if steps is None:  # there is no dialogue
        return {}
    ways = collections.Counter(re.findall(r"^ *[0-9.]+ ms (->|<-) [A-Z_]+", trace, re.M))
    return {"messages-sent": ways["->"], "messages-received": ways["<-"], "round-trips": steps / 2}


def wire_and_allocations(world, scene):
    """In one run: the trace needs one allocation."""
    page = world.path("page")
    fields = struct.Struct("=8Q4096s4096s")  # struct inject_page of inject.h
    with open(page, "wb") as file:
        file.write(bytes(fields.size))
    environment = {"INJECT_PAGE": page, "LD_PRELOAD": world.path("inject.so")}
    counts = wire(world, scene, environment)
    with open(page, "rb") as file:
        calls = fields.unpack(file.read())
    return {**counts, "allocations": calls[0], "own-allocations": calls[1]}


def in_words(tally):
    return ", ".join("%s %d" % (os.path.basename(name), count) for name, count in tally.most_common(20))


def system_calls(world, scene):
    log = world.path("strace")
    world.run(scene, before=["strace", "-f", "-qq", "-e", "signal=none", "-e", "verbose=none", "-o", log])
    with open(log) as file:
        calls = re.findall(r"^\d+ +(\w+)\((\d*)(.*)", file.read(), re.M)  # "<... poll resumed>" was counted before
    tally = collections.Counter(name for name, _, _ in calls)
    world.details["system-calls"] = in_words(tally)
    counts = {"system-calls": len(calls), "opens": sum(tally[name] for name in OPENS)}
    if scene != "start":
        # the program forbids to look into its memory, where addresses are: it is its first of this kind
        connection = next(re.search(r"(\d+)$", rest)[1] for name, _, rest in calls
                          if name == "socket" and re.match(r"AF_INET, SOCK_STREAM", rest))
        counts["sends"] = sum(name in SENDS and fd == connection for name, fd, _ in calls)
        counts["receives"] = sum(name in RECEIVES and fd == connection for name, fd, _ in calls)
        counts["waits"] = sum(tally[name] for name in WAITS)
    return counts


def instructions(world, scene):
    if scene not in ("start", "list"):  # crypto and Kerberos are the others' business, and take their time here
        return {}
    out, program = world.path("callgrind"), world.path("ssh-authtest")
    subprocess.run(["objcopy", "--strip-debug", world.program, program], check=True)  # clang's upsets valgrind 3.19
    world.run(scene, program=program,
              before=["valgrind", "--tool=callgrind", "-q", "--vgdb=no", "--callgrind-out-file=" + out])
    counts = by_object(out)
    world.details["instructions"] = in_words(counts)
    return {"instructions": sum(counts.values()),
            "own-instructions": counts[os.path.realpath(program)]}


def by_object(path):
    """{file: instructions in its code} of what callgrind wrote. A name has a number where it comes first, and
    is that number later on; the line behind `calls=` has what was spent in what was called, which is counted there."""
    counts, names, current, skip = collections.Counter(), {}, "", False
    with open(path) as file:
        for line in file:
            match = re.match(r"ob=\((\d+)\)(?: (.*))?", line)
            if match:
                current = names.setdefault(match[1], match[2])
            elif line.startswith("cob="):
                match = re.match(r"cob=\((\d+)\)(?: (.*))?", line)
                names.setdefault(match[1], match[2])
            elif line.startswith("calls="):
                skip = True
            elif re.match(r"[+*\d-]", line):
                if not skip:
                    counts[current] += int(line.split()[1])
                skip = False
    return counts


WAYS = [system_calls, wire_and_allocations, instructions]
