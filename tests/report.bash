# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of TAP and JUnit share: every outcome in turn. A file that loads this one sets `format`,
# and has a function `well_formed`, which checks the report in PROBE_STDOUT and sets `values` to what is in it.

# report ARGUMENT...: a run in the format; report_main on the main sshd.
report()
{
    probe --format="$format" "$@"
    well_formed
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

# each_outcome FUNCTION: runs one of each, and after it FUNCTION STATUS WORD NAME.
each_outcome()
{
    local here=127.0.0.1 main=127.0.0.1:$SSHD_PORT password='assword=env:ALICE_PASSWORD'
    local gssapi=--gssapi-host=server.example.test
    report_main alice@$here
    "$1" 0 listed "alice@$main: list" || return
    report_main -m kbdint -r "$password" alice@$here
    "$1" 0 success "alice@$main: keyboard-interactive" || return
    report_main -m none alice@$here
    "$1" 1 failure "alice@$main: none" || return
    ticket
    report_main -m gssapi "$gssapi" chain-gk@$here
    "$1" 3 partial-success "chain-gk@$main: gssapi-with-mic" || return
    report_main -m kbdint -r "$password" chain-gk@$here
    "$1" 4 not-offered "chain-gk@$main: keyboard-interactive" || return
    kdestroy
    report_main -m gssapi "$gssapi" alice@$here
    "$1" 5 gssapi-failure "alice@$main: gssapi-with-mic" || return
    report --known-hosts=/dev/null alice@"$main"
    "$1" 6 host-key "alice@$main: list" || return
    report alice@$here:1
    "$1" 7 unreachable "alice@$here:1: list" || return
    peer_start silent.py
    report -t 0.3 "alice@$here:$PEER_PORT"
    "$1" 8 timeout "alice@$here:$PEER_PORT: list" || return
    scene list-odd
    "$1" 9 protocol-error "list-odd@$here:$KBDINT_PORT: list" || return
    scene disconnect -m kbdint -r '.*=env:ANSWER'
    "$1" 10 disconnected "disconnect@$here:$KBDINT_PORT: keyboard-interactive" || return
    report_main -m kbdint -B alice@$here
    "$1" 11 no-response "alice@$main: keyboard-interactive" || return
    scene at-once
    "$1" 13 trivial "at-once@$here:$KBDINT_PORT: list" || return
    report_main -m publickey -i "$BATS_TEST_TMPDIR/locked" --passphrase=env:ALICE_PASSWORD alice@$here
    "$1" 15 credential "alice@$main: publickey" || return
    scene at-once -m none,kbdint
    "$1" 16 early-success "at-once@$here:$KBDINT_PORT: none,keyboard-interactive" || return
    report --host-key=off "alice@$here:$SSHD_KEX_PORT"
    "$1" 18 kex-failure "alice@$here:$SSHD_KEX_PORT: list" || return
}

# a key that the password of alice does not open
make_locked_key()
{
    ssh-keygen -q -t ed25519 -N 'another one' -f "$BATS_TEST_TMPDIR/locked"
}

# interrupted: SIGINT while the second of three targets is waited for.
interrupted()
{
    peer_start silent.py
    SIGNAL=INT SIGNAL_LOG=$PEER_LOG measured --format="$format" --host-key=off -t 30 \
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
