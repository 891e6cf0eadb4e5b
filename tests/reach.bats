#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How a server is reached: IPv6 and its scopes, names with many addresses of which some
# refuse and some never answer, resolvers that are slow, or never answer either.

load helper
load limits

setup_file()
{
    world_up
}

teardown_file()
{
    world_down
}

# need_ipv6: there may be none, in a container.
need_ipv6()
{
    /usr/bin/python3 -c 'import socket; socket.create_server(("::1", 0), family=socket.AF_INET6)' \
        2>/dev/null || skip "no IPv6 on loopback"
}

# reach ARGUMENT...: lists what the main sshd offers; whom to trust is not the point here.
reach()
{
    measured --host-key=off --connect-timeout=20 "$@"
}

# reached NAME ADDRESS: that was it; the address is shown where the name is another text.
reached()
{
    local where="$1 port [0-9]+"
    [ "$1" = "$2" ] || where+=" \\($2\\)"
    expect_status 0 && expect_line "^$where, SSH-2\\.0-OpenSSH_" && expect_line '^listed: '
}

# took FROM TO: in milliseconds.
took()
{
    [ "$ELAPSED_MS" -ge "$1" ] && [ "$ELAPSED_MS" -lt "$2" ] || complain "$ELAPSED_MS ms"
}

# --------------------------------------------------------------------- IPv6

@test "IPv6: [ADDRESS]:PORT, a bare address with -p, ssh://[ADDRESS]:PORT" {
    local target
    need_ipv6
    peer_start relay.py ::1 0 "$SSHD_PORT"
    for target in "alice@[::1]:$PEER_PORT" "ssh://alice@[::1]:$PEER_PORT" "ssh://alice@[::1]:$PEER_PORT/"; do
        reach -p 1 "$target"
        reached ::1 ::1
        expect_line '^listed: alice can use '
    done
    for target in alice@::1 "alice@[::1]" "ssh://alice@[::1]" alice@0:0:0:0:0:0:0:1; do
        reach -p "$PEER_PORT" "$target"
        expect_status 0
        expect_line '^(::1|0:0:0:0:0:0:0:1 .*\(::1\)|::1 .*), SSH-2\.0-OpenSSH_'
    done
    [ "$(grep -c '^from ::1$' "$PEER_LOG")" = 7 ] || complain "another way"
}

@test "IPv6: a closed port names the address and the port" {
    need_ipv6
    measured "alice@[::1]:1"
    expect_end 7 '^unreachable: ::1 port 1: Connection refused .*connect'
    measured "ssh://alice@[::1]:1"
    expect_end 7 '^unreachable: ::1 port 1: Connection refused .*connect'
}

@test "a scope: by number, by the name of an interface, as %25 in a URI" {
    local index address name
    need_ipv6
    index=$(cat /sys/class/net/lo/ifindex)
    peer_start relay.py ::1 0 "$SSHD_PORT"
    reach "alice@[::1%$index]:$PEER_PORT"
    expect_status 0
    expect_line "^::1%$index port .*, SSH-2\\.0-OpenSSH_"
    reach -p "$PEER_PORT" "alice@::1%$index"
    expect_status 0
    reach "ssh://alice@[::1%25$index]:$PEER_PORT"
    expect_status 0
    measured -p 1 "alice@fe80::1%nosuch0"
    expect_end 7 '^unreachable: fe80::1%nosuch0: .*resolve'
    measured -p 1 alice@fe80::1
    expect_end 7 '^unreachable: fe80::1 port 1: Invalid argument .*connect'
    expect_err 'fe80::1%eth0'
    # The machine's own link-local address, where it has one: a closed port says that it was reached.
    read -r address name < <(awk '$4 == 20 { gsub(/..../, "&:", $1); print substr($1, 1, 39), $6; exit }' \
        /proc/net/if_inet6) || return 0
    measured -p 1 "alice@$address%$name"
    expect_end 7 "^unreachable: fe80:.*%$name port 1: Connection refused .*connect"
    measured "ssh://alice@[$address%25$name]:1"
    expect_end 7 "^unreachable: fe80:.*%$name port 1: Connection refused .*connect"
}

