# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the bats tests share: the world, running the program, looking at what it
# said and at what the server saw, tickets, peers. `load helper` at the top of a test.
#
# Automake gives abs_top_srcdir and abs_top_builddir; SSH_AUTHTEST names another program.
# A test file that needs the world says
#     setup_file() { world_up; }
#     teardown_file() { world_down; }
# setup and teardown below serve every test; one that has its own calls test_begin and test_end.

bats_require_minimum_version 1.5.0

abs_top_srcdir=${abs_top_srcdir:-$(cd "$BATS_TEST_DIRNAME/.." && pwd)}
abs_top_builddir=${abs_top_builddir:-$abs_top_srcdir}
SSH_AUTHTEST=${SSH_AUTHTEST:-$abs_top_builddir/ssh-authtest}
WORLD_PROGRAM=$abs_top_srcdir/tests/world/world
export abs_top_srcdir abs_top_builddir SSH_AUTHTEST

# ------------------------------------------------------------------ world

world_up()
{
    local dir parent=${TMPDIR:-/tmp} status=0
    case $parent in
    *[[:space:]]*) parent=/tmp ;;
    esac
    dir=$(mktemp -d "$parent/ssh-authtest.XXXXXX")
    WORLD_LIBDIR=${WORLD_LIBDIR:-$abs_top_builddir/tests/world} \
        WORLD_OWNER=${BATS_ROOT_PID:-$PPID} "$WORLD_PROGRAM" start "$dir" || status=$?
    if [ "$status" != 0 ]; then
        rm -rf -- "$dir"
        [ "$status" != 77 ] || skip "a program of the tests' world is missing"
        return "$status"
    fi
    # shellcheck source=/dev/null
    . "$dir/env"
}

world_down()
{
    [ -z "${WORLD_DIR:-}" ] || "$WORLD_PROGRAM" stop "$WORLD_DIR"
}

setup()
{
    test_begin
}

teardown()
{
    test_end
}

# left_out: does tests/valgrind/left_out have this test?
left_out()
{
    [ -n "${VALGRIND_LOGS:-}" ] &&
        grep -qxF -- "${BATS_TEST_FILENAME##*/}: $BATS_TEST_DESCRIPTION" "$abs_top_srcdir/tests/valgrind/left_out"
}

# A home of its own, no configuration of ssh's, no ticket, no agent, and marks in the server's logs.
test_begin()
{
    ! left_out || skip "not under valgrind"
    export HOME=$BATS_TEST_TMPDIR/home
    mkdir -p "$HOME/.ssh"
    chmod 700 "$HOME" "$HOME/.ssh"
    export KRB5CCNAME=FILE:$BATS_TEST_TMPDIR/cc
    export KRB5_CLIENT_KTNAME=FILE:/nonexistent
    [ -n "${WORLD_DIR:-}" ] || export KRB5_CONFIG=/dev/null
    unset SSH_AUTH_SOCK SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY WAYLAND_DISPLAY KRB5_TRACE KRB5_KTNAME
    PROBE_STDIN=/dev/null
    PROBE_CONFIG=(-F none)
    PEER_PIDS=()
    log_mark
}

test_end()
{
    peers_stop
}

# -------------------------------------------------------------- the program

# probe ARGUMENT...: sets status, output, lines, stderr, stderr_lines. The program has no
# controlling terminal, so it cannot prompt, and reads PROBE_STDIN. Its raw bytes are in
# PROBE_STDOUT and PROBE_STDERR. PROBE_CONFIG comes before the arguments: ssh takes its configuration from
# the home in the user database, whatever HOME says, so without -F a test would read the tester's own.
probe()
{
    PROBE_STDOUT=$BATS_TEST_TMPDIR/stdout
    PROBE_STDERR=$BATS_TEST_TMPDIR/stderr
    PROBE_COMMAND="ssh-authtest $*"
    run --separate-stderr probe_raw "$@"
}

probe_raw()
{
    local status=0
    timeout -k 5 120 setsid -w "$SSH_AUTHTEST" "${PROBE_CONFIG[@]}" "$@" \
        <"$PROBE_STDIN" >"$PROBE_STDOUT" 2>"$PROBE_STDERR" 3>&- || status=$?
    tr -d '\000' <"$PROBE_STDOUT"
    tr -d '\000' <"$PROBE_STDERR" >&2
    return "$status"
}

# probe_main ARGUMENT...: against the main sshd, its host key known. The target is the last argument,
# as USER@127.0.0.1 or 127.0.0.1; the port is added.
probe_main()
{
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" "$@"
}

