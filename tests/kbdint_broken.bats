#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# keyboard-interactive with servers that end the connection, or break the protocol.

load helper
load kbdint

setup_file() { world_up; }
teardown_file() { world_down; }

@test "the server ends the connection: disconnected, with what is known of the reason" {
    local user
    for user in close close-prompt close-answer; do
        scene "$user"
        outcome 10 disconnected
        expect_line '^disconnected: .*closed the connection'
    done
    scene reset
    outcome 10 disconnected
    expect_line '^disconnected: .*[Rr]eset'
    for user in disconnect disconnect.11 disconnect-answer.14; do
        scene "$user"
        outcome 10 disconnected
        expect_line '^disconnected: .*Too many \\x1B.*failures '
        have_no_control_bytes
    done
    scene disconnect.11
    expect_line '^disconnected: .*reason 11'
    scene type.1
    outcome 10 disconnected
    expect_line '^disconnected: .*no reason'
}

@test "a malformed FAILURE is a protocol error" {
    local how
    for how in empty length no-boolean trailing; do
        scene "bad-failure.$how"
        outcome 9 protocol-error
        expect_line '^protocol-error: .*USERAUTH_FAILURE'
    done
    scene bad-failure.boolean
    outcome 3 partial-success
    expect_line 'can continue with: password$'
}

@test "a malformed INFO_REQUEST is a protocol error, and is not answered" {
    local how
    for how in empty name name-4g instruction no-count count count-more prompt no-echo trailing; do
        scene "bad-info.$how"
        outcome 9 protocol-error
        expect_line '^protocol-error: .*USERAUTH_INFO_REQUEST'
    done
    peer_done 10
    refute_peer '^message 61'
    for how in empty name name-4g instruction no-count count count-more prompt no-echo trailing; do
        scene "bad-info-later.$how"
        outcome 9 protocol-error
        expect_line '^protocol-error: .*USERAUTH_INFO_REQUEST'
        expect_line '1 prompt in 1 round$'
    done
    peer_done 20
    [ "$(grep -c '^message 61' "$PEER_LOG")" = 10 ] || complain "not one answer to each good request"
    scene bad-info.echo
    outcome 1 failure
    expect_line '^ *echo, answered by'
}

@test "messages at the wrong time, of the wrong kind, with bytes behind: a protocol error" {
    local user
    for user in bad-banner=USERAUTH_BANNER type.51=USERAUTH_FAILURE type.60=USERAUTH_INFO_REQUEST \
        type.61=USERAUTH_INFO_RESPONSE type.50=USERAUTH_REQUEST type.70=70 type.0= \
        success-body=USERAUTH_SUCCESS unimplemented=UNIMPLEMENTED unimplemented-answer=UNIMPLEMENTED; do
        scene "${user%%=*}"
        outcome 9 protocol-error
        expect_line "^protocol-error: .*${user#*=}"
    done
}

@test "a verdict before the answer: a protocol error, and the secret is not sent" {
    local user number=0
    for user in success-early partial-unasked; do
        mkfifo "$BATS_TEST_TMPDIR/$user"
        { sleep 1; echo secret; } >"$BATS_TEST_TMPDIR/$user" 3>&- &
        PROBE_STDIN=$BATS_TEST_TMPDIR/$user
        scene "$user" -r '.*=fd:0'
        outcome 9 protocol-error
        number=$((number + 1))
        peer_done "$number"
        refute_peer '^message 61'
    done
}

@test "the first answer to a request counts: what comes behind FAILURE lets nobody in" {
    scene success-unasked
    outcome 1 failure
    scene failure-twice
    outcome 1 failure
}

@test "SUCCESS and others slipped into the key exchange: a protocol error, nothing is sent" {
    local type
    for type in 52 51 53 60; do
        peer_start kbdint.py --inject="$type"
        scene rounds.1
        expect_status 9
        expect_line '^protocol-error: '
        refute_line '^success'
        probe --host-key=off -t 20 "rounds.1@127.0.0.1:$PEER_PORT"
        expect_status 9
        refute_line '^(listed|banner)'
        peer_done 2
        refute_peer '^request'
    done
}

@test "a prompt that patterns would take long with matches none: the limit holds" {
    elapsed scene prompt-long -B -t 3 -r 'a.*b=env:ANSWER' -r '[[:alpha:]]+ password=env:ANSWER'
    outcome 11 no-response
    expect_line '^no-response: .*it is too long to match a rule'
    [ "$ELAPSED_MS" -lt 4000 ] || complain "it took $ELAPSED_MS ms"
    scene prompt-long.4000
    outcome 0 success
}
