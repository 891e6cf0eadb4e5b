#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2314
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --format=tap: TAP that a strict reader takes, whatever a server says.

load helper
load limits
load report

setup_file() { world_up; }
teardown_file() { world_down; }

format=tap

@test "the details of a chain: connection, host key, lists, each step with its code" {
    ticket
    report_main --gssapi-host=server.example.test -m 'gssapi,kbdint none' -r 'assword=env:CHAIN_GK_PASSWORD' chain-gk@127.0.0.1
    has "^1: ok chain-gk@127.0.0.1:$SSHD_PORT: gssapi-with-mic,keyboard-interactive\$"
    has "^2: not ok chain-gk@127.0.0.1:$SSHD_PORT: none\$"
    has '^1\.address: 127\.0\.0\.1$'
    has '^1\.server: SSH-2\.0-OpenSSH_'
    has "^1\.host_key\.fingerprint: ${FINGERPRINT_ED25519//+/\\+}\$"
    has '^1\.host_key\.status: known$'
    has '^1\.steps\.0\.method: gssapi-with-mic$'
    has '^1\.steps\.0\.outcome: partial-success$'
    has '^1\.steps\.0\.code: -1001$'
    has '^1\.steps\.0\.code_name: LIBSSH2_ERROR_PARTIAL_SUCCESS$'
    has '^1\.steps\.0\.remaining\.0: keyboard-interactive$'
    has '^1\.steps\.1\.method: keyboard-interactive$'
    has '^1\.steps\.1\.prompts\.0: Password: $'
    has '^2\.offered\.0: gssapi-with-mic$'
    has '^2\.steps\.0\.code: -18$'
}

@test "several targets and chains: one test each, in their order" {
    report_main -m 'none kbdint' -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1 "alice@127.0.0.1:1"
    expect_status 1
    has '^1: not ok alice@127\.0\.0\.1:[0-9]*: none$'
    has '^2: ok alice@127\.0\.0\.1:[0-9]*: keyboard-interactive$'
    has '^3: not ok alice@127\.0\.0\.1:1: none$'
    has '^4: not ok alice@127\.0\.0\.1:1: keyboard-interactive$'
    lacks '^5'
}

@test "expectations: met is ok, unmet is not and says why" {
    report_main -e listed,failure alice@127.0.0.1
    expect_status 0
    has '^1: ok '
    has '^1\.expected\.1: failure$'
    report_main -e failure --forbid-offered=password alice@127.0.0.1
    expect_status 14
    has '^1: not ok '
    has '^1\.outcome: listed$'
    has '^1\.exit: 14$'
    has '^1\.unmet: 2 values$'
    has '^1\.forbid_offered\.0: password$'
    report -e failure alice@127.0.0.1:1
    expect_status 7
    has '^1: not ok '
    report -e unreachable alice@127.0.0.1:1
    expect_status 0
    has '^1: ok '
}

@test "what a server says stays within its value, in ASCII" {
    hostile_banner
    expect_status 0
    has '^1: ok banner@'
    lacks '^2'
    has '^1\.exit: 0$'
    has '^1\.banners\.0: ok 2 - forged\\n1\.\.2\\n  \.\.\.\\nexit: 0\\n\\x1b\[2J\\x9b\\u202e\\ufffd\]\]>.*"quoted" \\\\ \\xe4\\U0001f511\\n$'
    scene escapes -m kbdint -r '.*=env:ANSWER'
    expect_status 0
    has '^1\.steps\.0\.prompts\.0: Password\\x1b\]0;owned\\x07\\x1b\[2J'
    has '^1\.steps\.0\.instructions\.1: Line one.*\\nLine two'
    scene nul -m kbdint -r '.*=env:ANSWER'
    has '^1\.steps\.0\.prompts\.0: Pass\\x00word: $'
}

@test "a name that would be a directive or end its line is none" {
    local name
    for name in '# TODO x' '\# SKIP' 'ok 2 - b' $'a\xe2\x80\xa8b\xff' '1..1'; do
        report -- "$name@127.0.0.1:1"
        expect_status 7
        lacks '^2'
    done
    report -- 'a # SKIP \b@127.0.0.1:1'
    has '^1: not ok a # SKIP \\b@127\.0\.0\.1:1: list$'
    ! command -v prove >/dev/null || ! prove -e cat "$PROBE_STDOUT"
}

@test "-q, -v and colours change nothing on standard output" {
    report_main -q -v --color=always alice@127.0.0.1
    expect_status 0
    has '^1: ok '
}

@test "a run that is interrupted has no plan" {
    interrupted
    has '^1: ok '
    has '^2\.outcome: interrupted$'
    has '^3: not ok alice@127\.0\.0\.1:1: interrupted$'
    has '^bail out: '
    lacks '^4'
}

@test "nothing is written where nothing is run; a full disk is told" {
    probe --format=tap -m nosuch alice@127.0.0.1
    expect_status 2
    [ ! -s "$PROBE_STDOUT" ]
    probe --format=nosuch alice@127.0.0.1
    expect_status 2
    expect_err 'nosuch.*text\|.*tap'
    run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none --format=tap alice@127.0.0.1:1 >/dev/full 3>&-'
    expect_err '^ssh-authtest: standard output: '
    # SIGPIPE ends it as it ends others
    run bash -c '"$SSH_AUTHTEST" -F none --format=tap alice@127.0.0.1:1 2>/dev/null 3>&- | :; echo "${PIPESTATUS[0]}"'
    [[ $output = 141 || $output = 7 ]]
}
