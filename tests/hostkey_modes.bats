#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each mode with each thing that can be known of a host, under each form of its name, beside
# what ssh does; lists of revoked keys that cannot be read; many runs that write one file.

load helper
load known_hosts

setup()
{
    test_begin
    KH=$BATS_TEST_TMPDIR/hosts
    LIST=$BATS_TEST_TMPDIR/revoked
    echo "$ED" >"$LIST"
}

# state NAME WORD: the file for it; sets OPTIONS.
state()
{
    OPTIONS=()
    case $2 in
    known) lines "$1 {ed}\n" ;;
    unknown) lines '' ;;
    changed) lines "$1 {other}\n" ;;
    marked) lines "$1 {ed}\n@revoked $1 {ed}\n" ;;
    listed) lines "$1 {ed}\n" && OPTIONS=(-o RevokedHostKeys="$LIST") ;;
    authority) lines "@cert-authority $1 {ca}\n" ;;
    esac
}

# table NAME [OPTION]...: the rows on standard input, STATE and what we say and our status in each mode,
# with NAME in the file and these options. What ssh refuses is refused, but for what is documented
# of `off`; nothing is written but what is new. Both get the file as it was: ssh writes as well.
table()
{
    local name=$1 word mode modes=(strict ask accept-new off) expected said column rows=0
    shift
    while read -r word expected; do
        read -r -a expected <<<"$expected"
        for column in 0 1 2 3; do
            mode=${modes[column]}
            state "$name" "$word" && cp "$KH" "$KH.before"
            said=$(ssh_says 127.0.0.1 "$@" "${OPTIONS[@]}" -o StrictHostKeyChecking="${mode/strict/yes}")
            cp "$KH.before" "$KH"
            probe -B -p "$HOSTS_PORT" -o UserKnownHostsFile="$KH" -o GlobalKnownHostsFile=/dev/null \
                --host-key="$mode" "$@" "${OPTIONS[@]}" x@127.0.0.1
            expect_line "^host key .* ${expected[column]%:*}\$"
            expect_status "${expected[column]#*:}"
            [ "$said" = known ] || [ "$status" = 6 ] || [ "$mode" = off ] ||
                complain "$name, $word, $mode: ssh says $said"
            if [ "${expected[column]}" = new:0 ]; then
                [ "$(head -n -1 "$KH")" = "$(cat "$KH.before")" ] || complain "$(cat "$KH")"
            else
                cmp "$KH" "$KH.before"
            fi
            rows=$((rows + 1))
        done
    done
    [ "$rows" = 24 ]
}

rows()
{
    cat <<'END'
known known:0 known:0 known:0 known:0
unknown unknown:6 unknown:6 new:0 unchecked:0
changed mismatch:6 mismatch:6 mismatch:6 mismatch:0
marked revoked:6 revoked:6 revoked:6 revoked:6
listed revoked:6 revoked:6 revoked:6 revoked:6
authority unknown:6 unknown:6 new:0 unchecked:0
END
}

@test "each mode and what is known: [host]:port" {
    table '{name}' < <(rows)
}

@test "each mode and what is known: hashed" {
    table '{hash [127.0.0.1]:PORT}' < <(rows)
}

@test "each mode and what is known: an alias" {
    table web -o HostKeyAlias=Web < <(rows)
}

# What the host has at port 22 is another server's where it is not the same key.
@test "each mode and what is known: the host without its port" {
    table 127.0.0.1 < <(rows | sed 's/^changed.*/changed unknown:6 unknown:6 new:0 unchecked:0/')
}

@test "RevokedHostKeys: what is no file that can be read is refused at once, in every mode" {
    local file mode
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    echo "$OTHER" >"$BATS_TEST_TMPDIR/closed"
    chmod 0 "$BATS_TEST_TMPDIR/closed"
    ln -s loop "$BATS_TEST_TMPDIR/loop"
    truncate -s 300M "$BATS_TEST_TMPDIR/large"
    lines '{name} {ed}\n'
    for file in fifo closed loop large . absent ../../../../../../../dev/zero; do
        [ "$file" != closed ] || [ "$(id -u)" != 0 ] || continue
        for mode in strict off; do
            elapsed probe -B -p "$HOSTS_PORT" --known-hosts="$KH" --host-key="$mode" \
                -o RevokedHostKeys="$BATS_TEST_TMPDIR/$file" x@127.0.0.1
            expect_status 6
            expect_line 'may be a revoked one, which cannot be told: '
            [ "$ELAPSED_MS" -lt 30000 ]
        done
    done
}

# together COUNT ARGUMENT...: so many runs at once with these; {} is the number of the run.
together()
{
    local i pids=() count=$1
    shift
    for ((i = 0; i < count; i++)); do
        timeout -k 5 120 "$SSH_AUTHTEST" -F none -B -p "$HOSTS_PORT" -o GlobalKnownHostsFile=/dev/null \
            -o UserKnownHostsFile="$KH" --host-key=accept-new "${@//\{\}/$i}" x@127.0.0.1 \
            </dev/null >"$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for ((i = 0; i < count; i++)); do
        wait "${pids[i]}" || complain "$(cat "$BATS_TEST_TMPDIR/out.$i")"
    done
}

@test "accept-new, many runs at once: each line is whole, and there once" {
    local hash i
    for hash in no yes; do
        printf '# no newline' >"$KH"
        together 30 -o HashKnownHosts=$hash
        [ "$(wc -l <"$KH")" = 2 ]
        together 30 -o HashKnownHosts=$hash -o HostKeyAlias=web{}
        [ "$(wc -l <"$KH")" = 32 ]
        [ "$(head -n 1 "$KH")" = '# no newline' ]
        [ "$(tail -n +2 "$KH" | cut -d ' ' -f 2- | sort -u)" = "$ED" ]
        for ((i = 0; i < 30; i++)); do
            ssh-keygen -F "web$i" -f "$KH" >"$BATS_TEST_TMPDIR/found"
            [ "$(grep -vc '^#' "$BATS_TEST_TMPDIR/found")" = 1 ]
        done
    done
}
