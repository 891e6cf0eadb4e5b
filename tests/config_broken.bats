#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ssh's configuration: what never is taken from it, what happens where ssh rejects it, hangs, or is not
# there, and what its children do not get.

load helper
load config

setup_file() { world_up; }
teardown_file() { world_down; }
setup()
{
    test_begin
    web1
}

# --------------------------------------------------------------- no credentials of it

@test "keys, passwords and methods of the configuration change nothing" {
    ticket
    web1 "IdentityFile $USER_KEY" "CertificateFile $CERT_ED25519-cert.pub" "IdentitiesOnly yes" \
        "PreferredAuthentications publickey" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
        "PubkeyAuthentication yes" "GSSAPIAuthentication yes" "GSSAPIDelegateCredentials yes" "BatchMode yes" \
        "IdentityAgent $BATS_TEST_TMPDIR/agent" "NumberOfPasswordPrompts 1" "HostbasedAuthentication yes" \
        "AddKeysToAgent yes" "PKCS11Provider /nonexistent.so"
    try web1
    reached alice
    requests_were none
    try -m 'password keyboard-interactive' -r 'assword=env:ALICE_PASSWORD' web1
    expect_status 0
    requests_were 'none password keyboard-interactive'
    try -m publickey web1
    refused 'publickey: no key is named'
    try -m publickey -i "$KEY_STRANGER" web1
    expect_status 1
    requests_were 'publickey'
}

@test "-o with a credential or a method is refused, and says which option is meant" {
    local option
    for option in IdentityFile=x CertificateFile=x IdentityAgent=x PreferredAuthentications=password \
        PasswordAuthentication=no PubkeyAuthentication=no KbdInteractiveAuthentication=no \
        GSSAPIAuthentication=yes GSSAPIDelegateCredentials=yes BatchMode=yes 'identityfile x' \
        'IDENTITYFILE = x' PKCS11Provider=x ChallengeResponseAuthentication=no; do
        try -o "$option" web1
        refused "(-o|--option) .*${option%%[ =]*}"
        grep -qE -- '(by|an agent|in hardware|password prompts|turned off).*-|-i|-m|-B|-K|--agent' <<<"$stderr" ||
            complain "no remedy"
    done
}

@test "-o that is none" {
    local option
    for option in '' ' ' = =x Port 'Port=' 'Port ' -x $'Port=1\nUser=x' $'\e[2J=x'; do
        try -o "$option" web1
        refused '(-o|--option|configuration)'
    done
    try -o Nonsense=1 web1
    refused '.*[Bb]ad configuration option: nonsense'
    try -o Port=x web1
    refused '.*Bad .*'
}

# ------------------------------------------------------------------------ failures

@test "a configuration that ssh rejects: usage, with ssh's words" {
    config "Host web1" "    Nonsense yes"
    try web1
    refused ".*$CONFIG: line 2: Bad configuration option: nonsense"
    config "Host web1" "    Port none-of-these"
    try web1
    refused ".*$CONFIG line 2: Bad "
    config "Match" "    Port 1"
    try web1
    refused ".*$CONFIG line 1: "
    # Expected or not: it is no answer of the server's.
    try -e unreachable,failure,success web1
    refused ".*$CONFIG line 1: "
}

@test "what ssh says of it cannot drive a terminal" {
    config $'Host web1\n    \e]0;owned\a\xc2\x9b31m\xe2\x80\xae yes'
    try web1
    refused ".*$CONFIG"
    have_no_control_bytes
}

@test "-F FILE that is not there, or nobody may read, or others may write" {
    PROBE_CONFIG=(-F "$BATS_TEST_TMPDIR/missing")
    try web1
    refused ".*$BATS_TEST_TMPDIR/missing: No such file"
    web1
    chmod 0 "$CONFIG"
    try web1
    refused ".*$CONFIG: Permission denied"
    PROBE_CONFIG=(-F '')
    try web1
    refused '(-F|--config)'
}

@test "one of several targets is rejected: none is tried" {
    web1
    printf '%s\n' "Host web2" "Port nonsense" "HostName bad name" >>"$CONFIG"
    try web1 web2 web1
    refused ".*$CONFIG line"
}

@test "Match exec that hangs: usage at the limit, never timeout, and it is ended" {
    web1
    printf '%s\n' "Match exec \"echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 300\"" >>"$CONFIG"
    elapsed try -t 1 web1
    refused '.*(1 s|limit)'
    [ "$ELAPSED_MS" -ge 900 ] && [ "$ELAPSED_MS" -lt 6000 ] || complain "$ELAPSED_MS ms"
    gone "$BATS_TEST_TMPDIR/pids"
    try -t 1 -e timeout web1
    refused '.*(1 s|limit)'
    gone "$BATS_TEST_TMPDIR/pids"
}

