# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of many targets share: lists, the program in the background, and what became of each
# target. Loaded behind helper: its tests run in a folder of their own, where a list is `hosts`.

setup()
{
    test_begin
    cd "$BATS_TEST_TMPDIR" || return
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout
    PROBE_STDERR=$BATS_TEST_TMPDIR/stderr
    JOB_STATUS=$BATS_TEST_TMPDIR/status
    JOB_LIMITS=()
    FEED=
}

teardown()
{
    feed_end
    test_end
    cd /
}

# ---------------------------------------------------------------------- lists

# list LINE...: the list `hosts`; more_list LINE...: more of it.
list()
{
    : >hosts
    more_list "$@"
}

more_list()
{
    [ "$#" = 0 ] || printf '%s\n' "$@" >>hosts
}

# repeat N LINE: that line N times, with # in it as the number of the line.
repeat()
{
    local i
    for ((i = 1; i <= $1; i++)); do
        printf '%s\n' "${2//\#/$i}"
    done
}

# main_list ARGUMENT...: the list `hosts` as JSON; the main sshd is the port of what has none.
main_list()
{
    probe --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "$@" -f hosts
}

# feed_begin: the list `feed` is a pipe that this shell holds open; feed LINE... writes to it; with
# feed_end it is at its end.
feed_begin()
{
    mkfifo feed && exec {FEED}<>feed
}

feed()
{
    printf '%s\n' "$@" >&"$FEED"
}

feed_end()
{
    [ -z "${FEED:-}" ] || exec {FEED}>&-
    FEED=
}

# ------------------------------------------------------------ in the background

# start ARGUMENT...: as probe, and does not wait for the end; JOB_PID is the program's. JOB_LIMITS are
# options of jobs_run.py, JOB_STDOUT a file instead of PROBE_STDOUT.
start()
{
    local tries word
    PROBE_COMMAND="ssh-authtest $* &"
    : >"$JOB_STATUS"
    : >"$PROBE_STDOUT"
    (
        [ -z "${FEED:-}" ] || exec {FEED}>&-
        exec /usr/bin/python3 -B "$abs_top_srcdir/tests/jobs_run.py" ${JOB_LIMITS[@]+"${JOB_LIMITS[@]}"} \
            "$JOB_STATUS" "$SSH_AUTHTEST" "${PROBE_CONFIG[@]}" "$@"
    ) <"$PROBE_STDIN" >"${JOB_STDOUT:-$PROBE_STDOUT}" 2>"$PROBE_STDERR" 3>&- &
    PEER_PIDS+=($!)
    for ((tries = 0; tries < 500; tries++)); do
        read -r word JOB_PID <"$JOB_STATUS" && [ "$word" = pid ] && return 0
        sleep 0.02
    done
    complain "the program did not start"
}

# job_ended: whether it has.
job_ended()
{
    grep -q '^status' "$JOB_STATUS"
}

# finish [SECONDS]: waits for its end (90), and sets status (minus the signal's number where one
# killed it), output and stderr.
finish()
{
    eventually "${1:-90}" job_ended || complain "it does not end" || return
    status=$(sed -n 's/^status //p' "$JOB_STATUS")
    job_said
}

job_said()
{
    output=$(tr -d '\000' <"$PROBE_STDOUT")
    stderr=$(tr -d '\000' <"$PROBE_STDERR")
}

# eventually SECONDS COMMAND...: until it succeeds; fails where that takes longer.
eventually()
{
    local end=$((SECONDS + $1 + 1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

# reported N: at least so many whole lines are on standard output (JSON: results).
reported()
{
    [ "$(wc -l <"$PROBE_STDOUT")" -ge "$1" ]
}

# await_results N; await_peer N REGEX: until so many are there, or 60 seconds passed.
await_results()
{
    eventually 60 reported "$1" || { job_said && complain "no $1 results"; }
}

await_peer()
{
    eventually 60 peer_said "$@" || { job_said && complain "the peer did not see $1 of: $2"; }
}

# run_list ARGUMENT...: from start to end.
run_list()
{
    start "$@" && finish 110
}

# ------------------------------------------------------------------ what came of it

# holds EXPRESSION...: the output is JSON as it has to be, and these Python expressions are true of it: `r`
# are the results, `outcomes`, `users`, `lines` what each of them has (None: not there).
holds()
{
    /usr/bin/python3 -B "$abs_top_srcdir/tests/json_check.py" "$abs_top_srcdir/share/ssh-authtest.schema.json" \
        "$PROBE_STDOUT" -- >"$BATS_TEST_TMPDIR/held" 2>&1 && /usr/bin/python3 -c '
import json, sys
with open(sys.argv[1]) as file:
    r = [json.loads(line) for line in file]
names = {"r": r}
for plural in ("outcomes", "users", "lines", "files", "exits"):
    names[plural] = [result.get(plural[:-1]) for result in r]
for expression in sys.argv[2:]:
    if not eval(expression, names):
        sys.exit("does not hold: %s\n%s" % (expression, [
            (x.get("line"), x.get("target"), x["outcome"], x["exit"],
             [c.get("error", {}).get("message") for c in x["chains"]]) for x in r]))
' "$PROBE_STDOUT" "$@" >"$BATS_TEST_TMPDIR/held" 2>&1 ||
        complain "the JSON is not as expected: $(cat "$BATS_TEST_TMPDIR/held")"
}

# peer_said N REGEX: whether the peer saw that so often.
peer_said()
{
    [ "$(grep -cE -- "$2" "$PEER_LOG")" -ge "$1" ]
}

# crowd ADDRESS=MODE...: starts crowd.py.
crowd()
{
    peer_start crowd.py "$@"
}

# peak [ADDRESS]: the most connections that were open there at once.
peak()
{
    awk -v address="${1:-127.0.0.1}" '$2 == "accepted" && $3 == address && $4 > most { most = $4 }
        END { print most + 0 }' "$PEER_LOG"
}

expect_peak()
{
    [ "$(peak "${2:-}")" = "$1" ] || complain "$(peak "${2:-}") connections at once, not $1"
}

# sanitized: whether the program has the address sanitizer, which needs terabytes of address space.
sanitized()
{
    grep -qaF __asan_init "$abs_top_builddir/ssh-authtest"
}
