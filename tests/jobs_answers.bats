#!/usr/bin/env bats
# shellcheck shell=bash disable=SC1003,SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many targets at once: answers that are refused, and answers and sources that several use up.

load helper
load jobs
load limits

setup_file() { world_up; }
teardown_file() { world_down; }

# answers_of USER WORD: how many answers of that user PAM found right or wrong.
answers_of()
{
    server_settled
    events | grep -cE "^answer $1 [0-9]+ $2\$"
}

@test "refused answers: never more than --max-refused, however many run at once" {
    {
        repeat 30 'alice@127.0.0.1'
        repeat 10 'carol@127.0.0.1'
    } >hosts
    main_list -j 40 --max-per-address=40 -m kbdint -r assword=env:BOB_PASSWORD
    [ "$(answers_of alice wrong)" = 3 ] || complain "$(answers_of alice wrong) wrong answers for alice"
    [ "$(answers_of carol wrong)" = 3 ] || complain "$(answers_of carol wrong) wrong answers for carol"
    holds "outcomes[:30].count('failure') == 3 and outcomes[:30].count('credential') == 27" \
        "outcomes[30:].count('failure') == 3 and outcomes[30:].count('credential') == 7"
    refute_text "$BOB_PASSWORD"
}

@test "the same with passwords, and a limit of one" {
    repeat 10 'alice@127.0.0.1' >hosts
    main_list -j 10 --max-per-address=10 --max-refused=1 -m password -r assword=env:BOB_PASSWORD
    [ "$(answers_of alice wrong)" = 1 ] || complain "$(answers_of alice wrong) wrong answers"
    holds "outcomes.count('failure') == 1 and outcomes.count('credential') == 9"
}

@test "right answers are no reason to refuse others, whatever the limit" {
    repeat 20 'alice@127.0.0.1' >hosts
    main_list -j 20 --max-per-address=20 --max-refused=1 -m kbdint -r assword=env:ALICE_PASSWORD
    expect_status 0
    holds "outcomes == ['success'] * 20"
    [ "$(answers_of alice right)" = 20 ] || complain "not twenty answers"
}

@test "a server that never says what it thinks of an answer does not hold others for ever" {
    peer_start kbdint.py
    list "-t 2 hang-answer@127.0.0.1" "-t 4 hang-answer@127.0.0.1" "-t 2 hang-answer@127.0.0.1"
    sed -i "s/\$/:$PEER_PORT/" hosts
    ANSWER=secret probe --format=json --host-key=off --max-refused=1 -m kbdint -r .=env:ANSWER -f hosts
    holds "set(outcomes) <= {'timeout', 'credential'}" 'len(r) == 3'
}

@test "fd: a line for each, none twice, none lost" {
    repeat 12 'alice@127.0.0.1' >hosts
    repeat 12 "$ALICE_PASSWORD" >"$BATS_TEST_TMPDIR/answers"
    PROBE_STDIN=$BATS_TEST_TMPDIR/answers
    main_list -j 12 -m kbdint -r assword=fd:0
    expect_status 0
    holds "outcomes == ['success'] * 12"
    # One is right, and goes to one.
    { repeat 5 "wrong" && printf '%s\n' "$ALICE_PASSWORD"; } >"$BATS_TEST_TMPDIR/answers"
    repeat 6 'alice@127.0.0.1' >hosts
    main_list -j 6 --max-refused=100 -m kbdint -r assword=fd:0
    holds "outcomes.count('success') == 1" "outcomes.count('failure') == 5"
}

@test "cmd: runs once for each target" {
    cat >answer <<'END'
#!/bin/sh
echo run >>runs
printf '%s\n' "$SECRET"
END
    chmod +x answer
    repeat 16 'alice@127.0.0.1' >hosts
    SECRET=$ALICE_PASSWORD main_list -j 16 -m kbdint -r 'assword=cmd:./answer'
    expect_status 0
    holds "outcomes == ['success'] * 16"
    [ "$(wc -l <runs)" = 16 ] || complain "$(wc -l <runs) runs"
}

@test "accept-new by many at once: each host is added once, and whole" {
    local port
    : >kh
    for port in "$SSHD_PORT" "$SSHD_GRACE_PORT" "$SSHD_JUMP_PORT" "$SSHD_NOPAM_PORT"; do
        repeat 6 "alice@127.0.0.1:$port"
    done >hosts
    probe --format=json --host-key=accept-new --known-hosts=kh -j 24 -f hosts
    expect_status 0
    holds "outcomes == ['listed'] * 24"
    [ "$(wc -l <kh)" = 4 ] || complain "$(cat kh)"
    [ "$(cut -d ' ' -f 1 kh | sort -u | wc -l)" = 4 ] || complain "$(cat kh)"
    # Every line is one that ssh takes.
    ssh-keygen -l -f kh >keys
    [ "$(wc -l <keys)" = 4 ] || complain "$(cat kh)"
}
