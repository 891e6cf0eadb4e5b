#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Jump hosts: real sshd between the program and the main server, reached by the ssh that is
# installed. Proxy commands are in proxy.bats; prompts of a jump are in tests/tty/jump_test.py.

load helper
load config
load jump

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    jumps
}

# --------------------------------------------------------------------- the way

@test "-J: an alias of the configuration; the jump's key of it is used, and none for the target" {
    through -J jump web1
    listed_via 'via jump'
    jump_said 'Accepted publickey for alice'
    requests_were none
}

@test "ProxyJump of the configuration, and -J none against it" {
    jumps "Host web1" "    ProxyJump jump"
    through web1
    listed_via 'via jump'
    jump_said 'Accepted publickey for alice'
    jumps "Host 127.0.0.1" "    ProxyJump jump"
    through -J none --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT"
    expect_status 0
    expect_line "^127\\.0\\.0\\.1 port $SSHD_PORT, SSH-2\\.0-"
    unused
}

@test "-J wins over ProxyJump and ProxyCommand" {
    jumps "Host web1" "    ProxyJump 127.0.0.1:1"
    through -J jump web1
    listed_via 'via jump'
    jumps "Host web1" "    ProxyCommand touch $BATS_TEST_TMPDIR/run"
    through -J jump web1
    listed_via 'via jump'
    [ ! -e "$BATS_TEST_TMPDIR/run" ] || complain "the proxy command was run"
}

@test "several jumps, in order" {
    through -J jump,jump2 web1
    listed_via 'via jump,jump2'
    jump_said 'Accepted publickey for alice'
    jump2_said 'Accepted publickey for alice'
    jump_said "server_request_direct_tcpip: .*target 127\\.0\\.0\\.1 port $SSHD_JUMP2_PORT"
    jump2_said "server_request_direct_tcpip: .*target $GSSAPI_HOST port $SSHD_PORT"
    jumps "Host web1" "    ProxyJump jump2,jump"
    through web1
    listed_via 'via jump2,jump'
    jump_said "server_request_direct_tcpip: .*target $GSSAPI_HOST port $SSHD_PORT"
}

@test "a jump's own ProxyJump" {
    jumps "Host jump2" "    ProxyJump jump" "Host web1" "    ProxyJump jump2"
    through web1
    listed_via 'via jump2'
    jump_said 'Accepted publickey for alice'
    jump2_said 'Accepted publickey for alice'
}

@test "user, port and URI in a jump" {
    local jump
    jumps "Host 127.0.0.1" "    UserKnownHostsFile $JUMP_KNOWN_HOSTS" "    IdentityFile $USER_KEY"
    for jump in "carol@127.0.0.1:$SSHD_JUMP_PORT" "ssh://carol@127.0.0.1:$SSHD_JUMP_PORT" "carol@jump"; do
        through -J "$jump" web1
        expect_status 0
        expect_line ' via '
        jump_said 'Accepted publickey for carol'
        expect_server 'userauth-request for user alice '
    done
    through -J "jump,carol@127.0.0.1:$SSHD_JUMP2_PORT" web1
    expect_status 0
    jump_said 'Accepted publickey for alice'
    jump2_said 'Accepted publickey for carol'
}

@test "the target by an IPv6 address" {
    [ -n "$SSHD_IPV6" ] || skip "there is no ::1"
    through -J jump --known-hosts="$KNOWN_HOSTS" "alice@[::1]:$SSHD_PORT"
    listed_via 'via jump'
    jump_said 'Accepted publickey for alice'
}

@test "several targets through one jump" {
    through -J jump web1 bob@web1 "alice@web1:1"
    expect_status 7
    [ "$(grep -c ' via jump' <<<"$output")" = 3 ] || complain "not three"
    [ "$(grep -c '^listed: ' <<<"$output")" = 2 ] || complain "not two"
    expect_server 'userauth-request for user bob '
}

@test "jumps that are none, and a jump beside a proxy command" {
    local jump
    for jump in '' ',' 'jump,' ',jump' 'jump jump2' -oProxyCommand=x jump,-x a@-x jump:0 \
        jump:x 'jump;x' $'jump\n' $'\e[2J' '$(id)' 'ssh://jump/path'; do
        through -J "$jump" web1
        refused '.*'
        unused
    done
    through -J jump --proxy-command='true' web1
    refused '.*(-J|--jump).*--proxy-command|.*--proxy-command.*(-J|--jump)'
    unused
}

