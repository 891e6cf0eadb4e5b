#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The host key: known, unknown, changed, revoked and pinned keys, what each mode makes of
# them, what is written to known hosts files, and that nothing leaves before a key is accepted.
# What a file says of a host is compared with the installed ssh. Questions at a terminal are
# tested elsewhere: here there is none.

load helper
load hostkey

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    KH=$BATS_TEST_TMPDIR/hosts
    NAME="[127.0.0.1]:$SSHD_PORT"
}

# ------------------------------------------------------------- known, unknown

@test "the default file is ~/.ssh/known_hosts, and --known-hosts is read instead of it" {
    grep -F "$NAME" "$KNOWN_HOSTS" >"$HOME/.ssh/known_hosts"
    probe -p "$SSHD_PORT" alice@127.0.0.1
    expect_listed known
    : >"$KH"
    list
    expect_refused unknown
    expect_line "not known: .*it is not in $KH"
}

@test "what a line says of the host is what ssh takes it for" {
    local expected line said key hashed
    key=$(key ed25519)
    hashed=$BATS_TEST_TMPDIR/hashed
    printf '%s\n' "$NAME $key" >"$hashed"
    ssh-keygen -q -H -f "$hashed"
    while IFS='|' read -r expected line; do
        line=${line//NAME/$NAME}
        line=${line//PORT/$SSHD_PORT}
        line=${line//HASHED/$(cut -d ' ' -f 1 "$hashed")}
        line=${line//KEY/$key}
        printf '%b\n' "$line" >"$KH"
        list
        if [ "$expected" = known ]; then
            expect_listed known
        else
            expect_refused unknown
        fi
        said=$(ssh_knows)
        [ "$said" = "$expected" ] || complain "ssh says $said for: $line"
    done <<'END'
known|NAME KEY
known|NAME KEY a comment
known|# a comment\n\n\nother.example KEY\n  \tNAME\tKEY\r
known|HASHED KEY
known|127.0.0.1 KEY
known|other.example,NAME,more.example KEY
known|[127.0.?.1]:PORT KEY
known|[127.*]:* KEY
known|* KEY
known|!other.example,* KEY
unknown|[127.0.0.2]:PORT KEY
unknown|[127.0.0.1]:1 KEY
unknown|127.0.0.1:PORT KEY
unknown|!*,NAME KEY
unknown|NAME,![127.0.0.1]:* KEY
unknown|# NAME KEY
unknown|NAME
unknown|NAME ssh-ed25519
unknown|NAME ssh-ed25519 AAAA
unknown|NAME ssh-rsa nonsense
unknown|x HASHED KEY
unknown|
END
}

@test "a hashed file, as ssh-keygen -H makes it" {
    grep -F "$NAME" "$KNOWN_HOSTS" >"$KH"
    ssh-keygen -q -H -f "$KH"
    run ! grep -F 127.0.0.1 "$KH"
    list
    expect_listed known
    [ "$(ssh_knows)" = known ]
}

@test "names in the file and on the command line: case does not matter" {
    printf '%s %s\n' "[LocalHost]:$SSHD_PORT" "$(key ed25519)" >"$KH"
    probe --known-hosts="$KH" -p "$SSHD_PORT" alice@LOCALhost
    expect_listed known
    [ "$(ssh_knows LOCALhost)" = known ]
}

@test "unknown and no terminal: refused in the default mode, in strict and in ask" {
    local mode
    : >"$KH"
    for mode in '' --host-key=strict --host-key=ask; do
        list ${mode:+"$mode"}
        expect_refused unknown
        expect_line "^hint: .*--fingerprint=${FINGERPRINT_ED25519//+/\\+}"
        expect_line '^hint: .*--host-key=accept-new'
    done
    expect_line 'no terminal'
    list --host-key=ask -B
    expect_refused unknown
    [ ! -s "$KH" ]
}

@test "a file that does not exist: unknown, and the report says why" {
    list
    expect_refused unknown
    expect_line "there is no file $KH"
    [ ! -e "$KH" ]
}

@test "a file that cannot be read: credential, with the file and the reason" {
    mkdir "$KH"
    list
    expect_status 15
    expect_line "^credential: .*$KH: Is a directory"
    rmdir "$KH"
    grep -F "$NAME" "$KNOWN_HOSTS" >"$KH"
    chmod 0 "$KH"
    list
    expect_status 15
    expect_line "^credential: .*$KH: Permission denied"
    rm "$KH"
    mkfifo "$KH"
    list --host-key=accept-new
    expect_status 15
    expect_line "^credential: .*$KH: .*not a regular file"
    refute_server 'userauth-request'
}

@test "only @cert-authority names the host: that is no match" {
    printf '@cert-authority %s %s\n' "$NAME" "$(key ed25519)" >"$KH"
    list
    expect_refused unknown
    expect_line "only @cert-authority names it \\($KH:1\\)"
    [ "$(ssh_knows)" = unknown ]
}

@test "the types in the file are asked for first" {
    local type
    for type in ecdsa ed25519; do
        printf '%s %s\n' "$NAME" "$(key "$type")" >"$KH"
        list
        expect_listed known "$type"
    done
    printf '%s %s\n' "$NAME" "$(key rsa)" >"$KH"
    probe --host-key=off -p "$SSHD_RSA_PORT" alice@127.0.0.1
    if [ "$status" = 0 ]; then
        list
        expect_listed known rsa
    else
        # libssh2 before 1.11
        expect_status 18
        expect_line '^kex-failure: .*kex'
        expect_line '^hint: .*rsa-sha2-256.*libssh2 1\.11'
        list
        expect_refused mismatch
        expect_line 'another type.*hosts:1 has ssh-rsa SHA256:.*showed ssh-ed25519'
        expect_line '^hint: .*libssh2 before 1\.11'
    fi
}

@test "no common algorithm: kex-failure" {
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_KEX_PORT" alice@127.0.0.1
    expect_status 18
    expect_line '^kex-failure: .*no common algorithm.*kex'
    refute_line '^host key '
}

# ---------------------------------------------------------- changed, revoked

@test "a changed key: refused, with file and line and both fingerprints" {
    local old
    printf 'other.example %s\n%s %s\n' "$(other_key)" "$NAME" "$(other_key)" >"$KH"
    old=$(ssh-keygen -l -f "$USER_KEY.pub" | cut -d ' ' -f 2)
    list
    expect_refused mismatch
    grep -F "$KH:2 has ssh-ed25519 $old, the server showed ssh-ed25519 $FINGERPRINT_ED25519" "$PROBE_STDOUT"
    expect_line "^hint: .*ssh-keygen -f $KH -R '\\[127\\.0\\.0\\.1\\]:$SSHD_PORT'"
    [ "$(ssh_knows)" = unknown ]
    eval "$(sed -n "s/^hint: .*\(ssh-keygen -f .*\)/\1/p" <<<"$output")"
    list --host-key=accept-new
    expect_listed new
}

@test "accept-new refuses a changed key and leaves the file alone" {
    printf '%s %s\n' "$NAME" "$(other_key)" >"$KH"
    cp "$KH" "$KH.before"
    list --host-key=accept-new
    expect_refused mismatch
    cmp "$KH" "$KH.before"
}

@test "off and a changed key: keyboard-interactive is refused, the rest goes on" {
    printf '%s %s\n' "$NAME" "$(other_key)" >"$KH"
    list --host-key=off -m keyboard-interactive -r .=env:ALICE_PASSWORD
    expect_refused mismatch
    expect_line "$KH:1.*keyboard-interactive"
    list --host-key=off -m password -r .=env:ALICE_PASSWORD
    expect_refused mismatch
    list --host-key=off -m gssapi,keyboard-interactive -r .=env:ALICE_PASSWORD
    expect_refused mismatch
    list --host-key=off
    expect_listed mismatch
    ticket
    list --host-key=off -m gssapi --gssapi-host="$GSSAPI_HOST"
    expect_key 0 mismatch ed25519
    expect_server 'Accepted gssapi-with-mic'
    refute_server 'method keyboard-interactive'
}

@test "@revoked is refused in every mode, with a match beside it or a fingerprint" {
    local option
    printf '@revoked * %s\n%s %s\n' "$(key ed25519)" "$NAME" "$(key ed25519)" >"$KH"
    cp "$KH" "$KH.before"
    for option in --host-key={strict,ask,accept-new,off} --fingerprint="$FINGERPRINT_ED25519"; do
        list "$option"
        expect_refused revoked
        expect_line "@revoked.*$KH:1"
    done
    list --host-key=off -m gssapi
    expect_refused revoked
    cmp "$KH" "$KH.before"
}

@test "@revoked of another key or another host is not about this one" {
    {
        printf '@revoked * %s\n' "$(other_key)"
        printf '@revoked other.example %s\n' "$(key ed25519)"
        printf '%s %s\n' "$NAME" "$(key ed25519)"
    } >"$KH"
    list
    expect_listed known
}

# ------------------------------------------------------------- accept-new, off

@test "accept-new makes folder and file with ssh's modes, and ssh finds the line" {
    local file=$HOME/.ssh/known_hosts
    rmdir "$HOME/.ssh"
    umask 0
    probe --host-key=accept-new -p "$SSHD_PORT" alice@127.0.0.1
    expect_listed new
    [ "$(stat -c %a "$HOME/.ssh")" = 700 ]
    [ "$(stat -c %a "$file")" = 600 ]
    [ "$(cat "$file")" = "$NAME $(key ed25519)" ]
    ssh-keygen -F "$NAME" -f "$file" | grep -F "$(key ed25519)"
    KH=$file
    [ "$(ssh_knows)" = known ]
    probe --host-key=accept-new -p "$SSHD_PORT" alice@127.0.0.1
    expect_listed known
    [ "$(wc -l <"$file")" = 1 ]
}

@test "accept-new adds to a file whose last line has no end, and keeps its mode" {
    printf 'other.example %s' "$(other_key)" >"$KH"
    chmod 644 "$KH"
    list --host-key=accept-new
    expect_listed new
    [ "$(cat "$KH")" = "other.example $(other_key)
$NAME $(key ed25519)" ]
    [ "$(stat -c %a "$KH")" = 644 ]
}

@test "accept-new and a file that cannot be written: refused" {
    : >"$KH"
    chmod 400 "$KH"
    list --host-key=accept-new
    expect_refused unknown
    expect_line "could not be written to $KH: Permission denied"
}

@test "off and an unknown key: unchecked, typed answers are sent, nothing is written" {
    : >"$KH"
    list --host-key=off
    expect_listed unchecked
    list --host-key=off -m keyboard-interactive -r .=env:ALICE_PASSWORD
    expect_key 0 unchecked ed25519
    expect_server 'Accepted keyboard-interactive/pam for alice'
    [ ! -s "$KH" ]
}

# -------------------------------------------------------------- fingerprints

@test "--fingerprint: a match is enough, whatever the file says, and nothing is written" {
    list --fingerprint="$FINGERPRINT_ED25519" --host-key=accept-new
    expect_listed pinned
    [ ! -e "$KH" ]
    printf '%s %s\n' "$NAME" "$(other_key)" >"$KH"
    list --fingerprint="$FINGERPRINT_RSA" --fingerprint="$FINGERPRINT_ED25519"
    expect_listed pinned
    list --fingerprint="$FINGERPRINT_ED25519" -m keyboard-interactive -r .=env:ALICE_PASSWORD
    expect_key 0 pinned ed25519
}

@test "--fingerprint: no match is refused, even where the file knows the key, even with off" {
    printf '%s %s\n' "$NAME" "$(key ed25519)" >"$KH"
    list --fingerprint="$FINGERPRINT_RSA"
    expect_refused mismatch
    grep -F "the server showed ssh-ed25519 $FINGERPRINT_ED25519" "$PROBE_STDOUT"
    expect_line '^hint: .*--fingerprint'
    list --fingerprint="$FINGERPRINT_RSA" --host-key=off
    expect_refused mismatch
}

@test "where the key is refused not one byte follows the client's NEWKEYS" {
    local option
    relay_start
    : >"$KH"
    printf '[127.0.0.1]:%s %s\n' "$PEER_PORT" "$(other_key)" >"$KH.changed"
    printf '@revoked * %s\n' "$(key ed25519)" >"$KH.revoked"
    while read -r -a option; do
        : >"$PEER_LOG"
        probe -p "$PEER_PORT" -r .=env:ALICE_PASSWORD -m keyboard-interactive "${option[@]}" alice@127.0.0.1
        expect_status 6
        expect_peer '^after NEWKEYS: 0 bytes$'
    done <<END
--known-hosts=$KH
--known-hosts=$KH --fingerprint=$FINGERPRINT_RSA --host-key=off
--known-hosts=$KH.changed --host-key=accept-new
--known-hosts=$KH.changed --host-key=off
--known-hosts=$KH.revoked --host-key=off
END
    : >"$PEER_LOG"
    probe -p "$PEER_PORT" --fingerprint="$FINGERPRINT_ED25519" alice@127.0.0.1
    expect_status 0
    expect_peer '^after NEWKEYS: [1-9][0-9]* bytes$'
}
