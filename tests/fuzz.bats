#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What replays the corpora of fuzzers: it takes every file of a folder, has a test for each case
# that was found, and does not pass where there is nothing to replay. Whether each fuzzer has all
# that belongs to it.

bats_require_minimum_version 1.5.0

replay=$abs_top_builddir/tests/fuzz/target_replay

@test "each file is run, and each found case has a test of its own" {
    cd "$BATS_TEST_TMPDIR"
    mkdir corpus
    printf 'alice@host' >corpus/one
    printf '[' >corpus/found-bracket
    : >corpus/two
    run -0 "$replay" corpus
    [ "$(grep -v '^#' <<<"$output")" = $'ok 1 - found-bracket\nok 2 - 3 files\n1..2' ]
    [ "$(grep -c '^# corpus/' <<<"$output")" = 3 ]
}

@test "without a folder, or a file in it, it fails" {
    cd "$BATS_TEST_TMPDIR"
    run -1 "$replay" nothing
    [ "$output" = "Bail out! nothing: No such file or directory" ]
    mkdir empty
    run -1 "$replay" empty
    [ "$output" = "Bail out! empty: there is no file in it" ]
}

@test "the corpus is the one of its name" {
    cp "$replay" "$BATS_TEST_TMPDIR/other_replay"
    run -1 "$BATS_TEST_TMPDIR/other_replay"
    [ "$output" = "Bail out! $abs_top_srcdir/tests/fuzz/corpus/other: No such file or directory" ]
}

@test "each fuzzer is replayed, and no corpus is another's" {
    local file name
    for file in "$abs_top_srcdir"/tests/fuzz/*_fuzz.c; do
        name=$(basename "$file" _fuzz.c)
        [ -x "$abs_top_builddir/tests/fuzz/${name}_replay" ] || { echo "$name is not built"; false; }
        grep -q "tests/fuzz/${name}_fuzz\b" "$abs_top_srcdir/tests/fuzz/local.mk" || { echo "$name"; false; }
    done
    for file in "$abs_top_srcdir"/tests/fuzz/corpus/* "$abs_top_srcdir"/tests/fuzz/*.dict; do
        name=$(basename "$file" .dict)
        [ -e "$abs_top_srcdir/tests/fuzz/${name}_fuzz.c" ] || { echo "$name has no fuzzer"; false; }
    done
}
