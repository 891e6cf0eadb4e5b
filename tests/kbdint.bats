#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# keyboard-interactive: dialogues with the real sshd and the scripted one, where answers come
# from, and that no answer leaves where one is missing. What a broken server says is at the
# end. Prompts on a terminal are tested in tests/tty.

load helper
load kbdint

setup_file() { world_up; }
teardown_file() { world_down; }

# -------------------------------------------------------------- passwords

@test "right password: success, one prompt without echo, no trivial warning" {
    kbdint -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 0 success
    expect_line '^1 +keyboard-interactive +success +[0-9]+ ms +0$'
    expect_line '1 prompt in 2 rounds'
    expect_line '^ *\| Password: ?$'
    expect_line 'no echo, answered by env:ALICE_PASSWORD$'
    refute_line 'warning'
    refute_text "$ALICE_PASSWORD"
    expect_event "^answer alice ${#ALICE_PASSWORD} right$"
    [ "$(userauth_requests)" = keyboard-interactive ]
}

@test "wrong password: failure" {
    kbdint -r 'assword=env:BOB_PASSWORD' alice@127.0.0.1
    outcome 1 failure
    expect_line '^1 .*LIBSSH2_ERROR_AUTHENTICATION_FAILED \(-18\)'
    expect_line 'can continue with: .*keyboard-interactive'
    expect_event '^answer alice [0-9]+ wrong$'
    refute_text "$BOB_PASSWORD"
}

@test "empty password: it is sent, and refused" {
    NOTHING='' kbdint -r 'assword=env:NOTHING' alice@127.0.0.1
    outcome 1 failure
    expect_event '^answer alice 0 wrong$'
}

@test "an empty answer can be the right one" {
    NOTHING='' kbdint -r 'Press Enter=env:NOTHING' empty@127.0.0.1
    outcome 0 success
    expect_event '^answer empty 0 right$'
    refute_line 'warning'
}

@test "unknown user: asked like any other, and refused" {
    kbdint -r 'assword=env:ALICE_PASSWORD' nosuchuser@127.0.0.1
    outcome 1 failure
    expect_line '^ *\| Password: ?$'
    expect_server 'Failed keyboard-interactive/pam for invalid user nosuchuser'
}

@test "closed account: the server's word on it is shown" {
    kbdint -r 'assword=env:DENIED_PASSWORD' denied@127.0.0.1
    expect_status 1
    expect_line '^ *\| This account is closed\.$'
    expect_line '^failure: '
    expect_event '^answer denied [0-9]+ right$'
}

@test "expired password: no new one is set where no rule gives it" {
    kbdint -r '^Password: =env:EXPIRED_PASSWORD' expired@127.0.0.1
    expect_status 11
    expect_line '^ *\| (.*\\n)?New password: ?$'
    expect_line '^no-response: .*New password'
    refute_event '^passwd expired'
}

# -------------------------------------------------------------- dialogues

@test "two prompts in one dialogue, one with echo" {
    kbdint -r 'code=env:TWO_CODE' -r 'assword=env:TWO_PASSWORD' two@127.0.0.1
    outcome 0 success
    expect_line '^ *\| Account code: ?$'
    expect_line '(^|[^o] )echo, answered by env:TWO_CODE$'
    expect_line 'no echo, answered by env:TWO_PASSWORD$'
    expect_event '^answer two 4 right$'
    expect_event "^answer two ${#TWO_PASSWORD} right$"
}

@test "a one-time password in a second round" {
    OTP=$(otp_code) kbdint -r '^One-time=env:OTP' -r '^Password=env:OTP_PASSWORD' otp@127.0.0.1
    outcome 0 success
    expect_line '2 prompts in 3 rounds'
    expect_line '^ *\| One-time password \(OATH\)'
    expect_line 'answered by env:OTP$'
    expect_event "^answer otp ${#OTP_PASSWORD} right$"
    OTP=000000 kbdint -r '^One-time=env:OTP' -r '^Password=env:OTP2_PASSWORD' otp2@127.0.0.1
    outcome 1 failure
}

@test "info and error messages are shown" {
    kbdint -r 'assword=env:INFO_PASSWORD' info@127.0.0.1
    outcome 0 success
    expect_line '^ *\| Maintenance tonight at 22:00\.'
    expect_line '^ *\| (.*\\n)?Your last login failed\.'
    expect_line '^ *\| (.*\\n)?Enter the password of the directory\.'
}

@test "25 rounds" {
    kbdint -r '^Question=env:MANY_PASSWORD' many@127.0.0.1
    outcome 0 success
    expect_line '25 prompts in 26 rounds'
    expect_line '^ *\| Question 25 of 25: ?$'
    expect_event '^auth many success$'
    scene rounds.60
    outcome 0 success
    expect_line '60 prompts in 60 rounds'
}

@test "a prompt of 3000 characters: answered, shown in part" {
    kbdint -r '^x+: $=env:LONG_PASSWORD' long@127.0.0.1
    outcome 0 success
    expect_line '^ *\| x{100,}'
    expect_event '^answer long [0-9]+ right$'
}

