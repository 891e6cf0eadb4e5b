#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2001,SC2034,SC2153,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# No secret outlives its use: a random canary goes through each source, right and wrong, and is then
# searched in the program's memory, in its output and in its files. Not for builds with
# sanitizers: these keep freed memory, and look into the process themselves.

load helper
load keys
load canary

setup_file() { world_up; }
teardown_file() { world_down; }

# kbdint STATUS ARGUMENT..., password STATUS ARGUMENT...: the method with these, which ends so; nothing is
# left.
kbdint()
{
    probe_main -m keyboard-interactive "${@:2}" canary@127.0.0.1
    expect_status "$1"
    left_nothing
}

password()
{
    probe_main -m password "${@:2}" canary@127.0.0.1
    expect_status "$1"
    left_nothing
}

# key NAME FILE ARGUMENT...: alice is let in by it, where libssh2 can use the type; nothing is left.
key()
{
    local expected=0
    [ "$1" != rsa ] || library_has 1.11.0 || expected=15
    probe_main -v -m publickey -i "${@:2}" alice@127.0.0.1
    expect_status "$expected"
    left_nothing
}

# key_canaries NAME: the secret numbers of a key of the world's, and nothing else.
key_canaries()
{
    local digits secrets
    secrets=$(/usr/bin/python3 -B "$abs_top_srcdir/tests/canary/private.py" "$KEY_DIR/$1")
    CANARIES=()
    while read -r digits; do
        canary_hex "$digits"
    done <<<"$secrets"
}

# key_encrypted NAME ARGUMENT...: sets FILE to a copy with a random passphrase, which is a canary as
# well, and PASSPHRASE.
key_encrypted()
{
    FILE=$BATS_TEST_TMPDIR/key
    key_canaries "$1"
    PASSPHRASE=$(random)
    canary "$PASSPHRASE"
    cp "$KEY_DIR/$1" "$FILE"
    ssh-keygen -q -p -P '' -N "$PASSPHRASE" -a 2 -f "$FILE" "${@:2}"
}

# -------------------------------------------------- the search finds what there is

@test "the search: what leaks in any of these ways is found" {
    local kind
    TRACED=$LEAKY PROBE_CONFIG=()
    canary "$(random)"
    for kind in heap freed static stack thread hex wide reversed; do
        probe "$kind" "$BATS_TEST_TMPDIR/canary.0"
        expect_status 0
        grep -q '^report: found in ' "$REPORT" || complain_of "not found: $kind"
        grep -q '^exit: found in ' "$REPORT" || complain_of "not found at the end: $kind"
    done
    grep -q "^exit: found in .*: reversed, bytes 0 to 32 of 32$" "$REPORT"
    probe freed "$BATS_TEST_TMPDIR/canary.0"
    grep -q "^exit: found in \[heap\] .*: plain, bytes 16 to 32 of 32$" "$REPORT"
}

@test "the search: the two moments are told apart, and a clean program is clean" {
    TRACED=$LEAKY PROBE_CONFIG=()
    canary "$(random)"
    probe early "$BATS_TEST_TMPDIR/canary.0"
    grep -q '^report: found in ' "$REPORT"
    ! grep -q '^exit: found in ' "$REPORT" || complain_of "found where it was wiped"
    probe late "$BATS_TEST_TMPDIR/canary.0"
    ! grep -q '^report: found in ' "$REPORT" || complain_of "found before it was there"
    grep -q '^exit: found in ' "$REPORT"
    probe nothing "$BATS_TEST_TMPDIR/canary.0"
    ! grep -q 'found in' "$REPORT" || complain_of "found where nothing is"
    grep -q '^exit: searched .* 0 found$' "$REPORT"
}

@test "the search: arguments, the environment, files and their names" {
    local text
    TRACED=$LEAKY PROBE_CONFIG=()
    text=$(random)
    canary "$text"
    probe nothing "$BATS_TEST_TMPDIR/canary.0" "$(base64 <<<"-$text")"
    grep -q '^report: found in the command line ' "$REPORT"
    grep -q '^start: the secret is there$' "$REPORT"
    VARIABLE=$text probe nothing "$BATS_TEST_TMPDIR/canary.0"
    grep -q '^report: found in \[stack\]' "$REPORT"
    mkdir -p one/two
    printf 'x%s' "$text" | base64 -w 0 >one/two/file
    run -1 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [[ $output == "file: found in $HOME/one/two/file at "*base64* ]]
    mv one/two/file "one/$text"
    : >"one/$text"
    run -1 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [[ $output == "name: found in $HOME/one/$text at "* ]]
    rm "one/$text"
    run -0 "$TRACE" "${CANARIES[@]}" -s "$HOME"
    [ -z "$output" ]
}

