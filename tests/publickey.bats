#!/usr/bin/env bats
# shellcheck shell=bash disable=SC2030,SC2031,SC2154
# SPDX-License-Identifier: GPL-3.0-or-later
#
# publickey with keys in files: the query and the signature, several keys, public halves alone,
# partial success, accounts, and servers that misbehave. What a key's file may be is in
# keyfile.bats.

load helper
load keys

setup_file() { world_up; }
teardown_file() { world_down; }

failed='LIBSSH2_ERROR_[A-Z_]+ \(-[0-9]+\)$'

@test "an authorized key: success, by a query and a signature" {
    key -i "$USER_KEY" alice@127.0.0.1
    outcome 0 success publickey
    step 1 publickey success '0$'
    told "$USER_KEY.pub" "^[^ ]+: acceptable, signed, accepted; file $USER_KEY\$"
    expect_line '^ +ssh-ed25519 SHA256:'
    expect_line '^success: alice was accepted after publickey$'
    refute_line '^warning'
    requests_were 'publickey publickey'
    expect_server 'Accepted publickey for alice'
}

@test "a key that is not authorized: failure, and nothing was signed" {
    key -i "$KEY_STRANGER" alice@127.0.0.1
    outcome 1 failure publickey
    step 1 publickey failure "$failed"
    told "$KEY_STRANGER.pub" "^[^ ]+: refused; file $KEY_STRANGER\$"
    expect_line 'can continue with: .*publickey'
    requests_were publickey
}

@test "publickey is not in the list: not-offered" {
    key -i "$USER_KEY" nokey@127.0.0.1
    outcome 4 not-offered publickey
    key -i "$USER_KEY" order-wp@127.0.0.1
    outcome 4 not-offered publickey
}

@test "unknown user: failure" {
    key -i "$USER_KEY" nosuchuser@127.0.0.1
    outcome 1 failure publickey
    requests_were publickey
}

@test "neither -i nor --agent: usage, and no connection" {
    key alice@127.0.0.1
    expect_status 2
    expect_err '(-i|--agent)'
    try kbdint,publickey -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    expect_status 2
    untouched
}

@test "each key type" {
    local name
    for name in ed25519 ecdsa256 ecdsa384 ecdsa521; do
        key -i "$KEY_DIR/$name" alice@127.0.0.1
        outcome 0 success publickey
        names_key "$KEY_DIR/$name.pub"
    done
}

# libssh2 1.10 signs with SHA-1 alone, which sshd has not accepted since OpenSSH 8.8.
@test "an RSA key: success where libssh2 has rsa-sha2, else credential with the reason" {
    key -i "$KEY_RSA" alice@127.0.0.1
    if library_has 1.11.0; then
        outcome 0 success publickey
        names_key "$KEY_RSA.pub"
    else
        credential 'rsa-sha2'
        expect_line '^credential: '
        refute_server 'Accepted publickey'
    fi
}

# ---------------------------------------------------------------- several keys

@test "several keys are tried in the order given, and each is told of" {
    key -i "$KEY_STRANGER" -i "$USER_KEY" alice@127.0.0.1
    outcome 0 success publickey
    told "$KEY_STRANGER.pub" '^[^ ]+: refused;'
    told "$USER_KEY.pub" '^[^ ]+: acceptable, signed, accepted;'
    steps_are 1
    requests_were 'publickey publickey publickey'
}

@test "what comes behind the key that was accepted is not tried" {
    key -i "$USER_KEY" -i "$KEY_ED25519" alice@127.0.0.1
    outcome 0 success publickey
    requests_were 'publickey publickey'
    refute_key "$KEY_ED25519.pub"
}

@test "none of several is accepted: failure" {
    key -i "$KEY_STRANGER" -i "$KEY_DIR/stranger-ecdsa" alice@127.0.0.1
    outcome 1 failure publickey
    names_key "$KEY_STRANGER.pub"
    names_key "$KEY_DIR/stranger-ecdsa.pub"
    requests_were 'publickey publickey'
}

@test "one of several cannot be used: credential, and no connection" {
    key -i "$USER_KEY" -i "$HOME/missing" alice@127.0.0.1
    credential missing
    untouched
}

