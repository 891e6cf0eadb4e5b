# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers that are not OpenSSH's, for dropbear.bats, tinyssh.bats and libssh.bats. They have the host keys and the
# users' keys of the tests' world, and a password of their own: PEER_PASSWORD, to be used as env:PEER_PASSWORD; WRONG
# is another. Loaded behind helper.

# The accounts bob, and locked, whom no password fits.
setup_file()
{
    local secret hash id user
    world_up
    printf -v secret '%08x%08x' "$SRANDOM" "$SRANDOM"
    export PEER_PASSWORD=peer-$secret WRONG=not-the-password PEER_DIR=$WORLD_DIR/peers
    # shellcheck disable=SC2016
    hash=$(perl -e 'chomp(my $p = <STDIN>); print crypt($p, q($6$rounds=1000$test$))' <<<"$PEER_PASSWORD")
    id=$(id -u):$(id -g)
    (umask 077 && mkdir "$PEER_DIR")
    printf 'root:x:0:0::/root:/bin/sh\n' >"$PEER_DIR/passwd"
    printf 'users:x:%s:\n' "${id#*:}" >"$PEER_DIR/group"
    for user in bob locked; do
        (umask 077 && mkdir -p "$PEER_DIR/$user/.ssh")
        printf '%s:%s:%s::%s:/bin/sh\n' "$user" "$hash" "$id" "$PEER_DIR/$user" >>"$PEER_DIR/passwd"
        cp "$WORLD_DIR/authorized_keys" "$PEER_DIR/$user/.ssh/authorized_keys"
        chmod 600 "$PEER_DIR/$user/.ssh/authorized_keys"
        hash="!$hash"
    done
    # The loader splits names at blanks, which the build folder may have.
    cp "$abs_top_builddir/tests/world/unprivileged.so" "$WORLD_DIR/lib/"
}

teardown_file()
{
    world_down
}

# sbin NAME: the sbin folders need not be in PATH.
sbin()
{
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin type -P -- "$1" || complain "$1 is missing"
}

# inetd_start COMMAND...: a server for each connection, which sees the peers' accounts.
inetd_start()
{
    peer_start inetd.py env -u LD_LIBRARY_PATH LD_PRELOAD="$WORLD_DIR/lib/unprivileged.so libnss_wrapper.so" \
        NSS_WRAPPER_PASSWD="$PEER_DIR/passwd" NSS_WRAPPER_GROUP="$PEER_DIR/group" "$@"
}

# dropbear_start TYPE... [-OPTION...]: with the host keys of these types: ed25519, ecdsa, rsa.
dropbear_start()
{
    local keys=()
    while [ $# -gt 0 ] && [[ $1 != -* ]]; do
        [ -e "$PEER_DIR/dropbear_$1" ] ||
            dropbearconvert openssh dropbear "$WORLD_DIR/host_$1" "$PEER_DIR/dropbear_$1" 2>/dev/null
        keys+=(-r "$PEER_DIR/dropbear_$1")
        shift
    done
    inetd_start "$(sbin dropbear)" -i "${keys[@]}" "$@"
    peer_known "$WORLD_DIR"/host_*.pub
}

# tinysshd_start [-OPTION...]: its key, which it makes itself, is in TINYSSH_KEY.
tinysshd_start()
{
    [ -d "$PEER_DIR/tinyssh" ] || "$(sbin tinysshd-makekey)" "$PEER_DIR/tinyssh"
    TINYSSH_KEY=$PEER_DIR/tinyssh.pub
    "$(sbin tinysshd-printkey)" "$PEER_DIR/tinyssh" >"$TINYSSH_KEY"
    inetd_start "$(sbin tinysshd)" -v "$@" "$PEER_DIR/tinyssh"
    peer_known "$TINYSSH_KEY"
}

# libssh_start [TYPE...]: with these host keys; ed25519 by default.
libssh_start()
{
    local out=$BATS_TEST_TMPDIR/libssh.out types=("${@:-ed25519}")
    PEER_LOG=$BATS_TEST_TMPDIR/libssh.log
    : >"$out"
    : >"$PEER_LOG"
    KRB5_KTNAME=FILE:$WORLD_DIR/host.keytab KRB5RCACHEDIR=$WORLD_DIR/kdc \
        "$abs_top_builddir/tests/peer/libssh_server" -n "$GSSAPI_HOST" -g alice@EXAMPLE.TEST \
        -a "$KEY_ED25519.pub" -a "$KEY_ECDSA256.pub" -a "$KEY_RSA.pub" \
        "${types[@]/#/$WORLD_DIR/host_}" </dev/null >"$out" 2>>"$PEER_LOG" 3>&- &
    peer_started $! "$out" "the server by libssh"
    peer_known "$WORLD_DIR"/host_*.pub
}

# peer_known FILE...: these are the keys of the last peer, in PEER_KNOWN.
peer_known()
{
    PEER_KNOWN=$BATS_TEST_TMPDIR/peer_known
    awk -v where="[127.0.0.1]:$PEER_PORT" '{ print where, $1, $2 }' "$@" >"$PEER_KNOWN"
}

# peer USER [ARGUMENT...]: on the last peer, whose key is known. Its log is that of this connection, complete.
peer()
{
    : >"$PEER_LOG"
    probe --known-hosts="$PEER_KNOWN" -t 20 -p "$PEER_PORT" "${@:2}" "$1@127.0.0.1"
    peer_settled
}

# peer_settled: until no connection is left.
peer_settled()
{
    local tries
    for ((tries = 0; tries < 500; tries++)); do
        [ "$(grep -c '^connected$' "$PEER_LOG")" != "$(grep -cE '^(closed|ended -?[0-9]+)$' "$PEER_LOG")" ] || return 0
        sleep 0.02
    done
    complain "the peer still has connections after 10 seconds"
}

# peer_requests_are "REQUEST...": what reached the server by libssh, and no more.
peer_requests_are()
{
    local seen
    seen=$(sed -n 's/^request [^ ]* //p' "$PEER_LOG" | paste -sd ' ')
    [ "$seen" = "$1" ] || complain "the peer saw the requests: $seen"
}

partial='LIBSSH2_ERROR_PARTIAL_SUCCESS \(-1001\)$'
failed='LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)$'

# json FILTER: of the last probe's JSON object.
json()
{
    jq -r "$1" <<<"$output"
}
