#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many targets at once: results as they come and in input order, deadlines of their own, and the
# report for people.

load helper
load jobs
load limits

setup_file() { world_up; }
teardown_file() { world_down; }

# -------------------------------------------------------------------- streaming

# streams FORMAT JOBS REGEX: a result of each line, before the next one is written.
streams()
{
    local i
    feed_begin
    start --format="$1" -j "$2" --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f feed
    for i in 1 2 3; do
        feed "alice@127.0.0.1"
        eventually 60 has_lines "$i" "$3" || { job_said && complain "result $i is late"; } || return
    done
    ! job_ended || complain "it has ended" || return
    feed_end
    finish
    expect_status 0
    has_lines 3 "$3" || complain "not three results"
}

has_lines()
{
    [ "$(grep -cE -- "$2" "$PROBE_STDOUT")" = "$1" ]
}

@test "results stream, as JSON: one at a time, and many" {
    streams json 1 '^\{.*"outcome":"listed".*\}$'
    rm feed
    streams json 64 '^\{.*"outcome":"listed".*\}$'
}

@test "results stream, as text" {
    streams text 1 '^listed: '
    rm feed
    streams text 64 '^listed: '
}

@test "results stream, as TAP" {
    streams tap 64 '^ok [0-9]+ '
}

@test "with -j 1 no line is read before it is needed" {
    crowd 127.0.0.1=hold
    feed_begin
    start -j 1 --format=json --host-key=off -t 100 -p "$PEER_PORT" -f feed
    feed 127.0.0.1 127.0.0.1
    await_peer 1 accepted
    sleep 0.5
    [ "$(peak)" = 1 ] || complain "the second was begun"
}

# ------------------------------------------------------------------------ order

@test "results come in input order, whoever is first" {
    crowd 127.0.0.1=banner:1.5 127.0.0.2=banner:0.7 127.0.0.3=banner 127.0.0.4=banner:0.1
    list "127.0.0.1:$PEER_PORT" alice@127.0.0.1 "127.0.0.3:$PEER_PORT" "127.0.0.2:$PEER_PORT" bob@127.0.0.1:1 \
        "127.0.0.4:$PEER_PORT" carol@127.0.0.1 -x
    main_list -j 20 -l x
    expect_status 10
    holds 'lines == list(range(1, 9))' \
        "outcomes == ['disconnected', 'listed', 'disconnected', 'disconnected', 'unreachable', 'disconnected', 'listed', 'usage']" \
        "(users[1], users[6]) == ('alice', 'carol')"
}

@test "dead and silent hosts delay nobody: the others are done before a limit passes" {
    local dead i
    peer_start dead.py 0 127.0.0.1
    dead=$PEER_PORT
    crowd 127.0.0.1=hold
    list "127.0.0.1:$dead" "127.0.0.1:$PEER_PORT"
    for i in {1..10}; do
        more_list alice@127.0.0.1 "127.0.0.1:$PEER_PORT"
    done
    # 13 places, of which the silent ones take nine: four for the others.
    start -j 13 --format=json --host-key=off -t 100 --connect-timeout=100 -l x -p "$SSHD_PORT" -f hosts
    eventually 60 requests_are 10 || { job_said && complain "the live ones wait"; }
    [ ! -s "$PROBE_STDOUT" ] || complain "a result is there before the first one's"
    ! job_ended || complain "it has ended"
    # All ten are over: that is not what was interrupted.
    server_settled
    kill -INT "$JOB_PID"
    finish
    expect_status -2
    holds 'lines == list(range(1, 23))' \
        "outcomes == ['interrupted'] * 2 + ['listed', 'interrupted'] * 10"
}

requests_are()
{
    [ "$(server_log | grep -c 'userauth-request for user alice service ssh-connection method none')" = "$1" ]
}

