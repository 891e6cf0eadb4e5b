#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gssapi-with-mic with servers that do what OpenSSH never does.

load helper
load gssapi

setup_file() { world_up; }
teardown_file() { world_down; }

@test "the server's GSSAPI error is told, escaped, and marked as the server's" {
    scene gss-error
    expect_outcome 5 gssapi-failure
    expect_line '\| No key \\x1B\]0;owned\\x07\\x1B\[2Jfor this .*service$'
    expect_line '\| second line$'
    expect_line 'server.*error.*major 0x000d0000 minor -1765328377'
    expect_line '^gssapi-failure: .*No key'
    expect_line 'can continue with: gssapi-with-mic, password$'
    expect_err ' <- USERAUTH_GSSAPI_ERROR .*No key'
    refute_line '^second line'

    scene gss-error-first
    expect_outcome 5 gssapi-failure
    expect_line '\| Not today$'
    refute_err '-> USERAUTH_GSSAPI_TOKEN'
}

@test "an error without the FAILURE that has to follow: timeout, and the error is told" {
    peer_start kbdint.py
    elapsed scene -t 2 gss-error-alone
    expect_outcome 8 timeout
    expect_line '\| And nothing more$'
    expect_line '^timeout: .*server.*2 s.*auth'
    [ "$ELAPSED_MS" -ge 1900 ] && [ "$ELAPSED_MS" -lt 3300 ] || complain "$ELAPSED_MS ms"
}

@test "tokens that are none, of either kind: gssapi-failure, and GSSAPI's text" {
    local name
    for name in gss-errtok gss-token-bad gss-token-empty; do
        scene "$name"
        expect_outcome 5 gssapi-failure
        expect_line 'GSSAPI major 0x00090000'
        expect_line '(GSSAPI|error token).*: Invalid token was supplied'
        expect_line '^gssapi-failure: .*[Ii]nvalid token'
        refute_err '^ssh-authtest: .*: Success$'
    done
}

@test "a mechanism that was not offered, or is none: protocol-error" {
    local name
    for name in gss-spnego gss-oid-empty gss-oid-bare; do
        scene "$name"
        expect_outcome 9 protocol-error
        expect_line '^protocol-error: USERAUTH_GSSAPI_RESPONSE .*not offered.*auth'
        expect_err ' <- USERAUTH_GSSAPI_RESPONSE mechanism \([089] bytes\)$'
        refute_peer '^message 61'
    done
}

@test "messages that are malformed: protocol-error, with the message's name" {
    local name message
    while read -r name message; do
        scene "$name"
        expect_outcome 9 protocol-error
        expect_line "^protocol-error: $message from the server: .*auth"
        refute_line 'can continue with'
    done <<<"gss-error-bad USERAUTH_GSSAPI_ERROR
gss-oid-bad USERAUTH_GSSAPI_RESPONSE
gss-token-long USERAUTH_GSSAPI_TOKEN
gss-bad-failure USERAUTH_FAILURE"
}

@test "refused before or after the token: failure, since gssapi-with-mic is in the list" {
    scene gss-refused
    expect_outcome 1 failure
    expect_line 'can continue with: gssapi-with-mic$'
    [ "$(trace)" = "-> USERAUTH_REQUEST <- USERAUTH_FAILURE" ] || complain "$(trace)"
    scene gss-refused-token
    expect_outcome 1 failure
    [ "$(trace)" = "-> USERAUTH_REQUEST <- USERAUTH_GSSAPI_RESPONSE -> USERAUTH_GSSAPI_TOKEN\
 <- USERAUTH_FAILURE" ] || complain "$(trace)"
}

@test "success or partial success before the proof is none of gssapi-with-mic's" {
    local user
    for user in gss-at-once gss-success-early gss-partial-early; do
        scene "$user"
        expect_outcome 9 protocol-error
        expect_line '^protocol-error: USERAUTH_.*: .* the MIC, .*not sent yet \(RFC 4462 section 3\.5\)'
    done
}

@test "a server that hangs after the token: timeout on time; one that closes: disconnected" {
    peer_start kbdint.py
    elapsed scene -t 2 gss-hang
    expect_outcome 8 timeout
    expect_line '^timeout: .*server.*2 s.*auth'
    [ "$ELAPSED_MS" -ge 1900 ] && [ "$ELAPSED_MS" -lt 3300 ] || complain "$ELAPSED_MS ms"
    scene gss-close
    expect_outcome 10 disconnected
    expect_line '^disconnected: .*closed the connection.*auth'
}
