#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2094,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Proxy commands, of the command line and of the configuration: their tokens, logins through them,
# what they get and what is left of them. How they fail is in proxy_broken.bats.

load helper
load config
load jump

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    jumps
    pipe
}

# main [ARGUMENT]... USER: the main server through the proxy command PIPE, without a configuration.
main()
{
    PROBE_CONFIG=(-F none)
    through --known-hosts="$KNOWN_HOSTS" --proxy-command="$PIPE %h %p" "${@:1:$#-1}" "${!#}@127.0.0.1:$SSHD_PORT"
}

@test "--proxy-command: the report says so, and the server sees the proxy" {
    main alice
    listed_via 'through a proxy command'
    gone "$RECORD/pid"
}

@test "ProxyCommand of the configuration, with every token" {
    jumps "Host web1" "    HostName 127.0.0.1" "    ProxyCommand $PIPE --say='h=%h p=%p r=%r n=%n 100%%' %h %p"
    through bob@web1
    expect_status 0
    via 'through a proxy command'
    grep -qxF "h=127.0.0.1 p=$SSHD_PORT r=bob n=web1 100%" "$RECORD/arguments" || complain "$(cat "$RECORD/arguments")"
}

@test "the same tokens in --proxy-command, and none else" {
    jumps "Host web1" "    HostName 127.0.0.1"
    through --proxy-command="$PIPE --say='h=%h p=%p r=%r n=%n 100%%' %h %p" bob@web1
    expect_status 0
    grep -qxF "h=127.0.0.1 p=$SSHD_PORT r=bob n=web1 100%" "$RECORD/arguments" || complain "$(cat "$RECORD/arguments")"
    rm "$RECORD/pid"
    through --proxy-command="$PIPE %z" web1
    refused '.*%z'
    through --proxy-command="$PIPE %" web1
    refused '.*%'
    [ ! -e "$RECORD/pid" ] || complain "it was run"
}

@test "it is a shell's command: quotes, variables, several commands" {
    proxy 'echo "$1|$2|$KEPT" >>"$(dirname "$0")/said"' "shift 2" 'exec "$@"'
    KEPT=kept through --proxy-command="'$PROXY' 'a  b' \"\$KEPT\" $PIPE %h %p" --known-hosts="$KNOWN_HOSTS" \
        "alice@127.0.0.1:$SSHD_PORT"
    expect_status 0
    grep -qxF 'a  b|kept|kept' "$BATS_TEST_TMPDIR/said" || complain "$(cat "$BATS_TEST_TMPDIR/said")"
}

@test "a host or user that a shell would take for more than a name runs nothing" {
    local user
    for user in 'a;x' 'a$(id)' 'a`id`' "a'b" 'a|b' 'a&b' 'a>b'; do
        rm -f "$RECORD/pid"
        through --known-hosts="$KNOWN_HOSTS" --proxy-command="$PIPE --say=%r %h %p" -l "$user" "127.0.0.1:$SSHD_PORT"
        refused '.*'
        [ ! -e "$RECORD/pid" ] || complain "it was run"
    done
}

@test "--proxy-command wins over ProxyCommand and ProxyJump, none against both" {
    jumps "Host web1" "    HostName 127.0.0.1" "    ProxyCommand touch $BATS_TEST_TMPDIR/run"
    through --proxy-command="$PIPE %h %p" web1
    listed_via 'through a proxy command'
    through --proxy-command=none web1
    expect_status 0
    expect_line "^web1 port $SSHD_PORT \\(127\\.0\\.0\\.1\\), "
    [ ! -e "$BATS_TEST_TMPDIR/run" ] || complain "the configuration's was run"
    jumps "Host web1" "    HostName 127.0.0.1" "    ProxyJump jump"
    through --proxy-command="$PIPE %h %p" web1
    listed_via 'through a proxy command'
    unused
    through -o 'ProxyCommand=none' -o 'ProxyJump=none' web1
    expect_status 0
    expect_line "^web1 port $SSHD_PORT \\(127\\.0\\.0\\.1\\), "
    unused
}

@test "-o ProxyCommand" {
    jumps "Host web1" "    HostName 127.0.0.1"
    through -o "ProxyCommand=$PIPE %h %p" web1
    listed_via 'through a proxy command'
}

@test "an empty one is none that can be meant" {
    through --proxy-command='' web1
    refused '--proxy-command'
    through --proxy-command=$'true\nfalse' web1
    refused '.*'
}

@test "no ssh: a proxy command needs none" {
    without_ssh
    main alice
    listed_via 'through a proxy command'
}

# ------------------------------------------------------------------------ logins

