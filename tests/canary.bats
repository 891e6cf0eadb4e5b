#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# No secret outlives its use: a random canary goes through each source, right and wrong, and is then
# searched in the program's memory, in its output and in its files. Not for builds with
# sanitizers: these keep freed memory, and look into the process themselves.

load helper
load canary

setup_file() { world_up; }
teardown_file() { world_down; }

# kbdint STATUS ARGUMENT...: keyboard-interactive with these, which ends so; nothing is left.
kbdint()
{
    probe_main -m keyboard-interactive "${@:2}" canary@127.0.0.1
    expect_status "$1"
    left_nothing
}

# -------------------------------------------------- the search finds what there is

@test "the search: what leaks in any of these ways is found" {
    local kind
    TRACED=$LEAKY
    canary "$(random)"
    for kind in heap freed static stack thread hex wide reversed; do
        probe "$kind" "$BATS_TEST_TMPDIR/canary.0"
        expect_status 0
        grep -q '^report: found in ' "$REPORT" || complain_of "not found: $kind"
        grep -q '^exit: found in ' "$REPORT" || complain_of "not found at the end: $kind"
    done
    grep -q "^exit: found in .*: reversed, bytes 0 to 32 of 32$" "$REPORT"
    probe freed "$BATS_TEST_TMPDIR/canary.0"
    grep -q "^exit: found in \[heap\] .*: plain, bytes 16 to 32 of 32$" "$REPORT"
}

@test "the search: the two moments are told apart, and a clean program is clean" {
    TRACED=$LEAKY
    canary "$(random)"
    probe early "$BATS_TEST_TMPDIR/canary.0"
    grep -q '^report: found in ' "$REPORT"
    ! grep -q '^exit: found in ' "$REPORT" || complain_of "found where it was wiped"
    probe late "$BATS_TEST_TMPDIR/canary.0"
    ! grep -q '^report: found in ' "$REPORT" || complain_of "found before it was there"
    grep -q '^exit: found in ' "$REPORT"
    probe nothing "$BATS_TEST_TMPDIR/canary.0"
    ! grep -q 'found in' "$REPORT" || complain_of "found where nothing is"
    grep -q '^exit: searched .* 0 found$' "$REPORT"
}

@test "the search: arguments, the environment, files and their names" {
    local text
    TRACED=$LEAKY
    text=$(random)
    canary "$text"
    probe nothing "$BATS_TEST_TMPDIR/canary.0" "$(base64 <<<"-$text")"
    grep -q '^report: found in the command line ' "$REPORT"
    grep -q '^start: the secret is there$' "$REPORT"
    VARIABLE=$text probe nothing "$BATS_TEST_TMPDIR/canary.0"
    grep -q '^report: found in \[stack\]' "$REPORT"
    mkdir -p one/two
    printf 'x%s' "$text" | base64 -w 0 >one/two/file
    run -1 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [[ $output == "file: found in $HOME/one/two/file at "*base64* ]]
    mv one/two/file "one/$text"
    : >"one/$text"
    run -1 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [[ $output == "name: found in $HOME/one/$text at "* ]]
    rm "one/$text"
    run -0 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [ -z "$output" ]
}

@test "the stack, a worker's stack and what libcrypto freed are wiped" {
    local kind
    TRACED=$LEAKY
    canary "$(random)"
    for kind in stack worker libcrypto; do
        probe "forget-$kind" "$BATS_TEST_TMPDIR/canary.0"
        expect_status 0
        ! grep -q 'found in' "$REPORT" || complain_of "not wiped: $kind"
        grep -q '^exit: searched .* 0 found$' "$REPORT"
    done
}

# ------------------------------------------------------------------- answers

@test "env:" {
    canary "$PASSWORD"
    ANSWER=$PASSWORD kbdint 0 -r assword=env:ANSWER
    ANSWER=$PASSWORD kbdint 0 -v -r assword=env:ANSWER
    canary "$(random)"
    ANSWER=$(cat "$BATS_TEST_TMPDIR/canary.1") kbdint 1 -r assword=env:ANSWER
}

@test "file:" {
    canary "$PASSWORD"
    (umask 077 && printf '%s\n' "$PASSWORD" >"$BATS_TEST_TMPDIR/file")
    kbdint 0 -r assword=file:"$BATS_TEST_TMPDIR/file"
    kbdint 0 -v -r assword=file:"$BATS_TEST_TMPDIR/file"
    printf '%s\r\nsecond line %s\n' "$(random | tee "$BATS_TEST_TMPDIR/canary.1")" "$PASSWORD" >"$BATS_TEST_TMPDIR/file"
    canary_file "$BATS_TEST_TMPDIR/canary.1"
    kbdint 1 -r assword=file:"$BATS_TEST_TMPDIR/file"
}

@test "fd:" {
    canary "$PASSWORD"
    PROBE_STDIN=$BATS_TEST_TMPDIR/lines
    printf '%s\n' "$PASSWORD" "$(random)" >"$PROBE_STDIN"
    kbdint 0 -r assword=fd:0
    kbdint 0 -v -r assword=fd:0
    canary "$(random | tee "$PROBE_STDIN")"
    kbdint 1 -r assword=fd:0
}

@test "the terminal" {
    local arguments
    canary "$PASSWORD"
    for arguments in "-m kbdint" "-v -m kbdint -r assword=ask:"; do
        # shellcheck disable=SC2086
        at_terminal "Password: " "$PASSWORD" $arguments canary@127.0.0.1
        expect_status 0
        left_nothing
    done
    canary "$(random)"
    at_terminal "Password: " "$(cat "$BATS_TEST_TMPDIR/canary.1")" -m kbdint canary@127.0.0.1
    expect_status 1
    left_nothing
}
