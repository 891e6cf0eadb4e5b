#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ssh's configuration, evaluated by the ssh that is installed: which targets it leads to, and what wins
# over it. Host keys are in config_hostkey.bats, failures and secrets in config_broken.bats, jumps in
# jump.bats.

load helper
load limits
load config

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    NAME="[127.0.0.1]:$SSHD_PORT"
    web1
}

# ------------------------------------------------------------- aliases, Match, Include

@test "an alias: HostName, Port and User are the configuration's, the report has both names" {
    try web1
    reached alice
    expect_line "^web1 port $SSHD_PORT \\(127\\.0\\.0\\.1\\), SSH-2\\.0-"
    expect_line '^host key .* known$'
    [ -z "$stderr" ] || complain "it complains"
    try -m password -r "^alice@.*'s password: \$=env:ALICE_PASSWORD" web1
    expect_status 0
    expect_line '^success: alice '
}

@test "a report of a failure names the target as it was typed" {
    web1 "Port 1"
    try web1
    expect_status 7
    expect_err '^ssh-authtest: alice@web1: .*127\.0\.0\.1 port 1: Connection refused'
}

@test "a name that no Host has is itself, under the lines of Host *" {
    config "Host other" "Port 1" "Host *" "Port $SSHD_PORT" "User bob" "UserKnownHostsFile $KNOWN_HOSTS"
    try 127.0.0.1
    reached bob '127\.0\.0\.1'
    try 'ssh://127.0.0.1'
    reached bob '127\.0\.0\.1'
}

@test "Match host, originalhost, user and exec" {
    config <<END
Match originalhost web1 exec false
    Port 1
Match originalhost web1 exec true
    Port $SSHD_PORT
Match originalhost web1 user bob
    HostKeyAlias nobody-has-this-name
Host web*
    HostName 127.0.0.1
Match host web1
    Port 2
Match host 127.0.0.1 !originalhost web2
    User carol
Match originalhost web2
    Port 3
Match all
    UserKnownHostsFile $KNOWN_HOSTS
    GlobalKnownHostsFile /dev/null
END
    try web1
    reached carol
    try alice@web1
    reached alice
    try bob@web1
    expect_status 6
    expect_line 'nobody-has-this-name'
    try -l bob web1
    expect_status 6
    try web2
    expect_status 7
    expect_line '^unreachable: .*127\.0\.0\.1 port 3: '
}

@test "Match exec gets the tokens of the target" {
    web1
    printf '%s\n' "Match exec \"printf '%%s\\n' %h %n %p %r >>$BATS_TEST_TMPDIR/tokens\"" >>"$CONFIG"
    try -l bob web1
    reached bob
    [ "$(paste -s -d ' ' "$BATS_TEST_TMPDIR/tokens")" = "127.0.0.1 web1 $SSHD_PORT bob" ] || complain tokens
}

@test "Include" {
    mkdir "$BATS_TEST_TMPDIR/parts"
    printf '%s\n' "Host web1" "User bob" >"$BATS_TEST_TMPDIR/parts/one.conf"
    printf '%s\n' "Host web1" "User carol" "Port $SSHD_PORT" >"$BATS_TEST_TMPDIR/parts/two.conf"
    config "Include $BATS_TEST_TMPDIR/parts/*.conf" "Host web1" "HostName 127.0.0.1" "Port 1" \
        "UserKnownHostsFile $KNOWN_HOSTS"
    try web1
    reached bob
}

@test "each target has its own" {
    config "Host web1" "User alice" "Host web2" "User bob" "Match exec \"echo %n >>$BATS_TEST_TMPDIR/asked\"" \
        "Host *" "HostName 127.0.0.1" "Port $SSHD_PORT" "UserKnownHostsFile $KNOWN_HOSTS"
    try web1 carol@web2 web2
    expect_status 0
    [ "$(grep -c '^listed: ' <<<"$output")" = 3 ] || complain "not three"
    [ "$(grep -oE '^[a-z]+@web[12] port' <<<"$output" | paste -s -d ' ')" = \
        'alice@web1 port carol@web2 port bob@web2 port' ] || complain "names"
    expect_server 'userauth-request for user alice '
    expect_server 'userauth-request for user bob '
    expect_server 'userauth-request for user carol '
    [ "$(sort -u "$BATS_TEST_TMPDIR/asked" | paste -s -d ' ')" = "web1 web2" ] || complain "asked"
}

# ------------------------------------------------------------------- what wins

@test "port: the target, then -p, then the configuration" {
    web1 "Port 1"
    try -p 2 "web1:$SSHD_PORT"
    reached alice
    try -p "$SSHD_PORT" web1
    reached alice
    try -p 2 "ssh://web1:$SSHD_PORT"
    reached alice
    try web1
    expect_status 7
    expect_line '^web1 port 1( |$)'
    web1
    try web1
    reached alice
}

@test "user: the target, then -l, then the configuration, then the local user" {
    try -l carol bob@web1
    reached bob
    try -l carol web1
    reached carol
    try ssh://bob@web1
    reached bob
    try web1
    reached alice
    config "Host web1" "HostName 127.0.0.1" "Port $SSHD_PORT" "UserKnownHostsFile $KNOWN_HOSTS"
    try web1
    reached "$(id -un)"
}

