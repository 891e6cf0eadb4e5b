# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of password, publickey, agents and certificates share.

# try METHODS ARGUMENT...: on the main sshd, the target last.
try()
{
    probe_main --gssapi-host=server.example.test -m "$@"
}

# key ARGUMENT...: one step of publickey.
key()
{
    try publickey "$@"
}

# scene METHODS USER [ARGUMENT...]: on the scripted server.
scene()
{
    local methods=$1 user=$2
    shift 2
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe --host-key=off -t 20 -m "$methods" "$@" "$user@127.0.0.1:$PEER_PORT"
}

# outcome STATUS WORD [METHOD]: exit status, the last step and the conclusion agree.
outcome()
{
    local last
    expect_status "$1" && expect_line "^$2: " || return
    [ -n "${3:-}" ] || return 0
    last=$(grep -E '^[0-9]+ +[a-z-]+ +[a-z-]+ ' <<<"$output" | tail -n 1)
    [[ $last =~ ^[0-9]+\ +$3\ +$2\  ]] || complain "the last step is: $last"
}

# credential REGEX: exit status 15, with the reason in its conclusion or in an error.
credential()
{
    expect_status 15 || return
    grep -qE -- "$1" <<<"$output$stderr" || complain "no reason that matches: $1" || return
    refute_line '^(failure|success): '
}

# untouched: no connection was made to the main sshd.
untouched()
{
    server_settled && { [ -z "$(server_log)" ] || complain "there was a connection"; }
}

# unsent: no request left for the main sshd, whether there was a connection or not.
unsent()
{
    requests_were ''
}

# fingerprint FILE: of the key as the report names it.
fingerprint()
{
    local words
    read -r -a words < <(ssh-keygen -l -f "$1")
    printf '%s\n' "${words[1]}"
}

# names_key FILE: the report has that key's fingerprint, in any line. FILE is its public half.
names_key()
{
    grep -qF -- "$(fingerprint "$1")" <<<"$output" || complain "the report does not have the key $1"
}

# told FILE REGEX: what the report's line of that key, or of one with the same fingerprint, says from the
# type on.
told()
{
    local lines
    lines=$(grep -E '^ +[^ ]+ SHA256:' <<<"$output" | grep -F -- " $(fingerprint "$1")") ||
        complain "the report does not have the key $1" || return
    sed "s|^ *||; s| $(fingerprint "$1")||" <<<"$lines" | grep -qE -- "$2" || complain "the key's line is: $lines"
}

refute_key()
{
    ! grep -qF -- "$(fingerprint "$1")" <<<"$output" || complain "the report has the key $1"
}

# library_has 1.11.0: is libssh2 that version, or a later one?
library_has()
{
    local version
    version=$("$SSH_AUTHTEST" --version | sed -n 's/.*libssh2[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || complain "--version does not tell the version of libssh2"
    [ "$(printf '%s\n' "$1" "$version" | sort -V | head -n 1)" = "$1" ]
}

# key_in_home NAME: a copy of a key of the world's, with what is beside it, for tests that change it;
# sets KEY_COPY.
key_in_home()
{
    KEY_COPY=$HOME/.ssh/$(basename "$1")
    cp -- "$1" "$KEY_COPY"
    chmod 600 "$KEY_COPY"
}

# -------------------------------------------------------------------- agents

# agent_start: a real ssh-agent without keys; sets SSH_AUTH_SOCK and AGENT_PID. test_end ends it. It
# asks nobody: a key that wants to be confirmed is refused.
agent_start()
{
    agent_socket
    env -u DISPLAY SSH_ASKPASS=/bin/false SSH_ASKPASS_REQUIRE=force \
        ssh-agent -D -a "$SSH_AUTH_SOCK" </dev/null >"$BATS_TEST_TMPDIR/agent.out" 2>&1 3>&- &
    AGENT_PID=$!
    PEER_PIDS+=("$AGENT_PID")
    agent_wait
}

# The name of a socket is no longer than 107 bytes: bats' folders may be.
agent_socket()
{
    AGENT_DIR=$(mktemp -d "${TMPDIR:-/tmp}/agent.XXXXXX")
    export SSH_AUTH_SOCK=$AGENT_DIR/socket
}

# The socket is there before it listens; 1: it answers, and has no keys.
agent_wait()
{
    local tries answer
    for ((tries = 0; tries < 500; tries++)); do
        answer=0
        ssh-add -l >/dev/null 2>&1 || answer=$?
        [ "$answer" != 1 ] || return 0
        sleep 0.02
    done
    complain "the agent did not start"
}

# agent_add FILE [OPTION...]: one without a passphrase.
agent_add()
{
    ssh-add -q "${@:2}" "$1" </dev/null || complain "ssh-add $1 failed"
}

# agent_lock, agent_unlock: with a password of the test's own.
agent_lock()
{
    agent_password -x
}

agent_unlock()
{
    agent_password -X
}

agent_password()
{
    printf '#!/bin/sh\necho lock\n' >"$BATS_TEST_TMPDIR/askpass"
    chmod 700 "$BATS_TEST_TMPDIR/askpass"
    SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q "$1" </dev/null ||
        complain "ssh-add $1 failed"
}

# agent_stop, agent_continue: it still holds the socket, and never answers.
agent_stop()
{
    kill -STOP "$AGENT_PID"
}

# agent_peer MODE [FILE.pub...]: an agent that misbehaves (tests/peer/agent.py); what it is asked
# is in PEER_LOG.
agent_peer()
{
    agent_socket
    peer_start agent.py "$SSH_AUTH_SOCK" "$@"
    AGENT_PID=$PEER_PID
    unset PEER_PORT
}

# agents_end: for a teardown, before test_end.
agents_end()
{
    [ -z "${AGENT_PID:-}" ] || kill -CONT "$AGENT_PID" 2>/dev/null || true
    [ -z "${AGENT_DIR:-}" ] || rm -rf -- "$AGENT_DIR"
    unset AGENT_PID AGENT_DIR
}

# Instead of helper.bash's: who loads this may have started an agent.
teardown()
{
    agents_end
    test_end
}
