# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What limits.bats measures with.

# measure OUT ERR PROGRAM...: prints its exit status as a shell has it, milliseconds, and its peak
# of memory in KiB. With SIGNAL it sends that once the file SIGNAL_LOG has grown, and then the
# milliseconds count from there. IGNORE names a signal that the program finds ignored.
MEASURE='
import os, resource, signal, subprocess, sys, time

def quiet():
    for name in ("INT", "TERM", "HUP", "QUIT"):
        ignored = os.environ.get("IGNORE") == name
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN if ignored else signal.SIG_DFL)

with open(sys.argv[1], "wb") as out, open(sys.argv[2], "wb") as err:
    begin = time.monotonic()
    child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                             start_new_session=True, preexec_fn=quiet)
    if "SIGNAL" in os.environ:
        while child.poll() is None and os.path.getsize(os.environ["SIGNAL_LOG"]) == 0:
            time.sleep(0.02)
        time.sleep(0.2)
        begin = time.monotonic()
        child.send_signal(getattr(signal, "SIG" + os.environ["SIGNAL"]))
    try:
        child.wait(150)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
took = (time.monotonic() - begin) * 1000
code = child.returncode
print(code if code >= 0 else 128 - code, int(took),
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
'

# measured ARGUMENT...: as probe, and sets ELAPSED_MS and PEAK_KB.
measured()
{
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout
    PROBE_STDERR=$BATS_TEST_TMPDIR/stderr
    PROBE_COMMAND="ssh-authtest $*"
    read -r status ELAPSED_MS PEAK_KB < <(/usr/bin/python3 -c "$MEASURE" "$PROBE_STDOUT" "$PROBE_STDERR" \
        "$SSH_AUTHTEST" "${PROBE_CONFIG[@]}" "$@" 3>&-)
    output=$(cat "$PROBE_STDOUT")
    stderr=$(cat "$PROBE_STDERR")
}

# peer_login [OPTION]... NAME: keyboard-interactive with a scenario of the scripted peer.
peer_login()
{
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    PW=x measured --host-key=off -m keyboard-interactive -r .=env:PW -p "$PEER_PORT" \
        "${@:1:$#-1}" "${!#}@127.0.0.1"
}

# expect_end STATUS REGEX: of the report's conclusion, which has the stage.
expect_end()
{
    expect_status "$1" && expect_line "$2" && expect_err '^ssh-authtest: '
}

# held LIMIT: it ended at the limit, in milliseconds, or in the second behind it; ended LIMIT: by then.
held()
{
    [ "$ELAPSED_MS" -ge "$(($1 - 100))" ] || complain "$ELAPSED_MS ms: too early" || return
    ended "$1"
}

ended()
{
    local more=1000
    [ -z "${VALGRIND_LOGS:-}" ] || more=15000 # its own time
    [ "$ELAPSED_MS" -lt "$(($1 + more))" ] || complain "$ELAPSED_MS ms"
}

# small: less than 64 MiB; an address sanitizer has its own overhead, and valgrind measures itself.
small()
{
    local limit=65536
    [ -z "${VALGRIND_LOGS:-}" ] || return 0
    ! grep -qaF __asan_init "$SSH_AUTHTEST" || limit=262144
    [ "$PEAK_KB" -gt 1000 ] && [ "$PEAK_KB" -lt "$limit" ] || complain "peak of $PEAK_KB KiB"
}

# full_start [ADDRESS]: a listener whose queue is full, so that nothing answers a connect; the same
# port of 127.0.0.1 is closed.
full_start()
{
    : >"$BATS_TEST_TMPDIR/full"
    /usr/bin/python3 -c '
import socket, sys, time
listener = socket.socket()
listener.bind((sys.argv[1], 0))
listener.listen(0)
held = []
if sys.argv[1] != "127.0.0.1":
    # Nobody else is to listen at this port there.
    held.append(socket.socket())
    held[0].bind(("127.0.0.1", listener.getsockname()[1]))
for _ in range(8):
    held.append(socket.socket())
    held[-1].settimeout(0.3)
    try:
        held[-1].connect(listener.getsockname())
    except OSError:
        break
print(listener.getsockname()[1], flush=True)
time.sleep(60)
' "${1:-127.0.0.1}" >"$BATS_TEST_TMPDIR/full" 2>/dev/null 3>&- &
    peer_started $! "$BATS_TEST_TMPDIR/full" "the full listener"
}

# with_table LINE...: names that the program resolves from here on (tests/world/resolver.c);
# `measured` then runs a script.
with_table()
{
    printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/table"
    [ ! -e "$BATS_TEST_TMPDIR/preloaded" ] || return 0
    printf '#!/bin/sh\nexec env LD_PRELOAD="%s" RESOLVER_TABLE="%s" \\
        ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" "%s" "$@"\n' \
        "$abs_top_builddir/tests/world/resolver.so" "$BATS_TEST_TMPDIR/table" "$SSH_AUTHTEST" \
        >"$BATS_TEST_TMPDIR/preloaded"
    chmod +x "$BATS_TEST_TMPDIR/preloaded"
    SSH_AUTHTEST=$BATS_TEST_TMPDIR/preloaded
}
