#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whose credentials gssapi-with-mic uses: --keytab, --ccache, --gssapi-client, and what the
# libraries' own variables do without them. The default cache does not exist in these tests
# unless one makes it, and no option may create it.

load helper
load gssapi

setup_file() { world_up; }
teardown_file() { world_down; }

# no_default_cache: nobody wrote the file that KRB5CCNAME names.
no_default_cache()
{
    [ ! -e "$BATS_TEST_TMPDIR/cc" ] || complain "the default cache was written: $(klist -c "$BATS_TEST_TMPDIR/cc")"
}

# refused SHAPE ARGUMENT...: credential, found out before anything is connected.
refused()
{
    server_settled && log_mark
    gss_login "${@:2}" alice
    expect_status 15 && expect_err "^ssh-authtest: $1" && [ -z "$output" ] && have_no_control_bytes &&
        nothing_sent
}

# unusable SHAPE ARGUMENT...: credential, found out by asking the KDC; nothing sent to the server.
unusable()
{
    server_settled && log_mark
    gss_login "${@:2}" alice
    expect_outcome 15 credential && expect_line "^credential: $1" && expect_line '^hint: ' &&
        expect_line 'LIBSSH2_ERROR_GSSAPI_FAILURE \(-1002\)' && nothing_sent
}

# collection: a DIR collection of alice's and bob's caches, bob's the primary one; prints its name.
collection()
{
    mkdir -m 700 "$BATS_TEST_TMPDIR/collection"
    KRB5CCNAME=DIR:$BATS_TEST_TMPDIR/collection ticket alice
    KRB5CCNAME=DIR:$BATS_TEST_TMPDIR/collection ticket bob
    printf 'DIR:%s\n' "$BATS_TEST_TMPDIR/collection"
}

# -------------------------------------------------------------------- keytab

@test "--keytab: a login from nothing, and no cache is written" {
    gss_login --keytab="$ALICE_KEYTAB" alice
    expect_outcome 0 success
    expect_line '^ +as alice@EXAMPLE\.TEST to host/server\.example\.test@EXAMPLE\.TEST, delegation not requested$'
    expect_line 'good for (1 h 0 min|59 min)'
    requests_were gssapi-with-mic
    expect_server 'Accepted gssapi-with-mic for alice'
    no_default_cache
    [ -z "$(ls -A "$HOME/.ssh")" ]
}

@test "--keytab leaves a default cache that exists as it is, and does not read it" {
    local before
    ticket bob
    before=$(sha256sum "$BATS_TEST_TMPDIR/cc")
    gss_login --keytab="FILE:$ALICE_KEYTAB" alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    [ "$before" = "$(sha256sum "$BATS_TEST_TMPDIR/cc")" ]
}

@test "--keytab with a default cache of garbage" {
    printf 'this is no ccache\n' >"$BATS_TEST_TMPDIR/cc"
    gss_login --keytab="$ALICE_KEYTAB" alice
    expect_outcome 0 success
    [ "$(cat "$BATS_TEST_TMPDIR/cc")" = 'this is no ccache' ]
}

@test "--keytab with several principals: the first, or that of --gssapi-client" {
    gss_login --keytab="$WORLD_DIR/two.keytab" alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    gss_login --keytab="$WORLD_DIR/two.keytab" --gssapi-client=bob bob
    expect_outcome 0 success
    expect_line 'as bob@EXAMPLE\.TEST to'
    gss_login --keytab="$WORLD_DIR/two.keytab" --gssapi-client=alice@EXAMPLE.TEST alice
    expect_outcome 0 success
    gss_login --keytab="$WORLD_DIR/two.keytab" --gssapi-client=bob alice
    expect_outcome 1 failure
    no_default_cache
}

@test "--keytab and -K: the ticket of the keytab is delegated" {
    local path
    gss_login -K --keytab="$ALICE_KEYTAB" alice
    expect_outcome 0 success
    expect_line 'delegation requested and granted$'
    path=$(delegated_ccache alice)
    klist -c "$path" | grep -F 'Default principal: alice@EXAMPLE.TEST'
    no_default_cache
}

@test "--keytab, -K and --require-delegation go together" {
    gss_login -K --require-delegation --keytab="$ALICE_KEYTAB" alice
    expect_outcome 0 success
}

@test "--keytab in two chains of one run: each gets a ticket of its own" {
    probe_main -m 'gssapi gssapi' --keytab="$ALICE_KEYTAB" --gssapi-host="$GSSAPI_HOST" alice@127.0.0.1
    expect_status 0
    [ "$(grep -c '^success: ' <<<"$output")" = 2 ] || complain "not two successes"
    [ "$(grep -c 'as alice@EXAMPLE.TEST to' <<<"$output")" = 2 ] || complain "not two tickets"
    requests_were 'gssapi-with-mic gssapi-with-mic'
    no_default_cache
}

