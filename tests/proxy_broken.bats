#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Proxy commands that fail, each in its way: the outcome tells the proxy's failures from the
# server's, its words are in the report, harmless, and nothing is left.

load helper
load config
load jump

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    pipe
}

# broken [ARGUMENT]...: through the script of proxy().
broken()
{
    through --host-key=off --proxy-command="$PROXY %h %p" "$@" "alice@127.0.0.1:$SSHD_PORT"
}

# unseen: the server saw nothing of it, and of the proxy nothing is left.
unseen()
{
    refute_server 'Connection from' && gone "$RECORD/pid"
}

# ----------------------------------------------------------- before the first byte

@test "it is not found, or is no program" {
    through --host-key=off --proxy-command="$BATS_TEST_TMPDIR/missing %h %p" "alice@127.0.0.1:$SSHD_PORT"
    no_way "proxy command: exit status 127: .*$BATS_TEST_TMPDIR/missing"
    : >"$BATS_TEST_TMPDIR/no-program"
    through --host-key=off --proxy-command="$BATS_TEST_TMPDIR/no-program" "alice@127.0.0.1:$SSHD_PORT"
    no_way 'proxy command: exit status 126: .*[Pp]ermission denied'
    through --host-key=off --proxy-command='( exit' "alice@127.0.0.1:$SSHD_PORT"
    no_way 'proxy command: exit status 2: .*[Ss]yntax error'
    refute_server 'Connection from'
}

@test "it ends at once, with words" {
    proxy 'echo "cannot go on: no way" >&2' 'exit 3'
    broken
    no_way 'proxy command: exit status 3: .*cannot go on: no way'
    unseen
}

@test "it ends at once, in silence, with 0 too" {
    proxy 'exit 0'
    broken
    no_way 'proxy command: .*exit status 0'
    proxy 'exit 1'
    broken
    no_way 'proxy command: exit status 1'
    unseen
}

@test "it is killed" {
    local number
    for number in 9 11 15; do
        proxy "kill -$number \$\$" 'sleep 5'
        broken
        no_way "proxy command: .*signal $number "
    done
    unseen
}

@test "its words cannot drive a terminal, and are no line of the report" {
    proxy 'printf "\033]0;owned\007\033[2J\302\2331m \342\200\256gnp\377\300\rsuccess: x\nsuccess: y\n" >&2' 'exit 1'
    broken
    no_way 'proxy command: exit status 1: '
    expect_line 'owned'
    refute_line '^success'
    refute_err '^success'
    unseen
}

@test "it says megabytes, then ends: the end of it is told" {
    proxy 'head -c 8000000 /dev/zero | tr "\000" x >&2' 'echo; echo "the last words" >&2' 'exit 1'
    broken
    no_way 'proxy command: exit status 1'
    refute_line '.{2000}'
    unseen
}

@test "it says megabytes and then nothing more" {
    proxy 'head -c 8000000 /dev/zero | tr "\000" x >&2' 'exec sleep 300'
    broken --connect-timeout=2
    late '2\.[0-3]'
    unseen
}

@test "it hangs: the limit of connecting, and that of the whole" {
    proxy 'exec sleep 300'
    broken --connect-timeout=1
    late '1\.[0-2]'
    expect_line 'proxy command'
    unseen
    broken -t 1
    late '1\.[0-2]'
    unseen
    proxy 'echo "trying the third of 12 gateways" >&2' 'exec sleep 300'
    broken --connect-timeout=1
    late '1\.[0-2]'
    expect_line 'trying the third of 12 gateways'
    unseen
}

@test "it hangs, and ignores every signal that it can" {
    proxy "trap '' HUP TERM INT QUIT PIPE USR1" 'exec sleep 300'
    elapsed broken --connect-timeout=1
    # It is waited for a second after SIGHUP.
    late '[12]\.[0-3]'
    [ "$ELAPSED_MS" -lt 8000 ] || complain "$ELAPSED_MS ms"
    unseen
}

@test "it closes what it should write to, and stays" {
    proxy 'exec >&-' 'exec sleep 300'
    broken --connect-timeout=1
    late '1\.[0-2]'
    unseen
    proxy 'exec >&- <&-' 'exec sleep 300'
    broken --connect-timeout=5
    no_way 'proxy command: '
    unseen
    proxy 'exec /usr/bin/python3 -c "
import socket, time
socket.socket(fileno=1).shutdown(socket.SHUT_WR)
time.sleep(300)"'
    broken --connect-timeout=5
    no_way 'proxy command: '
    unseen
}

@test "it cannot reach the server" {
    PROXY=$PIPE broken
    expect_status 0
    through --host-key=off --proxy-command="$PIPE %h %p" alice@127.0.0.1:1
    no_way 'proxy command: exit status 1: .*pipe: 127\.0\.0\.1 port 1: Connection refused'
    gone "$RECORD/pid"
}