@test "MaxAuthTries: too many keys end the connection, and the reason is shown" {
    key -i "$KEY_STRANGER" -i "$KEY_DIR/stranger-ecdsa" -i "$USER_KEY" tries@127.0.0.1
    outcome 10 disconnected publickey
    expect_line '^disconnected: .*Too many authentication failures'
    requests_were 'publickey publickey'
}

# --------------------------------------------------------- public halves alone

@test "a public key alone: key-acceptable, and nothing was signed" {
    key -i "$USER_KEY.pub" alice@127.0.0.1
    outcome 19 key-acceptable publickey
    told "$USER_KEY.pub" "^[^ ]+: acceptable, not signed; file $USER_KEY.pub\$"
    requests_were publickey
    key -e key-acceptable -i "$USER_KEY.pub" alice@127.0.0.1
    expect_status 0
    refute_server 'Accepted publickey'
}

@test "a public key alone that is not authorized: failure" {
    key -i "$KEY_STRANGER.pub" alice@127.0.0.1
    outcome 1 failure publickey
    requests_were publickey
    key -e failure -i "$KEY_STRANGER.pub" alice@127.0.0.1
    expect_status 0
    key -e failure -i "$USER_KEY.pub" alice@127.0.0.1
    expect_status 14
}

@test "a public key alone works for RSA too, where the library cannot sign" {
    key -i "$KEY_RSA.pub" alice@127.0.0.1
    if library_has 1.11.0; then
        outcome 19 key-acceptable publickey
    else
        credential 'rsa-sha2'
    fi
}

@test "a public key's file may be read by all, and needs no private one beside it" {
    cp "$USER_KEY.pub" "$HOME/lone.pub"
    chmod 644 "$HOME/lone.pub"
    key -i "$HOME/lone.pub" alice@127.0.0.1
    outcome 19 key-acceptable publickey
}

@test "a public key that is refused, then a private one" {
    key -i "$KEY_STRANGER.pub" -i "$USER_KEY" alice@127.0.0.1
    outcome 0 success publickey
    requests_were 'publickey publickey publickey'
}

@test "a chain stops where a key was only asked about" {
    try publickey,password -i "$USER_KEY.pub" -r assword=env:ORDER_PASSWORD order-pw@127.0.0.1
    outcome 19 key-acceptable publickey
    steps_are 1
    requests_were publickey
}

# ------------------------------------------------------------- partial success

@test "partial success of a key is told as such" {
    key -i "$USER_KEY" order-pw@127.0.0.1
    outcome 3 partial-success publickey
    step 1 publickey partial-success 'LIBSSH2_ERROR_PARTIAL_SUCCESS \(-1001\)$'
    expect_line 'can continue with: password$'
    requests_were 'publickey publickey'
    key -e partial-success -i "$USER_KEY" order-pw@127.0.0.1
    expect_status 0
}

@test "partial success of the second of two keys" {
    key -i "$KEY_STRANGER" -i "$USER_KEY" order-pw@127.0.0.1
    outcome 3 partial-success publickey
    names_key "$KEY_STRANGER.pub"
    requests_were 'publickey publickey publickey'
}

@test "publickey,publickey: two keys succeed, one does not" {
    try publickey,publickey -i "$USER_KEY" -i "$KEY_ED25519" order-pp@127.0.0.1
    outcome 0 success publickey
    step 1 publickey partial-success
    step 2 publickey success
    names_key "$USER_KEY.pub"
    names_key "$KEY_ED25519.pub"
    try publickey,publickey -i "$USER_KEY" order-pp@127.0.0.1
    outcome 1 failure publickey
    step 1 publickey partial-success
    step 2 publickey failure
}

@test "early success: the key alone was enough" {
    try publickey,password -i "$USER_KEY" -r assword=env:ALICE_PASSWORD alice@127.0.0.1
    outcome 16 early-success
    steps_are 1
    refute_line '^warning'
}

# -------------------------------------------------------------------- accounts

@test "an expired account: sshd lets a key in" {
    key -i "$USER_KEY" expired@127.0.0.1
    outcome 0 success publickey
}

@test "a closed account: the key is accepted, and its signature ends the connection" {
    key -i "$USER_KEY" denied@127.0.0.1
    outcome 10 disconnected publickey
    expect_line '^ *\| This account is closed\.'
    requests_were 'publickey publickey'
    key -i "$USER_KEY.pub" denied@127.0.0.1
    outcome 19 key-acceptable publickey
}

