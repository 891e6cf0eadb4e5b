#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Questions through the program of SSH_ASKPASS, where there is no terminal: when it is run, what
# it is asked, what its answer becomes. With a terminal: tests/tty/askpass_test.py.

load helper
load kbdint

setup_file() { world_up; }
teardown_file() { world_down; }

setup()
{
    test_begin
    export ASKED=$BATS_TEST_TMPDIR/asked
    export DISPLAY=:none
    askpass 'printf "%s\n" "$ANSWER"'
    export ANSWER=$ALICE_PASSWORD
}

# askpass LINE...: the program; what it is asked is in the file ASKED, behind a line for each call.
askpass()
{
    export SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass
    printf '%s\n' '#!/bin/sh' 'printf "asked %d: %s\n" $# "$1" >>"$ASKED"' "$@" >"$SSH_ASKPASS"
    chmod +x "$SSH_ASKPASS"
}

not_asked()
{
    [ ! -e "$ASKED" ] || complain "askpass was run: $(cat "$ASKED")"
}

# asked TEXT: this was the whole of the questions.
asked()
{
    [ "$(cat "$ASKED")" = "$1" ] || complain "askpass was asked: $(cat -v "$ASKED")"
}

# ------------------------------------------------------------------ answers

@test "without a terminal the program asks, and its first line is the answer" {
    askpass 'printf "%s\r\nsecond line\n" "$ANSWER"'
    kbdint alice@127.0.0.1
    outcome 0 success
    asked 'asked 1: (alice@127.0.0.1) Password: '
    expect_line 'no echo, answered by askpass$'
    expect_event "^answer alice ${#ALICE_PASSWORD} right$"
    refute_text "$ALICE_PASSWORD"
}

@test "a wrong answer is a failure, an empty line is an empty answer" {
    ANSWER=wrong kbdint alice@127.0.0.1
    outcome 1 failure
    expect_event '^answer alice 5 wrong$'
    askpass 'echo'
    kbdint empty@127.0.0.1
    outcome 0 success
    expect_event '^answer empty 0 right$'
}

@test "two prompts are two questions" {
    askpass 'case $1 in *code*) echo "$TWO_CODE" ;; *) echo "$TWO_PASSWORD" ;; esac'
    kbdint two@127.0.0.1
    outcome 0 success
    asked "asked 1: (two@127.0.0.1) Account code: 
asked 1: (two@127.0.0.1) Password: "
}

@test "what the server says above its prompt is part of the question" {
    export ANSWER=$INFO_PASSWORD
    kbdint info@127.0.0.1
    outcome 0 success
    grep -qxF '  | Maintenance tonight at 22:00.' "$ASKED" || asked 'the messages'
    [ "$(tail -n 1 "$ASKED")" = '(info@127.0.0.1) Password: ' ] || asked 'the prompt last'
}

@test "the server's text is escaped" {
    export ANSWER=$EVIL_PASSWORD
    kbdint evil@127.0.0.1
    outcome 0 success
    ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' "$ASKED" ||
        complain "control bytes: $(cat -v "$ASKED")"
    iconv -f UTF-8 -t UTF-8 "$ASKED" >/dev/null || complain 'not UTF-8'
    grep -qF '\x1B]0;owned' "$ASKED" || complain "not there: $(cat -v "$ASKED")"
    grep -qxF '(evil@127.0.0.1) second line: ' "$ASKED" || complain "no prompt: $(cat -v "$ASKED")"
}

# ------------------------------------------------------------------- no answer

@test "a program that cancels: no-response, and no answer is sent" {
    local line
    for line in 'exit 1' 'echo "$ANSWER"; exit 255' 'kill -9 $$' 'exit 0' 'printf "%05000d" 0' \
        'head -c 2000000 /dev/zero'; do
        askpass "$line"
        log_mark
        kbdint alice@127.0.0.1
        expect_status 11
        expect_line '^no-response: .*askpass'
        refute_event '^answer'
        refute_text "$ALICE_PASSWORD"
    done
}

@test "a program that cannot be run: no-response with the reason" {
    SSH_ASKPASS=/nonexistent/askpass kbdint alice@127.0.0.1
    expect_status 11
    expect_line '/nonexistent/askpass: No such file or directory'
    chmod -x "$SSH_ASKPASS"
    kbdint alice@127.0.0.1
    expect_status 11
    expect_line 'askpass: Permission denied'
    SSH_ASKPASS=$'/tmp/\e[2Jaskpass' kbdint alice@127.0.0.1
    expect_status 11
    have_no_control_bytes
    askpass 'printf "cannot\033[2J open\n" >&2' 'exit 4'
    kbdint alice@127.0.0.1
    expect_status 11
    expect_err 'cancelled \(exit status 4\): cannot\\x1B\[2J open \(stage auth\)$'
    refute_event '^answer'
}