# elapsed COMMAND...: runs it and sets ELAPSED_MS.
elapsed()
{
    local begin
    begin=$(date +%s%N)
    "$@"
    # shellcheck disable=SC2034
    ELAPSED_MS=$((($(date +%s%N) - begin) / 1000000))
}

# --------------------------------------------------------------- expectations

# complain TEXT: what is wrong and all that is known about it, then fail.
complain()
{
    printf '%s\n' "$1" "command: ${PROBE_COMMAND:-}" "status: ${status:-}" \
        "--- stdout" "${output:-}" "--- stderr" "${stderr:-}"
    if [ -n "${WORLD_DIR:-}" ]; then
        printf '%s\n' '--- events' "$(events)" '--- sshd' "$(server_log | tail -n 60)"
    fi
    if [ -n "${PEER_LOG:-}" ]; then
        printf '%s\n' '--- peer' "$(cat "$PEER_LOG")"
    fi
    return 1
}

expect_status()
{
    [ "$status" = "$1" ] || complain "expected status $1, got $status"
}

# Extended regular expressions, matched against each line of standard output ...
expect_line()
{
    grep -qE -- "$1" <<<"$output" || complain "no line of stdout matches: $1"
}

refute_line()
{
    ! grep -qE -- "$1" <<<"$output" || complain "a line of stdout matches: $1"
}

# ... and of standard error.
expect_err()
{
    grep -qE -- "$1" <<<"$stderr" || complain "no line of stderr matches: $1"
}

refute_err()
{
    ! grep -qE -- "$1" <<<"$stderr" || complain "a line of stderr matches: $1"
}

# step N METHOD OUTCOME [CODE]: the line of that step.
step()
{
    expect_line "^$1 +$2 +$3 +[0-9]+ ms${4:+ +$4}"
}

# steps_are N: that many steps are reported, and no more.
steps_are()
{
    local found
    found=$(grep -cE '^[0-9]+ +[a-z-]+ +[a-z-]+ ' <<<"$output") || true
    [ "$found" = "$1" ] || complain "$found steps are reported"
}

# Fixed text nowhere in either (secrets).
refute_text()
{
    ! grep -qaF -- "$1" "$PROBE_STDOUT" "$PROBE_STDERR" || complain "the output holds: $1"
}

# have_no_control_bytes: neither output holds what could act on a terminal: C0 but tab and newline,
# DEL, C1, bidirectional controls, bytes that are no UTF-8.
have_no_control_bytes()
{
    local file bad='[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c'
    bad+='|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]'
    for file in "$PROBE_STDOUT" "$PROBE_STDERR"; do
        if LC_ALL=C grep -qaP "$bad" "$file"; then
            complain "control bytes: $(LC_ALL=C grep -aP "$bad" "$file" | cat -v)"
            return 1
        fi
        if ! iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1; then
            complain "not UTF-8: $(cat -v "$file")"
            return 1
        fi
    done
}

# ------------------------------------------------------- what the server saw

log_mark()
{
    LOG_MARK=0 EVENTS_MARK=0
    [ -z "${WORLD_DIR:-}" ] || LOG_MARK=$(wc -c <"$SSHD_LOG") EVENTS_MARK=$(wc -c <"$EVENTS_LOG")
}

# server_settled: until the main sshd has no session left, so that its log is complete.
server_settled()
{
    local pid tries children
    pid=$(cat "$WORLD_DIR/sshd-main.pid")
    for ((tries = 0; tries < 500; tries++)); do
        children=$(cat "/proc/$pid/task/$pid/children")
        [ -n "${children// /}" ] || return 0
        sleep 0.02
    done
    complain "sshd still has sessions after 10 seconds"
}

# server_log: the main sshd's log since the test began (or log_mark).
server_log()
{
    tail -c "+$((LOG_MARK + 1))" "$SSHD_LOG"
}

# events: the PAM module's log since then (tests/world/pam_script.c says what is in it).
events()
{
    tail -c "+$((EVENTS_MARK + 1))" "$EVENTS_LOG"
}

expect_server()
{
    server_settled && { server_log | grep -E -- "$1" >/dev/null || complain "sshd did not log: $1"; }
}

refute_server()
{
    server_settled && { ! server_log | grep -E -- "$1" >/dev/null || complain "sshd logged: $1"; }
}

expect_event()
{
    server_settled && { events | grep -E -- "$1" >/dev/null || complain "no event: $1"; }
}

refute_event()
{
    server_settled && { ! events | grep -E -- "$1" >/dev/null || complain "event: $1"; }
}

# userauth_requests: the method of each request that sshd received, on one line.
userauth_requests()
{
    server_settled && server_log |
        sed -n 's/.*userauth-request for user .* service ssh-connection method \([^ ]*\).*/\1/p' |
        paste -s -d ' ' -
}

