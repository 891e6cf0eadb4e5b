#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gssapi-with-mic against the real sshd and the real KDC of the tests' world: tickets,
# delegation, whatever is wrong with ticket, service, KDC or clock; and against the scripted
# peer for what OpenSSH never does.

load helper
load gssapi

setup_file() { world_up; }
teardown_file() { world_down; }

# ------------------------------------------------------------------- tickets

@test "with a ticket the user is let in, and the report has client, service and lifetime" {
    ticket
    gss_login alice
    expect_outcome 0 success
    expect_line '^ +as alice@EXAMPLE\.TEST to host/server\.example\.test@EXAMPLE\.TEST, delegation not requested$'
    expect_line 'good for (1 h 0 min|59 min)'
    expect_line '^success: .*alice.*gssapi-with-mic'
    requests_were gssapi-with-mic
    expect_server 'Accepted gssapi-with-mic for alice from 127\.0\.0\.1'
    not_delegated alice
}

@test "the service ticket stays in a FILE ccache, and the ticket is otherwise as before" {
    ticket
    run ! grep -qaF host "${KRB5CCNAME#FILE:}"
    gss_login alice
    expect_status 0
    klist | grep -F 'host/server.example.test@EXAMPLE.TEST'
    klist | grep -F 'Default principal: alice@EXAMPLE.TEST'
}

@test "gssapi is the same method by a shorter name" {
    ticket
    probe_main -m gssapi --gssapi-host="$GSSAPI_HOST" alice@127.0.0.1
    expect_outcome 0 success
    requests_were gssapi-with-mic
}

@test "-v names every message of a login in order, and tokens by their length alone" {
    ticket
    gss_login -v alice
    expect_status 0
    [ "$(trace)" = "-> USERAUTH_REQUEST <- USERAUTH_GSSAPI_RESPONSE -> USERAUTH_GSSAPI_TOKEN\
 <- USERAUTH_GSSAPI_TOKEN -> USERAUTH_GSSAPI_MIC <- USERAUTH_SUCCESS" ] || complain "$(trace)"
    expect_err ' -> USERAUTH_REQUEST user "alice" method "gssapi-with-mic"'
    [ "$(grep -cE '(_TOKEN|_MIC) \([1-9][0-9]* bytes\)$' <<<"$stderr")" = 3 ] || complain "tokens"
}

@test "two chains of one run: each has a connection and an exchange of its own" {
    ticket
    probe_main -m gssapi -m gssapi --gssapi-host="$GSSAPI_HOST" alice@127.0.0.1
    expect_status 0
    [ "$(grep -c '^success: ' <<<"$output")" = 2 ] || complain "not two successes"
    requests_were 'gssapi-with-mic gssapi-with-mic'
    [ "$(server_log | grep -c 'Accepted gssapi-with-mic for alice')" = 2 ]
}

@test "the principal is the primary one of a DIR collection" {
    mkdir -m 700 "$BATS_TEST_TMPDIR/collection"
    export KRB5CCNAME=DIR:$BATS_TEST_TMPDIR/collection
    ticket alice
    ticket bob
    gss_login bob
    expect_outcome 0 success
    expect_line 'as bob@EXAMPLE\.TEST to'
    kswitch -p alice
    gss_login bob
    expect_outcome 1 failure
    expect_line 'as alice@EXAMPLE\.TEST to'
}

@test "no ticket: the library's text, kinit as the hint, and nothing sent" {
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line "No Kerberos credentials available \\(default cache: FILE:$BATS_TEST_TMPDIR/cc\\)"
    expect_line 'GSSAPI major 0x00070000 minor -1765328243'
    expect_line 'LIBSSH2_ERROR_GSSAPI_FAILURE \(-1002\)'
    expect_line '^hint: .*kinit'
    expect_err '^ssh-authtest: alice@127\.0\.0\.1: .*No Kerberos credentials'
    nothing_sent
}

@test "a MEMORY ccache is empty in a new process: no ticket" {
    export KRB5CCNAME=MEMORY:
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line 'default cache: MEMORY:'
    expect_line '^hint: .*kinit'
    nothing_sent
}

@test "a ccache of garbage: its file is named, and nothing sent" {
    printf 'this is no ccache\n' >"$BATS_TEST_TMPDIR/cc"
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line "Unsupported credentials cache format version number.*$BATS_TEST_TMPDIR/cc"
    nothing_sent
    [ "$(cat "$BATS_TEST_TMPDIR/cc")" = 'this is no ccache' ]
}

@test "an expired ticket: kinit is the hint, and nothing sent" {
    ticket_expired
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line 'GSSAPI: Ticket expired'
    expect_line '^hint: .*expired.*kinit'
    nothing_sent
}

# ---------------------------------------------------------------- delegation

@test "-K delegates: the report says granted, and the server holds the ticket" {
    local path
    ticket
    gss_login -K alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to .*delegation requested and granted$'
    path=$(delegated_ccache alice)
    klist -c "$path" | grep -F 'Default principal: alice@EXAMPLE.TEST'
    klist -c "$path" | grep -F 'krbtgt/EXAMPLE.TEST@EXAMPLE.TEST'
}

@test "-K with a ticket that is not forwardable: logged in, and not granted" {
    ticket alice -F
    gss_login --delegate alice
    expect_outcome 0 success
    expect_line 'delegation requested and not granted$'
    not_delegated alice
}

