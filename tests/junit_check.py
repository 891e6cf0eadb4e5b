# SPDX-License-Identifier: GPL-3.0-or-later
"""junit_check.py FILE: a JUnit document of one suite. Prints its tests ("1: failure NAME", "1.type: ..",
"1.message: ..", "1.text: .." for each line, "out: .." for those of system-out) in ASCII; fails where the suite's
counts are wrong."""

import sys
import xml.etree.ElementTree


def put(path, text):
    print(f"{path}: {text.encode('unicode_escape').decode()}")


def check(suite):
    count = {"ok": 0, "failure": 0, "error": 0}
    tests = suite.findall("testcase")
    for number, test in enumerate(tests, 1):
        kind = test[0].tag if len(test) else "ok"
        count[kind] += 1
        put(number, f"{kind} {test.get('name')}")
        float(test.get("time"))
        if kind != "ok":
            put(f"{number}.type", test[0].get("type"))
            put(f"{number}.message", test[0].get("message"))
            for line in test[0].text.split("\n"):
                put(f"{number}.text", line)
    for line in suite.findtext("system-out").split("\n"):
        put("out", line)
    wanted = {"tests": len(tests), "failures": count["failure"], "errors": count["error"]}
    for name, number in wanted.items():
        if suite.get(name) != str(number):
            sys.exit(f"junit_check.py: {name} is {suite.get(name)}, and {number} were there")


root = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
if root.tag != "testsuites" or len(root) != 1:
    sys.exit("junit_check.py: not one suite")
check(root[0])
