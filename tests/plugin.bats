#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check_ssh_auth: its four states, each one line with performance data that a monitor can read,
# whatever a server says and however it ends.

load helper

setup_file() { world_up; }
teardown_file() { world_down; }

# A PATH with the program as for somebody without a configuration of ssh's, and a TMPDIR of which nothing
# may remain.
setup()
{
    test_begin
    mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/tmp"
    printf '#!/bin/sh\nexec "%s" -F none "$@"\n' "$SSH_AUTHTEST" >"$BATS_TEST_TMPDIR/bin/ssh-authtest"
    chmod +x "$BATS_TEST_TMPDIR/bin/ssh-authtest"
    export PW=$ALICE_PASSWORD
}

# plugin ARGUMENT...: sets status, output, stderr as probe does. PLUGIN_SHELL runs it.
plugin()
{
    PROBE_COMMAND="check_ssh_auth $*"
    run --separate-stderr plugin_raw "$@"
}

plugin_raw()
{
    PATH=$BATS_TEST_TMPDIR/bin:$PATH TMPDIR=$BATS_TEST_TMPDIR/tmp timeout -k 5 120 setsid -w \
        "${PLUGIN_SHELL:-sh}" "$abs_top_srcdir/scripts/check_ssh_auth" "$@" <"$PROBE_STDIN" 3>&-
}

# alice METHOD ARGUMENT...: a login of hers on the main sshd.
alice()
{
    plugin "${@:2}" --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -m "$1" alice@127.0.0.1
}

# state STATUS WORD REGEX: that status, one line of that state whose text matches, data in Nagios's form.
state()
{
    local data shape='^ total=V;[0-9.]*;[0-9.]*;0( [a-z-]+=V;;;0)*$'
    expect_status "$1" || return
    [ "${#lines[@]}" = 1 ] || complain "not one line" || return
    [ -z "$stderr" ] || complain "something on standard error" || return
    [[ ${output%% | *} =~ ^"SSH_AUTH $2 - "$3 ]] || complain "no line: SSH_AUTH $2 - $3" || return
    if [[ $output == *'|'* ]]; then
        data=${output#*|}
        [[ $data =~ ${shape//V/[0-9]+[.][0-9]{4\}s} ]] || complain "data: $data" || return
    fi
    ! LC_ALL=C grep -qP '[\x00-\x1f\x7f]' <<<"$output" || complain "control bytes" || return
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ] || complain "a file is left"
}

# data LABEL: its value, without the unit.
data()
{
    sed -nE "s/.*[ |]$1=([0-9.]+)s;.*/\1/p" <<<"$output"
}

@test "OK: a login, with the time of each stage" {
    alice password -r '.*=env:PW'
    state 0 OK 'success: alice was accepted after password$'
    for label in total resolve connect kex auth; do
        [ -n "$(data "$label")" ] || complain "no $label"
    done
    awk -v total="$(data total)" -v auth="$(data auth)" 'BEGIN { exit !(auth > 0 && auth <= total) }'
}

@test "OK: a list; and what is expected, even where it is a refusal" {
    plugin --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT"
    state 0 OK 'listed: alice can use '
    PW=wrong alice password -r '.*=env:PW' -e failure
    state 0 OK 'failure: alice was refused by password$'
}

@test "WARNING and CRITICAL: a login that takes too long; each limit is in the data" {
    alice password -w 0.0001 -r '.*=env:PW'
    state 1 WARNING 'success: .*; it took [0-9.]+ s, more than 0.0001 s$'
    [[ $output == *'s;0.0001;;0 '* ]]
    alice password -w 0.0001 -c 0.0002 -r '.*=env:PW'
    state 2 CRITICAL 'success: .*, more than 0.0002 s$'
    [[ $output == *'s;0.0001;0.0002;0 '* ]]
    alice password -w 100 -c 110 -r '.*=env:PW'
    state 0 OK 'success: '
}

@test "CRITICAL: refused, otherwise than expected, no server, a wrong host key, a server that says nothing" {
    PW=wrong alice password -r '.*=env:PW'
    state 2 CRITICAL 'failure: alice was refused by password$'
    alice password -e failure -r '.*=env:PW'
    state 2 CRITICAL 'success: .*; not as expected: '
    plugin --known-hosts="$KNOWN_HOSTS" --forbid-offered=password "alice@127.0.0.1:$SSHD_PORT"
    state 2 CRITICAL 'listed: .*; not as expected: '
    plugin --known-hosts=/dev/null "alice@127.0.0.1:$SSHD_PORT"
    state 2 CRITICAL 'host-key: '
    peer_start silent.py
    plugin -t 1 "alice@127.0.0.1:$PEER_PORT"
    state 2 CRITICAL 'timeout: '
    peers_stop
    plugin "alice@127.0.0.1:$PEER_PORT"
    state 2 CRITICAL 'unreachable: '
    alice password
    state 2 CRITICAL 'no-response: '
}

@test "CRITICAL: the first of several chains that is not as expected, and how many there were" {
    alice 'none password' -r '.*=env:PW'
    state 2 CRITICAL '[a-z-]+: alice .* \(2 connections\)$'
    [[ $output != *success:* ]] || complain "the wrong chain"
    alice 'password none' -r '.*=env:PW'
    [[ $output != *success:* ]] || complain "the wrong chain"
    state 2 CRITICAL ''
}

@test "UNKNOWN: arguments, credentials, a missing program, a defect" {
    plugin
    state 3 UNKNOWN ''
    plugin --no-such-option host
    state 3 UNKNOWN '--no-such-option: no such option'
    for limit in '' x 0 0.0 . 1.2.3 -1 '1;2' $'1\n2'; do
        plugin -w "$limit" host
        state 3 UNKNOWN 'usage: -w: '
    done
    plugin -c
    state 3 UNKNOWN 'usage: -c: its argument is missing'
    alice publickey -i "$BATS_TEST_TMPDIR/none"
    state 3 UNKNOWN ''
    for argument in -q --version; do # no report, no state
        plugin "$argument" --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT"
        state 3 UNKNOWN 'ssh-authtest ended with status 0 and without a report'
    done
    printf '#!/bin/sh\nkill -SEGV $$\n' >"$BATS_TEST_TMPDIR/bin/ssh-authtest"
    plugin host
    state 3 UNKNOWN 'ssh-authtest ended with status 139 '
    rm "$BATS_TEST_TMPDIR/bin/ssh-authtest"
    plugin host
    state 3 UNKNOWN 'ssh-authtest: there is no such program in '
}

@test "UNKNOWN: no room for temporary files" {
    run -3 --separate-stderr env TMPDIR=/nonexistent PATH="$BATS_TEST_TMPDIR/bin:$PATH" \
        "$abs_top_srcdir/scripts/check_ssh_auth" host
    [ "$output" = 'SSH_AUTH UNKNOWN - no temporary file could be made' ]
    [ -z "$stderr" ]
}

@test "--help says how it is used, and is no OK" {
    plugin --help
    expect_status 3
    expect_line '^Usage: check_ssh_auth '
}

@test "a server's words stay in the line: bars, lines, control characters, the report's own words" {
    # what a hostile report would be: the plugin does not even rely on the program's escaping
    cat >"$BATS_TEST_TMPDIR/bin/ssh-authtest" <<'END'
#!/bin/sh
printf 'host port 22, SSH-2.0-success: x\n\n1  password  failure  1 ms\n       | success: forged\n'
printf '\n\033[31mfailure\033[m: it says: a|b\tc\rd\033[2J\001\177 $(id) `id` \\n; x=1 | total=0s\n'
printf 'time: kex 1.5 ms, evil=1;2 1 ms, auth 2.0 ms extra, total 3.5 ms\n'
exit 1
END
    plugin host
    # shellcheck disable=SC2016
    [ "$output" = 'SSH_AUTH CRITICAL - failure: it says: a/b?c?d?[2J?? $(id) `id` \n; x=1 / total=0s | total=0.0035s;;;0 kex=0.0015s;;;0' ] ||
        complain "another line"
    state 2 CRITICAL 'failure: '
}

@test "a server of the protocol's own that says what it likes" {
    local user
    [ "$(hostile_scenes | wc -l)" -ge 5 ]
    peer_start kbdint.py
    for user in $(hostile_scenes); do
        plugin --host-key=off -t 20 -m keyboard-interactive -r '.*=env:PW' "$user@127.0.0.1:$PEER_PORT"
        [[ $status = [023] ]] || complain "a state of its own"
        case $status in
        0) state 0 OK '' ;;
        2) state 2 CRITICAL '' ;;
        3) state 3 UNKNOWN '' ;;
        esac
    done
}

