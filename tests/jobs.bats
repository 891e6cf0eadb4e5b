#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many targets at once: results as they come and in input order, deadlines of their own, how many
# connections an address gets, and answers that are refused or used up by several at once.

load helper
load jobs
load limits

setup_file() { world_up; }
teardown_file() { world_down; }
setup() { jobs_begin; }
teardown() { jobs_end; }

# main_list ARGUMENT...: the list `hosts` as JSON; the main sshd is the port of what has none.
main_list()
{
    probe --format=json --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "$@" -f hosts
}

# answers_of USER WORD: how many answers of that user PAM found right or wrong.
answers_of()
{
    server_settled
    events | grep -cE "^answer $1 [0-9]+ $2\$"
}

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

# ------------------------------------------------------------------ per address

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

# -------------------------------------------------------- answers, several at once

@test "refused answers: never more than --max-refused, however many run at once" {
    {
        repeat 30 'alice@127.0.0.1'
        repeat 10 'carol@127.0.0.1'
    } >hosts
    main_list -j 40 --max-per-address=40 -m kbdint -r assword=env:BOB_PASSWORD
    [ "$(answers_of alice wrong)" = 3 ] || complain "$(answers_of alice wrong) wrong answers for alice"
    [ "$(answers_of carol wrong)" = 3 ] || complain "$(answers_of carol wrong) wrong answers for carol"
    holds "outcomes[:30].count('failure') == 3 and outcomes[:30].count('credential') == 27" \
        "outcomes[30:].count('failure') == 3 and outcomes[30:].count('credential') == 7"
    refute_text "$BOB_PASSWORD"
}

@test "the same with passwords, and a limit of one" {
    repeat 10 'alice@127.0.0.1' >hosts
    main_list -j 10 --max-per-address=10 --max-refused=1 -m password -r assword=env:BOB_PASSWORD
    [ "$(answers_of alice wrong)" = 1 ] || complain "$(answers_of alice wrong) wrong answers"
    holds "outcomes.count('failure') == 1 and outcomes.count('credential') == 9"
}

@test "right answers are no reason to refuse others, whatever the limit" {
    repeat 20 'alice@127.0.0.1' >hosts
    main_list -j 20 --max-per-address=20 --max-refused=1 -m kbdint -r assword=env:ALICE_PASSWORD
    expect_status 0
    holds "outcomes == ['success'] * 20"
    [ "$(answers_of alice right)" = 20 ] || complain "not twenty answers"
}

@test "a server that never says what it thinks of an answer does not hold others for ever" {
    peer_start kbdint.py
    list "-t 2 hang-answer@127.0.0.1" "-t 4 hang-answer@127.0.0.1" "-t 2 hang-answer@127.0.0.1"
    sed -i "s/\$/:$PEER_PORT/" hosts
    ANSWER=secret probe --format=json --host-key=off --max-refused=1 -m kbdint -r .=env:ANSWER -f hosts
    holds "set(outcomes) <= {'timeout', 'credential'}" 'len(r) == 3'
}

@test "fd: a line for each, none twice, none lost" {
    repeat 12 'alice@127.0.0.1' >hosts
    repeat 12 "$ALICE_PASSWORD" >"$BATS_TEST_TMPDIR/answers"
    PROBE_STDIN=$BATS_TEST_TMPDIR/answers
    main_list -j 12 -m kbdint -r assword=fd:0
    expect_status 0
    holds "outcomes == ['success'] * 12"
    # One is right, and goes to one.
    { repeat 5 "wrong" && printf '%s\n' "$ALICE_PASSWORD"; } >"$BATS_TEST_TMPDIR/answers"
    repeat 6 'alice@127.0.0.1' >hosts
    main_list -j 6 --max-refused=100 -m kbdint -r assword=fd:0
    holds "outcomes.count('success') == 1" "outcomes.count('failure') == 5"
}

@test "cmd: runs once for each target" {
    cat >answer <<'END'
#!/bin/sh
echo run >>runs
printf '%s\n' "$SECRET"
END
    chmod +x answer
    repeat 16 'alice@127.0.0.1' >hosts
    SECRET=$ALICE_PASSWORD main_list -j 16 -m kbdint -r 'assword=cmd:./answer'
    expect_status 0
    holds "outcomes == ['success'] * 16"
    [ "$(wc -l <runs)" = 16 ] || complain "$(wc -l <runs) runs"
}

@test "accept-new by many at once: each host is added once, and whole" {
    local port
    : >kh
    for port in "$SSHD_PORT" "$SSHD_GRACE_PORT" "$SSHD_JUMP_PORT" "$SSHD_NOPAM_PORT"; do
        repeat 6 "alice@127.0.0.1:$port"
    done >hosts
    probe --format=json --host-key=accept-new --known-hosts=kh -j 24 -f hosts
    expect_status 0
    holds "outcomes == ['listed'] * 24"
    [ "$(wc -l <kh)" = 4 ] || complain "$(cat kh)"
    [ "$(cut -d ' ' -f 1 kh | sort -u | wc -l)" = 4 ] || complain "$(cat kh)"
    # Every line is one that ssh takes.
    ssh-keygen -l -f kh >keys
    [ "$(wc -l <keys)" = 4 ] || complain "$(cat kh)"
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
