#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hostile SSH server: each scenario of hostile_*.py at a port of its own.

    hostile.py [NAME...]

NAME: only those whose names contain it. Prints a line of JSON: the host key in known_hosts form, and
the table, each row with its port. Then, for each line "NAME" on standard input, a line of JSON that
says what the oldest connection to that scenario's port that was not asked for was seen to do, once
it is over. Ends with its standard input. By hand: run it in one terminal, and ssh-authtest with the port in another.
"""

import base64
import importlib
import json
import os
import queue
import socket
import sys
import threading
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import scenario  # noqa: E402
import ssh_kex  # noqa: E402
import ssh_transport  # noqa: E402

TELLING = threading.Lock()
WAIT = 4  # seconds that a client may outlive its limit here, where only a hang must be noticed


def play(row, connection, host_key):
    """One connection: what was seen, and what went wrong on our side."""
    t = ssh_transport.Transport(connection, host_key, row.limit + WAIT)
    error = ""
    try:
        row.play(t)
    except ssh_transport.Gone:
        pass
    except ssh_transport.Late:
        error = "the client neither went on nor hung up"
    except Exception:  # a peer that fails in silence would look like a passed test
        error = traceback.format_exc()
    try:
        if not t.drain(row.limit + WAIT) and not error:
            error = "the client did not hang up"
    except Exception:
        error = error or traceback.format_exc()
    connection.close()
    return {"seen": t.seen, "quiet_from": t.quiet_from, "credentials": t.credentials,
            "stage": t.stage, "error": error}


def serve(row, listener, host_key, results):
    while True:
        connection, _ = listener.accept()
        outcome = queue.Queue()
        results.put(outcome)
        threading.Thread(target=lambda c=connection, q=outcome: q.put(play(row, c, host_key)),
                         daemon=True).start()


def load():
    for name in sorted(os.listdir(HERE)):
        if name.startswith("hostile_") and name.endswith(".py"):
            importlib.import_module(name.removesuffix(".py"))


def answer(results, name):
    try:
        report = results[name].get(timeout=5).get(timeout=60)
    except queue.Empty:
        report = {"error": "no connection came"}
    with TELLING:
        print(json.dumps({"name": name, **report}), flush=True)


def main():
    load()
    wanted = sys.argv[1:]
    host_key = ssh_kex.HostKey()
    results, rows = {}, []
    for row in scenario.TABLE.values():
        if wanted and not any(part in row.name for part in wanted):
            continue
        listener = socket.create_server(("127.0.0.1", 0))
        results[row.name] = queue.Queue()
        rows.append({**row.row(), "port": listener.getsockname()[1]})
        threading.Thread(target=serve, args=(row, listener, host_key, results[row.name]),
                         daemon=True).start()
    key = "%s %s" % (host_key.name, base64.b64encode(host_key.blob).decode())
    other = ssh_kex.HostKey()
    print(json.dumps({"host_key": key, "table": rows,
                      "other_key": "%s %s" % (other.name, base64.b64encode(other.blob).decode())}),
          flush=True)
    for line in sys.stdin:
        threading.Thread(target=answer, args=(results, line.strip()), daemon=True).start()


if __name__ == "__main__":
    main()
