# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be reached, as ratios and counts that a machine's speed has little part in."""
from collections import namedtuple

from commands import CURVE
from measure import OWN

Goal = namedtuple("Goal", "work text value sense limit")
FLEET = f"{OWN} -j 200"


def median(work, row, figure):
    return work["rows"][row][figure]["median"]


def part(figure, other, row=OWN):
    """Of ssh-authtest's median, in that of the other."""
    return lambda work: median(work, row, figure) / median(work, other, figure)


def times(figure, other, row=FLEET):
    return lambda work: median(work, row, figure) / median(work, other, figure)


def per_target(work):
    costs = {row["targets"]: row["cpu_ms_per_target"]["median"] for row in work["rows"].values()}
    return costs[1000] / costs[50]


def in_flight(work):
    row, = work["rows"].values()
    if row["most_at_once"] < 1000:
        raise KeyError("1,000 at once")
    return row["rss_kib"]["median"] * 1024 / 1e6


GOALS = [
    Goal("list", "wall time, of ssh's", part("wall_ms", "ssh"), "<=", 0.17),
    Goal("list", "wall time, of ssh's with curve25519 only", part("wall_ms", CURVE), "<=", 0.35),
    Goal("list", "wall time, of nmap's", part("wall_ms", "nmap"), "<=", 0.12),
    Goal("list", "CPU, of ssh's", part("cpu_ms", "ssh"), "<=", 0.06),
    Goal("list", "CPU, of ssh's with curve25519 only", part("cpu_ms", CURVE), "<=", 0.5),
    Goal("list", "CPU, of nmap's", part("cpu_ms", "nmap"), "<=", 0.03),
    Goal("list", "memory, of ssh's", part("rss_kib", "ssh"), "<=", 1),
    Goal("kbdint", "wall time, of sshpass+ssh's", part("wall_ms", "sshpass+ssh"), "<=", 0.30),
    Goal("gssapi", "wall time, of ssh's", part("wall_ms", "ssh"), "<=", 0.20),
    Goal("list-far", "round trips", lambda work: median(work, OWN, "round_trips"), "<=", 6.3),
    Goal("kbdint-far", "round trips", lambda work: median(work, OWN, "round_trips"), "<=", 8.5),
    Goal("gssapi-far", "round trips", lambda work: median(work, OWN, "round_trips"), "<=", 8.3),
    Goal("fleet-200", "rate, times nmap's", times("rate", "nmap"), ">=", 10),
    Goal("fleet-200", "rate, times that of xargs -P64 ssh", times("rate", "xargs -P64 ssh"), ">=", 5),
    Goal("fleet-200", "CPU, of ssh's", part("cpu_ms", "xargs -P64 ssh", FLEET), "<=", 0.05),
    Goal("flight", "memory of 1,000 in flight, MB", in_flight, "<=", 80),
    Goal("linear", "CPU a target at 1,000, of that at 50", per_target, "<=", 1.2),
]


def judge(works):
    """Of each goal of these works: what came of it. A tool that is missing leaves its goals open."""
    result = []
    for goal in GOALS:
        if goal.work not in works:
            continue
        why = None
        try:
            value = round(goal.value(works[goal.work]), 4)
            reached = value <= goal.limit if goal.sense == "<=" else value >= goal.limit
        except KeyError as error:
            value = reached = None
            why = works[goal.work]["left_out"].get(error.args[0], f"without {error.args[0]}")
        result.append({"work": goal.work, "what": goal.text, "goal": f"{goal.sense} {goal.limit:g}",
                       "value": value, "reached": reached, "why": why})
    return result