@test "UTF-8 in prompt, pattern and answer, in the C locale" {
    LC_ALL=C kbdint -r 'J.rg 日本: $=env:UTF8_PASSWORD' utf8@127.0.0.1
    outcome 0 success
    expect_line '^ *\| Passwort für Jörg 日本: ?$'
    expect_event '^answer utf8 13 right$'
}

@test "success without any answer: a warning, or trivial with --no-trivial-auth" {
    kbdint open@127.0.0.1
    outcome 0 success
    expect_line '^warning: '
    expect_line '0 prompts in 1 round$'
    kbdint --no-trivial-auth open@127.0.0.1
    expect_status 13
    expect_line '^trivial: '
    kbdint --no-trivial-auth -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 0 success
    scene no-dialogue --no-trivial-auth
    expect_status 13
    scene zero.2 --no-trivial-auth
    expect_status 13
}

@test "rounds without prompts are answered, their names shown" {
    scene zero.4
    outcome 0 success
    expect_line '0 prompts in 4 rounds'
    expect_line '^ *\| Round 1$'
    expect_line '^ *\| Round 4$'
    expect_line '^warning: '
    peer_done 1
    [ "$(grep -cx 'answers none' "$PEER_LOG")" = 4 ] || complain "not four empty answers"
}

@test "name and instruction are shown, every line of them, in both rounds" {
    CODE=4711 PW=secret scene name -r '^Login code=env:CODE' -r '^Password=env:PW'
    outcome 0 success
    expect_line '^ *\| Directory login$'
    expect_line '^ *\| Use your badge\.$'
    expect_line '^ *\| Then the password\.$'
    expect_line '^ *\| Welcome$'
    expect_line '^ *\| Nothing more is asked\.$'
    peer_saw "answers '4711' 'secret'"
}

@test "mixed prompts in one round: each with its own echo and answer" {
    A=one B=two C=three D=four scene mixed -r One=env:A -r Two=env:B -r Three=env:C -r Four=env:D
    outcome 0 success
    expect_line '4 prompts in 1 round'
    [ "$(grep -o '\(no echo\|echo\), answered by env:.' <<<"$output" | paste -sd ' ')" = \
        'echo, answered by env:A no echo, answered by env:B echo, answered by env:C no echo, answered by env:D' ] ||
        complain "not these echo flags"
    peer_saw "answers 'one' 'two' 'three' 'four'"
}

@test "100 prompts are answered, 101 are refused, in any round" {
    scene prompts.100
    outcome 0 success
    expect_line '100 prompts in 1 round'
    scene prompts.101
    outcome 9 protocol-error
    expect_line '^protocol-error: .*INFO_REQUEST.*101'
    scene late-prompts.101
    outcome 9 protocol-error
    scene late-prompts.100
    outcome 0 success
    expect_line '101 prompts in 2 rounds'
    peer_done 4
    [ "$(grep -c '^message 61' "$PEER_LOG")" = 4 ] || complain "answers were sent to what was refused"
}

@test "a prompt without text, and a NUL byte in a prompt" {
    scene empty-prompt -r '^$=env:ANSWER'
    outcome 0 success
    peer_saw "answers 'secret'"
    scene nul -r '^Pass.word: $=env:ANSWER'
    outcome 0 success
    expect_line '^ *\| Na\\x00me$'
    expect_line '^ *\| Instruc\\x00tion$'
    expect_line '^ *\| Pass\\x00word: ?$'
}

@test "key exchange in the middle; noise between the messages" {
    scene rekey
    outcome 0 success
    expect_line '2 prompts in 2 rounds'
    scene noise
    outcome 0 success
    have_no_control_bytes
}

@test "banners are shown wherever they come" {
    local ending
    for ending in banners banners.refused; do
        scene "$ending"
        expect_line '^ *\| Banner one$'
        expect_line '^ *\| Banner two$'
        expect_line '^ *\| Banner three'
        expect_line '^ *\| Banner four without newline$'
        [ "$(grep -o 'Banner [a-z]*' <<<"$output" | paste -sd ' ')" = \
            'Banner one Banner two Banner three Banner four' ] || complain "not in order, not once"
    done
    outcome 1 failure
    scene banners
    outcome 0 success
}

# --------------------------------------------- where the answers come from

@test "the first rule that matches answers; case matters" {
    kbdint -r 'word=env:ALICE_PASSWORD' -r '^Password=env:BOB_PASSWORD' alice@127.0.0.1
    outcome 0 success
    expect_line 'answered by env:ALICE_PASSWORD$'
    kbdint -r '^Password=env:BOB_PASSWORD' -r 'word=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 1 failure
    expect_line 'answered by env:BOB_PASSWORD$'
    kbdint -r '^password=env:BOB_PASSWORD' -r '^Password: $=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 0 success
}