@test "a server that hangs up meanwhile ends the program" {
    askpass "echo \$\$ >$BATS_TEST_TMPDIR/pid" 'sleep 1000'
    local started tries
    peer_start kbdint.py
    (
        for ((tries = 0; tries < 500; tries++)); do
            [ ! -s "$BATS_TEST_TMPDIR/pid" ] || break
            sleep 0.02
        done
        kill "$PEER_PID"
    ) 3>&- &
    started=$!
    probe --host-key=off -t 60 -m keyboard-interactive "rounds.1@127.0.0.1:$PEER_PORT"
    wait "$started"
    expect_status 10
    [ ! -e "/proc/$(cat "$BATS_TEST_TMPDIR/pid")" ] || complain "the program still runs"
}

# ------------------------------------------------------------------ when it is run

@test "-B never runs it" {
    SSH_ASKPASS_REQUIRE=force kbdint -B alice@127.0.0.1
    expect_status 11
    expect_line '^no-response: .*--batch'
    SSH_ASKPASS_REQUIRE=force probe -B --known-hosts=/dev/null -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 6
    not_asked
}

@test "a rule that answers: it is not run; ask: runs it" {
    kbdint -r 'assword=env:ANSWER' alice@127.0.0.1
    outcome 0 success
    not_asked
    kbdint -r 'assword=ask:' alice@127.0.0.1
    outcome 0 success
    asked 'asked 1: (alice@127.0.0.1) Password: '
}

@test "SSH_ASKPASS_REQUIRE and the display, as with ssh" {
    local require display wayland expected
    while read -r require display wayland expected; do
        rm -f "$ASKED"
        SSH_ASKPASS_REQUIRE=${require#-} DISPLAY=${display#-} WAYLAND_DISPLAY=${wayland#-} \
            kbdint alice@127.0.0.1
        if [ "$expected" = asked ]; then
            expect_status 0 && [ -e "$ASKED" ]
        else
            expect_status 11 && not_asked
        fi || complain "$require $display $wayland: not $expected"
    done <<'END'
- :0 - asked
- - wayland-0 asked
- - - not
never :0 - not
NEVER :0 wayland-0 not
force - - asked
Force - - asked
prefer :0 - asked
PREFER - wayland-0 asked
prefer - - not
other :0 - asked
other - - not
END
}

@test "no program: nothing to ask with" {
    SSH_ASKPASS='' SSH_ASKPASS_REQUIRE=force kbdint alice@127.0.0.1
    expect_status 11
    expect_line 'there is no terminal'
    not_asked
}

@test "a name without a slash is searched for in PATH" {
    PATH=/nonexistent:$BATS_TEST_TMPDIR:$PATH SSH_ASKPASS=askpass kbdint alice@127.0.0.1
    outcome 0 success
    [ -e "$ASKED" ]
    SSH_ASKPASS=no-such-askpass kbdint alice@127.0.0.1
    expect_status 11
    expect_line 'no-such-askpass: No such file'
}

@test "the time that it takes is not counted" {
    askpass 'sleep 3' 'printf "%s\n" "$ANSWER"'
    kbdint -t 2 alice@127.0.0.1
    outcome 0 success
}

@test "it gets no descriptor, and no hint of ssh-add's" {
    askpass 'ls /proc/self/fd >>"$ASKED"' 'echo "hint:$SSH_ASKPASS_PROMPT" >>"$ASKED"' \
        'readlink /proc/self/fd/0 >>"$ASKED"' 'printf "%s\n" "$ANSWER"'
    exec 7<"$KNOWN_HOSTS"
    SSH_ASKPASS_PROMPT=confirm kbdint alice@127.0.0.1
    exec 7<&-
    outcome 0 success
    asked "asked 1: (alice@127.0.0.1) Password: 
0
1
2
3
hint:
/dev/null"
}

# ----------------------------------------------------------------------- host key

@test "an unknown host key: the question names it, and only a full yes accepts" {
    local kh=$BATS_TEST_TMPDIR/hosts
    : >"$kh"
    ANSWER=yes probe --known-hosts="$kh" -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    expect_line '^host key +ssh-ed25519 .* unknown$'
    grep -qF "fingerprint  $FINGERPRINT_ED25519" "$ASKED" || asked 'the fingerprint'
    [ ! -s "$kh" ]
    ANSWER=y probe --known-hosts="$kh" -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 6
    [ "$(grep -c 'Please answer yes' "$ASKED")" = 2 ] || asked 'three questions'
    askpass 'exit 1'
    probe --known-hosts="$kh" -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 11
    askpass 'echo save'
    probe --known-hosts="$kh" -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    [ -s "$kh" ]
}
