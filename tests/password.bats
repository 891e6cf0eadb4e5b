#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# password: right and wrong, where it is sent and where it must not be, accounts that are closed,
# expired or locked, and servers that demand a new one.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

@test "right password: success, listed first, answered by the rule" {
    try password -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 0 success password
    step 1 password success '0$'
    steps_are 1
    expect_line 'answered by env:ALICE_PASSWORD$'
    expect_line '^success: alice was accepted after password$'
    refute_line '^warning'
    refute_text "$ALICE_PASSWORD"
    requests_were 'none password'
    expect_event "^answer alice ${#ALICE_PASSWORD} right$"
    expect_server 'Accepted password for alice'
}

@test "wrong password: failure, and one attempt" {
    try password -r 'assword=env:BOB_PASSWORD' alice@127.0.0.1
    outcome 1 failure password
    step 1 password failure 'LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)$'
    expect_line 'can continue with: .*password'
    requests_were 'none password'
    expect_event '^answer alice [0-9]+ wrong$'
    refute_text "$BOB_PASSWORD"
}

@test "empty password: it is sent, and refused" {
    NOTHING='' try password -r 'assword=env:NOTHING' empty@127.0.0.1
    outcome 1 failure password
    requests_were 'none password'
}

@test "unknown user: asked like any other, and refused" {
    try password -r 'assword=env:ALICE_PASSWORD' nosuchuser@127.0.0.1
    outcome 1 failure password
    expect_server 'Failed password for invalid user nosuchuser'
}

@test "UTF-8 in a password, in the C locale" {
    LC_ALL=C try password -r 'assword=env:UTF8_PASSWORD' utf8@127.0.0.1
    outcome 0 success password
    expect_event '^answer utf8 13 right$'
}

@test "from a file, a descriptor and a command" {
    printf '%s\n' "$ALICE_PASSWORD" >"$HOME/pw"
    chmod 600 "$HOME/pw"
    try password -r "assword=file:$HOME/pw" alice@127.0.0.1
    outcome 0 success password
    PROBE_STDIN=$HOME/pw
    try password -r "assword=fd:0" alice@127.0.0.1
    outcome 0 success password
    try password -r "assword=cmd:cat '$HOME/pw'" alice@127.0.0.1
    outcome 0 success password
    refute_text "$ALICE_PASSWORD"
}

# ------------------------------------------------------------------ the prompt

@test "rules see USER@HOST's password: with the host as it was typed" {
    try password -r "^alice@127[.]0[.]0[.]1's password: \$=env:ALICE_PASSWORD" alice@127.0.0.1
    outcome 0 success password
    probe -4 --fingerprint="$FINGERPRINT_ED25519" -m password \
        -r "^alice@LocalHost's password: \$=env:ALICE_PASSWORD" "alice@LocalHost:$SSHD_PORT"
    outcome 0 success password
    try password -l alice -r "^alice@127[.]0[.]0[.]1's password: \$=env:ALICE_PASSWORD" 127.0.0.1
    outcome 0 success password
}

@test "a user's name with an @ is in the prompt as it is" {
    try password -r "^alice@EXAMPLE[.]TEST@127[.]0[.]0[.]1's password: \$=env:ALICE_EXAMPLE_TEST_PASSWORD" \
        alice@EXAMPLE.TEST@127.0.0.1
    outcome 0 success password
}

@test "no rule that matches and no terminal: no-response, and nothing but none was sent" {
    try password alice@127.0.0.1
    outcome 11 no-response password
    requests_were none
    try password -r '^Password=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 11 no-response password
    try password -B alice@127.0.0.1
    outcome 11 no-response password
    requests_were 'none none none'
    refute_event '^answer'
}

@test "ask: without a terminal is no-response" {
    try password -r 'assword=ask:' alice@127.0.0.1
    outcome 11 no-response password
    requests_were none
}

@test "a source that fails: credential, and no password was sent" {
    try password -r 'assword=env:NO_SUCH_VARIABLE' alice@127.0.0.1
    credential 'NO_SUCH_VARIABLE'
    untouched
    try password -r 'assword=cmd:exit 3' alice@127.0.0.1
    credential 'cmd:exit 3'
    requests_were none
}

