#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154,SC2015,SC2016,SC2034,SC2153
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What ends a connection that does not end by itself: time limits at every stage, limits of
# memory and input, signals; and servers, or streams, that are gone. The slowest of it, a server
# silent for 90 seconds, runs beside the other tests from setup_file on; the last test looks at it.

load helper
load limits

setup_file()
{
    world_up
    export LONG=$BATS_FILE_TMPDIR/long
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR PEER_PIDS=()
    peer_start kbdint.py
    export LONG_PEER=$PEER_PID
    PW=x HOME=$BATS_FILE_TMPDIR /usr/bin/python3 -c "$MEASURE" "$LONG.out" "$LONG.err" \
        "$SSH_AUTHTEST" -F none --host-key=off -t 120 -m kbdint -r .=env:PW -p "$PEER_PORT" \
        silence.90@127.0.0.1 </dev/null >"$LONG.result" 2>/dev/null 3>&- &
}
teardown_file()
{
    kill "$LONG_PEER" 2>/dev/null || true
    world_down
}

# --------------------------------------------------------------- unreachable

@test "a closed port: unreachable, with address, port and reason" {
    measured -p 1 alice@127.0.0.1
    expect_end 7 '^unreachable: 127\.0\.0\.1 port 1: Connection refused.*connect'
    refute_line '^host key'
}

@test "a name that does not exist: unreachable" {
    # As long as a resolver needs to find out that nobody answers it.
    measured -t 100 --connect-timeout=100 alice@no-such-host.invalid
    expect_end 7 '^unreachable: no-such-host\.invalid: .*resolve'
}

@test "-4 and -6: an address of the other family is unreachable" {
    peer_start closing.py banner
    measured -4 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 10 '^disconnected: '
    measured -6 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 7 '^unreachable: 127\.0\.0\.1: .*[Aa]ddress family.*resolve'
    measured -4 -p "$PEER_PORT" alice@::1
    expect_end 7 '^unreachable: ::1: .*[Aa]ddress family.*resolve'
    # No such port there, or no IPv6 at all.
    measured -6 -p 1 alice@::1
    expect_end 7 '^unreachable: ::1 port 1: .*connect'
}

@test "a name with several addresses: each is tried, and the report has the one that answered" {
    with_table 'both.example 0 127.0.0.2 127.0.0.1'
    peer_start closing.py banner
    measured -p "$PEER_PORT" alice@both.example
    expect_end 10 '^disconnected: '
    expect_line "^both\\.example port $PEER_PORT \\(127\\.0\\.0\\.1\\), SSH-2\\.0-Closing_1\\.0"
    measured -p 1 alice@both.example
    expect_end 7 '^unreachable: .*127\.0\.0\.2 port 1: Connection refused.*127\.0\.0\.1 port 1: Connection refused'
}

@test "an address that does not answer has until the limit, whatever became of the others" {
    full_start 127.0.0.2
    with_table 'both.example 0 127.0.0.2 127.0.0.1'
    measured --connect-timeout=2 -p "$PEER_PORT" alice@both.example
    expect_end 8 '^timeout: 127\.0\.0\.2 port [0-9]+: no answer; 127\.0\.0\.1 port [0-9]+: Connection refused.*connect'
    held 2000
}

# ---------------------------------------------------------------- time limits

@test "nothing answers the connect: --connect-timeout, and -t counts it as well" {
    full_start
    measured --connect-timeout=1 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 8 "^timeout: 127\\.0\\.0\\.1 port $PEER_PORT: .*connect"
    held 1000
    measured -t 0.5 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 8 '^timeout: .*connect'
    held 500
}

@test "a server that says nothing, or nothing behind its version" {
    peer_start silent.py
    measured -t 2 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 8 '^timeout: .*limit of 2 s.*banner'
    held 2000
    peer_start silent.py --banner
    measured -t 1.5 --connect-timeout=0.1 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 8 '^timeout: .*limit of 1\.5 s.*kex'
    held 1500
}

