#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sources of answers, each with what can be wrong with it, rules from a file, and that
# accounts are not locked. What cmd: does is in a file of its own. kbdint.bats has more of env:,
# file: and fd:.

load helper
load kbdint

setup_file() { world_up; }
teardown_file() { world_down; }

setup()
{
    test_begin
    umask 077
    DIR=$BATS_TEST_TMPDIR
    OTP_BASE32=$(perl -e 'my $b = unpack "B*", pack "H*", shift; my @a = ("A" .. "Z", 2 .. 7);
        $b .= "0" x (-length($b) % 5); print map { $a[oct "0b$_"] } $b =~ /.{5}/g' "$OTP_SECRET")
}

# refused_early WORDS SOURCE: this source cannot be used, as is found before connecting.
refused_early()
{
    kbdint -r "assword=$2" alice@127.0.0.1
    expect_status 15
    expect_err "^ssh-authtest: $2: .*$1"
    untouched
}

# refused_late WORDS SOURCE: as is found when the server asks; no answer is sent.
refused_late()
{
    log_mark
    kbdint -r "assword=$2" alice@127.0.0.1
    outcome 15 credential
    expect_line "^credential: $2: .*$1"
    requests_were keyboard-interactive
    expect_event '^prompt alice$'
    refute_event '^answer alice'
}

# answers_of USER: how many answers PAM got from him since the test began.
answers_of()
{
    server_settled && events | grep -c "^answer $1 "
}

# ------------------------------------------------------------ what is found before connecting

@test "variables that are not set, or too long" {
    unset UNSET
    LONG=$(printf '%4097s' '')
    export LONG
    refused_early 'is not set' env:UNSET
    refused_early 'longer than an answer may be' env:LONG
}

@test "files that are not there, or that others can read or write" {
    local mode kind
    printf '%s\n' "$ALICE_PASSWORD" >"$DIR/pw"
    for kind in file totp; do
        refused_early 'No such file' "$kind:$DIR/none"
        refused_early 'directory' "$kind:$DIR"
        for mode in 0644 0640 0604 0620 0602; do
            chmod "$mode" "$DIR/pw"
            refused_early "others have access to it \(mode $mode\)$" "$kind:$DIR/pw"
            expect_err '^  chmod 600 FILE takes their access away$'
        done
        if [ "$(id -u)" != 0 ]; then
            chmod 0 "$DIR/pw"
            refused_early 'Permission denied' "$kind:$DIR/pw"
        fi
    done
    chmod 400 "$DIR/pw"
    kbdint -r "assword=file:$DIR/pw" alice@127.0.0.1
    outcome 0 success
}

@test "descriptors that are closed, or open for writing only" {
    refused_early 'is not open' fd:9
    exec 9>"$DIR/written"
    refused_early 'not open for reading' fd:9
    exec 9>&-
}

@test "a rule that is not used is looked at too" {
    kbdint -r "assword=env:ALICE_PASSWORD" -r "never=totp:$DIR/none" alice@127.0.0.1
    expect_status 15
    expect_err "^ssh-authtest: totp:$DIR/none: No such file"
    untouched
}

# ------------------------------------------------------------ what is found when it is read

@test "files and descriptors without a line: no answer is sent" {
    : >"$DIR/nothing"
    refused_late 'end of file' "file:$DIR/nothing"
    refused_late 'end of file' fd:0
    printf '%4097s\n' '' >"$DIR/long"
    refused_late 'longer than an answer may be' "file:$DIR/long"
    refused_late 'end of file' "totp:$DIR/nothing"
}

@test "a file that becomes readable for others between check and use" {
    printf '%s\n' "$ALICE_PASSWORD" >"$DIR/pw"
    (sleep 1 && chmod 644 "$DIR/pw") 3>&- &
    kbdint -r "assword=file:$DIR/pw" slow@127.0.0.1
    wait $!
    outcome 15 credential
    expect_line '^credential: file:.*others have access'
    refute_event '^answer slow'
}

@test "what is no secret for one-time passwords: credential, and no answer is sent" {
    local row why
    while IFS='|' read -r row why; do
        printf '%s\n' "$row" >"$DIR/otp"
        refused_late "$why" "totp:$DIR/otp"
        [ "${#row}" -lt 4 ] || refute_text "$row"
    done <<'END'
0189|not base32
GEZDGN|of a part of something
 |there is no secret
https://example.com/GEZDGNBV|neither base32 nor
otpauth://hotp/a?secret=GEZDGNBV&counter=1|type hotp
otpauth://totp/a?digits=6|has no secret
otpauth://totp/a?secret=GEZDGNBV&digits=9|digits is not 6, 7 or 8
otpauth://totp/a?secret=GEZDGNBV&period=0|period is not
otpauth://totp/a?secret=GEZDGNBV&algorithm=MD5|not SHA1, SHA256 or SHA512
END
}

# ------------------------------------------------------------ where it works

@test "variables are taken out of the environment, and may answer several prompts" {
    printf '%s\n' 4711 >"$DIR/code"
    kbdint -r "code=file:$DIR/code" -r 'assword=env:TWO_PASSWORD' -r '.=env:TWO_PASSWORD' two@127.0.0.1
    outcome 0 success
    expect_line "echo, answered by file:$DIR/code$"
    expect_line 'no echo, answered by env:TWO_PASSWORD$'
    refute_text "$TWO_PASSWORD"
}

@test "variables are in the environment of nothing that ssh's configuration runs" {
    local name
    printf '%s\n' "Match exec \"env >'$DIR/exec'\"" "    ProxyCommand sh -c 'env >\"$DIR/proxy\"; exit 3'" >"$DIR/config"
    PROBE_CONFIG=(-F "$DIR/config")
    PW=needle-pw PASS=needle-pass probe_main -m publickey,keyboard-interactive -r '.=env:PW' \
        -i "$KEY_ED25519" --passphrase=env:PASS alice@127.0.0.1
    expect_status 7
    expect_line '^unreachable: proxy command: exit status 3 '
    for name in exec proxy; do
        grep -q '^PATH=' "$DIR/$name" || complain "$name: not run"
        ! grep -q needle "$DIR/$name" || complain "$name: $(grep needle "$DIR/$name")"
    done
}

@test "one-time passwords that pam_oath accepts; the next one for the next login" {
    printf '%s\n' "$OTP_BASE32" >"$DIR/otp"
    kbdint -t 60 -r "One-time=totp:$DIR/otp" -r 'assword=env:OTP_PASSWORD' -m kbdint otp@127.0.0.1
    expect_status 0
    [ "$(grep -c "answered by totp:$DIR/otp$" <<<"$output")" = 2 ] || complain "not two answers"
    [ "$(grep -c '^success: ' <<<"$output")" = 2 ] || complain "not two successes"
    refute_text "$OTP_BASE32"
    refute_text "$OTP_SECRET"
    # other spellings of the same secret
    printf ' %s %s \r\n' "${OTP_BASE32:0:5}" "${OTP_BASE32:5}" | tr '[:upper:]' '[:lower:]' >"$DIR/otp2"
    kbdint -r "One-time=totp:$DIR/otp2" -r 'assword=env:OTP2_PASSWORD' otp2@127.0.0.1
    outcome 0 success
}

@test "one-time passwords for an otpauth:// URI; the wrong digits, period or secret are refused" {
    # the passwords of the test before are used up
    local now uri='otpauth://totp/World:otp?issuer=World&algorithm=SHA1&period=30'
    sleep $((31 - $(date +%s) % 30))
    printf '%s&secret=%s&digits=7\n' "$uri" "$OTP_BASE32" >"$DIR/otp"
    kbdint -r "One-time=totp:$DIR/otp" -r 'assword=env:OTP_PASSWORD' otp@127.0.0.1
    outcome 1 failure
    printf '%s&secret=%s&digits=6\n' "$uri" "${OTP_BASE32/[A-M]/Z}" >"$DIR/otp"
    kbdint -r "One-time=totp:$DIR/otp" -r 'assword=env:OTP_PASSWORD' otp@127.0.0.1
    outcome 1 failure
    printf '%s&secret=%s&digits=6\n' "$uri" "$OTP_BASE32" >"$DIR/otp"
    kbdint -r "One-time=totp:$DIR/otp" -r 'assword=env:OTP_PASSWORD' otp@127.0.0.1
    outcome 0 success
    refute_text "$OTP_BASE32"
}

@test "a password of the same period is not given twice: the limit ends the wait" {
    printf 'otpauth://totp/a?secret=GEZDGNBV&period=86400\n' >"$DIR/otp"
    kbdint -m kbdint -t 3 -r ".=totp:$DIR/otp" alice@127.0.0.1
    expect_status 1
    expect_line "^failure: "
    expect_line "^timeout: totp:$DIR/otp: no answer came within the connection's limit"
    expect_line '--timeout must leave room'
    [ "$(answers_of alice)" = 1 ] || complain "not one answer"
}

# ------------------------------------------------------------ rules from a file

@test "--respond-file: rules, comments, empty lines, other line ends" {
    printf '%s\r\n' '# the bastion' '' '  code=env:TWO_CODE' >"$DIR/rules"
    printf 'assword=env:TWO_PASSWORD' >>"$DIR/rules"
    kbdint --respond-file="$DIR/rules" two@127.0.0.1
    outcome 0 success
    expect_line 'answered by env:TWO_CODE$'
    expect_line 'answered by env:TWO_PASSWORD$'
    kbdint --respond-file <(cat "$DIR/rules") two@127.0.0.1
    outcome 0 success
}

@test "-r and --respond-file: the first rule that matches, in the order of the command line" {
    printf 'assword=env:BOB_PASSWORD\n' >"$DIR/bob"
    kbdint -r 'assword=env:ALICE_PASSWORD' --respond-file="$DIR/bob" alice@127.0.0.1
    outcome 0 success
    kbdint --respond-file="$DIR/bob" -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    outcome 1 failure
    expect_line 'answered by env:BOB_PASSWORD$'
}

@test "--respond-file: what is wrong is told with file and line, and nothing is sent" {
    printf 'code=env:TWO_CODE\n\nassword=hunter2\n' >"$DIR/rules"
    kbdint --respond-file="$DIR/rules" two@127.0.0.1
    expect_status 2
    expect_err "^ssh-authtest: --respond-file $DIR/rules:3: no source: .*env:NAME, file:PATH, .*ask:"
    refute_text hunter2
    printf 'code=env:TWO_CODE\n(=ask:\n' >"$DIR/rules"
    kbdint --respond-file="$DIR/rules" two@127.0.0.1
    expect_status 2
    expect_err "^ssh-authtest: --respond-file $DIR/rules:2: "
    kbdint --respond-file="$DIR/none" two@127.0.0.1
    expect_status 2
    expect_err "^ssh-authtest: --respond-file $DIR/none: No such file"
    kbdint --respond-file='' two@127.0.0.1
    expect_status 2
    untouched
}

# ------------------------------------------------------------ refused too often

@test "--max-refused: a source that was refused so often is not used again" {
    probe_main --max-refused=2 -m 'kbdint kbdint kbdint kbdint' -r 'assword=env:BOB_PASSWORD' alice@127.0.0.1
    expect_status 1
    [ "$(grep -c '^failure: ' <<<"$output")" = 2 ] || complain "not two failures"
    [ "$(grep -c '^credential: env:BOB_PASSWORD: refused 2 times for alice: not used again' \
        <<<"$output")" = 2 ] || complain "not two that ended here"
    expect_line '--max-refused=N'
    [ "$(answers_of alice)" = 2 ] || complain "not two answers"
    refute_text "$BOB_PASSWORD"
}

@test "three times by default, for each user and source apart" {
    probe_main -m 'kbdint kbdint kbdint kbdint' -r 'assword=env:BOB_PASSWORD' \
        alice@127.0.0.1 bob@127.0.0.1 carol@127.0.0.1
    expect_status 1
    [ "$(answers_of alice)" = 3 ] || complain "not three answers for alice"
    [ "$(answers_of bob)" = 4 ] || complain "not four answers for bob, which were right"
    [ "$(answers_of carol)" = 3 ] || complain "not three answers for carol"
    expect_line '^credential: env:BOB_PASSWORD: refused 3 times for carol'
}

@test "a prompt that comes again counts as refused" {
    scene again.5
    outcome 15 credential
    expect_line '^credential: env:ANSWER: refused 3 times for again\.5: not used again'
    peer_done 1
    [ "$(grep -c '^message 61' "$PEER_LOG")" = 3 ] || complain "not three answers"
    scene again.3
    outcome 1 failure
    peer_done 2
    [ "$(grep -c '^message 61' "$PEER_LOG")" = 6 ] || complain "not three answers more"
}

@test "a server that hangs up on an answer refused it" {
    scene disconnect-answer --max-refused=1 -m 'kbdint kbdint' -r .=env:ANSWER
    expect_status 10
    [ "$(grep -c '^credential: env:ANSWER: refused 1 time for disconnect-answer' <<<"$output")" = 2 ] ||
        complain "not one that was refused and two that ended here"
}

@test "logins that are accepted do not count" {
    probe_main --max-refused=1 -m 'kbdint kbdint kbdint' -r 'assword=env:ALICE_PASSWORD' alice@127.0.0.1
    expect_status 0
    [ "$(answers_of alice)" = 3 ] || complain "not three answers"
}

@test "fd: of a pipe that others read too: the limit holds" {
    peer_start kbdint.py
    run /usr/bin/python3 -B "$abs_top_srcdir/tests/peer/thief.py" "$SSH_AUTHTEST" -F none --host-key=off -B -q -t 3 \
        -m keyboard-interactive -r '=fd:FD' "rounds.1@127.0.0.1:$PEER_PORT"
    [ "$output" = 0 ] || complain "$output of 8 were still waiting"
}
