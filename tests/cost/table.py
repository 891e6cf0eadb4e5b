# SPDX-License-Identifier: GPL-3.0-or-later
"""The file `recorded`: a row for each count of each scene. Its columns, which the line behind the comment names:

    scene, what     logins.py, measure.py
    1.10.0/x86_64   the count with that libssh2 on that processor, in the middle of all runs
    margin          by how much it may differ, either way
    seen            the least and the most of those runs
    1.11.1/x86_64   by how much more it is with that libssh2 on that processor: a change of the program's moves
                    both alike, so that only the first has to be recorded anew. There may be several of these
"""

import os

import logins
import measure

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")
FIRST, REST = 2, 5  # columns that are named by libssh2 and processor

# The least margin that is written: a number, or per cent. All runs on one machine are nearly equal (`seen`): the
# margin is for what differs between machines that have the same libraries.
MARGINS = {
    "messages-sent": 0, "messages-received": 0, "round-trips": 0, "sends": 0,
    "system-calls": 20,         # a module more or two in nsswitch.conf
    "opens": 4,                 # the same
    "receives": 2,              # in how many pieces a server's bytes come
    "waits": 2,                 # a helper thread that is done before it is waited for; a KDC that is asked twice
    "own-allocations": 2,       # records of the user database that need a larger buffer
    "allocations": "2%",        # libraries' updates
    "own-instructions": "5%",   # another gcc
    "instructions": "5%",       # libraries' updates
}


class Unsteady(Exception):
    pass


def plain(number):
    return "%d" % number if number == int(number) else "%.1f" % number


class Table:
    def __init__(self):
        with open(PATH) as file:
            lines = file.readlines()
        self.comment = [line for line in lines if line[0] == "#"]
        self.columns, *rows = [line.split() for line in lines if line[0] != "#"]
        self.rows = {tuple(row[:FIRST]): row for row in rows}

    def knows(self, where):
        return where in self.columns[FIRST:FIRST + 1] + self.columns[REST:]

    def expected(self, where, scene, what):
        """Count and margin; None where nothing is known."""
        row = self.rows[scene, what]
        count, margin = float(row[FIRST]), float(row[FIRST + 1])
        if where in self.columns[REST:]:
            more = row[self.columns.index(where)]
            return None if more == "-" else (count + float(more), margin)
        return (count, margin) if where == self.columns[FIRST] or what in measure.WIRE else None

    def record(self, where, scene, what, counts):
        """Notes what was seen; returns it as text. Raises Unsteady where what has no margin differs."""
        least, most, middle = min(counts), max(counts), sorted(counts)[len(counts) // 2]
        margin = MARGINS[what]
        if margin == 0 and least != most:
            raise Unsteady("%s: %s is not always the same: %s" % (scene, what, counts))
        if isinstance(margin, str):
            margin = max(2, round(middle * int(margin[:-1]) / 100))
        seen = "%s..%s" % (plain(least), plain(most))
        row = self.rows.setdefault((scene, what), [scene, what, "0", "0", "-"])
        row += ["-"] * (len(self.columns) - len(row))
        if where == self.columns[FIRST]:
            row[FIRST:REST] = plain(middle), plain(max(margin, 2 * (most - least))), seen
        else:
            if where not in self.columns:
                self.columns.append(where)
                for other in self.rows.values():
                    other += ["-"] * (len(self.columns) - len(other))
            more = middle - float(row[FIRST])
            row[self.columns.index(where)] = ("+" if more >= 0 else "") + plain(more)
        return "%s: %s: %s, %s" % (scene, what, plain(middle), seen)

    def write(self):
        order = {name: at for at, name in enumerate([*logins.SCENES, *MARGINS])}
        rows = [self.columns, *sorted(self.rows.values(), key=lambda row: (order[row[0]], order[row[1]]))]
        widths = [max(len(row[i]) for row in rows) for i in range(len(self.columns))]
        with open(PATH, "w") as file:
            file.writelines(self.comment)
            for row in rows:
                cells = [text.ljust(width) if i < FIRST else text.rjust(width)
                         for i, (text, width) in enumerate(zip(row, widths))]
                file.write("  ".join(cells) + "\n")