@test "a server that never answers a request, or the answers" {
    peer_login -t 2 hang
    expect_end 8 '^timeout: keyboard-interactive: .*server.*2 s.*auth'
    expect_line '^1  keyboard-interactive +timeout .*LIBSSH2_ERROR_TIMEOUT \(-9\)'
    held 2000
    peer_login -t 2 hang-answer
    expect_end 8 '^timeout: .*auth'
    expect_line 'Password: '
    held 2000
    measured --host-key=off -t 1 -p "$PEER_PORT" hang@127.0.0.1
    expect_end 8 '^timeout: none: .*1 s.*auth'
    held 1000
}

@test "PAM is slow before the prompt or after the answer: the limit holds, and default is enough" {
    local name password
    for name in slow late; do
        password=${name^^}_PASSWORD
        measured --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -m kbdint -t 1 -r .=env:"$password" "$name@127.0.0.1"
        expect_end 8 '^timeout: .*1 s.*auth'
        held 1000
        measured --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -m kbdint -r .=env:"$password" "$name@127.0.0.1"
        expect_status 0
        [ "$ELAPSED_MS" -ge 1900 ] || complain "$ELAPSED_MS ms"
    done
}

@test "data that keeps coming does not outlive the limit" {
    peer_login -t 2 drip
    expect_end 8 '^timeout: .*2 s.*auth'
    held 2000
    small
}

@test "floods: of banners, IGNORE messages and lines: an end, and little memory" {
    local name
    for name in flood-banner flood-ignore; do
        peer_login -t 5 "$name"
        expect_end 9 '^protocol-error: .*more than [0-9]+ bytes.*auth'
        ended 5000
        small
    done
    peer_start closing.py endless
    measured -t 3 -p "$PEER_PORT" alice@127.0.0.1
    ended 3000
    small
    case $status in
    8) expect_end 8 '^timeout: .*banner' ;;
    *) expect_end 9 '^protocol-error: .*banner' ;;
    esac
}

@test "rounds, prompts and allocations have bounds" {
    local name
    peer_login -t 5 endless-rounds
    expect_end 9 '^protocol-error: .*rounds.*auth'
    for name in prompts.101 late-prompts.101 bad-info.name-4g; do
        peer_login -t 5 "$name"
        expect_end 9 '^protocol-error: .*auth'
        ended 5000
        small
    done
    peer_login -t 5 prompts.100
    expect_status 0
}

# ------------------------------------------------- servers that are gone, or none

@test "no SSH server: the outcome and the stage of each way to say so" {
    local mode wanted word stage
    while read -r mode wanted word stage; do
        peer_start closing.py "$mode"
        measured -t 10 -p "$PEER_PORT" alice@127.0.0.1
        expect_end "$wanted" "^$word: .*$stage"
        have_no_control_bytes
    done <<'END'
close 10 disconnected banner
reset 10 disconnected banner
banner 10 disconnected kex
early 10 disconnected kex
escapes 10 disconnected banner
http 10 disconnected banner
END
}

@test "a server of protocol version 1: protocol-error, however soon it closes" {
    local i
    peer_start closing.py ssh1
    for i in 1 2 3 4 5; do
        measured -t 10 -p "$PEER_PORT" alice@127.0.0.1
        expect_end 9 '^protocol-error: .*SSH 2'
        expect_line 'SSH-1\.5-Old'
    done
}

# ------------------------------------------------------------ signals, streams

@test "INT, TERM and HUP end a wait at every stage at once, and the program dies of them" {
    local signal wanted stage peer
    while read -r signal wanted stage peer; do
        # shellcheck disable=SC2086
        peer_start $peer
        SIGNAL=$signal SIGNAL_LOG=$PEER_LOG measured --host-key=off -t 20 -p "$PEER_PORT" \
            hang@127.0.0.1 hang@127.0.0.1
        expect_end "$wanted" "^interrupted: .*$stage"
        [ "$(grep -c '^interrupted: ' "$PROBE_STDOUT")" = 1 ] || complain "more than one report"
        [ "$ELAPSED_MS" -lt 1000 ] || complain "$ELAPSED_MS ms"
    done <<'END'
INT 130 banner silent.py
TERM 143 kex silent.py --banner
HUP 129 auth kbdint.py
INT 130 auth kbdint.py
END
}