@test "file: is the first line of a file, without its end" {
    local ending
    umask 077
    for ending in '\nsecond line\n' '\r\nsecond line\r\n' ''; do
        printf "%s$ending" "$ALICE_PASSWORD" >"$BATS_TEST_TMPDIR/pw"
        kbdint -r "assword=file:$BATS_TEST_TMPDIR/pw" alice@127.0.0.1
        outcome 0 success
        expect_line "answered by file:$BATS_TEST_TMPDIR/pw$"
        refute_text "$ALICE_PASSWORD"
    done
}

@test "fd: is a line a use, of standard input or of any other descriptor" {
    printf '%s\n' 4711 "$TWO_PASSWORD" never >"$BATS_TEST_TMPDIR/answers"
    PROBE_STDIN=$BATS_TEST_TMPDIR/answers
    kbdint -r 'code=fd:0' -r 'assword=fd:0' two@127.0.0.1
    outcome 0 success
    expect_event '^answer two 4 right$'
    expect_event "^answer two ${#TWO_PASSWORD} right$"
    exec 7<"$BATS_TEST_TMPDIR/answers"
    PROBE_STDIN=/dev/null
    kbdint -r '.*=fd:7' two@127.0.0.1
    outcome 0 success
    IFS= read -r rest <&7
    exec 7<&-
    [ "$rest" = never ] || complain "more than two lines were read"
}

@test "a source that gives nothing does not outlive the limit of the connection" {
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    sleep 20 >"$BATS_TEST_TMPDIR/fifo" 3>&- &
    PROBE_STDIN=$BATS_TEST_TMPDIR/fifo
    elapsed scene rounds.1 -t 2 -r '.*=fd:0'
    kill $! 2>/dev/null || true
    outcome 8 timeout
    expect_line '^timeout: fd:0: '
    [[ $output =~ timeout\ +([0-9]+)\ ms ]] && [ "${BASH_REMATCH[1]}" -lt 3000 ] || complain "too long"
    # with the start of the peer
    [ "$ELAPSED_MS" -lt 15000 ] || complain "it took $ELAPSED_MS ms"
}

@test "answers that are too long for one packet: credential, in any round" {
    ANSWER=$(printf '%4000s' '')
    export ANSWER
    peer_start kbdint.py
    probe --host-key=off -t 20 -m kbdint -r .=env:ANSWER "prompts.8@127.0.0.1:$PEER_PORT"
    expect_status 0
    probe --host-key=off -t 20 -m kbdint -r .=env:ANSWER "prompts.9@127.0.0.1:$PEER_PORT"
    outcome 15 credential
    expect_line '^credential: .*36041 bytes'
    probe --host-key=off -t 20 -m kbdint -r .=env:ANSWER "late-prompts.9@127.0.0.1:$PEER_PORT"
    outcome 15 credential
}

@test "fd: at its end is credential, and no answer is sent" {
    kbdint -r 'assword=fd:0' alice@127.0.0.1
    outcome 15 credential
    expect_line '^credential: .*fd:0'
    expect_event '^prompt alice$'
    refute_event '^answer alice'
}

@test "unset variable, missing file, unreadable file, folder, closed descriptor: nothing is sent" {
    local source
    : >"$BATS_TEST_TMPDIR/unreadable"
    chmod 0 "$BATS_TEST_TMPDIR/unreadable"
    for source in env:NO_SUCH_VARIABLE "file:$BATS_TEST_TMPDIR/none" \
        "file:$BATS_TEST_TMPDIR/unreadable" "file:$BATS_TEST_TMPDIR" fd:9; do
        kbdint -r 'Unused=env:HOME' -r "assword=$source" alice@127.0.0.1
        expect_status 15
        expect_err "^ssh-authtest: .*$source"
        untouched
    done
}

@test "no rule and no terminal: no-response, and no answer is sent, whatever standard input holds" {
    printf '%s\n' "$ALICE_PASSWORD" >"$BATS_TEST_TMPDIR/pw"
    PROBE_STDIN=$BATS_TEST_TMPDIR/pw
    local -a rules
    for rules in '' -B '-r assword=ask:' '-B -r assword=ask:' '-r password=env:ALICE_PASSWORD'; do
        # shellcheck disable=SC2086
        kbdint $rules alice@127.0.0.1
        outcome 11 no-response
        expect_line '^no-response: .*Password: '
        expect_line 'no echo, not answered$'
    done
    expect_event '^prompt alice$'
    refute_event '^answer alice'
    refute_server 'Failed keyboard-interactive'
}

@test "one prompt of several without an answer: none of them is answered" {
    scene mixed -r 'One=env:HOME' -r 'Two=env:HOME' -r 'Four=env:HOME'
    outcome 11 no-response
    expect_line '^no-response: .*Three: '
    peer_done 1
    refute_peer '^message 61'
}

@test "a method that is not offered: refused without a dialogue" {
    kbdint -r 'assword=env:PLAIN_PASSWORD' plain@127.0.0.1
    outcome 4 not-offered
    expect_line 'can continue with: publickey, password$'
    refute_event '^prompt plain'
}
