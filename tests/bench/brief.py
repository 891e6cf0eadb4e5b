# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of README: a line for each work, a column for each tool."""
from commands import CURVE
from measure import OWN
from table import grid, number

COLUMNS = [OWN, "ssh", CURVE, "nmap", "plink", "asyncssh"]

# Work, what is told of it, the figure; a figure that is a rate is better where it is larger.
LINES = [
    ("list", "list the methods: ms", "wall_ms"),
    ("list", "CPU ms", "cpu_ms"),
    ("list", "peak memory, MiB", "rss_kib"),
    ("list", "bytes, both ways", None),
    ("list", "system calls", "calls"),
    ("list-far", "round trips", "round_trips"),
    ("kbdint", "keyboard-interactive login, PAM: ms", "wall_ms"),
    ("kbdint", "CPU ms", "cpu_ms"),
    ("kbdint-far", "round trips", "round_trips"),
    ("gssapi", "gssapi-with-mic login: ms", "wall_ms"),
    ("gssapi", "CPU ms", "cpu_ms"),
    ("gssapi-far", "round trips", "round_trips"),
    ("fleet-200", "200 servers, 50 ms away: servers/s", "rate"),
    ("fleet-200", "CPU ms a server", "cpu_ms_per_target"),
    ("fleet-1000", "1,000 servers, 50 ms away: servers/s", "rate"),
    ("fleet-1000", "CPU ms a server", "cpu_ms_per_target"),
    ("fleet-1000", "peak memory of the largest process, MiB", "rss_kib"),
]

# Which row of a work is a column's; what a tool does best, where it has several.
ROWS = {
    OWN: [f"{OWN} -j 200", OWN],
    "ssh": ["ssh", "sshpass+ssh", "xargs -P64 ssh"],
    CURVE: [CURVE, "sshpass+" + CURVE],
    "nmap": ["nmap"], "plink": ["plink"],
    "asyncssh": ["asyncssh", "asyncssh, 200 tasks"],
}


def value(work, column, figure):
    row = next((work["rows"][name] for name in ROWS[column] if name in work["rows"]), None)
    if row is None:
        return None
    if figure is None:
        return row["bytes_up"] + row["bytes_down"] if "bytes_up" in row else None
    found = row.get(figure)
    if isinstance(found, dict):
        found = found["median"]
    return found / 1024 if figure == "rss_kib" else found


def cell(mine, theirs):
    """A figure, and how often ssh-authtest's goes into it."""
    if theirs is None:
        return "-"
    text = number(theirs)
    return text if mine is None or mine is theirs else f"{text} (× {number(theirs / mine)})"


def of_all(report):
    machine = report["machine"]
    lines = []
    for name, text, figure in LINES:
        if name not in report["works"]:
            continue
        values = [value(report["works"][name], column, figure) for column in COLUMNS]
        lines.append([text, *(cell(values[0], other) for other in values)])
    yield from grid(["", *COLUMNS], lines)
    yield ""
    took_part = ", ".join(f"{name} {report['versions'][name]}" for name in
                          (OWN, "OpenSSH", "nmap", "plink", "asyncssh", "sshpass") if name in report["versions"])
    yield ("In parentheses: as a multiple of ssh-authtest's. ssh is with sshpass where it has to type, and by xargs -P64 "
           "where there are many; ssh-authtest is with -j 200 there, and asyncssh has 200 tasks.")
    yield f"{machine['date']}; {machine['cpu']}, {machine['cores']} cores, {machine['system']}; {took_part}."
