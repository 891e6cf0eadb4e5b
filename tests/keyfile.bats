#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The files of -i: formats, passphrases and where they come from, files that cannot or must not be
# used. All that is wrong with a key is `credential`, and never a refusal of the server's.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

# key_works FILE [ARGUMENT...]: alice is let in by it, where libssh2 can use the type.
key_works()
{
    log_mark
    key -i "$@" alice@127.0.0.1
    case $1 in
    */rsa*)
        if ! library_has 1.11.0; then
            credential 'rsa-sha2'
            return
        fi
        ;;
    esac
    outcome 0 success publickey && expect_server 'Accepted publickey for alice'
}

# ---------------------------------------------------------------- formats

@test "OpenSSH's format" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa; do
        key_works "$KEY_DIR/$name"
    done
}

@test "PEM and PKCS 8" {
    local name format
    for name in ecdsa256 ecdsa384 ecdsa521 rsa; do
        for format in pem pkcs8; do
            key_works "$KEY_DIR/$name.$format"
        done
    done
}

@test "OpenSSH's format, encrypted" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa; do
        key_works "$KEY_DIR/$name.enc" --passphrase=env:KEY_PASSPHRASE
    done
}

@test "PEM and PKCS 8, encrypted" {
    local name format
    for name in ecdsa256 ecdsa384 ecdsa521 rsa; do
        for format in pem pkcs8; do
            key_works "$KEY_DIR/$name.$format.enc" --passphrase=env:KEY_PASSPHRASE
        done
    done
}

@test "PEM, encrypted by each cipher that is still taken" {
    local cipher
    for cipher in aes128 aes192 aes256 camellia128 camellia192 camellia256 des3; do
        openssl ec -in "$KEY_ECDSA256.pem" "-$cipher" -passout env:KEY_PASSPHRASE -out "$HOME/$cipher"
        chmod 600 "$HOME/$cipher"
        grep -q '^DEK-Info: ' "$HOME/$cipher"
        key_works "$HOME/$cipher" --passphrase=env:KEY_PASSPHRASE
    done
}

@test "without a .pub file beside it, and with one for another key" {
    key_in_home "$KEY_ED25519"
    key_works "$KEY_COPY"
    cp "$KEY_STRANGER.pub" "$KEY_COPY.pub"
    key_works "$KEY_COPY"
    key_in_home "$KEY_DIR/ecdsa256.pem.enc"
    key_works "$KEY_COPY" --passphrase=env:KEY_PASSPHRASE
}

@test "lines that end in carriage return and newline" {
    key_in_home "$KEY_ECDSA256.pem"
    sed -i 's/$/\r/' "$KEY_COPY"
    key_works "$KEY_COPY"
}

@test "a symbolic link to a key" {
    ln -s "$KEY_ED25519" "$HOME/link"
    key_works "$HOME/link"
}

@test "a cipher that libssh2 does not have: credential, with its name and the remedy" {
    key -i "$KEY_ED25519.chacha" --passphrase=env:KEY_PASSPHRASE alice@127.0.0.1
    credential 'chacha20-poly1305'
    key -i "$KEY_ED25519.gcm" --passphrase=env:KEY_PASSPHRASE alice@127.0.0.1
    credential 'aes256-gcm'
    expect_err 'ssh-keygen'
    unsent
}

# public_file TYPE FIELD...: a public key's file with these fields; sets PUBLIC.
public_file()
{
    PUBLIC=$HOME/odd.pub
    printf '%s %s test\n' "$1" "$(perl -e 'print map { pack("N/a*", $_) } @ARGV' "$@" | base64 -w 0)" >"$PUBLIC"
}

@test "public halves of DSA and of security tokens: refused by the server, or credential with the type" {
    public_file sk-ssh-ed25519@openssh.com 01234567890123456789012345678901 ssh:
    key -i "$PUBLIC" alice@127.0.0.1
    [ "$status" = 1 ] || credential 'sk-ssh-ed25519@openssh\.com'
    public_file ssh-dss ppp qq gg yy
    key -i "$PUBLIC" alice@127.0.0.1
    [ "$status" = 1 ] || credential 'ssh-dss'
    refute_server 'Accepted publickey'
}

# ------------------------------------------------------------- passphrases

