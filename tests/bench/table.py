# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as text that is also Markdown."""
from measure import OWN


def number(value):
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_spread(figure):
    return f"{number(figure['median'])} ({number(figure['q1'])}–{number(figure['q3'])})"


def times(ratio):
    return "× " + with_spread(ratio)


def mebibytes(row):
    return f"{row['rss_kib']['median'] / 1024:.1f}"


def grid(head, rows):
    """Columns in line; the first is text, the others are to the right."""
    cells = [head, *rows]
    width = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(row, width))) + " |" for row in cells]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(width)) + "|"
    return [lines[0], rule, *lines[1:]]


# The columns: head, and what it has of a row. One that no row of a work has is left out.
COLUMNS = [
    ("targets/s", lambda row: with_spread(row["rate"])),
    ("round trips", lambda row: with_spread(row["round_trips"])),
    ("wall ms", lambda row: with_spread(row["wall_ms"])),
    ("wall, to ours", lambda row: times(row["wall_ratio"])),
    ("CPU ms", lambda row: with_spread(row["cpu_ms"])),
    ("CPU, to ours", lambda row: times(row["cpu_ratio"])),
    ("CPU ms a target", lambda row: with_spread(row["cpu_ms_per_target"])),
    ("peak MiB", mebibytes),
    ("at once", lambda row: number(row["most_at_once"])),
    ("bytes out", lambda row: number(row["bytes_up"])),
    ("bytes in", lambda row: number(row["bytes_down"])),
    ("system calls", lambda row: number(row["calls"])),
]


def cell(column, row):
    try:
        return column(row)
    except KeyError:
        return ""


def of_work(name, work):
    rows = work["rows"]
    alone = len(rows) == 1 or name == "linear"
    columns = [(head, column) for head, column in COLUMNS
               if not (alone and "ours" in head) and any(cell(column, row) for row in rows.values())]
    yield f"### {name}: {work['title']}"
    yield ""
    said = [f"rounds: {work['rounds']}"]
    if "compared_with" in work:
        cost = rows[work["compared_with"]]["server_cpu_us"]
        said.append(f"ours is `{work['compared_with']}`")
        said.append(f"there the server needs {cost} µs of CPU a target, so that a core alone would serve "
                    f"{1e6 / cost:,.0f} a second; it shares the cores with the tool")
    if "how" in work:
        said.append(work["how"])
    text = "; ".join(said)
    yield text[0].upper() + text[1:] + "."
    for tool, why in work["left_out"].items():
        yield f"Left out: {tool}: {why}"
    yield ""
    yield from grid(["", *(head for head, _ in columns)],
                    [[tool, *(cell(column, row) for _, column in columns)] for tool, row in rows.items()])


def digits(value):
    """As many as tell a goal that was missed from one that was not."""
    return "-" if value is None else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def of_goals(goals):
    yield ""
    yield "### To reach"
    yield ""
    yield from grid(["", "goal", "measured", ""],
                    [[f"{goal['work']}: {goal['what']}", goal["goal"], digits(goal["value"]),
                      {True: "reached", False: "MISSED", None: "not measured"}[goal["reached"]]] for goal in goals])
    for goal in goals:
        if goal["why"]:
            yield ""
            yield f"Not measured: {goal['work']}: {goal['what']}: {goal['why']}"


def of_all(report):
    machine = report["machine"]
    yield f"## Benchmark of {OWN} {report['versions'][OWN]}, {machine['date']}"
    yield ""
    yield (f"{machine['cpu']}, {machine['cores']} cores, {number(machine['memory_mib'])} MiB; {machine['system']}, "
           f"{machine['kernel']}.")
    if not machine["idle"]:
        yield f"The machine was not idle when it began: load {machine['load']}."
    yield "; ".join(f"{name} {version}" for name, version in report["versions"].items()) + "."
    for name in report["missing"]:
        yield f"Not installed, and left out: {name}."
    if report.get("failed"):
        yield f"Not all works are here: {report['failed']}"
    yield ""
    yield ("Medians, with quartiles in parentheses. CPU and system calls are those of all processes of a run, peak memory "
           "that of its largest one, bytes those of TCP's payload.")
    for name, work in report["works"].items():
        yield ""
        yield from of_work(name, work)
