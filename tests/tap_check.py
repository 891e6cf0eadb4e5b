# SPDX-License-Identifier: GPL-3.0-or-later
"""tap_check.py FILE: TAP version 13, strictly, and its YAML. Prints what is in it, a value a line
("1: not ok NAME", "1.steps.0.code: -18", "bail out: WHY"), in ASCII; fails with the reason where it is not
as TAP should be."""

import re
import sys

import yaml


def put(path, value):
    if isinstance(value, dict):
        for key, inner in value.items():
            put(f"{path}.{key}", inner)
    elif isinstance(value, list):
        print(f"{path}: {len(value)} values")
        for index, inner in enumerate(value):
            put(f"{path}.{index}", inner)
    else:
        print(f"{path}: {str(value).encode('unicode_escape').decode()}")


class Unique(yaml.SafeLoader):
    """No key twice."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key twice: {keys}"
        return super().construct_mapping(node, deep)


def block(lines):
    """The YAML behind a test; lines is what is left of the file."""
    found = []
    assert lines and lines[0] == "  ---", f"no YAML behind a test: {lines[:1]}"
    lines.pop(0)
    while lines and lines[0] != "  ...":
        assert lines[0].startswith("  "), f"not indented: {lines[0]!r}"
        assert lines[0].isascii() and lines[0].isprintable(), f"not ASCII: {lines[0]!r}"
        found.append(lines.pop(0)[2:])
    assert lines, "a YAML block has no end"
    lines.pop(0)
    value = yaml.load("\n".join(found), Unique)
    assert isinstance(value, dict), "the YAML is no mapping"
    return value


def check(data):
    assert data.endswith(b"\n"), "the last line is not complete"
    lines = data.decode("utf-8").removesuffix("\n").split("\n")
    assert lines.pop(0) == "TAP version 13", "no version line"
    count = 0
    while lines:
        line = lines.pop(0)
        if line.startswith("Bail out! "):
            assert not lines, "something is behind the bail-out"
            print(f"bail out: {line[10:]}")
            return
        if re.fullmatch(r"1\.\.[0-9]+", line):
            assert line == f"1..{count}", f"the plan is {line}, and {count} tests were there"
            assert count > 0, "a plan of no test"
            assert not lines, "something is behind the plan"
            return
        match = re.fullmatch(r"(ok|not ok) ([0-9]+) - (([^#\\]|\\[#\\])+)", line)
        assert match, f"no line of TAP: {line!r}"
        assert line.isprintable(), f"not printable: {line!r}"
        count += 1
        assert int(match[2]) == count, f"test {match[2]} is the one after {count - 1}"
        name = re.sub(r"\\(.)", r"\1", match[3])
        print(f"{count}: {match[1]} {name}")
        put(str(count), block(lines))
    raise AssertionError("no plan")


with open(sys.argv[1], "rb") as file:
    try:
        check(file.read())
    except (AssertionError, UnicodeDecodeError, yaml.YAMLError) as error:
        sys.exit(f"tap_check.py: {error}")