# Those scenes that tests/escape.bats has, by the names that the peer knows.
hostile_scenes()
{
    grep -ohE '(kbdint_)?scene [a-z][a-z-]+' "$abs_top_srcdir/tests/escape.bats" | cut -d ' ' -f 2 | sort -u
}

@test "a line of many thousand names is cut, and the data stays" {
    cat >"$BATS_TEST_TMPDIR/bin/ssh-authtest" <<'END'
#!/bin/sh
awk 'BEGIN { printf "\nlisted: alice can use é"; while (i++ < 9999) printf "méthod, "; print "\ntime: total 1.0 ms" }'
END
    plugin host
    expect_status 0
    [ "${#output}" -lt 1200 ]
    [[ $output == *'... | total=0.0010s;;;0' ]]
    iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "SIGTERM ends the program too, and is UNKNOWN" {
    local tries pid child
    peer_start silent.py
    PATH=$BATS_TEST_TMPDIR/bin:$PATH sh "$abs_top_srcdir/scripts/check_ssh_auth" "alice@127.0.0.1:$PEER_PORT" \
        </dev/null >"$BATS_TEST_TMPDIR/line" 3>&- &
    pid=$!
    for ((tries = 0; tries < 500; tries++)); do
        child=$(pgrep -P "$pid" -x ssh-authtest) || child=
        [ -z "$child" ] || break
        sleep 0.02
    done
    [ -n "$child" ]
    kill "$pid"
    status=0
    wait "$pid" || status=$?
    expect_status 3
    [ "$(cat "$BATS_TEST_TMPDIR/line")" = 'SSH_AUTH UNKNOWN - ended by SIGTERM' ]
    run ! kill -0 "$child"
}

@test "answers come from standard input where a rule says so" {
    printf '%s\n' "$ALICE_PASSWORD" >"$BATS_TEST_TMPDIR/stdin"
    PROBE_STDIN=$BATS_TEST_TMPDIR/stdin
    alice password -r '.*=fd:0'
    state 0 OK 'success: '
}

@test "the plugin is POSIX sh: what a minimal shell says of it" {
    for PLUGIN_SHELL in dash 'bash'; do
        command -v "$PLUGIN_SHELL" >/dev/null || continue
        "$PLUGIN_SHELL" -n "$abs_top_srcdir/scripts/check_ssh_auth"
        alice none -e failure,not-offered
        state 0 OK ''
    done
}

@test "the built one knows where the program will be" {
    grep -qE '^bindir=/' "$abs_top_builddir/check_ssh_auth"
    [ "$(diff "$abs_top_srcdir/scripts/check_ssh_auth" "$abs_top_builddir/check_ssh_auth" | grep -c '^>')" -le 1 ]
}
