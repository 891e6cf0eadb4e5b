#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Agents that misbehave (tests/peer/agent.py): no crash, no wait beyond the limit, nothing of theirs
# raw on the terminal, and never a refusal where the server refused nothing.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

# broken MODE [SECONDS]: credential, within that time and a little, and no signature sent.
broken()
{
    local mode=$1 limit=${2:-3}
    printf 'mode %s\n' "$mode"
    log_mark
    agent_peer "$mode" "$KEY_ED25519.pub"
    elapsed key -t "$limit" --agent alice@127.0.0.1
    credential 'agent'
    [ "$ELAPSED_MS" -lt $(((limit + 5) * 1000)) ] || complain "$mode took $ELAPSED_MS ms"
    have_no_control_bytes
    refute_server 'Accepted publickey'
    kill "$AGENT_PID"
    agents_end
}

@test "it closes the connection" {
    broken close
    broken close-list
}

@test "its answer claims 4 GB, or more than comes" {
    broken huge
    broken long
}

@test "its answer is empty, of another type, or a failure" {
    broken zero
    broken type
    broken failure
}

@test "its list claims more than it holds, or holds what is no key" {
    broken count
    broken blob
    broken empty-blob
    broken odd-blob
}

@test "it takes no connection: the limit holds, and a signal ends it" {
    broken full 1
    agent_peer full
    local pid begin status=0
    setsid "$SSH_AUTHTEST" -F none --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -t 30 -m publickey --agent \
        alice@127.0.0.1 </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    pid=$!
    begin=$SECONDS
    sleep 1
    kill -TERM "$pid"
    wait "$pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" = 143 ]
    grep -E '^interrupted: agent: ' "$BATS_TEST_TMPDIR/out"
    [ "$((SECONDS - begin))" -lt 10 ]
}

@test "it never answers, answers byte by byte, or babbles" {
    broken silent
    broken drip
    broken noise
}

@test "it refuses to sign, closes instead, or signs garbage: credential, after the query alone" {
    local mode
    for mode in refuse sign-close sign-garbage; do
        broken "$mode"
        requests_were publickey
    done
}

@test "it never answers a request to sign" {
    broken sign-silent
    requests_were publickey
}

@test "it signs something else: the server refuses" {
    agent_peer sign-wrong "$KEY_ED25519.pub"
    key --agent alice@127.0.0.1
    outcome 1 failure publickey
    requests_were 'publickey publickey'
    expect_peer '^sign '
}

@test "a signature of another algorithm is never sent as a success" {
    agent_peer sign-type "$KEY_ED25519.pub"
    key --agent alice@127.0.0.1
    [ "$status" = 1 ] || [ "$status" = 15 ] || complain "neither refused nor credential"
    refute_server 'Accepted publickey'
}

@test "one key cannot be signed with, and the next one is tried" {
    agent_peer refuse "$KEY_ED25519.pub"
    key --agent -i "$KEY_ED25519.pub" -i "$USER_KEY" alice@127.0.0.1
    expect_line 'agent'
    names_key "$KEY_ED25519.pub"
    [ "$status" = 0 ] || [ "$status" = 15 ] || complain "neither success nor credential"
}

@test "hostile comments are escaped" {
    agent_peer comment "$KEY_ED25519.pub"
    key --agent -v alice@127.0.0.1
    expect_status 1
    have_no_control_bytes
    refute_line '^success'
    refute_err '^success'
    names_key "$KEY_ED25519.pub"
    expect_line '\\x1B'
}

@test "a thousand identities: the server ends it, and memory and time are bounded" {
    agent_peer many
    elapsed key -t 20 --agent alice@127.0.0.1
    case $status in
    15) credential 'agent' ;;
    *) outcome 10 disconnected publickey ;;
    esac
    [ "$ELAPSED_MS" -lt 10000 ] || complain "it took $ELAPSED_MS ms"
    [ "$(wc -c <"$PROBE_STDOUT")" -lt 200000 ] || complain "the report is long"
}

@test "the key that is named, among a thousand others" {
    agent_peer many
    key --agent -i "$KEY_ED25519.pub" alice@127.0.0.1
    credential 'agent'
    unsent
}
