# SPDX-License-Identifier: GPL-3.0-or-later
"""The works that are measured, each a function that gives what the JSON has of it."""
import contextlib
import os
import shutil
import subprocess

import commands
from measure import OWN, Failed, figures, in_turn, progress, spread
from servers import Fleet, Relay

FAR = 100         # milliseconds of a round trip, for one target
FLEET_RTT = 50    # for many
FLIGHT_RTT = 600  # long enough that the first are still there when the last begin
THOUSAND = 1000

# name: title, and what part of the rounds is enough for it
NAMES = {
    "list": ("list the methods, on loopback", 1),
    "kbdint": ("log in by keyboard-interactive (PAM), on loopback", 1),
    "gssapi": ("log in by gssapi-with-mic, on loopback", 1),
    "list-far": (f"list the methods, {FAR} ms away", 0.5),
    "kbdint-far": (f"log in by keyboard-interactive (PAM), {FAR} ms away", 0.5),
    "gssapi-far": (f"log in by gssapi-with-mic, {FAR} ms away", 0.5),
    "fleet-200": (f"list the methods of 200 servers, {FLEET_RTT} ms away", 0.34),
    "fleet-1000": (f"list the methods of {THOUSAND} servers, {FLEET_RTT} ms away", 0.2),
    "flight": (f"{THOUSAND} connections at once", 0.2),
    "linear": ("what a target costs, where there are many", 0.34),
}
NEEDED = {"list-far": "list", "kbdint-far": "kbdint", "gssapi-far": "gssapi"}


