#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a person is asked where several targets run at once: each question with what belongs to it, and
# whose it is. Here by an askpass program, which keeps what it was asked; the terminal is in
# tests/tty/jobs_test.py.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

# Each question is a file in asked.
setup()
{
    test_begin
    mkdir "$HOME/asked"
    export SSH_ASKPASS=$HOME/askpass SSH_ASKPASS_REQUIRE=force
    cat >"$SSH_ASKPASS" <<'END'
#!/bin/sh
question=$(mktemp "$HOME/asked/XXXXXXXX")
printf '%s\n' "$1" >"$question"
case $1 in
*'Accept it?'*) echo save ;;
*passphrase*) printf '%s\n' "$PASSPHRASE" ;;
*) printf '%s\n' "$ALICE_PASSWORD" ;;
esac
END
    chmod +x "$SSH_ASKPASS"
}

# questions: how many were asked.
questions()
{
    find "$HOME/asked" -type f | wc -l
}

# asked TEXT: in how many questions that line is.
asked()
{
    grep -rlxF -- "$1" "$HOME/asked" | wc -l
}

@test "a banner names its target, and comes with the question" {
    probe_main -j 2 -m kbdint banner@127.0.0.1 alice@127.0.0.1
    [ "$(questions)" = 2 ]
    [ "$(asked '(banner@127.0.0.1) banner from the server:')" = 1 ]
    [ "$(asked '(banner@127.0.0.1) Password: ')" = 1 ]
    [ "$(asked '(alice@127.0.0.1) Password: ')" = 1 ]
    [ "$(grep -rl 'alice@' "$HOME/asked" | xargs grep -l 'banner from' | wc -l)" = 0 ]
    rm "$HOME"/asked/*
    probe_main -m kbdint banner@127.0.0.1
    [ "$(asked 'banner from the server:')" = 1 ]
}

@test "the passphrase of a key: for whom" {
    local key=$KEY_DIR/ecdsa256.enc
    PASSPHRASE=$KEY_PASSPHRASE probe_main -j 3 -m publickey -i "$key" alice@127.0.0.1 \
        alice@127.0.0.1 alice@127.0.0.1
    expect_status 0
    [ "$(questions)" = 3 ]
    [ "$(asked "(alice@127.0.0.1) Enter passphrase for key '$key': ")" = 3 ]
    rm "$HOME"/asked/*
    PASSPHRASE=$KEY_PASSPHRASE probe_main -m publickey -i "$key" alice@127.0.0.1
    expect_status 0
    [ "$(asked "Enter passphrase for key '$key': ")" = 1 ]
}

@test "a host key that was saved for one user is not asked about for the others" {
    probe -F none --known-hosts="$HOME/kh" --host-key=ask -j 8 -p "$SSHD_PORT" a@127.0.0.1 \
        b@127.0.0.1 c@127.0.0.1 d@127.0.0.1 e@127.0.0.1 f@127.0.0.1
    expect_status 0
    [ "$(questions)" = 1 ]
    [ "$(wc -l <"$HOME/kh")" = 1 ]
}

@test "a proxy may not ask where there are others, and how it may is said" {
    local argv=(--proxy-command="sh -c 'echo \"\$SSH_ASKPASS_REQUIRE\" >&2; exit 3'" --host-key=off)
    probe "${argv[@]}" -j 2 alice@one alice@two
    expect_status 7
    expect_line 'proxy command: exit status 3: never'
    expect_line 'with --jobs=1 it may'
    probe "${argv[@]}" -j 1 alice@one alice@two
    expect_status 7
    expect_line 'proxy command: exit status 3: force'
    refute_text 'with --jobs=1 it may'
    probe "${argv[@]}" -B -j 2 alice@one alice@two
    refute_text 'with --jobs=1 it may'
}
