#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A run of many targets that ends before its end: by a signal, with targets finished, running and waiting;
# and where nobody takes the results.

load helper
load jobs

# begin FORMAT: two targets that end at once, three that never do, 40 that wait for their turn.
begin()
{
    crowd 127.0.0.1=banner 127.0.0.2=hold
    {
        printf '%s\n' 127.0.0.1 127.0.0.1
        repeat 43 127.0.0.2
    } >hosts
    start --format="$1" --host-key=off -l x -p "$PEER_PORT" -t 100 -j 3 --max-per-address=3 -f hosts
    await_peer 3 'accepted 127\.0\.0\.2'
}

# interrupted_by NUMBER: it died of the signal, promptly; each target is there once, in input order.
interrupted_by()
{
    finish 20
    expect_status "-$1" || return
    holds 'lines == list(range(1, 46))' "outcomes == ['disconnected'] * 2 + ['interrupted'] * 43" \
        'exits == [10] * 2 + [130] * 43' || return
    [ "$(grep -c 'accepted 127\.0\.0\.2' "$PEER_LOG")" = 3 ] || complain "others were begun"
}

@test "SIGINT: what is finished is reported, the rest is interrupted, and it dies of the signal" {
    begin json
    await_results 2
    kill -INT "$JOB_PID"
    interrupted_by 2
}

@test "SIGTERM, SIGHUP and SIGQUIT likewise" {
    local name
    for name in TERM HUP QUIT; do
        begin json
        await_results 2
        kill -"$name" "$JOB_PID"
        interrupted_by "$(kill -l "$name")"
    done
}

@test "a second signal changes nothing" {
    begin json
    await_results 2
    kill -INT "$JOB_PID"
    kill -INT "$JOB_PID" 2>/dev/null || true
    kill -TERM "$JOB_PID" 2>/dev/null || true
    interrupted_by 2
}

@test "a signal with everything waiting for one silent target, that was the first" {
    crowd 127.0.0.1=banner 127.0.0.2=hold
    list 127.0.0.2
    repeat 20 127.0.0.1 >>hosts
    start --format=json --host-key=off -l x -p "$PEER_PORT" -t 100 -f hosts
    await_peer 20 'closed 127\.0\.0\.1'
    [ ! -s "$PROBE_STDOUT" ] || complain "not in input order"
    sleep 0.3
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    holds "outcomes == ['interrupted'] + ['disconnected'] * 20" 'lines == list(range(1, 22))'
}

@test "with -j 1, and with targets of the command line" {
    crowd 127.0.0.1=banner 127.0.0.2=hold
    start --format=json --host-key=off -l x -p "$PEER_PORT" -t 100 -j 1 127.0.0.1 127.0.0.2 127.0.0.1
    await_peer 1 'accepted 127\.0\.0\.2'
    await_results 1
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    holds "outcomes == ['disconnected', 'interrupted', 'interrupted']"
}

@test "a list that is still being written is at its end with the signal" {
    local name
    for name in TERM INT; do
        crowd 127.0.0.1=banner 127.0.0.2=hold
        feed_begin
        start --format=json --host-key=off -l x -p "$PEER_PORT" -t 100 -f feed
        feed 127.0.0.1 127.0.0.2
        await_peer 1 'accepted 127\.0\.0\.2'
        await_results 1
        kill -"$name" "$JOB_PID"
        finish 20
        expect_status "-$(kill -l "$name")"
        holds "outcomes == ['disconnected', 'interrupted']"
        feed_end
        rm feed
    done
}

@test "a list that nobody has written to, and a line that is half written" {
    feed_begin
    start --format=json -f feed
    sleep 0.3
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    [ -z "$output" ] || complain "a result of nothing"
    printf 'half-a-li' >&"$FEED"
    start --format=json -f feed
    sleep 0.3
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    [ -z "$output" ] || holds "set(outcomes) == {'interrupted'}" 'len(r) == 1'
}

@test "a list that is a huge file without targets keeps neither results nor a signal waiting" {
    local jobs
    for jobs in 1 64; do
        list 'one two'
        truncate -s 1T hosts || skip "no file is that large here"
        start --format=json -j "$jobs" -f hosts
        await_results 2
        kill -INT "$JOB_PID"
        finish 20
        expect_status -2
        holds "outcomes == ['usage'] * 2"
    done
}

