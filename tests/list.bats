#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Listing the methods, and what every run has in common: several targets and chains, -e,
# -q, -v, colours, and that nothing but user authentication is ever asked of the server.

load helper

setup_file()
{
    world_up
}

teardown_file()
{
    world_down
}

# lines_are N REGEX: that many lines of standard output match.
lines_are()
{
    local found
    found=$(grep -cE -- "$2" <<<"$output") || true
    [ "$found" = "$1" ] || complain "$found lines match: $2"
}

# probe_peer ARGUMENT...: the scripted server; its key is not the point.
probe_peer()
{
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe --host-key=off -p "$PEER_PORT" "$@"
}


# ---------------------------------------------------------------- one request

@test "without -m: one none request, the methods are shown, status 0" {
    probe_main alice@127.0.0.1
    expect_status 0
    expect_line '^1 +none +listed '
    expect_line 'can continue with: publickey, gssapi-keyex, gssapi-with-mic, password, keyboard-interactive$'
    expect_line '^listed: .*password, keyboard-interactive'
    requests_were none
    expect_server 'userauth-request for user alice service ssh-connection method none'
}

@test "the connection is described: address, version, host key" {
    probe_main alice@127.0.0.1
    expect_line "^127\.0\.0\.1 port $SSHD_PORT, SSH-2\.0-OpenSSH_"
    expect_line '^host key .*ssh-ed25519 SHA256:[A-Za-z0-9+/]{43} known'
    grep -qF "$FINGERPRINT_ED25519" <<<"$output" || complain "another fingerprint"
}

@test "with -m no none request is sent" {
    probe_main -m keyboard-interactive -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 0
    requests_were keyboard-interactive
}

@test "-m none is an attempt: refused, status 1" {
    probe_main -m none alice@127.0.0.1
    expect_status 1
    expect_line '^1 +none +failure .*LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)'
    expect_line 'can continue with: .*keyboard-interactive'
    expect_line '^failure: '
    requests_were none
}

@test "the list is the server's for this user" {
    probe_main plain@127.0.0.1 chain-gk@127.0.0.1 nosuchuser@127.0.0.1
    expect_status 0
    lines_are 1 'can continue with: publickey, password$'
    lines_are 1 'can continue with: gssapi-with-mic$'
    lines_are 3 '^listed: '
    requests_were 'none none none'
}

@test "none that lets the user in is trivial, status 13" {
    probe_peer at-once@127.0.0.1
    expect_status 13
    expect_line '^1 +none +success '
    expect_line '^trivial: '
    refute_line '^listed'
}

@test "-m none that lets the user in: success and a warning, or trivial with --no-trivial-auth" {
    probe_peer -m none at-once@127.0.0.1
    expect_status 0
    expect_line '^success: '
    expect_line '^warning: '
    probe_peer -m none --no-trivial-auth at-once@127.0.0.1
    expect_status 13
    expect_line '^trivial: '
}

@test "banners are shown: sshd's, one before the list, one before any request" {
    probe_main banner@127.0.0.1
    expect_status 0
    expect_line '^ *\| Welcome .*the .*world$'
    expect_line '^ *\| .* of tests$'
    expect_line '^listed: '
    probe_peer banner-none@127.0.0.1
    expect_status 0
    expect_line '^ *\| Banner before the list$'
    expect_line 'can continue with: keyboard-interactive, password$'
    peer_start kbdint.py --early-banner
    probe_peer list-long.1@127.0.0.1
    expect_status 0
    expect_line '^ *\| Banner before the first request$'
    expect_line '^listed: .*method-0000'
}

@test "an empty list and a very long one" {
    probe_peer list-empty@127.0.0.1
    expect_status 0
    expect_line 'can continue with: nothing$'
    expect_line '^listed: '
    probe_peer list-long.200@127.0.0.1
    expect_status 0
    [ "$(grep '^listed: ' <<<"$output" | grep -o 'method-[0-9]*-of-a-long-list@example\.com' | sort -u | wc -l)" = 200 ]
}

@test "a list that breaks RFC 4251 is a protocol error" {
    probe_peer list-odd@127.0.0.1
    expect_status 9
    expect_line '^protocol-error: .*USERAUTH_FAILURE'
    refute_line '^listed'
}

@test "no channel, no global request: nothing beyond user authentication" {
    probe_main -m keyboard-interactive -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 0
    expect_server 'Accepted keyboard-interactive/pam for alice'
    expect_server 'Received disconnect from 127\.0\.0\.1 port [0-9]+:11:'
    refute_server 'channel_open|input_session_request|global_request|session_new|Starting session'
}

# ------------------------------------------------------- several at once