@test "the stack, a worker's stack and what libcrypto freed are wiped" {
    local kind
    TRACED=$LEAKY PROBE_CONFIG=()
    canary "$(random)"
    for kind in stack worker libcrypto; do
        probe "forget-$kind" "$BATS_TEST_TMPDIR/canary.0"
        expect_status 0
        ! grep -q 'found in' "$REPORT" || complain_of "not wiped: $kind"
        grep -q '^exit: searched .* 0 found$' "$REPORT"
    done
}

# ------------------------------------------------------------------- answers

@test "env:" {
    canary "$PASSWORD"
    ANSWER=$PASSWORD kbdint 0 -r assword=env:ANSWER
    ANSWER=$PASSWORD kbdint 0 -v -r assword=env:ANSWER
    ANSWER=$PASSWORD password 0 -v -r assword=env:ANSWER
    canary "$(random)"
    ANSWER=$(cat "$BATS_TEST_TMPDIR/canary.1") kbdint 1 -r assword=env:ANSWER
    ANSWER=$(cat "$BATS_TEST_TMPDIR/canary.1") password 1 -r assword=env:ANSWER
}

@test "env: of a rule that nothing uses" {
    canary "$(random)"
    CODE=$(cat "$BATS_TEST_TMPDIR/canary.0") ANSWER=$PASSWORD kbdint 0 -v -r code=env:CODE -r assword=env:ANSWER
}

@test "file:" {
    canary "$PASSWORD"
    private_file "$PASSWORD"
    kbdint 0 -r "assword=file:$FILE"
    kbdint 0 -v -r "assword=file:$FILE"
    password 0 -v -r "assword=file:$FILE"
    canary "$(random)"
    private_file "$(cat "$BATS_TEST_TMPDIR/canary.1")" "$PASSWORD"
    kbdint 1 -r "assword=file:$FILE"
}

@test "fd:" {
    canary "$PASSWORD"
    PROBE_STDIN=$BATS_TEST_TMPDIR/lines
    printf '%s\n' "$PASSWORD" "$(random)" >"$PROBE_STDIN"
    kbdint 0 -r assword=fd:0
    kbdint 0 -v -r assword=fd:0
    password 0 -v -r assword=fd:0
    canary "$(random)"
    cp "$BATS_TEST_TMPDIR/canary.1" "$PROBE_STDIN"
    kbdint 1 -r assword=fd:0
}

@test "cmd:" {
    canary "$PASSWORD"
    private_file "$PASSWORD"
    kbdint 0 -r "assword=cmd:cat $FILE"
    kbdint 0 -v -r "assword=cmd:cat $FILE; echo $(random)"
    password 0 -v -r "assword=cmd:cat $FILE"
    # What a command had said that fails then.
    probe_main -v -m kbdint -r "assword=cmd:cat $FILE; exit 1" canary@127.0.0.1
    expect_status 15
    left_nothing
}

@test "no command inherits a variable that a rule names" {
    canary "$(random)"
    private_file "$PASSWORD"
    CODE=$(cat "$BATS_TEST_TMPDIR/canary.0") kbdint 0 -v \
        -r "assword=cmd:env >seen; cat /proc/\$PPID/environ /proc/\$PPID/cmdline >>seen 2>&1; cat $FILE" \
        -r code=env:CODE
    grep -q '^PATH=' seen
}