@test "-o wins over the file, other options over -o, the first -o over later ones" {
    web1 "Port 1"
    try -o "Port=$SSHD_PORT" -o Port=2 -o User=bob web1
    reached bob
    try -o "Port $SSHD_PORT" -o 'user   carol' web1
    reached carol
    try -o Port=1 -p "$SSHD_PORT" -l bob -o User=carol web1
    reached bob
    try -o Port=1 -o User=carol "bob@web1:$SSHD_PORT"
    reached bob
    try -o HostName=127.0.0.9 -o HostName=127.0.0.1 -p "$SSHD_PORT" web1
    expect_status 7
    expect_line '127\.0\.0\.9 port'
}

@test "-F none: nobody is asked, and no alias is one" {
    script_file bin/ssh 'echo "$*" >>"$0.ran"' 'exit 1'
    with_path "$BATS_TEST_TMPDIR/bin"
    PROBE_CONFIG=()
    try -F none -l bob --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" 127.0.0.1
    reached bob '127\.0\.0\.1'
    [ ! -e "$BATS_TEST_TMPDIR/bin/ssh.ran" ] || complain "ssh was run"
    try --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" 127.0.0.1
    refused '.*ssh -G'
    grep -E -- '-G.* 127\.0\.0\.1$' "$BATS_TEST_TMPDIR/bin/ssh.ran"
}

@test "-F none with -o: the options count, and no file" {
    PROBE_CONFIG=(-F none)
    try -o "HostName=127.0.0.1" -o "Port=$SSHD_PORT" -o User=bob --known-hosts="$KNOWN_HOSTS" web1
    reached bob
}

# ------------------------------------------------------------------ the connection

@test "AddressFamily, and -4 and -6 win over it" {
    web1 "AddressFamily inet6"
    try web1
    expect_status 7
    expect_line '^unreachable: .*127\.0\.0\.1: .*[Aa]ddress family'
    try -4 web1
    reached alice
    web1 "AddressFamily inet"
    try web1
    reached alice
    try -6 web1
    expect_status 7
}

@test "HostName is an IPv6 address" {
    [ -n "$SSHD_IPV6" ] || skip "there is no ::1"
    web1 "HostName ::1"
    try web1
    reached alice
    expect_line "^web1 port $SSHD_PORT \\(::1\\), "
    expect_line '^host key .* known$'
    web1 "HostName ::1" "AddressFamily inet"
    try web1
    expect_status 7
}

@test "ConnectTimeout, and --connect-timeout wins over it" {
    local before=$SSHD_PORT
    full_start
    SSHD_PORT=$PEER_PORT web1 "ConnectTimeout 1"
    measured -t 30 web1
    expect_end 8 '^timeout: .*\(stage connect, '
    held 1000
    SSHD_PORT=$PEER_PORT web1 "ConnectTimeout 20"
    measured -t 30 --connect-timeout=0.5 web1
    expect_end 8 '^timeout: .*\(stage connect, '
    held 500
    measured -t 30 -o ConnectTimeout=1 web1
    expect_end 8 '^timeout: .*\(stage connect, '
    held 1000
    [ "$before" = "$SSHD_PORT" ]
}

@test "BindAddress, and -b wins over it" {
    web1 "BindAddress 127.0.0.2"
    try web1
    reached alice
    expect_server 'Connection from 127\.0\.0\.2 port'
    try -b 127.0.0.3 web1
    reached alice
    expect_server 'Connection from 127\.0\.0\.3 port'
    web1 "BindAddress 192.0.2.1"
    try web1
    expect_status 2
    expect_line '^usage: .*192\.0\.2\.1: Cannot assign'
    refute_server 'Connection from'
}

# ------------------------------------------------------------------------- GSSAPI

@test "the service is that of HostName, --gssapi-host wins over it" {
    ticket
    with_table "$GSSAPI_HOST 0 127.0.0.1"
    config "Host web1" "HostName $GSSAPI_HOST" "Port $SSHD_PORT" "User alice" "HostKeyAlias $NAME" \
        "UserKnownHostsFile $KNOWN_HOSTS"
    try -m gssapi web1
    expect_status 0
    expect_line "host/$GSSAPI_HOST"
    expect_server 'Accepted gssapi-with-mic for alice'
    try -m gssapi --gssapi-host=other.example.test web1
    expect_status 5
    expect_line 'other\.example\.test'
}

@test "GSSAPIServerIdentity, where this ssh knows it" {
    ssh -F none -G -o GSSAPIServerIdentity=x h >/dev/null 2>&1 || skip "this ssh has no GSSAPIServerIdentity"
    ticket
    web1 "GSSAPIServerIdentity $GSSAPI_HOST"
    try -m gssapi web1
    expect_status 0
    expect_line "host/$GSSAPI_HOST"
    try -m gssapi --gssapi-host=other.example.test web1
    expect_status 5
    web1
    try -m gssapi web1
    expect_status 5
}

# -------------------------------------------------------------------------- timing

@test "-v has the time of each stage" {
    try -v web1
    reached alice
    times resolve connect banner kex host-key auth
    try web1
    refute_line '^time:'
}