@test "several targets: the status is the first that is not 0, in order" {
    probe_main alice@127.0.0.1 "alice@127.0.0.1:1" "ssh://bob@127.0.0.1:$SSHD_KEX_PORT" bob@127.0.0.1
    expect_status 7
    lines_are 2 '^listed: '
    lines_are 1 '^unreachable: '
    lines_are 1 '^kex-failure: '
    [[ $output == *listed:\ alice*unreachable:*kex-failure:*listed:\ bob* ]] || complain "not in order"
    requests_were 'none none'
    probe_main "ssh://bob@127.0.0.1:$SSHD_KEX_PORT" alice@127.0.0.1 "alice@127.0.0.1:1"
    expect_status 18
}

@test "several chains, by blanks and by -m: each on a connection of its own" {
    probe_main -m 'none kbdint' -m none -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 1
    lines_are 2 '^failure: '
    lines_are 1 '^success: '
    requests_were 'none keyboard-interactive none'
    [ "$(server_log | grep -c 'Connection from 127')" = 3 ] || complain "not three connections"
    probe_main -m 'kbdint gssapi none' -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 5
    lines_are 1 '^success: '
    lines_are 1 '^gssapi-failure: '
    lines_are 1 '^failure: '
}

@test "every chain of every target runs" {
    probe_main -j 1 -m 'none kbdint' -r '^Pass=env:ALICE_PASSWORD' alice@127.0.0.1 plain@127.0.0.1
    expect_status 1
    lines_are 2 '^failure: '
    lines_are 1 '^success: alice'
    lines_are 1 '^not-offered: '
    requests_were 'none keyboard-interactive none keyboard-interactive'
}

# ------------------------------------------------------------------ output

@test "-q prints no report, and the status is the same" {
    probe_main -q alice@127.0.0.1
    expect_status 0
    [ ! -s "$PROBE_STDOUT" ] || complain "there is a report"
    [ ! -s "$PROBE_STDERR" ] || complain "there is an error"
    probe_main -q -m none alice@127.0.0.1
    expect_status 1
    [ ! -s "$PROBE_STDOUT" ] || complain "there is a report"
    probe -q alice@127.0.0.1:1
    expect_status 7
    [ ! -s "$PROBE_STDOUT" ] || complain "there is a report"
    expect_err '^ssh-authtest: .*127\.0\.0\.1'
}

@test "-v traces both directions with times, and never the secret" {
    probe_main -v -m keyboard-interactive -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 0
    expect_err '^ *[0-9]+\.[0-9]+ ms -> USERAUTH_REQUEST user "alice" method "keyboard-interactive"'
    expect_err '^ *[0-9]+\.[0-9]+ ms <- USERAUTH_INFO_REQUEST .*1 prompt no-echo "Password: "'
    expect_err "^ *[0-9]+\.[0-9]+ ms -> USERAUTH_INFO_RESPONSE 1 response \(${#ALICE_PASSWORD} bytes\)"
    expect_err '^ *[0-9]+\.[0-9]+ ms <- USERAUTH_SUCCESS'
    refute_err 'none'
    refute_text "$ALICE_PASSWORD"
    refute_line 'USERAUTH_'
    have_no_control_bytes
}

@test "-v -q: the trace alone" {
    probe_main -v -q alice@127.0.0.1
    expect_status 0
    expect_err '-> USERAUTH_REQUEST user "alice" method "none"'
    expect_err '<- USERAUTH_FAILURE can continue with "publickey,.*" partial success FALSE'
    [ ! -s "$PROBE_STDOUT" ] || complain "there is a report"
}

@test "output to a pipe has no colour unless --color=always" {
    TERM=xterm-256color probe_main alice@127.0.0.1
    expect_status 0
    have_no_control_bytes
    TERM=xterm-256color probe_main --color=auto alice@127.0.0.1
    expect_status 0
    have_no_control_bytes
    probe_main --color=never alice@127.0.0.1
    have_no_control_bytes
    probe_main --color=always alice@127.0.0.1
    expect_status 0
    expect_line $'\033\\[[0-9;]*mlisted\033\\[0?m'
    [ "$(sed 's/\x1b\[[0-9;]*m//g' "$PROBE_STDOUT" | grep -c $'\033')" = 0 ]
}

# ------------------------------------------------------------ expectations