class Bench:
    def __init__(self, world, runner, rounds, stack):
        self.world, self.runner, self.rounds, self.stack = world, runner, rounds, stack
        self.fleet = self.relay = None
        self.done = {}

    def do(self, name):
        title, part = NAMES[name]
        rounds = max(3, round(self.rounds * part)) if self.rounds > 2 else self.rounds
        progress(f"{name}: {title}")
        kind, _, where = name.partition("-")
        if kind == "fleet":
            work = self.many(int(where), rounds)
        elif kind in ("flight", "linear"):
            work = getattr(self, kind)(rounds)
        elif where:
            work = self.far(kind, rounds)
        else:
            work = self.near(kind, rounds)
        self.done[name] = {"title": title, "rounds": rounds, **work}

    # ---- one target ----

    def rows(self, kind, port):
        if kind == "gssapi":
            self.world.get_ticket()
        return self.able({"list": self.world.lists, "kbdint": self.world.logins,
                          "gssapi": self.world.kerberos_logins}[kind](port))

    @staticmethod
    def figures(rows, runs, own):
        return {row.name: {"argv": row.argv, **figures(runs[row.name], runs[own])} for row in rows if row.name in runs}

    @staticmethod
    def able(rows):
        """Those that can be run, and by name why the others cannot."""
        left_out = {row.name: commands.lacking(row.argv) for row in rows}
        left_out = {name: why for name, why in left_out.items() if why}
        return [row for row in rows if row.name not in left_out], left_out

    def near(self, kind, rounds):
        rows, lacking = self.rows(kind, self.world.port)
        runs, left_out = in_turn(self.runner, rows, rounds)
        result = self.figures(rows, runs, OWN)
        with Relay(0, self.world.port) as relay:
            for row in self.rows(kind, relay.port)[0]:
                if row.name in result:
                    relay.traffic()
                    result[row.name].update(self.bytes_of(row, relay))
        self.count_calls(rows, result)
        return {"rows": result, "left_out": {**lacking, **left_out}}

    def count_calls(self, rows, result):
        for row in rows:
            if row.name in result and shutil.which("strace"):
                calls = self.runner.calls(row)
                result[row.name].update({} if calls is None else {"calls": calls})

    def bytes_of(self, row, relay):
        try:
            self.runner.run(row)
        except Failed as error:
            progress(f"{row.name} through the relay: {error}")
            return {}
        traffic = relay.traffic()
        return {"bytes_up": traffic.up, "bytes_down": traffic.down}

    def far(self, kind, rounds):
        near = self.done[kind]["rows"]
        with Relay(FAR, self.world.port) as relay:
            rows = [row for row in self.rows(kind, relay.port)[0] if row.name in near]
            runs, left_out = in_turn(self.runner, rows, rounds)
        result = self.figures(rows, runs, OWN)
        for name, some in runs.items():
            result[name]["round_trips"] = spread((run.wall - near[name]["wall_ms"]["median"]) / FAR
                                                 for run in some)
        return {"rows": result, "left_out": {**self.done[kind]["left_out"], **left_out},
                "how": f"round trips: the wall time through the relay, less the median wall time on loopback, over {FAR} ms; "
                       "TCP's handshake is one of them"}

    # ---- many ----

    def servers(self, rtt=FLEET_RTT):
        """The fleet's server, one for all, and a relay in front of it."""
        if not self.fleet:
            key = os.path.join(self.world.folder, "fleet_key")
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
            self.fleet = self.stack.enter_context(Fleet(key))
        return Relay(rtt, self.fleet.port, THOUSAND)

    def usual(self):
        if not self.relay:
            self.relay = self.stack.enter_context(self.servers())
        return self.relay

    def counted(self, rows, relay, rounds):
        """in_turn(), and of each row what relay and server had to do with its runs: the last one's bytes, the most
        connections at once, and the server's microseconds for one list."""
        seen = {row.name: [] for row in rows}
        begun = None

        def forget():
            nonlocal begun
            relay.traffic()
            begun = self.fleet.load().cpu

        def after(name):
            seen[name].append((relay.traffic(), self.fleet.load(), begun))

        runs, left_out = in_turn(self.runner, [row._replace(prepare=forget) for row in rows], rounds, after)
        counts = {}
        for name in runs:
            traffic, load, _ = seen[name][-1]
            counts[name] = {"bytes_up": traffic.up, "bytes_down": traffic.down,
                            "most_at_once": max(load.most for _, load, _ in seen[name]),
                            "server_cpu_us": round((load.cpu - seen[name][-1][2]) / load.lists)}
        return runs, left_out, counts

    def many(self, n, rounds):
        relay = self.usual()
        rows, lacking = self.able(commands.fleet(self.world.folder, relay.hosts[:n], relay.port))
        runs, left_out, counts = self.counted(rows, relay, rounds)
        own = f"{OWN} -j 200"
        result = self.figures(rows, runs, own)
        for name, some in runs.items():
            result[name]["rate"] = spread(n * 1000 / run.wall for run in some)
            result[name]["cpu_ms_per_target"] = spread(run.cpu / n for run in some)
            result[name].update(counts[name])
        self.count_calls(rows, result)
        return {"rows": result, "left_out": {**lacking, **left_out}, "compared_with": own,
                "how": "the server, by libssh, has no sntrup761, which ssh as shipped takes with OpenSSH's sshd: here it "
                       "takes curve25519, and a small part of that CPU"}

    def own(self, n, jobs, relay):
        return commands.fleet(self.world.folder, relay.hosts[:n], relay.port, (jobs,))[0]

    def flight(self, rounds):
        with self.servers(FLIGHT_RTT) as relay:
            row = self.own(THOUSAND, THOUSAND, relay)
            runs, _, counts = self.counted([row], relay, rounds)
        return {"rows": {row.name: {**self.figures([row], runs, row.name)[row.name], **counts[row.name]}}, "left_out": {},
                "how": f"each is {FLIGHT_RTT} ms away; how many there were at once is the server's count"}

    def linear(self, rounds):
        relay = self.usual()
        rows = {n: self.own(n, 64, relay) for n in (1, 50, 200, THOUSAND)}
        rows = {n: row._replace(name=f"{row.name}, {n} of them") for n, row in rows.items()}
        runs, _ = in_turn(self.runner, rows.values(), rounds)
        result = {row.name: dict(self.figures([row], runs, row.name)[row.name], targets=n,
                                 cpu_ms_per_target=spread(run.cpu / n for run in runs[row.name]))
                  for n, row in rows.items()}
        return {"rows": result, "left_out": {}}


def measure(names, world, runner, rounds):
    """Gives each work's name and what the JSON has of it, in the order of NAMES, with those that they need."""
    wanted = set(names) | {NEEDED[name] for name in names if name in NEEDED}
    with contextlib.ExitStack() as stack:
        bench = Bench(world, runner, rounds, stack)
        for name in NAMES:
            if name in wanted:
                try:
                    bench.do(name)
                except Failed as error:
                    raise Failed(f"{name}: {error}") from error
                yield name, bench.done[name]