# The secrets are named behind the target, where the configuration may have been asked already. `look`
# writes all that a child can see of them, and goes on as the command behind it.
@test "Match exec and ProxyCommand: no secret in what they get, nor in what they can read" {
    local name arguments
    canary "$(random)"
    private_file "$PASSWORD"
    mv "$FILE" answers
    cat >look <<'END'
#!/bin/sh
exec 4>"$HOME/seen.$1"
shift
env >&4
process=$$
until [ "$process" = 1 ] || [ "$(cat "/proc/$process/comm")" = ssh-authtest ]; do
    process=$(sed 's/.*) . \([0-9]*\) .*/\1/' "/proc/$process/stat")
    cat "/proc/$process/environ" "/proc/$process/cmdline" >&4 2>&1
done
cat "/proc/$process/mem" >&4 2>&1
for fd in 3 5 6 7 8 9; do
    eval "cat <&$fd" >&4 2>&1
done
exec 4>&-
exec "$@"
END
    chmod +x look
    printf '%s\n' "Match exec \"$HOME/look match true\"" \
        "ProxyCommand $HOME/look proxy /usr/bin/python3 -B $abs_top_srcdir/tests/peer/pipe.py %h %p" >config
    arguments=(-r assword=fd:0 -r ode=env:CODE)
    PROBE_CONFIG=(-F config)
    CODE=$(cat "$BATS_TEST_TMPDIR/canary.0") PROBE_STDIN=answers \
        probe -v --known-hosts="$KNOWN_HOSTS" -m kbdint canary@127.0.0.1:"$SSHD_PORT" "${arguments[@]}"
    expect_status 0
    left_nothing
    rm answers # which has the password
    canary "$PASSWORD"
    left_nothing_written
    for name in match proxy; do
        grep -q '^PATH=' "seen.$name" || complain_of "not looked: $name"
        grep -q '/environ: Permission denied' "seen.$name" || complain_of "its parent's can be read: $name"
        grep -q '/mem: Permission denied' "seen.$name" || complain_of "its parent can be read: $name"
    done
}

@test "totp:" {
    printf '+0s\n' >"$CLOCK_FILE"
    canary_hex "$SECRET"
    canary "$BASE32"
    private_file "$BASE32"
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -v -m kbdint -r "One-time=totp:$FILE" clock@127.0.0.1
    expect_status 0
    left_nothing
    private_file "otpauth://totp/tests:clock?secret=$BASE32&digits=8&period=60"
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_CLOCK_PORT" -v -m kbdint -r "One-time=totp:$FILE" clock8@127.0.0.1
    expect_status 0
    left_nothing
}

@test "the terminal" {
    local arguments
    canary "$PASSWORD"
    for arguments in "-m kbdint" "-v -m kbdint -r assword=ask:" "-v -m password"; do
        # shellcheck disable=SC2086
        at_terminal "assword: " "$PASSWORD" $arguments canary@127.0.0.1
        expect_status 0
        left_nothing
    done
    canary "$(random)"
    at_terminal "Password: " "$(cat "$BATS_TEST_TMPDIR/canary.1")" -m kbdint canary@127.0.0.1
    expect_status 1
    left_nothing
}

@test "askpass" {
    canary "$PASSWORD"
    private_file "$PASSWORD"
    printf '#!/bin/sh\ncat "%s"\n' "$FILE" >"$BATS_TEST_TMPDIR/askpass"
    chmod +x "$BATS_TEST_TMPDIR/askpass"
    export SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass SSH_ASKPASS_REQUIRE=force
    kbdint 0 -v
    password 0 -v
}

# --------------------------------------------------------------------- keys

@test "private keys without a passphrase" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa; do
        key_canaries "$name"
        key "$name" "$KEY_DIR/$name"
    done
    for name in ecdsa256 ecdsa384 ecdsa521 rsa; do
        key_canaries "$name"
        key "$name" "$KEY_DIR/$name.pem"
        key "$name" "$KEY_DIR/$name.pkcs8"
    done
}

@test "encrypted private keys, the passphrase from a variable" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa; do
        key_encrypted "$name"
        PASSPHRASE=$PASSPHRASE key "$name" "$FILE" --passphrase=env:PASSPHRASE
    done
    for name in ecdsa256 ecdsa521 rsa; do
        key_encrypted "$name" -m PEM
        PASSPHRASE=$PASSPHRASE key "$name" "$FILE" --passphrase=env:PASSPHRASE
        key_encrypted "$name" -m PKCS8
        PASSPHRASE=$PASSPHRASE key "$name" "$FILE" --passphrase=env:PASSPHRASE
    done
}