# occur OUTCOME [OPTION...]: a situation with that outcome.
occur()
{
    local outcome=$1
    shift
    case $outcome in
    listed) probe_main "$@" alice@127.0.0.1 ;;
    success) probe_main "$@" -m kbdint -r assword=env:ALICE_PASSWORD alice@127.0.0.1 ;;
    failure) probe_main "$@" -m kbdint -r assword=env:HOME alice@127.0.0.1 ;;
    partial-success) probe_main "$@" -m kbdint -r assword=env:CHAIN_KK_PASSWORD chain-kk@127.0.0.1 ;;
    early-success) probe_main "$@" -m kbdint,none -r assword=env:ALICE_PASSWORD alice@127.0.0.1 ;;
    not-offered) probe_main "$@" -m kbdint plain@127.0.0.1 ;;
    gssapi-failure) probe_main "$@" -m gssapi alice@127.0.0.1 ;;
    host-key) probe --known-hosts=/dev/null "$@" "alice@127.0.0.1:$SSHD_PORT" ;;
    unreachable) probe "$@" alice@127.0.0.1:1 ;;
    timeout) probe_peer "$@" -t 0.5 hang@127.0.0.1 ;;
    protocol-error) probe_peer "$@" bad-failure.empty@127.0.0.1 ;;
    disconnected) probe_peer "$@" close@127.0.0.1 ;;
    no-response) probe_main "$@" -m kbdint alice@127.0.0.1 ;;
    trivial) probe_peer "$@" at-once@127.0.0.1 ;;
    credential) probe_main "$@" -m kbdint -r assword=fd:0 alice@127.0.0.1 ;;
    kex-failure) probe "$@" --host-key=off "alice@127.0.0.1:$SSHD_KEX_PORT" ;;
    esac
}

situations='listed=0 success=0 failure=1 partial-success=3 not-offered=4 gssapi-failure=5 host-key=6
    unreachable=7 timeout=8 protocol-error=9 disconnected=10 no-response=11 trivial=13 credential=15
    early-success=16 kex-failure=18'

@test "-e that is met is status 0, for every outcome; the report keeps the real one" {
    local pair
    for pair in $situations; do
        occur "${pair%=*}" -e "password-expired,${pair%=*}"
        expect_status 0
        expect_line "^${pair%=*}: "
        expect_line "^as expected: .*${pair%=*}"
    done
}

@test "-e that is not met is 14 where the server answered, else the outcome's own status" {
    local pair wanted
    for pair in $situations; do
        case ${pair#*=} in
        0 | 1 | 3 | 4 | 13 | 16) wanted=14 ;;
        *) wanted=${pair#*=} ;;
        esac
        occur "${pair%=*}" -e password-expired,key-acceptable
        expect_status "$wanted"
        expect_line "^${pair%=*}: "
        expect_line '^not as expected: .*password-expired or key-acceptable'
    done
}

@test "-e is tested on each chain" {
    probe_main -e failure -m 'none kbdint' -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 14
    lines_are 1 '^as expected: '
    lines_are 1 '^not as expected: '
    probe_main -e failure,success -m 'none kbdint' -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 0
    lines_are 2 '^as expected: '
}

# ------------------------------------------------------------ what is offered

# offers USER: the names of the list, in another order, with commas.
offers()
{
    probe_main "$1@127.0.0.1"
    sed -nE 's/^listed: .* can use (.*)$/\1/p' <<<"$output" | tr -d ' ' | tr , '\n' | sort -r | paste -s -d , -
}

@test "--expect-offered: these methods in any order, and no others" {
    local list
    list=$(offers alice)
    [[ $list == *,* ]]
    probe_main --expect-offered="$list" alice@127.0.0.1
    expect_status 0
    expect_line '^as expected: offered are '
    probe_main --expect-offered="$list,hostbased" alice@127.0.0.1
    expect_status 14
    expect_line '^listed: '
    expect_line '^not as expected: expected the methods .*: hostbased is missing$'
    probe_main -q --expect-offered="${list%%,*}" alice@127.0.0.1
    expect_status 14
    [ -z "$output" ]
    expect_err '^ssh-authtest: alice@127\.0\.0\.1: expected the methods .* not expected$'
    probe_main -e listed --expect-offered="${list%%,*}" alice@127.0.0.1
    expect_status 14
    probe -p 1 --expect-offered="$list" alice@127.0.0.1
    expect_status 7
    expect_err 'expected the methods .*; no list came$'
}

@test "--forbid-offered: none of these methods" {
    local list
    list=$(offers alice)
    probe_main --forbid-offered=hostbased --forbid-offered=x@y alice@127.0.0.1
    expect_status 0
    expect_line '^as expected: not offered: hostbased, x@y$'
    probe_main -q --forbid-offered=hostbased --forbid-offered="${list##*,}" alice@127.0.0.1
    expect_status 14
    expect_err "^ssh-authtest: alice@127\.0\.0\.1: ${list##*,} is offered, and must not be\$"
}