# requests_were "METHOD...": exactly these requests reached sshd.
requests_were()
{
    local seen
    seen=$(userauth_requests)
    [ "$seen" = "$1" ] || complain "sshd saw the requests: $seen"
}

# delegated_ccache USER: where the ticket that USER's last login delegated is kept; fails
# where none was.
delegated_ccache()
{
    local path
    server_settled
    path=$(events | awk -v user="$1" '$1 == "session" && $2 == user { path = $3 } END { print path }')
    case $path in
    /*) printf '%s\n' "$path" ;;
    *) return 1 ;;
    esac
}

# otp_code: a one-time password for otp and otp2 that was not used yet.
otp_code()
{
    "$WORLD_PROGRAM" otp "$WORLD_DIR"
}

# -------------------------------------------------------------------- tickets

# ticket [PRINCIPAL [KINIT-OPTION...]]: into the test's own ccache. alice, bob, alice-nofwd.
ticket()
{
    local principal=${1:-alice}
    shift || true
    kinit -k -t "$WORLD_DIR/$principal.keytab" "$@" "$principal"
}

ticket_expired()
{
    ticket alice -l 1s
    sleep 2.1
}

# ticket_skewed SECONDS [SERVICE]: a ccache that makes its user's clock wrong, as a KDC's clock
# SECONDS away would have done. With SERVICE (a host name) its ticket is there already, so that the server
# and not the KDC finds out.
ticket_skewed()
{
    local file=${KRB5CCNAME#FILE:} old offset
    ticket
    [ -z "${2:-}" ] || kvno -q "host/$2"
    # Format 4: 05 04, length of the header (2 bytes), header; tag 1, length 8, seconds, microseconds.
    old=$(od -An -tu1 -j2 -N2 "$file")
    read -r -a old <<<"$old"
    offset=$(printf '%08x' "$(($1 & 0xffffffff))" | sed 's/../\\x&/g')
    {
        printf '\x05\x04\x00\x0c\x00\x01\x00\x08%b\x00\x00\x00\x00' "$offset"
        tail -c "+$((4 + old[0] * 256 + old[1] + 1))" "$file"
    } >"$file.new"
    mv "$file.new" "$file"
}

# kdc_down, kdc_silent: from here on; tickets had before stay good.
kdc_down()
{
    export KRB5_CONFIG=$KRB5_CONFIG_DOWN
}

kdc_silent()
{
    peer_start silent.py --udp
    sed "s/kdc = 127.0.0.1:.*/kdc = 127.0.0.1:$PEER_PORT/" "$WORLD_DIR/krb5.conf" >"$BATS_TEST_TMPDIR/krb5-silent.conf"
    export KRB5_CONFIG=$BATS_TEST_TMPDIR/krb5-silent.conf
}

# ---------------------------------------------------------------------- peers

# peer_start FILE [ARGUMENT...]: a program of tests/peer; sets PEER_PORT, PEER_PID and
# PEER_LOG (what it saw). Ended by test_end.
peer_start()
{
    local number=${#PEER_PIDS[@]} out
    out=$BATS_TEST_TMPDIR/peer$number.out
    PEER_LOG=$BATS_TEST_TMPDIR/peer$number.log
    : >"$out"
    # A test may empty the log.
    : >"$PEER_LOG"
    /usr/bin/python3 -B "$abs_top_srcdir/tests/peer/$1" "${@:2}" </dev/null >"$out" 2>>"$PEER_LOG" 3>&- &
    peer_started $! "$out" "the peer $1"
}

# peer_started PID FILE WHAT: waits for the port that it prints into FILE; test_end ends it.
peer_started()
{
    local tries
    PEER_PID=$1
    PEER_PIDS+=("$1")
    for ((tries = 0; tries < 500; tries++)); do
        if read -r PEER_PORT <"$2" && [ -n "$PEER_PORT" ]; then
            return 0
        fi
        kill -0 "$1" 2>/dev/null || break
        sleep 0.02
    done
    complain "$3 did not start"
}

peers_stop()
{
    local pid
    for pid in ${PEER_PIDS[@]+"${PEER_PIDS[@]}"}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    PEER_PIDS=()
}

# expect_peer REGEX, refute_peer REGEX: on what the peer saw, once it has ended.
expect_peer()
{
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        ! grep -qE -- "$1" "$PEER_LOG" || return 0
        sleep 0.05
    done
    complain "the peer did not see: $1"
}

refute_peer()
{
    ! grep -qE -- "$1" "$PEER_LOG" || complain "the peer saw: $1"
}
