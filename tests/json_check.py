# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold of every output of --format=json, and what a test wants to hold besides.

json_check.py SCHEMA OUTPUT [TEXT] -- EXPRESSION...

OUTPUT is read as a stream of lines: whole, ASCII, one object each, without a key twice, valid by
the schema with nothing beside what it names, and in agreement with itself. TEXT is the text report
of the same command line: it has to tell the same. An EXPRESSION is Python, in which `r` are the
results, `t` is the first, `c` its first chain, `s` that one's steps; each has to be true.
"""

import json
import re
import sys

import jsonschema


def strict(schema):
    """Version 1 may gain fields; those of today are all in the schema, so that a typo is found."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        schema["additionalProperties"] = False
    return schema


def once(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), "a key twice: %s" % names
    return dict(pairs)


def never(word):
    raise ValueError("not JSON: " + word)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    data.decode("ascii")
    assert not re.search(rb"[\0-\x09\x0b-\x1f\x7f]", data), "control bytes"
    assert not data or data.endswith(b"\n"), "the last line has no end"
    return [json.loads(line, object_pairs_hook=once, parse_constant=never)
            for line in data.split(b"\n")[:-1]]


def consistent(result):
    """What no schema can say."""
    chains = result["chains"]
    if "user" in result:
        assert re.search("@.+:%d$" % result["port"], result["target"])
    if not chains:
        assert result["outcome"] in ("usage", "credential", "internal", "interrupted")
        assert result["exit"] == 0 or "expected" not in result or result["outcome"] not in result["expected"]
        assert result["met"] == ("expected" not in result or result["outcome"] in result["expected"])
        return
    deciding = next((chain for chain in chains if chain["exit"]), chains[0])
    assert (result["outcome"], result["exit"]) == (deciding["outcome"], deciding["exit"])
    assert result["met"] == all(chain["met"] for chain in chains)
    for chain in chains:
        times = dict(chain["timing_ms"])
        total = times.pop("total")
        # rounded, and with moments between the stages, which can be long on a busy machine
        assert -0.1 < total - sum(times.values()) < 5000, chain["timing_ms"]
        assert ("proxy" in times) == ("via" in chain) and ("connect" in times) <= ("resolve" in times)
        assert ("auth" in times) == ("trivial" in chain) == ("banners" in chain)
        assert len(chain["steps"]) <= max(1, len(chain["methods"]))
        for method, step in zip(chain["methods"], chain["steps"]):
            assert step["method"] == method
        assert ("stage" in chain.get("error", {})) == ("error" in chain)


def told(text, result):
    """Does the report for people say the same? Of what ends in different ways each time, nothing."""
    def has(line):
        assert re.search("^" + line, text, re.M), "not in the text: " + line

    escape = re.escape
    if not result["chains"] and result["outcome"] != "interrupted":
        has(escape("%s: %s" % (result["outcome"], result["error"]["message"])) + "$")
    for chain in result["chains"]:
        has(escape(chain["outcome"]) + ": ")
        if "host_key" in chain:
            has("host key  " + escape(" ".join(chain["host_key"][k] for k in ("type", "fingerprint", "status"))))
        if "hint" in chain.get("error", {}):
            has("hint: " + escape(chain["error"]["hint"]) + "$")
        if "listing" in chain and "remaining" in chain["listing"]:
            has("offered   " + escape(", ".join(chain["listing"]["remaining"]) or "nothing"))
        for number, step in enumerate(chain["steps"], 1):
            code = ""
            if "code" in step:
                code = "%s (%d)" % (step["code_name"], step["code"]) if step["code"] else "0"
            has("%d  %s +%s +[0-9]+ ms *%s$" % (number, step["method"], step["outcome"], escape(code)))
            if "remaining" in step:
                has("   can continue with: " + escape(", ".join(step["remaining"]) or "nothing"))
            for key in step.get("keys", []):
                has("   " + escape("%s %s: " % (key["type"], key["fingerprint"])) +
                    ("acceptable, " if key["query"] else "(?!acceptable)") +
                    (".*file " + escape(key["file"]) if "file" in key else ""))
            rounds = step.get("rounds", [])
            if rounds:
                prompts = sum(len(round_["prompts"]) for round_ in rounds)
                has("   %d prompts? in %d rounds?$" % (prompts, len(rounds)))
            for prompt in [prompt for round_ in rounds for prompt in round_["prompts"]] + [step]:
                if "source" in prompt:
                    has(" +(no echo, |echo, )?answered by " + escape(prompt["source"]) + "$")
            if "client" in step.get("gssapi", {}):
                has("   as " + escape("%s to %s" % (step["gssapi"]["client"], step["gssapi"]["target"])))


def main():
    split = sys.argv.index("--")
    schema_path, output, *texts = sys.argv[1:split]
    with open(schema_path, "rb") as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    results = read(output)
    for result in results:
        validator(schema).validate(result)
        validator(strict(schema)).validate(result)
        consistent(result)
        for path in texts:
            with open(path, encoding="utf-8") as file:
                told(file.read(), result)
    names = {"r": results, "re": re}
    if results:
        names["t"] = results[0]
        names["c"] = (results[0]["chains"] or [None])[0]
        names["s"] = (names["c"] or {}).get("steps")
    for expression in sys.argv[split + 1:]:
        if not eval(expression, names):  # the test's own text
            sys.exit("does not hold: %s\n%s" % (expression, json.dumps(results, indent=1)))


main()