@test "passphrases from files, descriptors, commands, the terminal" {
    local key
    key_encrypted ecdsa256
    key=$FILE
    private_file "$PASSPHRASE"
    key ecdsa256 "$key" --passphrase="file:$FILE"
    key ecdsa256 "$key" --passphrase="cmd:cat $FILE"
    PROBE_STDIN=$FILE key ecdsa256 "$key" --passphrase=fd:0
    at_terminal "Enter passphrase for key" "$PASSPHRASE" -v -m publickey -i "$key" alice@127.0.0.1
    expect_status 0
    left_nothing
}

@test "a wrong passphrase" {
    local name options
    for name in ed25519 "ecdsa256 -m PEM" "ecdsa256 -m PKCS8"; do
        read -r -a options <<<"$name"
        key_encrypted "${options[@]}"
        CANARIES=()
        canary "$(random)"
        # Nothing is sent.
        WRONG=$(cat "$BATS_TEST_TMPDIR/canary.0") probe_main -v -m publickey -i "$FILE" \
            --passphrase=env:WRONG alice@127.0.0.1
        expect_status 15
        left_nothing
    done
}

# ----------------------------------------------------------------- Kerberos

@test "the keys of a keytab" {
    local key count=0
    while read -r key; do
        CANARIES=()
        canary_hex "$key"
        probe_main -v -m gssapi-with-mic --gssapi-host=server.example.test --keytab="$ALICE_KEYTAB" alice@127.0.0.1
        expect_status 0
        left_nothing
        count=$((count + 1))
    done < <(klist -k -K "$ALICE_KEYTAB" | sed -n 's/.*(0x\([0-9a-f]*\))$/\1/p')
    [ "$count" -gt 0 ]
}

# ---------------------------------------------------- many targets, each in a thread

# Others may still be running when the first result is written: what counts is the end.

# many STATUS ARGUMENT...: six targets at once.
many()
{
    MOMENTS=(exit)
    probe_main -j 6 --max-refused=6 "${@:2}" canary@127.0.0.1 canary@127.0.0.1 canary@127.0.0.1 \
        canary@127.0.0.1 canary@127.0.0.1 canary@127.0.0.1
    expect_status "$1"
    left_nothing
}

@test "several at once: rules" {
    canary "$PASSWORD"
    private_file "$PASSWORD"
    ANSWER=$PASSWORD many 0 -m kbdint -r assword=env:ANSWER
    ANSWER=$PASSWORD many 0 -v -m password -r assword=env:ANSWER
    many 0 -m kbdint -r "assword=file:$FILE"
    many 0 -m kbdint -r "assword=cmd:cat $FILE"
    PROBE_STDIN=$BATS_TEST_TMPDIR/lines
    for _ in 1 2 3 4 5 6; do printf '%s\n' "$PASSWORD"; done >"$PROBE_STDIN"
    many 0 -m kbdint -r assword=fd:0
    canary "$(random)"
    ANSWER=$(cat "$BATS_TEST_TMPDIR/canary.1") many 1 -m kbdint -r assword=env:ANSWER
}

@test "several at once: prompts, which the main thread shows" {
    canary "$PASSWORD"
    private_file "$PASSWORD"
    printf '#!/bin/sh\ncat "%s"\n' "$FILE" >"$BATS_TEST_TMPDIR/askpass"
    chmod +x "$BATS_TEST_TMPDIR/askpass"
    SSH_ASKPASS=$BATS_TEST_TMPDIR/askpass SSH_ASKPASS_REQUIRE=force many 0 -v -m kbdint
    MOMENTS=(exit)
    at_terminal "assword: " "$PASSWORD" -j 2 -m kbdint canary@127.0.0.1 127.0.0.1:1
    expect_status 7
    left_nothing
}

@test "several at once: an encrypted key, the passphrase from a variable" {
    MOMENTS=(exit)
    key_encrypted ecdsa256
    PASSPHRASE=$PASSPHRASE probe_main -j 3 -m publickey -i "$FILE" --passphrase=env:PASSPHRASE \
        alice@127.0.0.1 alice@127.0.0.1 alice@127.0.0.1
    expect_status 0
    left_nothing
}