@test "SSH_ASKPASS is asked where it is forced, and never with -B" {
    printf '#!/bin/sh\nprintf "%%s\\n" "$1" >"%s"\necho "$FOR_ASKPASS"\n' "$HOME/asked" >"$HOME/askpass"
    chmod 700 "$HOME/askpass"
    export SSH_ASKPASS=$HOME/askpass SSH_ASKPASS_REQUIRE=force FOR_ASKPASS=$ALICE_PASSWORD
    try password alice@127.0.0.1
    outcome 0 success password
    grep -qF "alice@127.0.0.1's password: " "$HOME/asked"
    rm "$HOME/asked"
    try password -B alice@127.0.0.1
    outcome 11 no-response password
    [ ! -e "$HOME/asked" ]
}

# ------------------------------------------------------------- not offered

@test "not listed: not-offered, nobody is asked, and no password leaves" {
    try password -r 'assword=env:NOPASSWORD_PASSWORD' nopassword@127.0.0.1
    outcome 4 not-offered password
    requests_were none
    expect_line '^offered +publickey, .*keyboard-interactive$'
    try password nopassword@127.0.0.1
    outcome 4 not-offered password
    try password -r 'assword=cmd:touch "$HOME/ran"; echo x' nopassword@127.0.0.1
    outcome 4 not-offered password
    [ ! -e "$HOME/ran" ]
    requests_were 'none none none'
    refute_event nopassword
}

@test "not listed before another method was accepted: not-offered" {
    try password -r 'assword=env:ORDER_PASSWORD' order-pw@127.0.0.1
    outcome 4 not-offered password
    requests_were none
}

@test "a second step: the list is known, and no second none is sent" {
    try publickey,password -i "$USER_KEY" -r 'assword=env:ORDER_PASSWORD' order-pw@127.0.0.1
    outcome 0 success password
    step 1 publickey partial-success
    requests_were 'publickey publickey password'
}

@test "a second step that is not listed after the first: not-offered, nothing sent" {
    try kbdint,password -r 'assword=env:CHAIN_KK_PASSWORD' chain-kk@127.0.0.1
    outcome 4 not-offered password
    step 1 keyboard-interactive partial-success
    requests_were keyboard-interactive
}

@test "none as a step of one's own before it is the only one" {
    try none,password -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    step 1 none failure
    expect_status 1
    requests_were none
}

@test "partial success of a password is told as such" {
    try password -r 'assword=env:ORDER_PASSWORD' order-wk@127.0.0.1
    outcome 3 partial-success password
    step 1 password partial-success 'LIBSSH2_ERROR_PARTIAL_SUCCESS \(-1001\)$'
    expect_line 'can continue with: keyboard-interactive$'
    requests_were 'none password'
    try password -e partial-success -r 'assword=env:ORDER_PASSWORD' order-wk@127.0.0.1
    expect_status 0
}

@test "early success: the password alone was enough" {
    try password,kbdint -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 16 early-success
    step 1 password success
    steps_are 1
    requests_were 'none password'
}

# ----------------------------------------------------------------- accounts

@test "expired password: sshd lets in, and asks for a new one only in the session" {
    try password -r 'assword=env:EXPIRED_PASSWORD' expired@127.0.0.1
    outcome 0 success password
    refute_event '^passwd'
}

@test "closed accounts: sshd ends the connection, and what it says is shown" {
    try password -r 'assword=env:DENIED_PASSWORD' denied@127.0.0.1
    outcome 10 disconnected password
    expect_line '^ *\| This account is closed\.'
    expect_event '^answer denied [0-9]+ right$'
    try password -r 'assword=env:CLOSED_PASSWORD' closed@127.0.0.1
    outcome 10 disconnected password
    expect_server 'Access denied for user closed by PAM account configuration'
}

@test "an account that passwd -l locked: refused where sshd has no PAM, as it says" {
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_NOPAM_PORT" -m password \
        -r 'assword=env:LOCKED_PASSWORD' locked@127.0.0.1
    outcome 1 failure password
    grep -q 'User locked not allowed because account is locked' "$WORLD_DIR/sshd-nopam.log"
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_NOPAM_PORT" -m password \
        -r 'assword=env:UNLOCKED_PASSWORD' unlocked@127.0.0.1
    outcome 0 success password
    try password -r 'assword=env:LOCKED_PASSWORD' locked@127.0.0.1
    outcome 0 success password
}