@test "a passphrase from a file, a command and a descriptor" {
    printf '%s\nsecond line\n' "$KEY_PASSPHRASE" >"$HOME/phrase"
    chmod 600 "$HOME/phrase"
    key_works "$KEY_ED25519.enc" --passphrase="file:$HOME/phrase"
    key_works "$KEY_ED25519.enc" --passphrase="cmd:cat '$HOME/phrase'"
    PROBE_STDIN=$HOME/phrase
    key_works "$KEY_ED25519.enc" --passphrase="fd:0"
    refute_text "$KEY_PASSPHRASE"
}

@test "a wrong passphrase: credential, of every format, and nothing was sent" {
    local file
    export WRONG=wrong
    for file in ed25519.enc ecdsa256.enc ecdsa256.pem.enc ecdsa256.pkcs8.enc; do
        key -i "$KEY_DIR/$file" --passphrase=env:WRONG alice@127.0.0.1
        credential 'passphrase'
        expect_line '^credential: .*passphrase'
    done
    export EMPTY=
    key -i "$KEY_ED25519.enc" --passphrase=env:EMPTY alice@127.0.0.1
    credential 'passphrase'
    unsent
}

@test "no passphrase and nobody to ask: credential, and nothing was sent" {
    local file
    for file in ed25519.enc ecdsa256.pem.enc ecdsa256.pkcs8.enc; do
        key -i "$KEY_DIR/$file" alice@127.0.0.1
        credential 'passphrase'
        key -B -i "$KEY_DIR/$file" alice@127.0.0.1
        credential 'passphrase'
    done
    unsent
}

@test "a passphrase whose source fails: credential, with the source" {
    key -i "$KEY_ED25519.enc" --passphrase=env:NO_SUCH_VARIABLE alice@127.0.0.1
    credential 'NO_SUCH_VARIABLE'
    key -i "$KEY_ED25519.enc" --passphrase=file:/nonexistent alice@127.0.0.1
    credential '/nonexistent'
    key -i "$KEY_ED25519.enc" --passphrase='cmd:exit 3' alice@127.0.0.1
    credential 'exit 3'
    unsent
}

@test "each -i has a passphrase of its own" {
    key_in_home "$KEY_STRANGER"
    ssh-keygen -q -p -P '' -N "$BOB_PASSWORD" -a 1 -f "$KEY_COPY" </dev/null
    key -i "$KEY_COPY" --passphrase=env:BOB_PASSWORD -i "$KEY_ED25519.enc" --passphrase=env:KEY_PASSPHRASE \
        alice@127.0.0.1
    outcome 0 success publickey
    requests_were 'publickey publickey publickey'
    key -i "$KEY_COPY" --passphrase=env:KEY_PASSPHRASE -i "$KEY_ED25519.enc" --passphrase=env:BOB_PASSWORD \
        alice@127.0.0.1
    credential 'passphrase'
}

@test "a passphrase without an -i before it: usage" {
    key --passphrase=env:KEY_PASSPHRASE -i "$KEY_ED25519.enc" alice@127.0.0.1
    expect_status 2
    expect_err 'passphrase'
    untouched
}

@test "a passphrase for a key that needs none does no harm" {
    key_works "$KEY_ED25519" --passphrase=env:KEY_PASSPHRASE
}

@test "a rule for the server's prompts never gives a passphrase" {
    key -i "$KEY_ED25519.enc" -r '.*=env:KEY_PASSPHRASE' alice@127.0.0.1
    credential 'passphrase'
    unsent
}

@test "SSH_ASKPASS is asked for a passphrase where it is forced, and never with -B" {
    printf '#!/bin/sh\nprintf "%%s\\n" "$1" >"%s"\necho "$FOR_ASKPASS"\n' "$HOME/asked" >"$HOME/askpass"
    chmod 700 "$HOME/askpass"
    export SSH_ASKPASS=$HOME/askpass SSH_ASKPASS_REQUIRE=force FOR_ASKPASS=$KEY_PASSPHRASE
    key_works "$KEY_ED25519.enc"
    grep -qF "ed25519.enc" "$HOME/asked"
    rm "$HOME/asked"
    key -B -i "$KEY_ED25519.enc" alice@127.0.0.1
    credential 'passphrase'
    [ ! -e "$HOME/asked" ]
}

@test "a passphrase is not in the output, traced or not" {
    key -v -i "$KEY_ED25519.enc" --passphrase=env:KEY_PASSPHRASE alice@127.0.0.1
    expect_status 0
    refute_text "$KEY_PASSPHRASE"
}

