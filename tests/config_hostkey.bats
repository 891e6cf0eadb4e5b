#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Host keys as ssh's configuration has them: which files, how strict it is, and what wins over that. What
# is known is compared with the installed ssh under the same configuration. Names, hashes and revoked
# keys are in known_hosts_config.bats.

load helper
load hostkey
load config

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    KH=$BATS_TEST_TMPDIR/hosts
    NAME="[127.0.0.1]:$SSHD_PORT"
    web1
}

# -------------------------------------------------------------------- the host key

@test "UserKnownHostsFile: several files, and blanks in a name" {
    mkdir "$BATS_TEST_TMPDIR/with blank"
    known_by "UserKnownHostsFile $KH \"$BATS_TEST_TMPDIR/with blank/hosts\""
    printf '%s %s\n' "$NAME" "$(key ed25519)" >"$BATS_TEST_TMPDIR/with blank/hosts"
    : >"$KH"
    try web1
    reached alice
    [ "$(ssh_takes)" = known ]
    # A revoked key in any of them.
    printf '@revoked * %s\n' "$(key ed25519)" >"$KH"
    try web1
    expect_refused_here revoked
    known_by "UserKnownHostsFile \"$BATS_TEST_TMPDIR/with blank/hosts\""
    try web1
    reached alice
    [ "$(ssh_takes)" = known ]
    known_by "UserKnownHostsFile $BATS_TEST_TMPDIR/missing $KH"
    printf '%s %s\n' "$NAME" "$(key ed25519)" >"$KH"
    try web1
    reached alice
    known_by "UserKnownHostsFile none"
    try web1
    expect_refused_here unknown
}

@test "GlobalKnownHostsFile" {
    printf '%s %s\n' "$NAME" "$(key ed25519)" >"$KH"
    config "Host web1" "HostName 127.0.0.1" "Port $SSHD_PORT" "User alice" "GlobalKnownHostsFile $KH" \
        "UserKnownHostsFile /dev/null"
    try web1
    reached alice
    [ "$(ssh_takes)" = known ]
    : >"$KH"
    # What is accepted goes to a file of the user's.
    config "Host web1" "HostName 127.0.0.1" "Port $SSHD_PORT" "User alice" "GlobalKnownHostsFile $KH" \
        "UserKnownHostsFile $KH.user"
    try --host-key=accept-new web1
    reached alice
    [ ! -s "$KH" ] && [ -s "$KH.user" ] || complain "written to the wrong file"
    [ "$(ssh_takes)" = known ]
}

@test "StrictHostKeyChecking: yes and ask refuse, the rest writes, none lets a changed key pass" {
    local word
    for word in yes ask; do
        known_by "UserKnownHostsFile $KH" "StrictHostKeyChecking $word"
        rm -f "$KH"
        try web1
        expect_refused_here unknown
        [ ! -e "$KH" ] || complain "$word: written"
    done
    for word in accept-new no off; do
        known_by "UserKnownHostsFile $KH $KH.second" "StrictHostKeyChecking $word"
        rm -f "$KH"
        try web1
        reached alice
        expect_line '^host key .* new$'
        [ "$(wc -l <"$KH")" = 1 ] && [ ! -e "$KH.second" ] || complain "$word: not written to the first file"
        try web1
        expect_line '^host key .* known$'
        printf '%s %s\n' "$NAME" "$(other_key)" >"$KH"
        cp "$KH" "$KH.before"
        try -m keyboard-interactive -r .=env:ALICE_PASSWORD web1
        expect_refused_here mismatch
        try web1
        expect_refused_here mismatch
        cmp "$KH" "$KH.before"
    done
}

# It says that the key is revoked, or has another one: ssh refuses.
@test "KnownHostsCommand is not run: no new key is accepted by the configuration alone" {
    local line
    for line in "@revoked * $(key ed25519)" "$NAME $(other_key)"; do
        echo "$line" >"$KH.said"
        known_by "UserKnownHostsFile $KH" "StrictHostKeyChecking accept-new" "KnownHostsCommand /bin/cat $KH.said"
        rm -f "$KH"
        run -255 ssh -F "$CONFIG" -o BatchMode=yes web1 true </dev/null 3>&-
        [[ $output == *'Host key verification failed'* ]] || complain "ssh says: $output"
        [ ! -e "$KH" ]
        try -v web1
        expect_refused_here unknown
        expect_line '^note: KnownHostsCommand: not run here$'
        [ ! -e "$KH" ]
    done
    try --host-key=accept-new web1
    expect_line '^host key .* new$'
}

@test "--host-key wins over StrictHostKeyChecking" {
    known_by "UserKnownHostsFile $KH" "StrictHostKeyChecking no"
    try --host-key=strict web1
    expect_refused_here unknown
    [ ! -e "$KH" ]
    known_by "UserKnownHostsFile $KH" "StrictHostKeyChecking yes"
    try --host-key=off web1
    reached alice
    expect_line '^host key .* unchecked$'
    try --host-key=accept-new web1
    reached alice
    expect_line '^host key .* new$'
}

@test "--known-hosts wins over both kinds of files, --fingerprint over all" {
    web1
    : >"$KH"
    try --known-hosts="$KH" web1
    expect_refused_here unknown
    config "Host web1" "HostName 127.0.0.1" "Port $SSHD_PORT" "User alice" "GlobalKnownHostsFile $KNOWN_HOSTS" \
        "UserKnownHostsFile $KNOWN_HOSTS"
    try --known-hosts="$KH" web1
    expect_refused_here unknown
    known_by "UserKnownHostsFile $KH"
    try --known-hosts="$KNOWN_HOSTS" web1
    reached alice
    try --fingerprint="$FINGERPRINT_ED25519" web1
    reached alice
    expect_line '^host key .* pinned$'
}