@test "MaxAuthTries: its reason is shown" {
    try 'password password' -r 'assword=env:BOB_PASSWORD' tries@127.0.0.1
    expect_status 1
    [ "$(grep -c '^failure: ' <<<"$output")" = 2 ]
}

@test "--no-trivial-auth: a password is no trivial login, even where any would do" {
    try password --no-trivial-auth -r 'assword=env:ALICE_PASSWORD' open@127.0.0.1
    outcome 0 success password
    try password --no-trivial-auth -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 0 success password
    refute_line '^(warning|trivial)'
}

@test "-v traces the request and the length of the password, not the password" {
    try password -v -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    expect_status 0
    expect_err ' -> USERAUTH_REQUEST user "alice" method "none"'
    expect_err ' -> USERAUTH_REQUEST user "alice" method "password"'
    expect_err '<- USERAUTH_SUCCESS'
    refute_text "$ALICE_PASSWORD"
}

# -------------------------------------------------------- the scripted server

@test "a new password is demanded: password-expired with the server's text, and none is set" {
    export ANSWER=secret
    scene password changereq -r '.*=env:ANSWER'
    outcome 12 password-expired password
    expect_line '\| Your password has expired\.$'
    expect_peer '^closed$'
    [ "$(grep -c '^request changereq password$' "$PEER_LOG")" = 1 ]
    refute_peer 'password change'
    refute_peer '^message'
}

@test "that text is escaped, and may be empty, long or malformed" {
    export ANSWER=secret
    scene password changereq.escapes -r '.*=env:ANSWER'
    outcome 12 password-expired password
    have_no_control_bytes
    refute_line '^success'
    scene password changereq.empty -r '.*=env:ANSWER'
    outcome 12 password-expired password
    scene password changereq.long -r '.*=env:ANSWER'
    outcome 12 password-expired password
    for how in bad language; do
        scene password "changereq.$how" -r '.*=env:ANSWER'
        outcome 9 protocol-error password
    done
    refute_peer 'password change'
}

@test "a chain ends where a new password is demanded" {
    export ANSWER=secret
    scene password,kbdint changereq -r '.*=env:ANSWER'
    outcome 12 password-expired password
    steps_are 1
    scene password changereq -e password-expired -r '.*=env:ANSWER'
    expect_status 0
    expect_peer '^closed$'
    refute_peer 'keyboard-interactive'
}

# not-offered would say that password login is off, of a server that took the password.
@test "a password that was listed, sent and refused is a failure, whatever the list says then" {
    export ANSWER=secret
    scene password password-gone -r '.*=env:ANSWER'
    outcome 1 failure password
    expect_line 'can continue with: publickey$'
}

@test "partial success, a connection that ended, and silence" {
    export ANSWER=secret
    scene password password-partial -r '.*=env:ANSWER'
    outcome 3 partial-success password
    expect_line 'can continue with: publickey$'
    scene password password-close -r '.*=env:ANSWER'
    outcome 10 disconnected password
    elapsed scene password password-hang -t 2 -r '.*=env:ANSWER'
    outcome 8 timeout password
    [ "$ELAPSED_MS" -lt 6000 ]
}

@test "accepted by none already: the password is not sent, and it is no success" {
    export ANSWER=secret
    scene password at-once -r '.*=env:ANSWER'
    expect_status 16
    expect_line '^early-success: '
    expect_line '^warning: '
    scene password at-once --no-trivial-auth -r '.*=env:ANSWER'
    expect_status 13
    expect_peer '^closed$'
    refute_peer '^request at-once password'
}

@test "no FAILURE, no list: silence to none is a timeout, and no password leaves" {
    export ANSWER=secret
    scene password hang -t 2 -r '.*=env:ANSWER'
    expect_status 8
    expect_peer '^closed$'
    refute_peer '^request hang password'
}

@test "a changed host key: a password is never sent, even with --host-key=off" {
    printf '[127.0.0.1]:%s %s\n' "$SSHD_PORT" "$(cut -d ' ' -f 1,2 "$KEY_STRANGER.pub")" >"$HOME/known"
    probe --known-hosts="$HOME/known" --host-key=off -p "$SSHD_PORT" -m password \
        -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    [ "$status" != 0 ] || complain "a password was sent"
    refute_event '^answer'
    refute_server 'method password'
}