@test "an account that passwd -l locked: refused where sshd has no PAM" {
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_NOPAM_PORT" -m publickey -i "$USER_KEY" locked@127.0.0.1
    outcome 1 failure publickey
    probe --known-hosts="$KNOWN_HOSTS" -p "$SSHD_NOPAM_PORT" -m publickey -i "$USER_KEY" unlocked@127.0.0.1
    outcome 0 success publickey
    key -i "$USER_KEY" locked@127.0.0.1
    outcome 0 success publickey
}

@test "--no-trivial-auth: a signature is not trivial" {
    key --no-trivial-auth -i "$USER_KEY" open@127.0.0.1
    outcome 0 success publickey
    refute_line '^(warning|trivial)'
}

@test "-v traces query and signature apart, and no signature" {
    local signature
    key -v -i "$USER_KEY" alice@127.0.0.1
    expect_status 0
    [ "$(grep -c -- '-> USERAUTH_REQUEST user "alice" method "publickey"' <<<"$stderr")" = 2 ]
    expect_err '<- USERAUTH_PK_OK'
    signature=$(sed -n 2p "$USER_KEY")
    refute_text "${signature:0:40}"
}

# -------------------------------------------------------- the scripted server

@test "a key that the server would accept, and whose signature it refuses: told apart" {
    scene publickey key-refused -i "$USER_KEY"
    outcome 1 failure publickey
    told "$USER_KEY.pub" '^[^ ]+: acceptable, signed, refused;'
    expect_peer '^request key-refused publickey signed$'
    scene publickey key-refused -i "$USER_KEY" -i "$KEY_ED25519"
    outcome 1 failure publickey
    names_key "$KEY_ED25519.pub"
    [ "$(grep -c 'publickey signed' "$PEER_LOG")" = 3 ]
}

@test "success or partial success without a signature: the server broke the protocol" {
    local user key
    for user in key-unsigned key-unsigned-partial; do
        for key in "$USER_KEY" "$USER_KEY.pub"; do
            scene publickey "$user" -i "$key"
            outcome 9 protocol-error publickey
            expect_line '^protocol-error: .*nothing was signed for yet \(RFC 4252 section 7\)'
        done
    done
    refute_peer ' signed$'
}

@test "partial success for a signature" {
    scene publickey key-ok.partial -i "$USER_KEY"
    outcome 3 partial-success publickey
}

@test "a method that must not be offered is found in the list that came with any key" {
    local key
    for key in key-lists key-lists.ok; do
        scene publickey "$key" --forbid-offered=password -i "$KEY_STRANGER" -i "$KEY_ECDSA256" -i "$USER_KEY"
        expect_status 14
        expect_line '^not as expected: password \(after publickey\) is offered, and must not be$'
        scene publickey "$key" --forbid-offered=hostbased -i "$KEY_STRANGER" -i "$KEY_ECDSA256" -i "$USER_KEY"
        expect_line '^as expected: not offered: hostbased$'
    done
    outcome 0 success publickey
}

@test "a malformed PK_OK, and one too many: protocol errors" {
    scene publickey key-ok.bad -i "$USER_KEY"
    outcome 9 protocol-error publickey
    expect_peer '^closed$'
    refute_peer ' signed$'
    scene publickey key-twice -i "$USER_KEY"
    outcome 9 protocol-error publickey
}

@test "PK_OK for another key than the one asked about: nothing is signed" {
    scene publickey key-ok.other -i "$USER_KEY"
    outcome 9 protocol-error publickey
    expect_peer '^closed$'
    refute_peer ' signed$'
    scene publickey key-ok.other -i "$USER_KEY.pub"
    outcome 9 protocol-error publickey
}

@test "the connection ends after the signature; silence" {
    scene publickey key-ok.close -i "$USER_KEY"
    outcome 10 disconnected publickey
    elapsed scene publickey key-hang -t 2 -i "$USER_KEY"
    outcome 8 timeout publickey
    [ "$ELAPSED_MS" -lt 6000 ]
    scene publickey at-once -i "$USER_KEY" --no-trivial-auth
    outcome 9 protocol-error publickey
}
