#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2314
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --format=junit: XML of the schema in tests/junit.xsd, whatever a server says.

load helper
load limits
load report

setup_file() { world_up; }
teardown_file() { world_down; }

format=junit

@test "several targets and chains: one test each, in their order, counted" {
    report_main -m 'none kbdint' -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1 "alice@127.0.0.1:1"
    expect_status 1
    has '^1: failure alice@127\.0\.0\.1:[0-9]*: none$'
    has '^2: ok alice@127\.0\.0\.1:[0-9]*: keyboard-interactive$'
    has '^3: error alice@127\.0\.0\.1:1: none$'
    has '^4: error alice@127\.0\.0\.1:1: keyboard-interactive$'
    lacks '^5'
    has '^out: alice@127\.0\.0\.1:1: none$'
    has '^out: +prompts:$'
    grep -q ' tests="4" failures="1" errors="2" ' "$PROBE_STDOUT"
}

@test "expectations: met is no failure, unmet is one where the server answered" {
    report_main -e failure -m none alice@127.0.0.1
    expect_status 0
    has '^1: ok '
    report_main -e failure alice@127.0.0.1
    expect_status 14
    has '^1: failure '
    has '^1\.type: listed$'
    has '^1\.message: not as expected: '
    report -e failure alice@127.0.0.1:1
    expect_status 7
    has '^1: error '
}

@test "what a server says is text, marked, with U+FFFD for what XML forbids" {
    hostile_banner
    expect_status 0
    has '^1: ok banner@'
    has '^out:     \| ok 2 - forged$'
    has '^out:     \| exit: 0$'
    has '^out:     \| \\ufffd\[2J\\ufffd\\u202e\\ufffd\]\]></system-out><a b="&c;">$'
    has '^out:     \| "quoted" \\\\ \\xe4\\U0001f511$'
    [ "$(grep -c '^out: exit: ' <<<"$values")" = 1 ]
    scene escapes -m kbdint -r '.*=env:ANSWER'
    expect_status 0
    has '^out: +- Password\\ufffd\]0;owned\\ufffd\\ufffd\[2J'
    scene nul -m kbdint -r '.*=env:ANSWER'
    has '^out: +- Pass\\ufffdword: $'
    ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$PROBE_STDOUT"
}

@test "names with markup, a newline or escapes" {
    report -- '<a b="c">&amp;@127.0.0.1:1' $'a\xe2\x80\xaeb@127.0.0.1:1' $'\xff\xc3\xa4@[::1]:1'
    expect_status 7
    has '^1: error <a b="c">&amp;@127\.0\.0\.1:1: list$'
    has '^2: error a\\\\u\{202E\}b@127\.0\.0\.1:1: list$'
    has '^3: error \\\\xFF\\xe4@\[::1\]:1: list$'
}

@test "-q, -v and colours change nothing on standard output" {
    report_main -q -v --color=always alice@127.0.0.1
    expect_status 0
    has '^1: ok '
}

@test "two thousand targets" {
    local -a targets=()
    local i
    for ((i = 0; i < 2000; i++)); do
        targets+=("user$i@127.0.0.1:1")
    done
    # freed memory is not to count
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=8 measured --format=junit "${targets[@]}"
    PROBE_COMMAND=
    expect_status 7
    well_formed
    has '^2000: error user1999@127\.0\.0\.1:1: list$'
    small
}

# limited KIB: the list `bad` with no more memory than that; sets status.
limited()
{
    status=0
    (
        ulimit -c 0
        ulimit -v "$1"
        exec "$SSH_AUTHTEST" -F none -j 1 --format=junit -f "$BATS_TEST_TMPDIR/bad" >"$PROBE_STDOUT" 2>"$PROBE_STDERR" 3>&-
    ) || status=$?
}

@test "where memory is short the document is whole, or there is none and the status is 17" {
    # the address sanitizer takes more memory than any limit leaves
    if grep -q '^#define SANITIZERS' "$abs_top_builddir/config.h"; then
        return 0
    fi
    local i low=0 high=400000 short=0
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout PROBE_STDERR=$BATS_TEST_TMPDIR/stderr
    # lines that are no good: a connection would take more memory than the document does
    seq -f 'user%g@127.0.0.1:0' 1000 >"$BATS_TEST_TMPDIR/bad"
    limited "$high"
    expect_status 2 && well_formed
    # the least that is enough, then what is a little less
    while [ $((high - low)) -gt 20 ]; do
        limited $(((low + high) / 2))
        if [ "$status" = 2 ]; then high=$(((low + high) / 2)); else low=$(((low + high) / 2)); fi
    done
    for ((i = 0; i < 20; i++)); do
        limited $((high - 20 * i))
        if [ "$status" = 2 ]; then
            well_formed
            # each is there, and its details
            [ "$(grep -c '<testcase' "$PROBE_STDOUT")" = 1000 ]
            [ "$(grep -c '^outcome: usage' "$PROBE_STDOUT")" -ge 1000 ]
        else
            expect_status 17
            [ ! -s "$PROBE_STDOUT" ] || complain "a part of a document"
            grep -q 'memory' "$PROBE_STDERR"
            ((++short))
        fi
    done
    [ "$short" -gt 0 ]
}

@test "a run that is interrupted is a document, with an error more" {
    interrupted
    has '^1: ok '
    has '^2\.type: interrupted$'
    has '^3: error alice@127\.0\.0\.1:1: interrupted$'
    has '^4: error ssh-authtest$'
    has '^4\.type: interrupted$'
    lacks '^5'
}

@test "nothing is written where nothing is run; a full disk is told" {
    probe --format=junit -m nosuch alice@127.0.0.1
    expect_status 2
    [ ! -s "$PROBE_STDOUT" ]
    run --separate-stderr -17 bash -c '"$SSH_AUTHTEST" -F none --format=junit alice@127.0.0.1:1 >/dev/full 3>&-'
    expect_err '^ssh-authtest: standard output: '
    [ "$(grep -c 'standard output\|memory' <<<"$stderr")" = 1 ]
}
