#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Chains on one connection: partial success and what follows it, where a chain stops, that each
# step is one request and no more, and the limits that sshd sets on attempts and time.

load helper

setup_file() { world_up; }
teardown_file() { world_down; }

# chain METHODS ARGUMENT...: on the main sshd, the target last.
chain()
{
    probe_main --gssapi-host=server.example.test -m "$@"
}

# scene METHODS USER [ARGUMENT...]: on the scripted server, which takes any answer.
scene()
{
    local methods=$1 user=$2
    shift 2
    export ANSWER=secret
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe --host-key=off -t 20 -m "$methods" -r '.*=env:ANSWER' "$@" "$user@127.0.0.1:$PEER_PORT"
}

partial='LIBSSH2_ERROR_PARTIAL_SUCCESS \(-1001\)$'
failed='LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)$'

# requests_are "METHOD...": exactly these requests reached sshd, on one connection.
requests_are()
{
    local seen
    seen=$(userauth_requests)
    [ "$seen" = "$1" ] || complain "sshd saw the requests: $seen"
    [ "$(server_log | grep -c 'Connection from 127')" = 1 ] || complain "not one connection"
}

# peer_requests_are "METHOD...": the same of the scripted server.
peer_requests_are()
{
    local seen
    expect_peer '^closed$'
    seen=$(sed -n 's/^request [^ ]* //p' "$PEER_LOG" | paste -sd ' ')
    [ "$seen" = "$1" ] || complain "the peer saw the requests: $seen"
}

# -------------------------------------- gssapi-with-mic,keyboard-interactive

@test "gk, stopped after the first step: partial success, what remains, code -1001" {
    ticket
    chain gssapi-with-mic chain-gk@127.0.0.1
    expect_status 3
    step 1 gssapi-with-mic partial-success "$partial"
    expect_line 'can continue with: keyboard-interactive$'
    expect_line '^partial-success: '
    steps_are 1
    requests_are gssapi-with-mic
}

@test "gk, complete: success, one request a step" {
    ticket
    chain gssapi,kbdint -r assword=env:CHAIN_GK_PASSWORD chain-gk@127.0.0.1
    expect_status 0
    step 1 gssapi-with-mic partial-success "$partial"
    step 2 keyboard-interactive success '0$'
    expect_line 'can continue with: keyboard-interactive$'
    expect_line '^success: chain-gk was accepted after gssapi-with-mic, keyboard-interactive$'
    steps_are 2
    requests_are 'gssapi-with-mic keyboard-interactive'
    expect_server 'Accepted keyboard-interactive/pam for chain-gk'
}

@test "gk, in the wrong order: not offered, and the second step is not tried" {
    ticket
    chain kbdint,gssapi -r assword=env:CHAIN_GK_PASSWORD chain-gk@127.0.0.1
    expect_status 4
    step 1 keyboard-interactive not-offered "$failed"
    expect_line 'can continue with: gssapi-with-mic$'
    expect_line '^not-offered: '
    steps_are 1
    requests_are keyboard-interactive
    refute_event '^prompt chain-gk'
}

@test "gk, the second step fails: failure" {
    ticket
    chain gssapi,kbdint -r assword=env:ALICE_PASSWORD chain-gk@127.0.0.1
    expect_status 1
    step 1 gssapi-with-mic partial-success "$partial"
    step 2 keyboard-interactive failure "$failed"
    expect_line '^failure: '
    steps_are 2
    requests_are 'gssapi-with-mic keyboard-interactive'
    expect_event '^answer chain-gk [0-9]+ wrong$'
}

@test "gk, no answer in the second step: no-response, after what was reached" {
    ticket
    chain gssapi,kbdint chain-gk@127.0.0.1
    expect_status 11
    step 1 gssapi-with-mic partial-success "$partial"
    step 2 keyboard-interactive no-response
    expect_line '^no-response: '
    refute_event '^answer'
}

@test "gk, without a ticket: gssapi-failure, and the second step is not tried" {
    chain gssapi,kbdint -r assword=env:CHAIN_GK_PASSWORD chain-gk@127.0.0.1
    expect_status 5
    step 1 gssapi-with-mic gssapi-failure
    steps_are 1
    refute_event '^prompt chain-gk'
}