# ------------------------------------------------------------------------ logins

@test "logins through a jump: each method" {
    ticket
    through -J jump -m password -r 'assword=env:ALICE_PASSWORD' web1
    expect_status 0
    via 'via jump'
    step 1 password success
    expect_server 'Accepted password for alice'
    through -J jump -m keyboard-interactive -r 'assword=env:ALICE_PASSWORD' web1
    expect_status 0
    step 1 keyboard-interactive success
    expect_server 'Accepted keyboard-interactive/pam for alice'
    through -J jump -m publickey -i "$USER_KEY" web1
    expect_status 0
    step 1 publickey success
    expect_server 'Accepted publickey for alice'
    through -J jump -m gssapi web1
    expect_status 0
    step 1 gssapi-with-mic success
    expect_line "host/$GSSAPI_HOST"
    expect_server 'Accepted gssapi-with-mic for alice'
}

@test "a chain through two jumps, with a delegated ticket" {
    ticket alice -f
    through -J jump,jump2 -K -m gssapi,keyboard-interactive -r 'assword=env:CHAIN_GK_PASSWORD' chain-gk@web1
    expect_status 0
    step 1 gssapi-with-mic partial-success
    step 2 keyboard-interactive success
    delegated_ccache chain-gk
}

@test "a refusal stays the target's, and a server that hangs up is still disconnected" {
    through -J jump -m password -r 'assword=env:WRONG' web1
    expect_status 15
    WRONG=wrong through -J jump -m password -r 'assword=env:WRONG' web1
    expect_status 1
    expect_line '^failure: '
    WRONG=wrong through -J jump -m 'kbdint,none' -r 'assword=env:WRONG' nopassword@web1
    expect_status 1
    WRONG=wrong through -J jump -m publickey -i "$KEY_STRANGER" -i "$KEY_DIR/stranger-ecdsa" -i "$USER_KEY" tries@web1
    expect_status 10
    expect_line '^disconnected: .*Too many authentication failures'
    jumps "Host web1" "    Port $SSHD_GRACE_PORT"
    through -J jump -m kbdint -r '=cmd:sleep 8; echo x' web1
    expect_status 10
    expect_line '^disconnected: .*\(stage auth\)'
}

@test "the host key that counts is the target's" {
    local wrong
    wrong=$(cut -d ' ' -f 1,2 "$USER_KEY.pub")
    sed -i "s|^\\(\\[$GSSAPI_HOST\\][^ ]*\\) .*|\\1 $wrong|" "$HOSTS"
    through -J jump -m password -r .=env:ALICE_PASSWORD web1
    expect_status 6
    via 'via jump'
    expect_line '^host key .* mismatch$'
    jump_said 'Accepted publickey for alice'
    refute_server 'userauth-request'
    : >"$HOSTS"
    through -J jump web1
    expect_status 6
    expect_line '^host key .* unknown$'
    through -J jump --host-key=accept-new web1
    expect_status 0
    grep -E "^\\[$GSSAPI_HOST\\]:$SSHD_PORT ssh-ed25519 " "$HOSTS" || complain "$(cat "$HOSTS")"
}

# --------------------------------------------------------------------- no way through

@test "the target refuses the jump" {
    through -J jump "web1:1"
    no_way 'jump.*(administratively prohibited|[Cc]onnect failed|[Cc]onnection refused)'
    jump_said 'Accepted publickey for alice'
}

@test "the jump is not there" {
    jumps "Host jump" "    Port 1"
    through -J jump web1
    no_way 'jump.*127\.0\.0\.1 port 1: Connection refused'
    jumps "Host jump2" "    Port 1"
    through -J jump,jump2 web1
    no_way 'jump.*[Cc]onnect(ion)? (failed|refused)'
}

