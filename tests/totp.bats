#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One-time passwords of totp: against pam_oath, at both edges of its window, by a server whose
# clock is wrong; and digits, period and algorithm of a URI, against oathtool.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

# base32 HEX
base32()
{
    oathtool -v --totp "$1" | sed -n 's/^Base32 secret: //p'
}

# secret_file TEXT: sets SECRET.
secret_file()
{
    SECRET=$HOME/secret
    printf '%s\n' "$1" >"$SECRET"
    chmod 600 "$SECRET"
}

# clock SECONDS [PERIOD]: by that much the server's clock is ahead, with no code used so far. Not at the
# end of a period, so that the server is in the same one.
clock()
{
    local period=${2:-30} now
    printf '%+ds\n' "$1" >"$CLOCK_FILE"
    printf 'HOTP/T30/6 clock - %s\nHOTP/T60/8 clock8 - %s\n' "$CLOCK_SECRET" "$CLOCK_SECRET" >"$CLOCK_OATH"
    now=$(date +%s)
    [ $((now % period)) -lt $((period - 5)) ] || sleep $((period - now % period))
}

# login [USER [ARGUMENT...]]: at the server with the wrong clock.
login()
{
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -m kbdint \
        -r "One-time password=totp:$SECRET" "${@:2}" "${1:-clock}@127.0.0.1"
}

@test "a code of now: success" {
    clock 0
    secret_file "$(base32 "$CLOCK_SECRET")"
    login
    outcome 0 success keyboard-interactive
    expect_line 'answered by totp:'
    refute_line '^warning'
    refute_text "$(base32 "$CLOCK_SECRET")"
}

@test "the window's edges: the last step is accepted, one beyond is not, on both sides" {
    secret_file "$(base32 "$CLOCK_SECRET")"
    clock 30
    login
    outcome 0 success keyboard-interactive
    clock 60
    login
    outcome 1 failure keyboard-interactive
    clock -30
    login
    outcome 0 success keyboard-interactive
    clock -60
    login
    outcome 1 failure keyboard-interactive
}

@test "a code is not given twice: the next period is waited for" {
    secret_file "$(base32 "$CLOCK_SECRET")"
    clock 0
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -m 'kbdint kbdint' \
        -r "One-time password=totp:$SECRET" clock@127.0.0.1
    expect_status 0
    [ "$(grep -c '^success: ' <<<"$output")" = 2 ] || complain "not two successes"
}

@test "a URI with 8 digits and a period of 60 seconds, with the edges of its window" {
    secret_file "otpauth://totp/test:clock8?secret=$(base32 "$CLOCK_SECRET")&digits=8&period=60&issuer=test"
    clock 0 60
    login clock8
    outcome 0 success keyboard-interactive
    clock 60 60
    login clock8
    outcome 0 success keyboard-interactive
    clock 120 60
    login clock8
    outcome 1 failure keyboard-interactive
}

@test "a wrong secret: failure" {
    clock 0
    secret_file "$(base32 00112233445566778899)"
    login
    outcome 1 failure keyboard-interactive
}

@test "a password by a rule and a code by another, in one dialogue" {
    secret_file "$(base32 "$OTP_SECRET")"
    try kbdint -r '^Password=env:OTP_PASSWORD' -r "One-time password=totp:$SECRET" otp@127.0.0.1
    outcome 0 success keyboard-interactive
    expect_line 'answered by env:OTP_PASSWORD$'
    expect_line 'answered by totp:'
}

@test "a code by oathtool through cmd:" {
    clock 0
    SECRET=/nonexistent
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -m kbdint \
        -r "One-time password=cmd:oathtool --totp '$CLOCK_SECRET'" clock@127.0.0.1
    outcome 0 success keyboard-interactive
    clock 60
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -m kbdint \
        -r "One-time password=cmd:oathtool --totp --now='30 seconds ago' '$CLOCK_SECRET'" clock@127.0.0.1
    outcome 1 failure keyboard-interactive
    clock 60
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -m kbdint \
        -r "One-time password=cmd:oathtool --totp --now='30 seconds' '$CLOCK_SECRET'" clock@127.0.0.1
    outcome 0 success keyboard-interactive
}

# gives ALGORITHM DIGITS PERIOD URI-PARAMETERS: the code sent is oathtool's.
gives()
{
    local hex=000102030405060708090a0b0c0d0e0f10111213 before after
    secret_file "otpauth://totp/x?secret=$(base32 "$hex")$4"
    before=$(oathtool --totp="$1" -d "$2" -s "$3" "$hex")
    scene kbdint rounds.1 -r ".*=totp:$SECRET"
    expect_status 0
    after=$(oathtool --totp="$1" -d "$2" -s "$3" "$hex")
    expect_peer "^answers '($before|$after)'\$"
    : >"$PEER_LOG"
}

@test "each algorithm, and digits and period, as a URI has them" {
    gives sha1 6 30 ''
    gives sha1 8 30 '&digits=8'
    gives sha256 6 30 '&algorithm=SHA256'
    gives sha512 8 60 '&algorithm=SHA512&digits=8&period=60'
    gives sha1 7 45 '&period=45&digits=7'
}

@test "base32 with blanks, small letters and padding" {
    local text
    text=$(base32 "$CLOCK_SECRET" | tr '[:upper:]' '[:lower:]' | sed 's/..../& /g')
    secret_file "$text"
    clock 0
    login
    outcome 0 success keyboard-interactive
}

@test "a secret's file that is missing, open to others, or no secret: credential, nothing sent" {
    SECRET=/nonexistent/secret
    login
    credential '/nonexistent/secret'
    secret_file "$(base32 "$CLOCK_SECRET")"
    chmod 644 "$SECRET"
    login
    credential 'secret'
    refute_text "$(base32 "$CLOCK_SECRET")"
    local text
    for text in 'no base32 !' '' 'otpauth://hotp/x?secret=AAAA' 'otpauth://totp/x' \
        'otpauth://totp/x?secret=AAAAAAAA&digits=0' 'otpauth://totp/x?secret=AAAAAAAA&period=0' \
        'otpauth://totp/x?secret=AAAAAAAA&algorithm=MD4'; do
        secret_file "$text"
        login
        credential 'totp:'
    done
}