@test "--keytab in a chain with keyboard-interactive" {
    export PW=$CHAIN_GK_PASSWORD
    probe_main -B -m gssapi,kbdint -r assword=env:PW --keytab="$ALICE_KEYTAB" \
        --gssapi-host="$GSSAPI_HOST" chain-gk@127.0.0.1
    expect_status 0
    expect_line '^1  gssapi-with-mic +partial-success .*LIBSSH2_ERROR_PARTIAL_SUCCESS'
    expect_line '^2  keyboard-interactive +success '
    refute_text "$PW"
}

@test "a keytab that is not there, is no keytab, has no key of the client's, or no file" {
    printf 'this is no keytab\n' >"$BATS_TEST_TMPDIR/garbage"
    chmod 600 "$BATS_TEST_TMPDIR/garbage"
    mkfifo -m 600 "$BATS_TEST_TMPDIR/fifo"
    refused '--keytab /nonexistent: No such file' --keytab=/nonexistent
    refused '--keytab FILE:/nonexistent: No such file' --keytab=FILE:/nonexistent
    refused '--keytab .*/garbage: .*format' --keytab="$BATS_TEST_TMPDIR/garbage"
    refused '--keytab .*: there is no key for carol@EXAMPLE\.TEST in it$' \
        --keytab="$WORLD_DIR/two.keytab" --gssapi-client=carol
    expect_err '^  klist -k'
    refused '--keytab NONE:x: Unknown' --keytab=NONE:x
    refused '--keytab .*/fifo: not a regular file' --keytab="$BATS_TEST_TMPDIR/fifo"
    refused '--keytab .*: not a regular file' --keytab="$BATS_TEST_TMPDIR"
    refused '--keytab /x\\x1B\[2J: No such file' --keytab=$'/x\e[2J'
    no_default_cache
}

@test "a keytab that others can read is refused" {
    local mode
    cp "$ALICE_KEYTAB" "$BATS_TEST_TMPDIR/keytab"
    for mode in 0644 0640 0604 0660 0602; do
        chmod "$mode" "$BATS_TEST_TMPDIR/keytab"
        refused "--keytab .*/keytab: .*mode $mode" --keytab="$BATS_TEST_TMPDIR/keytab"
        expect_err '^  chmod 600 FILE takes their access away$'
        refused "--keytab FILE:.*/keytab: .*mode $mode" --keytab="FILE:$BATS_TEST_TMPDIR/keytab"
    done
    chmod 400 "$BATS_TEST_TMPDIR/keytab"
    gss_login --keytab="$BATS_TEST_TMPDIR/keytab" alice
    expect_outcome 0 success
}

@test "a keytab whose key was changed at the KDC" {
    unusable '--keytab .*: Decrypt integrity check failed' --keytab="$WORLD_DIR/alice-stale.keytab"
    expect_line '^hint: .*another key for alice-stale@EXAMPLE\.TEST'
    unusable '--keytab .*: Preauthentication failed' --keytab="$WORLD_DIR/alice-stalepre.keytab"
    expect_line '^hint: .*another key for alice-stalepre@EXAMPLE\.TEST'
    no_default_cache
}

@test "a keytab whose principal the KDC does not know, or has locked" {
    unusable "--keytab .*: Client 'alice-deleted@EXAMPLE\.TEST' not found" --keytab="$WORLD_DIR/alice-deleted.keytab"
    expect_line '^hint: the KDC does not know alice-deleted@EXAMPLE\.TEST'
    unusable '--keytab .*: .*revoked' --keytab="$WORLD_DIR/alice-locked.keytab"
}

@test "a keytab whose principal's password has expired" {
    gss_login --keytab="$ALICE_EXPIRED_KEYTAB" alice
    expect_outcome 12 password-expired
    expect_line 'LIBSSH2_ERROR_PASSWORD_EXPIRED \(-15\)'
    expect_line '^password-expired: .*Password has expired'
    expect_line '^hint: .*kpasswd'
    nothing_sent
    no_default_cache
}

@test "a keytab and a KDC that is down: no credential's fault" {
    kdc_down
    gss_login --keytab="$ALICE_KEYTAB" alice
    expect_outcome 5 gssapi-failure
    expect_line 'Cannot contact any KDC'
    nothing_sent
    no_default_cache
}