@test "the jump's host key is unknown, or has changed: nothing is sent to it" {
    jumps "Host jump" "    UserKnownHostsFile $BATS_TEST_TMPDIR/none"
    through -J jump --host-key=accept-new web1
    no_way 'jump.*Host key verification failed'
    through -J jump --host-key=off --fingerprint="$FINGERPRINT_ED25519" web1
    no_way 'jump.*Host key verification failed'
    [ ! -e "$BATS_TEST_TMPDIR/none" ]
    printf '[127.0.0.1]:%s %s\n' "$SSHD_JUMP_PORT" "$(cut -d ' ' -f 1,2 "$USER_KEY.pub")" >"$BATS_TEST_TMPDIR/none"
    through -J jump web1
    no_way 'jump.*Host key verification failed'
    ! jump_said 'userauth-request' >/dev/null || complain "the jump was asked"
    refute_server 'Connection from'
}

@test "the jump does not let the user in: nothing is asked, with -B and without a terminal" {
    export SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:none
    script_file askpass "echo \"\$*\" >>'$BATS_TEST_TMPDIR/asked'" 'echo x'
    through -B -J nokey@jump web1
    no_way 'jump.*Permission denied'
    [ ! -e "$BATS_TEST_TMPDIR/asked" ] || complain "askpass: $(cat "$BATS_TEST_TMPDIR/asked")"
    unset SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY
    through -J nokey@jump web1
    no_way 'jump.*Permission denied'
    refute_server 'Connection from'
}

@test "the name that the jump cannot resolve" {
    jumps "Host nowhere" "    HostName nowhere.invalid" "    Port $SSHD_PORT"
    through -J jump -t 30 --connect-timeout=20 nowhere
    no_way 'jump'
}

@test "a jump that accepts and says nothing: the limit of connecting" {
    peer_start silent.py
    jumps "Host jump" "    Port $PEER_PORT"
    through -J jump --connect-timeout=0.5 web1
    late '0\.[56]'
    nobody_has "$CONFIG"
    through -J jump -t 0.5 web1
    late '0\.[56]'
    nobody_has "$CONFIG"
}

@test "no ssh: no jump" {
    without_ssh
    PROBE_CONFIG=(-F none)
    through -J jump --known-hosts="$KNOWN_HOSTS" "alice@127.0.0.1:$SSHD_PORT"
    refused '.*needs ssh'
    remedy 'install|OpenSSH'
}

# ----------------------------------------------------------------------- what is left

@test "no process is left, however it ends" {
    through -J jump,jump2 web1
    expect_status 0
    nobody_has "$CONFIG"
    through -J jump "web1:1"
    expect_status 7
    nobody_has "$CONFIG"
    through -J jump -m kbdint -t 2 -r '=cmd:sleep 1; echo x' slow@web1
    nobody_has "$CONFIG"
}

@test "a signal ends it and its jumps, while they connect and later" {
    local name
    for name in INT TERM HUP; do
        # At the prompt, while a source is asked.
        rm -f "$BATS_TEST_TMPDIR/there"
        started "$BATS_TEST_TMPDIR/there" -J jump,jump2 -t 60 -m kbdint \
            -r "=cmd:echo x >'$BATS_TEST_TMPDIR/there'; exec sleep 300" web1
        ended_by "$name"
        nobody_has "$CONFIG"
    done
    peer_start silent.py
    jumps "Host jump" "    Port $PEER_PORT"
    started "$PEER_LOG" -J jump -t 60 web1
    ended_by TERM
    expect_line 'interrupted: .*\(stage proxy\)'
    nobody_has "$CONFIG"
}

@test "the jump's ssh gets no secret and no answers" {
    pipe
    proxy "ls -l /proc/\$PPID/fd >'$RECORD/ssh'" "exec $PIPE \"\$@\""
    jumps "Host jump" "    ProxyCommand $PROXY %h %p"
    printf 'answer\n' >"$BATS_TEST_TMPDIR/answers"
    PW=hunter2-password KEPT=kept \
        through -J jump -m password -r 'x=env:PW' -r '=fd:7' web1 7<"$BATS_TEST_TMPDIR/answers"
    expect_status 1
    grep -q '^KEPT=kept$' "$RECORD/environment" || complain "no environment"
    ! grep -E 'hunter2|^PW=' "$RECORD/environment" || complain "secrets"
    [ -s "$RECORD/ssh" ] && ! grep answers "$RECORD/ssh" || complain "descriptors"
}

@test "-v has the time of stage proxy instead of resolve and connect, and what the jump said is no report" {
    through -v -J jump web1
    expect_status 0
    times proxy banner kex host-key auth
}