@test "-K for a principal that the KDC lets forward nothing: not granted" {
    ticket alice-nofwd
    printf 'alice-nofwd@EXAMPLE.TEST\n' >>"$WORLD_DIR/home/carol/.k5login"
    gss_login -K carol
    sed -i '$d' "$WORLD_DIR/home/carol/.k5login"
    expect_outcome 0 success
    expect_line 'as alice-nofwd@EXAMPLE\.TEST to .*delegation requested and not granted$'
    not_delegated carol
}

# --------------------------------------------------------------- other users

@test "another's account without .k5login: failure" {
    ticket
    gss_login bob
    expect_outcome 1 failure
    expect_line 'LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)'
    expect_line 'can continue with: .*gssapi-with-mic'
    expect_line '^failure: .*bob'
    requests_were gssapi-with-mic
    refute_server 'Accepted'
}

@test "another's account with .k5login: success" {
    ticket
    gss_login carol
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    expect_server 'Accepted gssapi-with-mic for carol'
}

@test "an account named user@REALM is sent as given" {
    ticket
    gss_login alice@EXAMPLE.TEST
    expect_outcome 0 success
    expect_server 'userauth-request for user alice@EXAMPLE\.TEST service ssh-connection method gssapi-with-mic'
    expect_server 'Accepted gssapi-with-mic for alice@EXAMPLE\.TEST'
}

@test "a user that the server does not know: failure" {
    ticket
    gss_login nobody-here
    expect_outcome 1 failure
    expect_server 'invalid user nobody-here'
}

@test "an account without GSSAPI: not-offered, with the list" {
    ticket
    gss_login plain
    expect_outcome 4 not-offered
    expect_line 'can continue with: publickey, password$'
    requests_were gssapi-with-mic
}

# --------------------------------------------------- service, KDC and clock

@test "a service that the KDC does not know: the principal asked for, and --gssapi-host" {
    ticket
    GSS_HOST=$GSSAPI_HOST_UNKNOWN gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line 'Server host/unknown\.example\.test@EXAMPLE\.TEST not found in Kerberos database'
    expect_line '^hint: .*host/unknown\.example\.test@EXAMPLE\.TEST.*--gssapi-host'
    nothing_sent
}

@test "without --gssapi-host the service is that of the host as typed" {
    ticket
    probe_main -m gssapi-with-mic alice@127.0.0.1
    expect_outcome 5 gssapi-failure
    expect_line 'to host/127\.0\.0\.1@'
    nothing_sent
}

@test "a service whose key the server lacks: the text of the server's error token" {
    ticket
    GSS_HOST=$GSSAPI_HOST_NOKEY gss_login -v alice
    expect_outcome 5 gssapi-failure
    expect_line "error token.*: The ticket isn't for us"
    expect_line '^hint: .*keytab.*host/nokey\.example\.test@EXAMPLE\.TEST'
    expect_line 'can continue with: .*gssapi-with-mic'
    expect_err ' <- USERAUTH_GSSAPI_ERRTOK \([1-9][0-9]* bytes\)$'
    requests_were gssapi-with-mic
}

@test "no KDC and no service ticket: gssapi-failure, and nothing sent" {
    ticket
    kdc_down
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line "Cannot contact any KDC for realm 'EXAMPLE\\.TEST'"
    expect_line '^hint: .*KDC'
    nothing_sent
}

@test "no KDC, but a service ticket in the ccache: success" {
    ticket
    kvno -q "host/$GSSAPI_HOST"
    kdc_down
    gss_login alice
    expect_outcome 0 success
}

@test "a KDC that never answers: timeout on time, and nothing sent" {
    ticket
    kdc_silent
    elapsed gss_login -t 3 alice
    expect_outcome 8 timeout
    expect_line '^timeout: .*KDC.*3 s.*auth'
    expect_peer 'datagram|accepted'
    nothing_sent
    [ "$ELAPSED_MS" -ge 2900 ] && [ "$ELAPSED_MS" -lt 4300 ] || complain "$ELAPSED_MS ms"
}

@test "SIGTERM while the KDC is silent ends it at once" {
    local pid begin status=0
    ticket
    kdc_silent
    setsid "$SSH_AUTHTEST" -F none --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -m gssapi -t 20 \
        --gssapi-host="$GSSAPI_HOST" alice@127.0.0.1 </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    pid=$!
    expect_peer 'datagram|accepted'
    begin=$SECONDS
    kill -TERM "$pid"
    wait "$pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" = 143 ]
    grep -E '^interrupted: .*auth' "$BATS_TEST_TMPDIR/out"
    [ "$((SECONDS - begin))" -lt 5 ]
    nothing_sent
}

@test "a clock that the server finds wrong: the offset" {
    ticket_skewed 900 "$GSSAPI_HOST"
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line 'error token.*: Clock skew too great'
    expect_line '^hint: .*(899|900|901) s behind'
    requests_were gssapi-with-mic
}

@test "a clock that the KDC finds wrong: the offset, and nothing sent" {
    ticket_skewed 900
    gss_login alice
    expect_outcome 5 gssapi-failure
    expect_line 'GSSAPI: Clock skew too great'
    expect_line '^hint: .*(899|900|901) s behind'
    nothing_sent
}