@test "kg: keyboard-interactive first, then the ticket" {
    ticket
    chain kbdint,gssapi -r assword=env:CHAIN_KG_PASSWORD chain-kg@127.0.0.1
    expect_status 0
    step 1 keyboard-interactive partial-success "$partial"
    step 2 gssapi-with-mic success '0$'
    expect_line 'can continue with: gssapi-with-mic$'
    requests_are 'keyboard-interactive gssapi-with-mic'
}

# --------------------------------- keyboard-interactive,keyboard-interactive

@test "kk, stopped after the first step" {
    chain kbdint -r assword=env:CHAIN_KK_PASSWORD chain-kk@127.0.0.1
    expect_status 3
    step 1 keyboard-interactive partial-success "$partial"
    expect_line 'can continue with: keyboard-interactive$'
    requests_are keyboard-interactive
    refute_event '^session chain-kk'
}

@test "kk, complete: each step has its own prompt" {
    chain kbdint,kbdint -r '^Password=env:CHAIN_KK_PASSWORD' -r '^Second=env:CHAIN_KK_SECOND' \
        chain-kk@127.0.0.1
    expect_status 0
    step 1 keyboard-interactive partial-success "$partial"
    step 2 keyboard-interactive success '0$'
    expect_line 'answered by env:CHAIN_KK_PASSWORD$'
    expect_line '^ *\| Second password: ?$'
    expect_line 'answered by env:CHAIN_KK_SECOND$'
    expect_line '^success: chain-kk was accepted after keyboard-interactive, keyboard-interactive$'
    requests_are 'keyboard-interactive keyboard-interactive'
    expect_event '^session chain-kk'
}

@test "kk, both steps with the first password: failure" {
    chain kbdint,kbdint -r 'assword=env:CHAIN_KK_PASSWORD' chain-kk@127.0.0.1
    expect_status 1
    step 1 keyboard-interactive partial-success "$partial"
    step 2 keyboard-interactive failure "$failed"
    expect_event '^answer chain-kk [0-9]+ wrong$'
}

@test "kk, the first step fails: the second is not tried" {
    chain kbdint,kbdint -r 'assword=env:ALICE_PASSWORD' chain-kk@127.0.0.1
    expect_status 1
    steps_are 1
    requests_are keyboard-interactive
}

@test "-e partial-success: is the second factor enforced?" {
    chain kbdint -e partial-success -r assword=env:CHAIN_KK_PASSWORD chain-kk@127.0.0.1
    expect_status 0
    expect_line '^partial-success: '
    chain kbdint -e partial-success -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 14
    expect_line '^success: '
}

# ------------------------------------------------------------------- ends

@test "early success: let in before the chain was complete" {
    ticket
    chain kbdint,gssapi -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 16
    step 1 keyboard-interactive success '0$'
    expect_line '^early-success: alice '
    refute_line '^success: '
    steps_are 1
    requests_are keyboard-interactive
}

@test "early success without any challenge: a warning, or trivial" {
    scene none,kbdint at-once
    expect_status 16
    expect_line '^early-success: '
    expect_line '^warning: '
    scene none,kbdint at-once --no-trivial-auth
    expect_status 13
    expect_line '^trivial: '
}

@test "-v names partial success both ways" {
    ticket
    chain gssapi,kbdint -v -r assword=env:CHAIN_GK_PASSWORD chain-gk@127.0.0.1
    expect_status 0
    expect_err '<- USERAUTH_FAILURE can continue with "keyboard-interactive" partial success TRUE$'
    refute_err 'partial success FALSE'
    [ "$(grep -c -- '-> USERAUTH_REQUEST' <<<"$stderr")" = 2 ]
}

@test "partial success twice, then success; and stopped in between" {
    scene kbdint,kbdint,kbdint partial-twice
    expect_status 0
    step 1 keyboard-interactive partial-success "$partial"
    step 2 keyboard-interactive partial-success "$partial"
    step 3 keyboard-interactive success '0$'
    peer_requests_are 'keyboard-interactive keyboard-interactive keyboard-interactive'
    scene kbdint,kbdint partial-twice
    expect_status 3
    steps_are 2
}