@test "-4 and -6 choose among a name's addresses" {
    need_ipv6
    peer_start relay.py ::1,127.0.0.1 0 "$SSHD_PORT"
    with_table 'both.example 0 ::1 127.0.0.1' 'four.example 0 127.0.0.1'
    reach -p "$PEER_PORT" alice@both.example
    reached both.example ::1
    reach -4 -p "$PEER_PORT" alice@both.example
    reached both.example 127.0.0.1
    reach -6 -p "$PEER_PORT" alice@both.example
    reached both.example ::1
    reach -6 -p "$PEER_PORT" alice@four.example
    expect_end 7 '^unreachable: four\.example: .*[Aa]ddress family.*resolve'
}

# ------------------------------------------------------------ many addresses

@test "a dead first address costs a moment, and not the limit" {
    peer_start dead.py "$SSHD_PORT" 127.0.0.2
    with_table 'dead-first.example 0 127.0.0.2 127.0.0.1'
    reach -p "$SSHD_PORT" alice@dead-first.example
    reached dead-first.example 127.0.0.1
    took 250 5000
    # It is dead indeed.
    reach --connect-timeout=0.5 -p "$SSHD_PORT" alice@127.0.0.2
    expect_end 8 '^timeout: 127\.0\.0\.2 port [0-9]+: no answer .*connect'
}

@test "dead addresses of one family: the other family's turn comes second" {
    need_ipv6
    peer_start dead.py 0 ::1
    peer_start relay.py 127.0.0.1 "$PEER_PORT" "$SSHD_PORT"
    with_table 'six-dead.example 0 ::1 ::1 127.0.0.1'
    reach -p "$PEER_PORT" alice@six-dead.example
    reached six-dead.example 127.0.0.1
    took 250 5000
}

@test "addresses that refuse cost nothing, and all are named where none is left" {
    local addresses
    with_table 'refused-first.example 0 127.0.0.3 127.0.0.4 127.0.0.1' 'refused.example 0 127.0.0.3 127.0.0.4 127.0.0.3'
    reach -p "$SSHD_PORT" alice@refused-first.example
    reached refused-first.example 127.0.0.1
    reach -p "$SSHD_PORT" alice@refused.example
    expect_end 7 "^unreachable: 127\\.0\\.0\\.3 port $SSHD_PORT: Connection refused; 127\\.0\\.0\\.4 port $SSHD_PORT: Connection refused \\(.*connect"
    addresses=$(printf ' 127.0.1.%d' {1..200})
    with_table "many.example 0$addresses" "many-first.example 0$addresses 127.0.0.1"
    reach -p "$SSHD_PORT" alice@many.example
    expect_end 7 '^unreachable: 127\.0\.1\.1 port .*Connection refused; and 192 more \(.*connect'
    reach -p "$SSHD_PORT" alice@many-first.example
    reached many-first.example 127.0.0.1
}

@test "all addresses are dead: the limit, each address, the stage and the time" {
    peer_start dead.py "$SSHD_PORT" 127.0.0.2 127.0.0.3
    with_table 'dead.example 0 127.0.0.2 127.0.0.4 127.0.0.3'
    reach --connect-timeout=1 -p "$SSHD_PORT" alice@dead.example
    expect_end 8 '^timeout: 127\.0\.0\.2 port [0-9]+: no answer; 127\.0\.0\.4 port [0-9]+: Connection refused; 127\.0\.0\.3 port [0-9]+: no answer \(stage connect, 1\.[0-9] s there'
    held 1000
    reach -t 0.5 -p "$SSHD_PORT" alice@dead.example
    expect_end 8 '^timeout: .*stage connect, 0\.[5-9] s there'
    held 500
}