@test "a failure that is expected is met" {
    proxy 'exit 1'
    broken -e unreachable
    expect_status 0
    expect_line '^unreachable: '
}

# ------------------------------------------------------------- after the first byte

@test "it speaks, and not SSH" {
    proxy 'printf "HTTP/1.0 502 Bad Gateway\r\n\r\n"' 'exit 0'
    broken
    expect_status 10
    expect_line '^disconnected: .*502 Bad Gateway.*\(stage banner\)'
    unseen
    # With a status that says so the fault is its own.
    proxy 'printf "HTTP/1.0 502 Bad Gateway\r\n\r\n"' 'echo "the gateway is bad" >&2' 'exit 1'
    broken
    no_way 'proxy command: exit status 1: .*the gateway is bad'
    unseen
    proxy 'exec cat /dev/urandom'
    broken -t 20
    [ "$status" = 9 ] || [ "$status" = 10 ] || complain "$status"
    expect_line '\(stage banner\)'
    have_no_control_bytes
    unseen
    proxy 'printf "SSH-2.0-Proxy\r\n"' 'head -c 100000 /dev/urandom' 'exec sleep 300'
    broken -t 20
    expect_status 9
    expect_line '^protocol-error: .*\(stage kex\)'
    unseen
}

@test "it says a version and then nothing: the stage is the server's, the limit the whole one" {
    proxy 'printf "SSH-2.0-Proxy\r\n"' 'exec sleep 300'
    broken -t 2 --connect-timeout=1
    expect_status 8
    expect_line '^timeout: .*\(stage kex, '
    unseen
}

# dying HOW: it ends at the prompt of a login, by this command with its number behind it.
dying()
{
    rm -f "$RECORD/pid"
    through --host-key=off --proxy-command="$PIPE %h %p" -t 20 -m kbdint \
        -r "=cmd:$1 \$(cat '$RECORD/pid'); sleep 0.2; echo x" "alice@127.0.0.1:$SSHD_PORT"
}

@test "it dies in the middle of a login: unreachable, and not the server's hang-up" {
    dying 'kill -KILL'
    no_way 'proxy command: .*signal 9 '
    gone "$RECORD/pid"
    dying 'kill -TERM'
    no_way 'proxy command: .*signal 15 '
    dying 'kill -USR2'
    no_way 'proxy command: exit status 3'
}

@test "it ends well in the middle of a login: the server hung up, as far as one can know" {
    dying 'kill -USR1'
    expect_status 10
    expect_line '^disconnected: .*\(stage auth\)'
    gone "$RECORD/pid"
}

@test "it stops in the middle of a login: timeout of that stage, and it is ended" {
    dying 'kill -STOP'
    expect_status 8
    expect_line '^timeout: .*\(stage auth, '
    gone "$RECORD/pid"
}

@test "a server that hangs up is disconnected, at each stage" {
    local mode stage
    while read -r mode stage; do
        peer_start closing.py "$mode"
        through --host-key=off -t 20 --proxy-command="$PIPE %h %p" "alice@127.0.0.1:$PEER_PORT"
        expect_status 10
        expect_line "^disconnected: .*\\(stage $stage\\)"
        have_no_control_bytes
    done <<'END'
banner kex
early kex
http banner
escapes banner
END
    # Not one byte came: nobody can tell whose fault that is.
    peer_start closing.py close
    through --host-key=off -t 20 --proxy-command="$PIPE %h %p" "alice@127.0.0.1:$PEER_PORT"
    no_way 'proxy command: .*exit status 0'
    through --host-key=off --proxy-command="$PIPE %h %p" -m publickey -i "$KEY_STRANGER" -i "$KEY_DIR/stranger-ecdsa" \
        -i "$USER_KEY" "tries@127.0.0.1:$SSHD_PORT"
    expect_status 10
    expect_line '^disconnected: .*Too many authentication failures'
    through --host-key=off --proxy-command="$PIPE %h %p" -m kbdint -r '=cmd:sleep 8; echo x' \
        "alice@127.0.0.1:$SSHD_GRACE_PORT"
    expect_status 10
    gone "$RECORD/pid"
}

@test "a server that is silent through it: the stage is proxy, since nothing came" {
    peer_start silent.py
    through --host-key=off -t 20 --connect-timeout=1 --proxy-command="$PIPE %h %p" "alice@127.0.0.1:$PEER_PORT"
    late '1\.[0-2]'
    gone "$RECORD/pid"
}

@test "signals while it hangs" {
    local name
    proxy 'exec sleep 300'
    for name in INT TERM HUP; do
        rm -f "$RECORD/pid"
        started "$RECORD/pid" "${PROBE_CONFIG[@]}" --proxy-command="$PROXY" -t 60 alice@127.0.0.1
        ended_by "$name"
        expect_line '\(stage proxy\)'
        gone "$RECORD/pid"
    done
}