@test "a signal ends the connecting, too" {
    full_start
    SIGNAL=INT SIGNAL_LOG=/etc/passwd measured --connect-timeout=20 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 130 '^interrupted: .*connect'
    [ "$ELAPSED_MS" -lt 1000 ] || complain "$ELAPSED_MS ms"
}

@test "a signal that the caller ignores, as nohup does, is ignored" {
    peer_start silent.py
    IGNORE=HUP SIGNAL=HUP SIGNAL_LOG=$PEER_LOG measured -t 1 -p "$PEER_PORT" alice@127.0.0.1
    expect_end 8 '^timeout: '
}

@test "a report that cannot be written is internal: full, closed; with -q there is none" {
    run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none -p 1 alice@127.0.0.1 >/dev/full 3>&-'
    expect_err '^ssh-authtest: standard output: '
    run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none -p 1 alice@127.0.0.1 >&- 3>&-'
    expect_err '^ssh-authtest: standard output: '
    run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" --help >/dev/full 3>&-'
    expect_err '^ssh-authtest: standard output: '
    run -7 bash -c '"$SSH_AUTHTEST" -F none -q -p 1 alice@127.0.0.1 >/dev/full 2>/dev/null 3>&-'
}

@test "closed standard streams: none of their output reaches the server" {
    local closed status
    peer_start kbdint.py
    for closed in '2>&-' '<&-' '>&- 2>&-' '<&- 2>&-' '<&- >&- 2>&-'; do
        status=0
        PW=x bash -c '"$SSH_AUTHTEST" -F none -v --host-key=off -t 5 -m kbdint -r .=env:PW -p "$1" \
            rounds.3@127.0.0.1 '"$closed" - "$PEER_PORT" >"$BATS_TEST_TMPDIR/stdout" 3>&- || status=$?
        case $closed in
        *'>&- 2'*) [ "$status" = 17 ] || complain "$closed: $status" ;;
        *)
            [ "$status" = 0 ] || complain "$closed: $status"
            grep -q '^success: ' "$BATS_TEST_TMPDIR/stdout"
            ;;
        esac
    done
    [ "$(grep -c "^answers 'x'" "$PEER_LOG")" = 15 ] || complain "answers"
}

@test "no descriptor is left open: 60 targets with 16 descriptors" {
    local i targets=()
    peer_start closing.py banner
    for ((i = 0; i < 20; i++)); do
        targets+=("127.0.0.1:1" "127.0.0.1:$PEER_PORT" "127.0.0.1:$SSHD_PORT")
    done
    printf '#!/bin/sh\nulimit -n 16\nexec "%s" "$@"\n' "$SSH_AUTHTEST" >"$BATS_TEST_TMPDIR/few"
    chmod +x "$BATS_TEST_TMPDIR/few"
    SSH_AUTHTEST=$BATS_TEST_TMPDIR/few measured --known-hosts="$KNOWN_HOSTS" -l alice "${targets[@]}"
    expect_status 7
    [ "$(grep -c '^unreachable: .*Connection refused' <<<"$output")" = 20 ] || complain "unreachable"
    [ "$(grep -c '^disconnected: ' <<<"$output")" = 20 ] || complain "disconnected"
    [ "$(grep -c '^listed: ' <<<"$output")" = 20 ] || complain "listed"
}

# The last: it was started by setup_file.
@test "a server silent for 90 seconds is waited for under a longer limit" {
    local tries
    for ((tries = 0; tries < 1000; tries++)); do
        [ ! -s "$LONG.result" ] || break
        sleep 0.1
    done
    read -r status ELAPSED_MS PEAK_KB <"$LONG.result"
    output=$(cat "$LONG.out")
    stderr=$(cat "$LONG.err")
    expect_status 0
    expect_line '^1  keyboard-interactive +success '
    expect_line '^success: '
    [ "$ELAPSED_MS" -ge 89000 ] && [ "$ELAPSED_MS" -lt 119000 ] || complain "$ELAPSED_MS ms"
}