# ------------------------------------------------------- files not to be used

@test "a key that others have access to: credential, and no connection" {
    local mode
    key_in_home "$KEY_ED25519"
    for mode in 644 640 604 660 602; do
        chmod "$mode" "$KEY_COPY"
        key -i "$KEY_COPY" alice@127.0.0.1
        credential "$mode"
        expect_line 'chmod 600|others' || expect_err 'chmod 600|others'
    done
    untouched
    for mode in 600 400; do
        chmod "$mode" "$KEY_COPY"
        key_works "$KEY_COPY"
    done
}

@test "a key that cannot be read, is missing or a folder: credential, and no connection" {
    key_in_home "$KEY_ED25519"
    chmod 000 "$KEY_COPY"
    key -i "$KEY_COPY" alice@127.0.0.1
    credential '[Pp]ermission denied'
    key -i "$HOME/missing" alice@127.0.0.1
    credential 'missing.*No such file'
    key -i "$HOME" alice@127.0.0.1
    credential 'directory|regular file'
    key -i /dev/null alice@127.0.0.1
    credential '/dev/null'
    key -i "$KEY_ED25519/x" alice@127.0.0.1
    credential 'Not a directory'
    untouched
}

@test "a FIFO that nobody writes does not hang" {
    mkfifo -m 600 "$HOME/fifo"
    elapsed key -t 5 -i "$HOME/fifo" alice@127.0.0.1
    credential 'fifo'
    [ "$ELAPSED_MS" -lt 15000 ]
    untouched
}

@test "a file that is no key: credential, and no connection" {
    local file=$HOME/file
    for text in '' 'no key at all' $'-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----' \
        $'-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----' 'ssh-ed25519 AAAA' \
        $'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' 'ssh-ed25519'; do
        printf '%s\n' "$text" >"$file"
        chmod 600 "$file"
        key -i "$file" alice@127.0.0.1
        credential "$file"
    done
    head -c 3000 /dev/urandom >"$file"
    key -i "$file" alice@127.0.0.1
    credential "$file"
    have_no_control_bytes
    head -c 2000000 /dev/zero >"$file"
    key -i "$file" alice@127.0.0.1
    credential "$file"
    unsent
}

@test "PuTTY's and SSH.com's files: credential, with the command that converts them" {
    printf 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n' >"$HOME/file.ppk"
    chmod 600 "$HOME/file.ppk"
    key -i "$HOME/file.ppk" alice@127.0.0.1
    credential 'PuTTY'
    grep -q puttygen <<<"$output$stderr" || complain "no remedy"
    ssh-keygen -e -f "$USER_KEY.pub" >"$HOME/ssh2.pub"
    key -i "$HOME/ssh2.pub" alice@127.0.0.1
    credential 'ssh2\.pub'
    grep -q ssh-keygen <<<"$output$stderr" || complain "no remedy"
    untouched
}

@test "a damaged key: credential, and nothing was sent" {
    local name lines
    for name in ed25519 ecdsa256 ecdsa256.pem ecdsa256.pkcs8; do
        key_in_home "$KEY_DIR/$name"
        lines=$(wc -l <"$KEY_COPY")
        sed -i "$((lines / 2 + 1))d" "$KEY_COPY"
        key -i "$KEY_COPY" alice@127.0.0.1
        credential "$name"
        head -n "$((lines / 2 + 1))" "$KEY_DIR/$name" >"$KEY_COPY"
        key -i "$KEY_COPY" alice@127.0.0.1
        credential "$name"
    done
    unsent
}

@test "a private key whose public half is another's: its signature is never a success" {
    key_in_home "$KEY_STRANGER"
    cp "$USER_KEY.pub" "$KEY_COPY.pub"
    key -i "$KEY_COPY" alice@127.0.0.1
    [ "$status" = 1 ] || [ "$status" = 15 ] || complain "neither refused nor credential"
    refute_server 'Accepted publickey'
}

@test "names with control characters are escaped" {
    local name=$HOME/$'key\e[2J\x9b31m\nsuccess: owned'
    key -i "$name" alice@127.0.0.1
    credential 'No such file'
    have_no_control_bytes
    refute_line '^success'
    refute_err '^success'
    cp "$KEY_STRANGER" "$name"
    chmod 600 "$name"
    key -i "$name" alice@127.0.0.1
    expect_status 1
    have_no_control_bytes
    refute_line '^success'
}