@test "partial success with nothing to continue with" {
    scene kbdint partial-empty
    expect_status 3
    expect_line 'can continue with: nothing$'
    peer_requests_are keyboard-interactive
}

@test "partial success with useless names: they are the server's, and shown" {
    scene kbdint partial
    expect_status 3
    expect_line 'can continue with: password, hostbased, odd@example\.com$'
    scene kbdint,kbdint partial
    expect_status 4
    step 1 keyboard-interactive partial-success "$partial"
    step 2 keyboard-interactive not-offered "$failed"
}

@test "partial success in answer to none" {
    scene none partial-none
    expect_status 3
    step 1 none partial-success "$partial"
    expect_line 'can continue with: keyboard-interactive$'
    peer_requests_are none
}

@test "refused with another list than the first: the one that came is shown" {
    scene kbdint,kbdint lists-differ
    expect_status 1
    expect_line 'can continue with: publickey$'
    steps_are 1
    peer_requests_are keyboard-interactive
}

# ----------------------------------------------------------------- limits

@test "MaxAuthTries: a chain ends with its first refusal, so two connections see no limit" {
    chain 'kbdint kbdint' -r assword=env:ALICE_PASSWORD tries@127.0.0.1
    expect_status 1
    [ "$(grep -c '^failure: tries' <<<"$output")" = 2 ]
    refute_server 'Too many authentication failures'
}

@test "MaxAuthTries 1: sshd disconnects instead of refusing, and its reason is shown" {
    local pid
    cp "$WORLD_DIR/sshd-main.conf" "$BATS_TEST_TMPDIR/main.conf"
    pid=$(cat "$WORLD_DIR/sshd-main.pid")
    server_settled
    sed -i 's/MaxAuthTries 2/MaxAuthTries 1/' "$WORLD_DIR/sshd-main.conf"
    reload_sshd "$pid"
    chain 'none kbdint' -r assword=env:ALICE_PASSWORD tries@127.0.0.1
    cp "$BATS_TEST_TMPDIR/main.conf" "$WORLD_DIR/sshd-main.conf"
    reload_sshd "$pid"
    expect_status 1
    step 1 none failure "$failed"
    step 1 keyboard-interactive disconnected
    expect_line '^disconnected: .*Too many authentication failures.*reason 2'
    expect_server 'Too many authentication failures'
}

# reload_sshd PID: until it listens again.
reload_sshd()
{
    local before tries
    before=$(grep -c 'Server listening on 127' "$SSHD_LOG")
    kill -HUP "$1"
    for ((tries = 0; tries < 250; tries++)); do
        [ "$(grep -c 'Server listening on 127' "$SSHD_LOG")" = "$before" ] || return 0
        sleep 0.02
    done
    complain "sshd does not listen again"
}

# LoginGraceTime is 2 seconds, and OpenSSH 9.8 and later wait up to 4 more.
@test "LoginGraceTime: the server hangs up while an answer is awaited" {
    mkfifo "$BATS_TEST_TMPDIR/slow"
    { sleep 9; printf '%s\n' "$ALICE_PASSWORD"; } >"$BATS_TEST_TMPDIR/slow" 3>&- &
    PROBE_STDIN=$BATS_TEST_TMPDIR/slow
    probe --known-hosts="$KNOWN_HOSTS" -t 20 -m kbdint -r 'assword=fd:0' \
        "alice@127.0.0.1:$SSHD_GRACE_PORT"
    expect_status 10
    step 1 keyboard-interactive disconnected
    expect_line '^disconnected: .*(closed|broke|reset)'
    expect_event '^prompt alice$'
    refute_event '^answer alice'
}

@test "LoginGraceTime: the server hangs up while its answer is awaited" {
    probe --known-hosts="$KNOWN_HOSTS" -t 20 -m kbdint -r 'assword=env:STUCK_PASSWORD' \
        "stuck@127.0.0.1:$SSHD_GRACE_PORT"
    expect_status 10
    expect_line '^disconnected: .*(closed|broke|reset)'
}