@test "a dead host, limited on its line, holds results back only so long" {
    local dead
    peer_start dead.py 0 127.0.0.1
    dead=$PEER_PORT
    list "-t 1.5 127.0.0.1:$dead" alice@127.0.0.1 "--connect-timeout=0.5 127.0.0.1:$dead" bob@127.0.0.1
    main_list -l x -t 60 --connect-timeout=60
    expect_status 8
    holds "outcomes == ['timeout', 'listed', 'timeout', 'listed']"
}

# -------------------------------------------------------------------- deadlines

@test "a line's -t counts for it alone" {
    crowd 127.0.0.1=hold 127.0.0.2=banner:2
    list "-t 0.5 127.0.0.1" "-t 1.5 127.0.0.1" 127.0.0.2 "-t 0.5 127.0.0.2"
    probe --format=json --host-key=off -t 60 -p "$PEER_PORT" -l x -f hosts
    expect_status 8
    holds "outcomes == ['timeout', 'timeout', 'disconnected', 'timeout']" \
        "[x['chains'][0]['timing_ms']['total'] > limit for x, limit in zip(r, (450, 1450, 1900, 450))] == [True] * 4" \
        "r[0]['chains'][0]['timing_ms']['total'] < r[1]['chains'][0]['timing_ms']['total']"
}

@test "a deadline begins with its target, not with the run" {
    crowd 127.0.0.1=hold 127.0.0.2=banner:0.8
    list 127.0.0.1 127.0.0.1 127.0.0.1
    elapsed probe --format=json --host-key=off -j 1 -t 0.7 -p "$PEER_PORT" -l x -f hosts
    holds "outcomes == ['timeout'] * 3" "all(x['chains'][0]['timing_ms']['total'] > 650 for x in r)"
    [ "$ELAPSED_MS" -gt 2000 ] || complain "$ELAPSED_MS ms: not one after the other"
    # Four in turn need 3.2 seconds, of which each has 2.
    list 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2
    probe --format=json --host-key=off --max-per-address=1 -t 2 -p "$PEER_PORT" -l x -f hosts
    expect_status 10
    holds "outcomes == ['disconnected'] * 4"
}

# ------------------------------------------------------------------ the text report

@test "text: targets apart from each other, in order, and a summary" {
    list alice@127.0.0.1 '-p 1 bob@127.0.0.1' carol@127.0.0.1
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f hosts
    expect_status 7
    [ "$(grep -nE '^(listed|unreachable): ' <<<"$output" | sed 's/^[0-9]*:\([a-z]*\):.*/\1/' | paste -s -d ' ')" = \
        'listed unreachable listed' ] || complain "another order"
    [ "$(grep -oE '^[a-z]+@127\.0\.0\.1 port' <<<"$output" | paste -s -d ' ')" = \
        'alice@127.0.0.1 port bob@127.0.0.1 port carol@127.0.0.1 port' ] || complain "whose they are"
    [ "$(tail -n 1 <<<"$output")" = '3 targets: 2 listed, 1 unreachable' ] || complain "no summary at the end"
}

@test "no summary for one target, none with -q, none in JSON" {
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    refute_line '^[0-9]+ targets?:'
    list alice@127.0.0.1 bob@127.0.0.1
    probe -q --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f hosts
    expect_status 0
    [ -z "$output$stderr" ] || complain "-q says something"
    main_list
    [ "$(wc -l <"$PROBE_STDOUT")" = 2 ] || complain "more than the targets"
    holds "outcomes == ['listed'] * 2"
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" alice@127.0.0.1 bob@127.0.0.1
    expect_line '^2 targets: 2 listed$'
}

@test "-v of several at once: the traces are apart" {
    list alice@127.0.0.1 bob@127.0.0.1 carol@127.0.0.1 nosuchuser@127.0.0.1
    probe -v --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -f hosts
    expect_status 0
    [ "$(grep -oE 'USERAUTH_REQUEST .*user "?[a-z]+' <<<"$stderr" | sed 's/.*[" ]//' | paste -s -d ' ')" = \
        'alice bob carol nosuchuser' ] || complain "the traces are mixed"
}
