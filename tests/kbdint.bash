# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What kbdint.bats and kbdint_broken.bats share.

# kbdint ARGUMENT...: on the main sshd, the target last.
kbdint()
{
    probe_main -m keyboard-interactive "$@"
}

# scene USER [ARGUMENT...]: on the scripted server. It accepts any answer, "secret" is given to all
# prompts unless there are arguments.
scene()
{
    local user=$1
    shift
    [ $# -gt 0 ] || set -- -r '.*=env:ANSWER'
    export ANSWER=secret
    [ -n "${PEER_PORT:-}" ] || peer_start kbdint.py
    probe --host-key=off -t 20 -m keyboard-interactive "$@" "$user@127.0.0.1:$PEER_PORT"
}

# outcome STATUS WORD: exit status, the step and the conclusion agree.
outcome()
{
    expect_status "$1" && expect_line "^1 +keyboard-interactive +$2 " && expect_line "^$2: "
}

# peer_done N: waits until the peer saw the end of N connections, so that its log is complete.
peer_done()
{
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [ "$(grep -cx closed "$PEER_LOG")" != "$1" ] || return 0
        sleep 0.05
    done
    complain "not $1 connections ended"
}

# peer_saw LINE: exactly this, in the only connection so far.
peer_saw()
{
    peer_done 1 && { grep -qxF -- "$1" "$PEER_LOG" || complain "the peer did not see: $1"; }
}

# untouched: no connection was made to the main sshd.
untouched()
{
    server_settled && { [ -z "$(server_log)" ] || complain "there was a connection"; }
}