@test "a signal ends connecting to many at once" {
    peer_start dead.py "$SSHD_PORT" 127.0.0.2 127.0.0.3
    with_table 'dead.example 0 127.0.0.2 127.0.0.3'
    SIGNAL=TERM SIGNAL_LOG=/etc/passwd reach -p "$SSHD_PORT" alice@dead.example
    expect_end 143 '^interrupted: 127\.0\.0\.[23] port .*connect'
    ended 0
}

# ------------------------------------------------------------------ resolvers

@test "a slow resolver: within the limit it is waited for, past it the stage is resolve" {
    with_table 'slow.example 700 127.0.0.1'
    reach -p "$SSHD_PORT" alice@slow.example
    reached slow.example 127.0.0.1
    took 700 20000
    reach --connect-timeout=0.5 -p "$SSHD_PORT" alice@slow.example
    expect_end 8 '^timeout: slow\.example: no answer from the resolver within the limit \(stage resolve, 0\.[5-9] s there'
    held 500
    server_settled
    [ "$(server_log | grep -c 'Connection from ')" = 1 ] || complain "it connected"
}

@test "a resolver that never answers: either limit is kept, and the next target has its turn" {
    with_table 'never.example never'
    reach --connect-timeout=1 -p "$SSHD_PORT" alice@never.example alice@127.0.0.1
    expect_end 8 '^timeout: never\.example: no answer from the resolver .*stage resolve, 1\.[0-9] s there, 1\.[0-9] s in all\)'
    expect_line '^listed: '
    took 1000 6000
    reach -t 0.5 alice@never.example
    expect_end 8 '^timeout: never\.example: .*stage resolve'
    held 500
}

@test "more names whose lookup hangs than there are descriptors: each has its limit" {
    local i names=()
    with_table 'never.example never'
    for ((i = 0; i < 40; i++)); do
        names+=(alice@never.example)
    done
    sed -i '1a ulimit -n 24' "$SSH_AUTHTEST"
    reach --connect-timeout=0.05 -p "$SSHD_PORT" "${names[@]}" alice@127.0.0.1
    expect_status 8
    [ "$(grep -c '^timeout: never\.example: no answer from the resolver' <<<"$output")" = 40 ] || complain "not 40"
    expect_line '^listed: '
}

@test "looking up and connecting share the limit" {
    peer_start dead.py "$SSHD_PORT" 127.0.0.2
    with_table 'slow-dead.example 800 127.0.0.2'
    reach --connect-timeout=1.2 -p "$SSHD_PORT" alice@slow-dead.example
    expect_end 8 '^timeout: 127\.0\.0\.2 port [0-9]+: no answer \(stage connect, 0\.[0-9] s there, 1\.[2-9] s in all'
    held 1200
}

@test "a signal ends a lookup" {
    with_table 'never.example never'
    SIGNAL=INT SIGNAL_LOG=/etc/passwd reach -j 1 alice@never.example alice@never.example
    expect_end 130 '^interrupted: never\.example: .*resolve'
    [ "$(grep -c '^interrupted: ' "$PROBE_STDOUT")" = 1 ] || complain "more than one report"
    ended 0
}

@test "what the resolver says of a name" {
    with_table 'again.example 0 EAI_AGAIN' 'fail.example 0 EAI_FAIL' 'none.example 0 EAI_NONAME'
    reach alice@again.example
    expect_end 7 '^unreachable: again\.example: Temporary failure in name resolution \(.*resolve'
    reach alice@fail.example
    expect_end 7 '^unreachable: fail\.example: Non-recoverable failure .*resolve'
    reach alice@none.example
    expect_end 7 '^unreachable: none\.example: .*not known .*resolve'
}

# -------------------------------------------------------------------- proxies