@test "a signal while a source's command runs for several targets leaves no process behind" {
    peer_start kbdint.py
    repeat 4 "rounds@127.0.0.1:$PEER_PORT" >hosts
    start --format=json --host-key=off -t 100 -m kbdint -r '.=cmd:echo $$ >>pids; exec sleep 321' -f hosts
    eventually 60 lines_of pids 2 || { job_said && complain "no command runs"; }
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    holds "outcomes == ['interrupted'] * 4"
    local pid
    while read -r pid; do
        eventually 10 gone "$pid" || complain "process $pid is still there"
    done <pids
}

lines_of()
{
    [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

gone()
{
    ! grep -qsa 'sleep' "/proc/$1/cmdline"
}

@test "in the text report: the finished ones, and how many came to what" {
    begin text
    eventually 60 grep -q '^disconnected: ' "$PROBE_STDOUT" || complain "no result"
    kill -INT "$JOB_PID"
    finish 20
    expect_status -2
    expect_line '^disconnected: '
    expect_line '^45 targets: .*2 disconnected'
    expect_line '^45 targets: .*43 interrupted'
}

@test "a signal that is ignored at the start stays so" {
    crowd 127.0.0.1=banner:1.5
    list 127.0.0.1 127.0.0.1
    # What a shell starts in the background ignores SIGINT.
    timeout 60 sh -c '"$@" & echo $! >pid; wait $!' sh "$SSH_AUTHTEST" -F none --format=json --host-key=off -l x \
        -p "$PEER_PORT" -f hosts >"$PROBE_STDOUT" 2>"$PROBE_STDERR" </dev/null 3>&- &
    PEER_PIDS+=($!)
    await_peer 2 accepted
    kill -INT "$(cat pid)"
    await_results 2
    holds "outcomes == ['disconnected'] * 2"
}

# ---------------------------------------------------------------- nobody listens

@test "a full disk: exit 17, in every format" {
    local format
    crowd 127.0.0.1=banner
    repeat 30 127.0.0.1 >hosts
    for format in text json tap junit; do
        JOB_STDOUT=/dev/full
        run_list --format="$format" --host-key=off -l x -p "$PEER_PORT" -f hosts
        expect_status 17
        expect_err '^ssh-authtest: standard output: '
        [ "$(grep -c '^ssh-authtest: standard output' <<<"$stderr")" = 1 ] || complain "it is said more than once"
    done
}

@test "a full disk ends those that run, at once" {
    crowd 127.0.0.1=banner:0.5 127.0.0.2=hold
    list 127.0.0.1 127.0.0.2 127.0.0.2
    JOB_STDOUT=/dev/full
    start --format=json --host-key=off -l x -p "$PEER_PORT" -t 100 --connect-timeout=100 -f hosts
    finish 20
    expect_status 17
    [ "$(grep -v 'closed the connection' <<<"$stderr")" = 'ssh-authtest: standard output: it could not be written' ] ||
        complain "what else is said"
}

@test "a reader that goes away ends it, with 64 running" {
    local format=json
    crowd 127.0.0.1=banner 127.0.0.2=hold 127.0.0.3=banner:1.5
    {
        printf '%s\n' 127.0.0.1 127.0.0.3 127.0.0.3
        repeat 64 127.0.0.2
    } >hosts
    mkfifo reader
    timeout 60 head -n 1 reader >first 2>/dev/null 3>&- &
    PEER_PIDS+=($!)
    JOB_STDOUT=reader
    start --format=json --host-key=off -l x -p "$PEER_PORT" -t 90 -j 70 --max-per-address=64 -f hosts
    finish 60
    expect_status -13
    [ "$(wc -l <first)" = 1 ] || complain "no first line"
    grep -q '"outcome":"disconnected"' first || complain "$(cat first)"
}

@test "a reader that is slow gets every result" {
    crowd 127.0.0.1=banner
    repeat 300 127.0.0.1 >hosts
    mkfifo reader
    timeout 100 sh -c 'exec <reader; sleep 1; cat' >slow 2>/dev/null 3>&- &
    PEER_PIDS+=($!)
    JOB_STDOUT=reader
    start --format=json --host-key=off -l x -p "$PEER_PORT" -j 40 --max-per-address=40 -f hosts
    finish
    wait "${PEER_PIDS[-2]}"
    cp slow "$PROBE_STDOUT"
    expect_status 10
    holds 'lines == list(range(1, 301))' "set(outcomes) == {'disconnected'}"
}