@test "a signal ends a Match exec that hangs" {
    local pid name number status
    web1
    printf '%s\n' "Match exec \"echo \$\$ >>$BATS_TEST_TMPDIR/pids; exec sleep 300\"" >>"$CONFIG"
    for name in TERM INT; do
        rm -f "$BATS_TEST_TMPDIR/pids"
        number=$(kill -l "$name") status=0
        # A background job of the shell's would ignore SIGINT.
        /usr/bin/python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
os.execv(sys.argv[1], sys.argv[1:])' "$SSH_AUTHTEST" -F "$CONFIG" -t 60 web1 </dev/null \
            >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        pid=$!
        until_there "$BATS_TEST_TMPDIR/pids"
        kill "-$name" "$pid"
        wait "$pid" || status=$?
        [ "$status" = "$((128 + number))" ] || complain "SIG$name: $status: $(cat "$BATS_TEST_TMPDIR/out")"
        gone "$BATS_TEST_TMPDIR/pids"
    done
    refute_server 'Connection from'
}

@test "no ssh: works without, and says so with -v only" {
    without_ssh
    PROBE_CONFIG=()
    try --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -l bob 127.0.0.1
    reached bob '127\.0\.0\.1'
    [ -z "$stderr" ] || complain "it complains"
    refute_line 'not installed'
    try -v --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" -l bob 127.0.0.1
    reached bob '127\.0\.0\.1'
    grep -q 'ssh is not installed' <<<"$output$stderr" || complain "it does not say so"
    try --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" bob@127.0.0.1 carol@127.0.0.1
    expect_status 0
    [ "$(grep -c '^listed: ' <<<"$output")" = 2 ] || complain "not both"
}

@test "no ssh: what needs it is usage, with a remedy, and no target is tried" {
    without_ssh
    try web1
    refused '.*needs ssh'
    remedy 'install|-F none|OpenSSH'
    try web1 bob@127.0.0.1
    refused '.*needs ssh'
    PROBE_CONFIG=()
    try -o "Port=$SSHD_PORT" --known-hosts="$KNOWN_HOSTS" bob@127.0.0.1
    refused '.*needs ssh'
    try -J jump --known-hosts="$KNOWN_HOSTS" -p "$SSHD_PORT" bob@127.0.0.1 carol@127.0.0.1
    refused '.*needs ssh'
    remedy 'install|OpenSSH'
}

# ------------------------------------------------------------------------- secrets

@test "secrets are not in the environment of ssh, nor of what Match exec runs" {
    web1
    printf 'Match exec "env >>%s; cat /proc/$PPID/environ >>%s"\n' \
        "$BATS_TEST_TMPDIR/environment" "$BATS_TEST_TMPDIR/ssh" >>"$CONFIG"
    ssh-keygen -q -t ed25519 -N hunter2-of-the-key -f "$BATS_TEST_TMPDIR/key"
    PW=hunter2-password KEYPW=hunter2-of-the-key KEPT=kept \
        try -m publickey,password -i "$BATS_TEST_TMPDIR/key" --passphrase=env:KEYPW -r 'x=env:PW' web1
    expect_status 1
    grep -q '^KEPT=kept$' "$BATS_TEST_TMPDIR/environment" || complain "it was not run"
    grep -qa 'KEPT=kept' "$BATS_TEST_TMPDIR/ssh" || complain "ssh was not seen"
    ! grep -qaE 'hunter2|^(KEY)?PW=' "$BATS_TEST_TMPDIR/environment" "$BATS_TEST_TMPDIR/ssh" || complain "secrets"
}

@test "Match exec gets no descriptor and no input of the program's" {
    web1
    printf '%s\n' "Match exec \"ls -l /proc/self/fd >$BATS_TEST_TMPDIR/fds; cat >$BATS_TEST_TMPDIR/input\"" >>"$CONFIG"
    printf 'answer\n' >"$BATS_TEST_TMPDIR/answers"
    printf 'for others\n' >"$BATS_TEST_TMPDIR/stdin"
    PROBE_STDIN=$BATS_TEST_TMPDIR/stdin
    try -m password -r '=fd:7' web1 7<"$BATS_TEST_TMPDIR/answers"
    expect_status 1
    [ -s "$BATS_TEST_TMPDIR/fds" ] && [ ! -s "$BATS_TEST_TMPDIR/input" ] || complain "input"
    ! grep -E 'answers|stdin' "$BATS_TEST_TMPDIR/fds" || complain "descriptors"
}
