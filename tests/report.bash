# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of formats share. A file that loads this one sets `format`: what there is of tap and junit in
# PROBE_STDOUT is checked, and `values` set to it.

well_formed()
{
    if [ "$format" = junit ]; then
        values=$(xmllint --noout --schema "$abs_top_srcdir/tests/junit.xsd" "$PROBE_STDOUT" 2>&1) ||
            complain "$values" || return
    fi
    values=$(/usr/bin/python3 -B "$abs_top_srcdir/tests/${format}_check.py" "$PROBE_STDOUT" 2>&1) ||
        complain "$values"
}

# report ARGUMENT...: a run in the format; report_main on the main sshd.
report()
{
    report_unchecked "$@"
    case $format in
    tap | junit) well_formed ;;
    esac
}

report_unchecked()
{
    probe --format="$format" "$@"
}

report_main()
{
    report --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "$@"
}

# scene USER ARGUMENT...: on the scripted server.
scene()
{
    local user=$1
    shift
    export ANSWER=secret
    [ -n "${KBDINT_PORT:-}" ] || { peer_start kbdint.py && KBDINT_PORT=$PEER_PORT; }
    report --host-key=off -t 20 "$@" "$user@127.0.0.1:$KBDINT_PORT"
}

# has REGEX, lacks REGEX: of the lines of `values`.
has()
{
    grep -qE -- "$1" <<<"$values" || complain "no value matches: $1, of
$values"
}

lacks()
{
    ! grep -qE -- "$1" <<<"$values" || complain "a value matches: $1"
}

# interrupted: SIGINT while the second of three targets is waited for.
interrupted()
{
    peer_start silent.py
    SIGNAL=INT SIGNAL_LOG=$PEER_LOG measured --format="$format" -j 1 --host-key=off -t 30 \
        "alice@127.0.0.1:$SSHD_PORT" "alice@127.0.0.1:$PEER_PORT" alice@127.0.0.1:1
    expect_status 130 && well_formed
}

# hostile_banner: sshd's banner for the user banner is one that would pose as the report's.
hostile_banner()
{
    cp "$BANNER_FILE" "$BATS_TEST_TMPDIR/banner"
    printf '%b' 'ok 2 - forged\n1..2\n  ...\nexit: 0\n\x1b[2J\xc2\x9b\xe2\x80\xae\xff]]></system-out><a b="&c;">' \
        '\r\n"quoted" \\ \xc3\xa4\xf0\x9f\x94\x91\n' >"$BANNER_FILE"
    report_main banner@127.0.0.1
    cp "$BATS_TEST_TMPDIR/banner" "$BANNER_FILE"
}