@test "a silent proxy: the limit that held, and no other, is named" {
    reach --connect-timeout=0.5 --proxy-command='sleep 1000' alice@127.0.0.1
    expect_end 8 '^timeout: proxy command: .*stage proxy, 0\.[5-9] s there'
    expect_err '--connect-timeout=SECONDS sets the limit, which is 0\.5 now'
    reach -t 0.5 --proxy-command='sleep 1000' alice@127.0.0.1
    expect_end 8 '^timeout: proxy command: .*stage proxy, 0\.[5-9] s there'
    refute_err 'connect-timeout'
    # One that may ask a person has the whole limit.
    export SSH_ASKPASS=/bin/true SSH_ASKPASS_REQUIRE=force
    measured --host-key=off -o ConnectTimeout=1 -t 2 --proxy-command='sleep 1000' alice@127.0.0.1
    expect_end 8 '^timeout: proxy command: .*stage proxy, 2\.[0-9] s there'
    refute_err 'connect-timeout'
}

@test "a proxy that minds nothing keeps the limit" {
    reach -t 1 --proxy-command="sh -c 'trap \"\" HUP INT TERM; sleep 30; sleep 30'" alice@127.0.0.1
    expect_end 8 '^timeout: proxy command: '
    held 1000
    reach -t 1 --proxy-command="sh -c 'trap \"\" HUP INT TERM; printf SSH; sleep 30; sleep 30'" alice@127.0.0.1
    expect_end 8 '^timeout: version exchange: '
    held 1000
    reach -t 1 --proxy-command="sh -c 'printf SSH; kill -STOP \$\$'" alice@127.0.0.1
    expect_end 8 '^timeout: version exchange: '
    held 1000
}

# ---------------------------------------------------------------- from where

@test "-b: the address to connect from, numeric or a name" {
    with_table 'here.example 0 127.0.0.9'
    reach -b 127.0.0.8 -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    expect_server 'Connection from 127\.0\.0\.8 port '
    reach --bind=here.example -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    expect_server 'Connection from 127\.0\.0\.9 port '
}

@test "-b that is none of this machine's, or not known: usage, and nothing is sent" {
    with_table 'none.example 0 EAI_NONAME' 'other.example 0 127.0.0.9 198.51.100.77' 'far.example 0 198.51.100.77'
    reach -b 198.51.100.77 -p "$SSHD_PORT" alice@127.0.0.1
    expect_end 2 '^usage: local address 198\.51\.100\.77: Cannot assign requested address'
    reach -b far.example -p "$SSHD_PORT" alice@127.0.0.1
    expect_end 2 '^usage: local address far\.example: Cannot assign requested address'
    reach -b none.example -p "$SSHD_PORT" alice@127.0.0.1
    expect_end 2 '^usage: local address none\.example: .*not known'
    reach -6 -b 127.0.0.1 -p "$SSHD_PORT" alice@127.0.0.1
    expect_end 2 '^usage: local address 127\.0\.0\.1: .*[Aa]ddress family'
    refute_server 'Connection from '
    reach -b other.example -p "$SSHD_PORT" alice@127.0.0.1
    expect_status 0
    expect_server 'Connection from 127\.0\.0\.9 port '
}

@test "-b: addresses of another family are passed over" {
    need_ipv6
    peer_start relay.py ::1,127.0.0.1 0 "$SSHD_PORT"
    with_table 'both.example 0 ::1 127.0.0.1'
    reach -b 127.0.0.8 -p "$PEER_PORT" alice@both.example
    reached both.example 127.0.0.1
    expect_peer '^from 127\.0\.0\.8$'
    reach -b ::1 -p "$PEER_PORT" alice@both.example
    reached both.example ::1
    reach -b 127.0.0.8 -p "$PEER_PORT" alice@::1
    expect_end 7 '^unreachable: ::1 port [0-9]+: cannot connect from 127\.0\.0\.8: .*family'
}

@test "-b: a resolver that never answers keeps the limit" {
    with_table 'never.example never'
    reach --connect-timeout=0.5 -b never.example -p "$SSHD_PORT" alice@127.0.0.1
    expect_end 8 '^timeout: local address never\.example: no answer from the resolver .*resolve'
    held 500
}