@test "logins through it: each method" {
    ticket
    main -m password -r 'assword=env:ALICE_PASSWORD' alice
    expect_status 0
    step 1 password success
    main -m keyboard-interactive -r 'assword=env:ALICE_PASSWORD' alice
    expect_status 0
    step 1 keyboard-interactive success
    main -m publickey -i "$USER_KEY" alice
    expect_status 0
    step 1 publickey success
    main -m gssapi --gssapi-host="$GSSAPI_HOST" alice
    expect_status 0
    step 1 gssapi-with-mic success
    gone "$RECORD/pid"
    [ "$(wc -l <"$RECORD/pid")" = 4 ] || complain "not four"
}

@test "each chain has a proxy of its own" {
    main -m 'none password,none kbdint' -r 'assword=env:ALICE_PASSWORD' alice
    [ "$(wc -l <"$RECORD/pid")" = 3 ] || complain "not three"
    gone "$RECORD/pid"
}

@test "the host key is the target's" {
    PROBE_CONFIG=(-F none)
    : >"$BATS_TEST_TMPDIR/empty"
    through --known-hosts="$BATS_TEST_TMPDIR/empty" --proxy-command="$PIPE %h %p" "alice@127.0.0.1:$SSHD_PORT"
    expect_status 6
    expect_line '^host key .* unknown$'
    refute_server 'userauth-request'
    gone "$RECORD/pid"
}

@test "what it says meanwhile is no report, however much it is" {
    pipe --flood
    main -m keyboard-interactive -r 'assword=env:ALICE_PASSWORD' alice
    expect_status 0
    via 'through a proxy command'
    [ -z "$stderr" ] || complain "it complains"
    gone "$RECORD/pid"
    proxy 'head -c 8000000 /dev/zero | tr "\000" x >&2' "exec $PIPE \"\$@\""
    main() { through --known-hosts="$KNOWN_HOSTS" --proxy-command="$PROXY %h %p" "$1@127.0.0.1:$SSHD_PORT"; }
    main alice
    listed_via 'through a proxy command'
}

# ------------------------------------------------------------------------ what it gets

@test "it gets no descriptor, no secret, no input of the program's" {
    printf 'answer\n' >"$BATS_TEST_TMPDIR/answers"
    PROBE_STDIN=$BATS_TEST_TMPDIR/answers
    PW=hunter2-password KEPT=kept main -m password -r 'x=env:PW' -r '=fd:7' alice 7<"$BATS_TEST_TMPDIR/answers"
    expect_status 1
    [ "$(cat "$RECORD/descriptors")" = "0 1 2" ] || complain "descriptors: $(cat "$RECORD/descriptors")"
    grep -q '^KEPT=kept$' "$RECORD/environment" || complain "no environment"
    ! grep -E 'hunter2|^PW=' "$RECORD/environment" || complain "secrets"
}

@test "signals have their usual meaning in it" {
    local mask
    proxy "awk '/^Sig(Blk|Ign)/ { print \$2 }' /proc/self/status >'$BATS_TEST_TMPDIR/signals'" "exec $PIPE \"\$@\""
    PIPE=$PROXY main alice
    expect_status 0
    [ "$(wc -l <"$BATS_TEST_TMPDIR/signals")" = 2 ]
    while read -r mask; do
        # 32 and 33 are the C library's own.
        [ "$((16#$mask & 0x7fffffff))" = 0 ] || complain "$(cat "$BATS_TEST_TMPDIR/signals")"
    done <"$BATS_TEST_TMPDIR/signals"
}

# ------------------------------------------------------------------------ what is left

@test "one that stays is ended, after success and after a failure" {
    pipe --stay
    elapsed main alice
    listed_via 'through a proxy command'
    gone "$RECORD/pid"
    [ "$ELAPSED_MS" -lt 10000 ] || complain "$ELAPSED_MS ms"
    WRONG=wrong main -m password -r 'assword=env:WRONG' alice
    expect_status 1
    gone "$RECORD/pid"
}

@test "a signal ends the program and its proxy, one that ignores signals too" {
    local name stay
    for stay in '' --stay; do
        for name in INT TERM HUP; do
            pipe "$stay"
            rm -f "$RECORD/pid" "$BATS_TEST_TMPDIR/there"
            PROBE_CONFIG=(-F none)
            started "$BATS_TEST_TMPDIR/there" --known-hosts="$KNOWN_HOSTS" \
                --proxy-command="$PIPE %h %p" -t 60 -m kbdint \
                -r "=cmd:echo x >'$BATS_TEST_TMPDIR/there'; exec sleep 300" "alice@127.0.0.1:$SSHD_PORT"
            ended_by "$name"
            gone "$RECORD/pid"
        done
    done
}

@test "-v has the time of stage proxy" {
    main -v alice
    expect_status 0
    times proxy banner kex host-key auth
}
