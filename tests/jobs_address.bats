#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many targets at once: how many connections an address gets, and whom that delays.

load helper
load jobs
load limits

setup_file() { world_up; }
teardown_file() { world_down; }

# at_once N PEAK ARGUMENT...: N targets at one address, of which PEAK run at once.
at_once()
{
    local count=$1 most=$2
    shift 2
    : >"$PEER_LOG"
    list
    repeat "$count" 'user#@127.0.0.1' >hosts
    probe --format=json --host-key=off -p "$PEER_PORT" "$@" -f hosts
    expect_status 10 || return
    holds "outcomes == ['disconnected'] * $count" "users == ['user%d' % n for n in range(1, $count + 1)]" &&
        expect_peak "$most"
}

@test "an address gets 8 connections at once, unless told otherwise" {
    crowd 127.0.0.1=banner:0.25
    at_once 24 8
    at_once 4 1 --max-per-address=1
    at_once 9 3 --max-per-address=3 -j 200
    at_once 30 20 --max-per-address=20
    at_once 12 4 --max-per-address=20 -j 4
}

@test "so does one behind a proxy command, and a jump host, whatever is behind it" {
    local pipe="python3 $abs_top_srcdir/tests/peer/pipe.py"
    crowd 127.0.0.1=banner:0.25 127.0.0.2=banner:0.25
    at_once 12 4 --max-per-address=4 --proxy-command="$pipe 127.0.0.1 %p"
    # An ssh that goes to where the jump is, as it would be told by its first argument that is no option.
    mkdir -p bin
    printf '#!/bin/sh\n[ "$1" != -G ] || exec /usr/bin/ssh "$@"\nexec %s 127.0.0.2 %s\n' "$pipe" "$PEER_PORT" >bin/ssh
    chmod 755 bin/ssh
    : >"$PEER_LOG"
    seq -f 'x@10.0.0.%g' 12 >hosts
    PATH=$PWD/bin:$PATH probe --format=json --host-key=off -j 12 --max-per-address=3 -J gate -f hosts
    holds "outcomes == ['disconnected'] * 12" && expect_peak 3 127.0.0.2
}

# Else all would do their first chain before anybody does his second, and no result were there until then.
@test "what was begun is ended first: several chains, many targets, one address" {
    local begun
    crowd 127.0.0.1=banner:0.1
    repeat 60 'user#@127.0.0.1' >hosts
    start --format=json --host-key=off -p "$PEER_PORT" --max-per-address=2 -m 'none none none' -f hosts
    await_results 1
    begun=$(grep -c accepted "$PEER_LOG")
    [ "$begun" -lt 60 ] || complain "$begun connections before the first result"
    finish
    expect_status 10
    holds "outcomes == ['disconnected'] * 60" 'all(len(x["chains"]) == 3 for x in r)'
    expect_peak 2
}

# Nobody listens at the dead ones' addresses, and their limit is long: the first eight and all those that are
# alive are done meanwhile.
@test "who has a slot again does not wait for those who were not begun" {
    crowd 127.0.0.1=banner:0.1 127.0.0.{2..9}=hold
    {
        repeat 12 'user#@127.0.0.1'
        repeat 60 '127.0.0.#' | awk '{ sub(/0\.0\.[0-9]+/, "0.0." NR % 8 + 2); print "-t 4", $0 }'
    } >hosts
    start -j 8 --format=json --host-key=off -p "$PEER_PORT" --max-per-address=4 -t 100 -f hosts
    await_peer 12 'closed 127\.0\.0\.1 '
    [ "$(grep -c 'closed 127\.0\.0\.[2-9] ' "$PEER_LOG")" -le 8 ] || complain "the dead ones were waited for"
    kill -TERM "$JOB_PID"
    finish
    expect_status -15
}

@test "--max-per-address: numbers, and nothing else" {
    local value
    for value in 0 -1 x 3x 1.5 ''; do
        probe --max-per-address="$value" alice@127.0.0.1:1
        expect_status 2
        expect_err '^ssh-authtest: .*max-per-address'
    done
    for value in 0 -1 x 3x 1.5 ''; do
        probe -j "$value" alice@127.0.0.1:1
        expect_status 2
        expect_err '^ssh-authtest: .*(-j|jobs)'
    done
}

@test "addresses have their connections apart, and a full one delays nobody" {
    crowd 127.0.0.1=hold 127.0.0.2=banner:0.25
    {
        repeat 20 '127.0.0.1'
        repeat 16 '127.0.0.2'
    } >hosts
    # 8 of the first address, and 4 places for the second: who waits for an address takes none.
    start -j 12 --format=json --host-key=off -t 100 -p "$PEER_PORT" -l x -f hosts
    await_peer 16 'closed 127\.0\.0\.2'
    expect_peak 8 127.0.0.1
    expect_peak 4 127.0.0.2
    [ "$(grep -c 'accepted 127\.0\.0\.1 ' "$PEER_LOG")" = 8 ] || complain "more than eight were begun"
    kill -TERM "$JOB_PID"
    finish
    expect_status -15
    holds "outcomes == ['interrupted'] * 20 + ['disconnected'] * 16"
}

@test "two ports of an address are two servers" {
    local first_port first_log
    crowd 127.0.0.1=gather:8
    first_port=$PEER_PORT first_log=$PEER_LOG
    crowd 127.0.0.1=gather:8
    {
        repeat 8 "127.0.0.1:$first_port"
        repeat 8 "127.0.0.1:$PEER_PORT"
    } >hosts
    probe --format=json --host-key=off -t 30 -l x -f hosts
    holds "outcomes == ['disconnected'] * 16"
    expect_peak 8
    PEER_LOG=$first_log
    expect_peak 8
}

@test "two names of an address count together" {
    crowd 127.0.0.1=banner:0.25
    with_table 'one.example 0 127.0.0.1' 'two.example 0 127.0.0.1'
    {
        repeat 8 one.example
        repeat 8 two.example
        repeat 8 127.0.0.1
    } >hosts
    probe --format=json --host-key=off -p "$PEER_PORT" -l x -f hosts
    expect_status 10
    holds "outcomes == ['disconnected'] * 24"
    expect_peak 8
}

@test "a name that no one answers for delays nobody" {
    with_table 'never.example never'
    list never.example never.example alice@127.0.0.1 bob@127.0.0.1
    start -j 3 --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -l x -t 100 --connect-timeout=100 -f hosts
    eventually 60 has_events 2 'method none' || complain "the others wait"
    ! job_ended || complain "it has ended"
    server_settled
    kill -INT "$JOB_PID"
    finish
    expect_status -2
    holds "outcomes == ['interrupted', 'interrupted', 'listed', 'listed']"
}

has_events()
{
    [ "$(server_log | grep -c "$2")" -ge "$1" ]
}

@test "sshd's MaxStartups of old: a hundred targets on one server are all served" {
    repeat 100 'alice@127.0.0.1' >hosts
    main_list -j 64
    expect_status 0
    holds "outcomes == ['listed'] * 100"
    refute_server 'drop connection|beginning MaxStartups'
}
