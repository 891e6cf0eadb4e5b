# shellcheck shell=bash disable=SC2001,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What canary.bats needs besides helper.bash: runs in which the program's memory is searched
# (tests/canary/trace.c), and the look at what they left.

TRACE=$abs_top_builddir/tests/canary/trace
LEAKY=$abs_top_builddir/tests/canary/leaky

setup()
{
    test_begin
    CANARIES=()
    MOMENTS=(report exit)
    TRACED=$SSH_AUTHTEST
    REPORT=$BATS_TEST_TMPDIR/report
    SSH_AUTHTEST=$BATS_TEST_TMPDIR/traced
    mkdir "$BATS_TEST_TMPDIR/tmp"
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    cd "$HOME" || return
    # The world's variables hold them, which are no source but where a test says so.
    PASSWORD=$CANARY_PASSWORD SECRET=$CLOCK_SECRET
    BASE32=$(oathtool -v --totp "$SECRET" | sed -n 's/^Base32 secret: //p')
    unset CANARY_PASSWORD CLOCK_SECRET
}

# canary TEXT, canary_hex DIGITS: what is searched for from here on.
canary()
{
    local file=$BATS_TEST_TMPDIR/canary.$((${#CANARIES[@]} / 2))
    printf '%s' "$1" >"$file"
    canary_file "$file"
}

canary_hex()
{
    local file=$BATS_TEST_TMPDIR/canary.$((${#CANARIES[@]} / 2))
    printf '%b' "$(sed 's/../\\x&/g' <<<"$1")" >"$file"
    canary_file "$file"
}

canary_file()
{
    CANARIES+=(-c "$1")
    printf '#!/bin/sh\nexec "%s" %s -o "%s" "%s" "$@"\n' "$TRACE" "${CANARIES[*]@Q}" "$REPORT" \
        "$TRACED" >"$SSH_AUTHTEST"
    chmod +x "$SSH_AUTHTEST"
}

# private_file LINE...: sets FILE.
private_file()
{
    FILE=$BATS_TEST_TMPDIR/file
    rm -f "$FILE"
    (umask 077 && printf '%s\n' "$@" >"$FILE")
}

# random: 32 digits, never used before.
random()
{
    printf '%08x%08x%08x%08x' "$SRANDOM" "$SRANDOM" "$SRANDOM" "$SRANDOM"
}

# left_nothing: the canary was in the program's memory, and is no more: neither when its report was
# written, nor at its end. Nor is it in what the program wrote, and no core was possible.
left_nothing()
{
    local moment
    grep -qx '[a-z]*: the secret is there' "$REPORT" || complain_of "the canary never was there" || return
    for moment in "${MOMENTS[@]}"; do
        grep -qx "$moment: searched [1-9][0-9]* mappings, [1-9][0-9]* KiB: 0 found" "$REPORT" ||
            complain_of "it was in memory at: $moment" || return
    done
    grep -qx 'report: no core, closed to the user' "$REPORT" ||
        complain_of "the process is not protected" || return
    left_nothing_written
}

left_nothing_written()
{
    "$TRACE" "${CANARIES[@]}" -s "$PROBE_STDOUT" "$PROBE_STDERR" "$HOME" "$TMPDIR" ||
        complain_of "it was written"
}

complain_of()
{
    complain "$1"$'\n'"--- search"$'\n'"$(cat -v "$REPORT")"
}

# at_terminal PROMPT ANSWER ARGUMENT...: as probe_main, and ANSWER is typed at PROMPT.
at_terminal()
{
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout
    PROBE_STDERR=$BATS_TEST_TMPDIR/stderr
    PROBE_COMMAND="ssh-authtest ${*:3}"
    # The answer in no argument.
    run --separate-stderr env PYTHONPATH="$abs_top_srcdir/tests/tty" timeout -k 5 120 \
        /usr/bin/python3 -B "$abs_top_srcdir/tests/canary/type_in.py" "$1" \
        "$PROBE_STDOUT" "$PROBE_STDERR" \
        "$SSH_AUTHTEST" -F none --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "${@:3}" <<<"$2"
}