@test "a keytab and a KDC that never answers: timeout on time, and nothing sent" {
    kdc_silent
    elapsed gss_login -t 3 --keytab="$ALICE_KEYTAB" alice
    expect_outcome 8 timeout
    expect_line '^timeout: .*KDC.*3 s.*auth'
    expect_peer 'datagram|accepted'
    nothing_sent
    [ "$ELAPSED_MS" -ge 2900 ] && [ "$ELAPSED_MS" -lt 4300 ] || complain "$ELAPSED_MS ms"
    no_default_cache
}

@test "a keytab and a service that the KDC does not know: no credential's fault" {
    GSS_HOST=$GSSAPI_HOST_UNKNOWN gss_login --keytab="$ALICE_KEYTAB" alice
    expect_outcome 5 gssapi-failure
    expect_line '^hint: .*--gssapi-host'
    nothing_sent
}

@test "a keytab and a service whose key the server lacks: no credential's fault" {
    GSS_HOST=$GSSAPI_HOST_NOKEY gss_login --keytab="$ALICE_KEYTAB" alice
    expect_outcome 5 gssapi-failure
    expect_line "error token.*: The ticket isn't for us"
}

@test "a credential that cannot be used can be expected" {
    gss_login -e credential --keytab="$WORLD_DIR/alice-stale.keytab" alice
    expect_outcome 0 credential
    gss_login -e success --keytab="$WORLD_DIR/alice-stale.keytab" alice
    expect_outcome 15 credential
}

# -------------------------------------------------------------------- ccache

@test "--ccache: by type, by path, and not the default one" {
    KRB5CCNAME=$BATS_TEST_TMPDIR/other ticket
    ticket bob
    gss_login --ccache="FILE:$BATS_TEST_TMPDIR/other" alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    rm "$BATS_TEST_TMPDIR/cc"
    cd "$BATS_TEST_TMPDIR"
    gss_login --ccache=other --gssapi-client=alice alice
    expect_outcome 0 success
    no_default_cache
}

@test "--ccache: the service ticket stays in that cache" {
    KRB5CCNAME=$BATS_TEST_TMPDIR/other ticket
    gss_login --ccache="$BATS_TEST_TMPDIR/other" alice
    expect_outcome 0 success
    klist -c "$BATS_TEST_TMPDIR/other" | grep -F 'host/server.example.test@EXAMPLE.TEST'
    no_default_cache
}

@test "a cache that is not there, is no cache, or another principal's" {
    printf 'this is no ccache\n' >"$BATS_TEST_TMPDIR/garbage"
    : >"$BATS_TEST_TMPDIR/nothing"
    mkfifo -m 600 "$BATS_TEST_TMPDIR/fifo"
    KRB5CCNAME=$BATS_TEST_TMPDIR/other ticket
    refused '--ccache /nonexistent: No such file' --ccache=/nonexistent
    refused '--ccache .*/garbage: Unsupported credentials cache format' --ccache="$BATS_TEST_TMPDIR/garbage"
    refused '--ccache .*/nothing: Bad format' --ccache="$BATS_TEST_TMPDIR/nothing"
    refused '--ccache .*/fifo: not a regular file' --ccache="FILE:$BATS_TEST_TMPDIR/fifo"
    refused '--ccache MEMORY:x: No credentials cache found' --ccache=MEMORY:x
    refused '--ccache NONE:x: Unknown' --ccache=NONE:x
    refused '--ccache DIR:/nonexistent/x: No such file' --ccache=DIR:/nonexistent/x
    refused '--ccache DIR:.*/new: No such file' --ccache="DIR:$BATS_TEST_TMPDIR/new"
    [ ! -e "$BATS_TEST_TMPDIR/new" ]
    refused '--ccache .*/other: .*bob@EXAMPLE\.TEST' --ccache="$BATS_TEST_TMPDIR/other" --gssapi-client=bob
    no_default_cache
}

@test "a cache without a good ticket: expired, of another service, cut off" {
    KRB5CCNAME=$BATS_TEST_TMPDIR/expired ticket_expired
    KRB5CCNAME=$BATS_TEST_TMPDIR/service ticket alice -S "host/$GSSAPI_HOST_NOKEY"
    KRB5CCNAME=$BATS_TEST_TMPDIR/whole ticket
    head -c 60 "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/cut"
    unusable '--ccache .*/expired: Ticket expired' --ccache="$BATS_TEST_TMPDIR/expired"
    expect_line '^hint: .*expired.*kinit'
    unusable '--ccache .*/service: Matching credential not found' --ccache="$BATS_TEST_TMPDIR/service"
    unusable '--ccache .*/cut: Credential cache is empty' --ccache="$BATS_TEST_TMPDIR/cut"
}

@test "--ccache is all that is used: a client keytab does not fill it" {
    local before
    KRB5CCNAME=$BATS_TEST_TMPDIR/expired ticket_expired
    before=$(klist -c "$BATS_TEST_TMPDIR/expired")
    export KRB5_CLIENT_KTNAME=$ALICE_KEYTAB
    unusable '--ccache .*: Ticket expired' --ccache="$BATS_TEST_TMPDIR/expired"
    [ "$before" = "$(klist -c "$BATS_TEST_TMPDIR/expired")" ]
    refused '--ccache .*/new: No such file' --ccache="$BATS_TEST_TMPDIR/new"
    [ ! -e "$BATS_TEST_TMPDIR/new" ]
    no_default_cache
}

@test "--ccache and a KDC that is down: no credential's fault" {
    KRB5CCNAME=$BATS_TEST_TMPDIR/other ticket
    kdc_down
    gss_login --ccache="$BATS_TEST_TMPDIR/other" alice
    expect_outcome 5 gssapi-failure
}

@test "--ccache with a clock that is wrong: its offset is told" {
    ticket_skewed 900 "$GSSAPI_HOST"
    mv "$BATS_TEST_TMPDIR/cc" "$BATS_TEST_TMPDIR/other"
    gss_login --ccache="$BATS_TEST_TMPDIR/other" alice
    expect_outcome 5 gssapi-failure
    expect_line 'error token.*: Clock skew too great'
    expect_line '^hint: .*(899|900|901) s behind'
}

# ------------------------------------------------------------- gssapi-client

@test "--gssapi-client: that principal's cache of the default collection" {
    KRB5CCNAME=$(collection)
    export KRB5CCNAME
    gss_login --gssapi-client=alice alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    gss_login --gssapi-client=bob@EXAMPLE.TEST bob
    expect_outcome 0 success
    expect_line 'as bob@EXAMPLE\.TEST to'
    unusable "--gssapi-client carol: .*carol@EXAMPLE\\.TEST" --gssapi-client=carol
}

@test "--gssapi-client: that principal's cache of the collection that --ccache names" {
    local name
    name=$(collection)
    gss_login --ccache="$name" bob
    expect_outcome 0 success
    expect_line 'as bob@EXAMPLE\.TEST to'
    gss_login --ccache="$name" --gssapi-client=alice alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    refused '--ccache DIR:.*: .*carol@EXAMPLE\.TEST' --ccache="$name" --gssapi-client=carol
    no_default_cache
}

@test "--gssapi-client without a ticket, or with another's" {
    unusable '--gssapi-client alice: .*alice@EXAMPLE\.TEST' --gssapi-client=alice
    ticket bob
    unusable '--gssapi-client alice: .*alice@EXAMPLE\.TEST' --gssapi-client=alice
    expect_line 'as alice@EXAMPLE\.TEST to'
    gss_login --gssapi-client=bob bob
    expect_outcome 0 success
}

@test "a name that is no principal's is a usage error" {
    gss_login --gssapi-client=a@b@c alice
    expect_status 2
    expect_err "^ssh-authtest: --gssapi-client 'a@b@c': Malformed"
    nothing_sent
}

# ------------------------------------------------------- the libraries' own

@test "KRB5_CLIENT_KTNAME alone: the libraries get a ticket, and write the default cache" {
    export KRB5_CLIENT_KTNAME=$ALICE_KEYTAB
    gss_login alice
    expect_outcome 0 success
    expect_line 'as alice@EXAMPLE\.TEST to'
    klist | grep -F 'Default principal: alice@EXAMPLE.TEST'
}

@test "KRB5_CLIENT_KTNAME and --gssapi-client: that principal's key" {
    export KRB5_CLIENT_KTNAME=$WORLD_DIR/two.keytab
    gss_login --gssapi-client=bob bob
    expect_outcome 0 success
    expect_line 'as bob@EXAMPLE\.TEST to'
}

@test "KRB5_CLIENT_KTNAME with a stale key is no option's: gssapi-failure" {
    export KRB5_CLIENT_KTNAME=$WORLD_DIR/alice-stale.keytab
    gss_login alice
    expect_outcome 5 gssapi-failure
    nothing_sent
}

@test "KRB5CCNAME alone names the cache" {
    export KRB5CCNAME=$BATS_TEST_TMPDIR/other
    ticket
    gss_login alice
    expect_outcome 0 success
    no_default_cache
}
